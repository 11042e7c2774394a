import {
  allStates,
  type Definition,
  isDistributed,
  type MapState,
  type Retrier,
  type State,
  type TaskState,
} from "./definition";

/** Reserved names of errors. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const ERRORS: readonly string[] = [
  ...["States.ALL", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold", "States.HeartbeatTimeout"],
  ...["States.Http.Socket", "States.IntrinsicFailure", "States.ItemReaderFailed", "States.NoChoiceMatched"],
  ...["States.ParameterPathFailure", "States.Permissions", "States.ResultPathMatchFailure"],
  ...["States.ResultWriterFailed", "States.Runtime", "States.TaskFailed", "States.Timeout", "States.BranchFailed"],
];
const SECONDS_MAX = 99_999_999;
const DELAY_SECONDS_MAX = 31_622_400;
const LABEL_CHARACTERS_MAX = 40;
/** Characters that names and labels must not have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are forbidden in names, too.
export const FORBIDDEN_CHARACTERS = /[\s?*<>{}[\]:;,\\|^~$#%&`"/\u0000-\u001F\u007F-\u009F]/;

/** Names and numbers that AWS refuses and asl-validator lets pass, each as one sentence. */
export function outOfRange(definition: Definition): string[] {
  const { Version, TimeoutSeconds } = definition;
  return [
    ...(Version === undefined || Version === "1.0"
      ? []
      : [`The state machine: Version must be "1.0", got "${Version}".`]),
    ...(TimeoutSeconds === undefined
      ? []
      : whole("The state machine", "TimeoutSeconds", TimeoutSeconds, 1, SECONDS_MAX)),
    ...allStates(definition).flatMap(([name, state]) => ofState(`State "${name}"`, state)),
  ];
}

function ofState(where: string, state: State): string[] {
  if (state.Type === "Wait" && state.Seconds !== undefined)
    return whole(where, "Seconds", state.Seconds, 0, SECONDS_MAX);
  if (state.Type === "Fail")
    return both(where, state, [
      ["Error", "ErrorPath"],
      ["Cause", "CausePath"],
    ]);
  if (state.Type !== "Task" && state.Type !== "Map") return [];
  const { Retry = [], Catch = [] } = state;
  return [
    ...(state.Type === "Task" ? ofTask(where, state) : ofMap(where, state)),
    ...Retry.flatMap((retrier) => ofRetrier(where, retrier)),
    ...errorNames(
      `${where}, Retry`,
      Retry.map(({ ErrorEquals }) => ErrorEquals),
    ),
    ...errorNames(
      `${where}, Catch`,
      Catch.map(({ ErrorEquals }) => ErrorEquals),
    ),
  ];
}

function ofTask(where: string, { TimeoutSeconds, HeartbeatSeconds }: TaskState): string[] {
  const isSound = HeartbeatSeconds === undefined || HeartbeatSeconds < (TimeoutSeconds ?? SECONDS_MAX);
  return [
    ...(TimeoutSeconds === undefined ? [] : whole(where, "TimeoutSeconds", TimeoutSeconds, 1, SECONDS_MAX)),
    ...(isSound ? [] : [`${where}: HeartbeatSeconds must be smaller than TimeoutSeconds.`]),
  ];
}

function ofMap(where: string, state: MapState): string[] {
  const { MaxConcurrency = 0, Label, ItemProcessor } = state;
  const problems = whole(where, "MaxConcurrency", MaxConcurrency, 0, SECONDS_MAX);
  if (isDistributed(state) && ItemProcessor.ProcessorConfig?.ExecutionType === undefined) {
    problems.push(`${where}: a Distributed Map needs an ExecutionType.`);
  }
  if (state.ItemReader && state.ItemsPath !== undefined) {
    problems.push(`${where}: the local cloud takes ItemReader or ItemsPath, not both.`);
  }
  if (Label === undefined) return problems;
  if (Label === "") problems.push(`${where}: Label cannot be empty.`);
  if (Label.length > LABEL_CHARACTERS_MAX) problems.push(`${where}: Label cannot exceed 40 characters.`);
  const forbidden = FORBIDDEN_CHARACTERS.exec(Label)?.[0];
  if (forbidden !== undefined) problems.push(`${where}: Label contains invalid character: '${forbidden}'.`);
  return problems;
}

function ofRetrier(where: string, retrier: Retrier): string[] {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxAttempts = 3, MaxDelaySeconds, JitterStrategy = "NONE" } = retrier;
  const there = `${where}, Retry`;
  const problems = [
    ...whole(there, "IntervalSeconds", IntervalSeconds, 1, SECONDS_MAX),
    ...whole(there, "MaxAttempts", MaxAttempts, 0, SECONDS_MAX),
    ...(MaxDelaySeconds === undefined
      ? []
      : whole(there, "MaxDelaySeconds", MaxDelaySeconds, IntervalSeconds + 1, DELAY_SECONDS_MAX)),
  ];
  if (!(BackoffRate >= 1)) problems.push(`${there}: BackoffRate must be at least 1.0, got ${BackoffRate}.`);
  if (JitterStrategy !== "FULL" && JitterStrategy !== "NONE") {
    problems.push(`${there}: JitterStrategy must be FULL or NONE, got "${JitterStrategy}".`);
  }
  return problems;
}

/** `States.ALL` stands alone, in the last of them; other names that begin with `States.` must be known. */
function errorNames(where: string, lists: string[][]): string[] {
  return lists.flatMap((names, index) => {
    const problems = names
      .filter((name) => name.startsWith("States.") && !ERRORS.includes(name))
      .map((name) => `${where}: there is no error "${name}".`);
    if (names.length === 0) problems.push(`${where}: ErrorEquals must name an error.`);
    if (names.includes("States.ALL") && (names.length > 1 || index < lists.length - 1)) {
      problems.push(`${where}: States.ALL must be alone in ErrorEquals, and in the last of them.`);
    }
    return problems;
  });
}

function both(where: string, state: object, pairs: [string, string][]): string[] {
  return pairs
    .filter((pair) => pair.every((field) => field in state))
    .map(([field, path]) => `${where}: only one of ${field} and ${path} may be there.`);
}

function whole(where: string, field: string, value: number, least: number, most: number): string[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [`${where}: ${field} must be a whole number from ${least} to ${most}, got ${value}.`];
}
