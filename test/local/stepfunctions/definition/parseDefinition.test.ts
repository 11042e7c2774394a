import { parseDefinition } from "../../../../local/stepfunctions/definition/parseDefinition";
import type { SluiceError } from "../../../../shared/errors";
import { FUNCTION, only, task } from "../testExecution";

const parse = (definition: unknown) => parseDefinition("jobs", JSON.stringify(definition));

/** All problems that a definition is refused for. */
function problemsOf(definition: unknown): string[] {
  try {
    parse(definition);
  } catch (error) {
    expect((error as SluiceError).code).toBe("INVALID_DEFINITION");
    return (error as SluiceError).value as string[];
  }
  throw new Error("the definition was taken");
}

const pass = { Type: "Pass", End: true };
const inline = (more: object = {}, processor: object = {}) => ({
  Type: "Map",
  ItemProcessor: { StartAt: "Each", States: { Each: pass }, ...processor },
  ...more,
});
const DISTRIBUTED = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } };
const distributed = (more: object = {}) => inline(more, DISTRIBUTED);
const reader = (more: object = {}) => ({
  Resource: "arn:aws:states:::s3:getObject",
  ReaderConfig: { InputType: "JSON" },
  Parameters: { "Bucket.$": "$.bucket", Key: "list.json" },
  ...more,
});
const invoke = (Parameters: object) => task({ Resource: "arn:aws:states:::lambda:invoke", Parameters });

test("a definition with everything that is modelled is accepted unchanged", () => {
  const Retry = [
    {
      ErrorEquals: ["Lambda.TooManyRequestsException"],
      IntervalSeconds: 1,
      BackoffRate: 1.5,
      MaxAttempts: 9,
      MaxDelaySeconds: 20,
      JitterStrategy: "FULL",
    },
    { ErrorEquals: ["States.ALL"] },
  ];
  const Catch = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Fail" }];
  const definition = {
    Comment: "all",
    StartAt: "Task",
    TimeoutSeconds: 60,
    Version: "1.0",
    QueryLanguage: "JSONPath",
    States: {
      Task: task({
        InputPath: "$",
        OutputPath: "$",
        ResultSelector: { "a.$": "$" },
        ResultPath: "$.a",
        TimeoutSeconds: 9,
        HeartbeatSeconds: 8,
        Retry,
        Catch,
        Next: "Invoke",
      }),
      Invoke: {
        ...invoke({ FunctionName: FUNCTION, "Payload.$": "$" }),
        TimeoutSecondsPath: "$.t",
        HeartbeatSecondsPath: "$.h",
        Next: "Map",
      },
      Map: inline({
        ItemsPath: "$.a",
        ItemSelector: { "b.$": "$$.Map.Item.Value" },
        MaxConcurrency: 3,
        Retry,
        Catch,
        Next: "Many",
      }),
      Many: inline(
        {
          ItemReader: reader(),
          Label: "many",
          MaxConcurrencyPath: "$.m",
          ToleratedFailurePercentage: 100,
          ResultPath: null,
          Next: "Choice",
        },
        { ...DISTRIBUTED, StartAt: "Unit", States: { Unit: pass } },
      ),
      Choice: {
        Type: "Choice",
        Choices: [
          { Not: { Variable: "$.a", IsPresent: true }, Next: "Wait" },
          {
            And: [
              { Variable: "$.a", StringMatches: "a*" },
              { Variable: "$.b", NumericLessThanPath: "$.c" },
            ],
            Next: "Wait",
          },
        ],
        Default: "Succeed",
      },
      Wait: { Type: "Wait", SecondsPath: "$.seconds", Next: "Pass" },
      Pass: {
        Type: "Pass",
        Parameters: { "id.$": "States.Format('{}-{}', $$.Execution.Name, States.UUID())" },
        Next: "Task",
      },
      Succeed: { Type: "Succeed" },
      Fail: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "States.Format('{}', $.error.Cause)" },
    },
  };
  expect(parse(definition)).toEqual(definition);
});

test.each<[string, object, string]>([
  [
    "JSONata for all states",
    { ...only(pass), QueryLanguage: "JSONata" },
    'The state machine: the local cloud does not run QueryLanguage "JSONata".',
  ],
  [
    "JSONata for one state",
    only({ ...pass, QueryLanguage: "JSONata" }),
    'State "Only": the local cloud does not run QueryLanguage "JSONata".',
  ],
  [
    "variables",
    only({ ...pass, Assign: { a: 1 } }),
    'State "Only": the local cloud does not run the field "Assign": variables are not modelled; pass values on in the state\'s output.',
  ],
  [
    "another type of state",
    only({ Type: "Parallel", Branches: [] }),
    'State "Only": the local cloud has no states of type "Parallel".',
  ],
  [
    "another integration",
    only(task({ Resource: "arn:aws:states:::dynamodb:putItem" })),
    'State "Only": the local cloud has no task "arn:aws:states:::dynamodb:putItem"; it invokes functions, by their ARN or arn:aws:states:::lambda:invoke.',
  ],
  [
    "a task token",
    only(task({ Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" })),
    'State "Only": the local cloud has no task "arn:aws:states:::lambda:invoke.waitForTaskToken"; it invokes functions, by their ARN or arn:aws:states:::lambda:invoke.',
  ],
  [
    "a version of a function",
    only(task({ Resource: `${FUNCTION}:3` })),
    `State "Only": the local cloud has no task "${FUNCTION}:3"; it invokes functions, by their ARN or arn:aws:states:::lambda:invoke.`,
  ],
  [
    "a parameter of lambda:invoke",
    only(invoke({ FunctionName: FUNCTION, InvocationType: "Event" })),
    'State "Only", Parameters: the local cloud does not run the field "InvocationType".',
  ],
  [
    "another role for a task",
    only(task({ Credentials: { RoleArn: "a" } })),
    'State "Only": the local cloud does not run the field "Credentials": all calls are the state machine\'s own role\'s.',
  ],
  [
    "the old name of a processor",
    only({ Type: "Map", Iterator: only(pass) }),
    'State "Only": the local cloud does not run the field "Iterator": use ItemProcessor.',
  ],
  [
    "EXPRESS children",
    only(inline({}, { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" } })),
    'State "Only": the local cloud has no child executions of ExecutionType "EXPRESS".',
  ],
  [
    "batches of items",
    only(distributed({ ItemBatcher: { MaxItemsPerBatch: 2 } })),
    'State "Only": the local cloud does not run the field "ItemBatcher": each child execution gets one item.',
  ],
  [
    "a ResultWriter",
    only(distributed({ ResultWriter: {} })),
    'State "Only": the local cloud does not run the field "ResultWriter": the results of a Map Run are its output, or thrown away by ResultPath null.',
  ],
  [
    "a reader of an inline Map",
    only(inline({ ItemReader: reader() })),
    'State "Only": the local cloud does not run the field "ItemReader".',
  ],
  [
    "a reader of CSV",
    only(distributed({ ItemReader: reader({ ReaderConfig: { InputType: "CSV" } }) })),
    'State "Only", ItemReader: the local cloud reads no items of InputType "CSV".',
  ],
  [
    "a reader of a listing",
    only(distributed({ ItemReader: reader({ Resource: "arn:aws:states:::s3:listObjectsV2" }) })),
    'State "Only", ItemReader: the local cloud reads no items by "arn:aws:states:::s3:listObjectsV2"; use arn:aws:states:::s3:getObject.',
  ],
  [
    "a field of a retrier",
    only(task({ Retry: [{ ErrorEquals: ["A"], MaxDelay: 3 }] })),
    'State "Only", Retry: the local cloud does not run the field "MaxDelay".',
  ],
  [
    "another comparison",
    {
      StartAt: "A",
      States: { A: { Type: "Choice", Choices: [{ Not: { Variable: "$", NumericNear: 1 }, Next: "B" }] }, B: pass },
    },
    'State "A": the local cloud does not compare by "NumericNear".',
  ],
  [
    "another intrinsic function",
    only({ ...pass, Parameters: { a: [{ "b.$": "States.Reverse($)" }] } }),
    'State "Only": "b.$" cannot be evaluated: the local cloud has no States.Reverse.',
  ],
  [
    "too many arguments of one",
    only({ ...pass, Parameters: { "b.$": "States.UUID(1)" } }),
    'State "Only": "b.$" cannot be evaluated: States.UUID cannot take 1 arguments.',
  ],
  [
    "a state inside of a Map",
    only(inline({}, { States: { Each: { ...pass, Assign: {} } } })),
    'State "Each": the local cloud does not run the field "Assign": variables are not modelled; pass values on in the state\'s output.',
  ],
  [
    "a field of the state machine",
    { ...only(pass), Colour: "red" },
    'The state machine: the local cloud does not run the field "Colour".',
  ],
])("%s is refused by name", (_, definition, problem) => {
  expect(problemsOf(definition)).toEqual([problem]);
});

test.each<[string, object, string]>([
  [
    "a number of attempts",
    only(task({ Retry: [{ ErrorEquals: ["A"], MaxAttempts: 1.5 }] })),
    'State "Only", Retry: MaxAttempts must be a whole number from 0 to 99999999, got 1.5.',
  ],
  [
    "an interval",
    only(task({ Retry: [{ ErrorEquals: ["A"], IntervalSeconds: 0 }] })),
    'State "Only", Retry: IntervalSeconds must be a whole number from 1 to 99999999, got 0.',
  ],
  [
    "a rate of back-off",
    only(task({ Retry: [{ ErrorEquals: ["A"], BackoffRate: 0.9 }] })),
    'State "Only", Retry: BackoffRate must be at least 1.0, got 0.9.',
  ],
  [
    "a maximum delay below the interval",
    only(task({ Retry: [{ ErrorEquals: ["A"], IntervalSeconds: 5, MaxDelaySeconds: 5 }] })),
    'State "Only", Retry: MaxDelaySeconds must be a whole number from 6 to 31622400, got 5.',
  ],
  [
    "a jitter",
    only(task({ Retry: [{ ErrorEquals: ["A"], JitterStrategy: "HALF" }] })),
    'State "Only", Retry: JitterStrategy must be FULL or NONE, got "HALF".',
  ],
  [
    "a reserved error",
    only(task({ Retry: [{ ErrorEquals: ["States.Al"] }] })),
    'State "Only", Retry: there is no error "States.Al".',
  ],
  [
    "States.ALL before others",
    only(task({ Retry: [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["A"] }] })),
    'State "Only", Retry: States.ALL must be alone in ErrorEquals, and in the last of them.',
  ],
  [
    "no error at all",
    only(task({ Catch: [{ ErrorEquals: [], Next: "Only" }] })),
    'State "Only", Catch: ErrorEquals must name an error.',
  ],
  [
    "a heartbeat as long as the time-out",
    only(task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 })),
    'State "Only": HeartbeatSeconds must be smaller than TimeoutSeconds.',
  ],
  ["a label", only(distributed({ Label: "a?b" })), "State \"Only\": Label contains invalid character: '?'."],
  ["a long label", only(distributed({ Label: "l".repeat(41) })), 'State "Only": Label cannot exceed 40 characters.'],
  [
    "two sources of items",
    only(distributed({ ItemReader: reader(), ItemsPath: "$.a" })),
    'State "Only": the local cloud takes ItemReader or ItemsPath, not both.',
  ],
  [
    "a concurrency",
    only(inline({ MaxConcurrency: 1.5 })),
    'State "Only": MaxConcurrency must be a whole number from 0 to 99999999, got 1.5.',
  ],
  ["a version", { ...only(pass), Version: "2.0" }, 'The state machine: Version must be "1.0", got "2.0".'],
])("%s that the validator lets pass is refused", (_, definition, problem) => {
  expect(problemsOf(definition)).toEqual([problem]);
});

test.each<[string, unknown, RegExp]>([
  [
    "a state that leads nowhere",
    { StartAt: "A", States: { A: { Type: "Pass", Next: "B" } } },
    /MISSING_TRANSITION_TARGET/,
  ],
  ["a state with two ends", only({ ...pass, Next: "Only" }), /TERMINAL_STATE_WITH_NEXT/],
  ["a state without its resource", only({ Type: "Task" }), /has no task "undefined"/],
  ["a path that cannot be read", only({ ...pass, InputPath: "$..[" }), /SCHEMA_VALIDATION_FAILED at \/States\/Only/],
  ["no states", { StartAt: "A" }, /SCHEMA_VALIDATION_FAILED/],
  ["a text", "StartAt", /SCHEMA_VALIDATION_FAILED/],
])("%s is refused as on AWS", (_, definition, problem) => {
  expect(problemsOf(definition).join("\n")).toMatch(problem);
});

test("all problems are reported together", () => {
  const States = {
    A: { Type: "Pass", Assign: {}, Next: "B" },
    B: task({ Resource: "arn:aws:states:::sqs:sendMessage", End: true }),
  };
  expect(problemsOf({ StartAt: "A", States })).toHaveLength(2);
});

test("text that is no JSON is refused", () => {
  expect(() => parseDefinition("jobs", "{")).toThrow(/^jobs: Invalid State Machine Definition: It is no JSON/);
});
