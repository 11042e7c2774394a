import { startOptions } from "../../../shared/jobs/startRequest";
import { reading } from "../jobs/jobs";
import { type LambdaAnswer, LambdaApi, OPERATOR_ARN, sluice, stackAt } from "../operatorStack";

const REQUIRED = ["start", "count", "surveys", "--read-rate", "50%"];
const ANSWER = { job: "count-20251122-101303-iiii", state: "running", units: 16, limits: reading(1_500) };
const NOT_THERE = "http://127.0.0.1:1";

let api: LambdaApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

async function start(answer: LambdaAnswer | "hang up", ...more: string[]) {
  api = await LambdaApi.start(() => answer);
  return sluice(await stackAt(api.endpoint), [...REQUIRED, ...more]);
}

describe("start", () => {
  test("invokes the start function and prints job, units and rate", async () => {
    expect(await start({ body: ANSWER })).toEqual({
      code: 0,
      stdout:
        "Job count-20251122-101303-iiii is running: 16 units at 1,500 RCU/s.\n" +
        "To watch it: npm run sluice -- jobs watch count-20251122-101303-iiii\n",
      stderr: "",
    });
    const payload = { operation: "count", table: "surveys", readRate: "50%", jobId: ANSWER.job };
    expect(api?.invocations).toEqual([
      { name: "jobs-start", payload: { estimate: payload } },
      { name: "jobs-start", payload, context: { custom: { caller: OPERATOR_ARN } } },
    ]);
  });

  test("hands all options on", async () => {
    const expected = {
      source: "table",
      driver: "workflow",
      readRate: "50%",
      writeRate: 25,
      limitGroup: "night",
      segments: 8,
      index: "by-date",
      consistentRead: true,
      filter: "#q > :q AND #s = :s",
      projection: "#q",
      names: { "#q": "q1" },
      values: { ":q": 3 },
      typedValues: { ":s": { SS: ["a"] } },
      exportPrefix: "nightly/",
      format: "json",
      update: { remove: ["Old"] },
      markerValue: "2026",
      onlyIf: "attribute_exists(Old)",
      to: "surveys-copy",
      transform: { remove: ["Old"] },
      ifAbsent: true,
      dryRun: true,
      sample: "1%",
      maxFailures: 5,
      keepItems: true,
      keepBefore: true,
      params: { width: 3 },
      jobId: "mine",
    };
    const flags = Object.entries(expected).flatMap(([name, value]) => {
      const flag = startOptions[name as keyof typeof startOptions].flag.split(" ")[0]!;
      return value === true ? [flag] : [flag, typeof value === "object" ? JSON.stringify(value) : String(value)];
    });
    // No option is forgotten.
    expect(Object.keys(expected)).toEqual(Object.keys(startOptions));
    // Not one operation of this machine takes all of them.
    api = await LambdaApi.start(() => ({ body: ANSWER }));
    await sluice(await stackAt(api.endpoint), ["start", "mine", "surveys", ...flags]);
    expect(api.invocations[1]?.payload).toEqual({ operation: "mine", table: "surveys", ...expected });
  });

  test("prints warnings on standard error, and starts nevertheless", async () => {
    const warnings = ["Job other works on table surveys too.", "Another thing."];
    const { code, stdout, stderr } = await start({ body: { ...ANSWER, warnings } });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "Warning: Job other works on table surveys too.\nWarning: Another thing.\n",
    });
    expect(stdout).toMatch(/^Job count-20251122-101303-iiii is running: 16 units at 1,500 RCU\/s\.\nTo watch it: /);
  });

  test("--json has warnings in the document, and nothing on standard error", async () => {
    const body = { ...ANSWER, warnings: ["Job other works on table surveys too."] };
    const { code, stdout, stderr } = await start({ body }, "--json");
    expect([code, JSON.parse(stdout), stderr]).toEqual([0, body, ""]);
  });

  test("reports that the job was started before", async () => {
    const { code, stdout } = await start({ body: { ...ANSWER, state: "completed", startedBefore: true } });
    expect([code, stdout.split("\n")[0]]).toEqual([
      0,
      "Job count-20251122-101303-iiii was started before and is completed; nothing new was started.",
    ]);
  });

  test("--json prints the answer as one document", async () => {
    const { code, stdout } = await start({ body: ANSWER }, "--json");
    expect([code, JSON.parse(stdout)]).toEqual([0, ANSWER]);
  });

  test("names the stack in its advice", async () => {
    const { stdout } = await start({ body: ANSWER }, "--stack", "local");
    expect(stdout).toContain(`jobs watch ${ANSWER.job} --stack local\n`);
  });

  test("a refusal is printed with every problem on a line, and ends with 1", async () => {
    const refusal = { code: "REFUSED", problems: ["There is no table surveys.", "There is no operation cuont."] };
    expect(await start({ body: refusal })).toEqual({
      code: 1,
      stdout: "",
      stderr: "Not started:\n  There is no table surveys.\n  There is no operation cuont.\n",
    });
    await api?.stop();
    const { code, stdout, stderr } = await start({ body: refusal }, "--json");
    const message = "Not started: There is no table surveys. There is no operation cuont.";
    expect([code, JSON.parse(stdout), stderr]).toEqual([1, { error: { ...refusal, message } }, ""]);
  });

  test("a request whose answer is lost is sent again under the same id", async () => {
    let calls = 0;
    const answer = () => (++calls === 1 ? "hang up" : { body: ANSWER });
    api = await LambdaApi.start(({ payload }) => ("estimate" in payload ? { body: "null" } : answer()));
    const { code } = await sluice(await stackAt(api.endpoint), REQUIRED);
    expect(code).toBe(0);
    expect(api.invocations.slice(1).map(({ payload }) => payload.jobId)).toEqual([ANSWER.job, ANSWER.job]);
  });

  const failed = { "x-amz-function-error": "Unhandled" };
  const awsError = (name: string, message: string, status: number): LambdaAnswer => {
    return { status, body: { Message: message }, headers: { "x-amzn-errortype": name } };
  };
  test.each<[string, LambdaAnswer, RegExp]>([
    [
      "a function that throws",
      { body: { errorType: "TypeError", errorMessage: "x is\nnot a function", trace: [] }, headers: failed },
      /^Function jobs-start failed \(TypeError: x is not a function\)\. Its log has more; `jobs list` shows whether/,
    ],
    [
      "a function that ran out of time",
      { body: { errorMessage: "2025-11-22 Task timed out after 60.00 seconds" }, headers: failed },
      /failed \(2025-11-22 Task timed out after 60\.00 seconds\)/,
    ],
    [
      "a function that answers nothing",
      { body: "null" },
      /^Function jobs-start must return a start function's answer, got null\.$/,
    ],
    [
      "a function that answers no JSON",
      { body: "hello" },
      /^Function jobs-start must return a start function's answer, got "hello"\.$/,
    ],
    [
      "a missing function",
      awsError("ResourceNotFoundException", "Function not found: arn", 404),
      /^There is no function jobs-start, though the stack's outputs name it/,
    ],
    [
      "no permission",
      awsError("AccessDeniedException", "User: me is not authorized to perform: lambda:InvokeFunction", 403),
      /^AWS does not permit this: User: me is not authorized to perform: lambda:InvokeFunction\.$/,
    ],
    [
      "expired credentials",
      awsError("ExpiredTokenException", "The security token included in the request is expired", 403),
      /^The AWS credentials have expired: /,
    ],
    ["an AWS that fails", awsError("ServiceException", "oops", 500), /^AWS failed with ServiceException: oops\.$/],
    ["what AWS refuses", awsError("InvalidParameterValueException", "bad", 400), /^AWS refused the request with Inval/],
  ])("%s is one sentence, and ends with 1", async (_, answer, sentence) => {
    const { code, stdout, stderr } = await start(answer);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr.trim()).toMatch(sentence);
  });

  test("all problems of the options and of what they name are reported at once", async () => {
    const wrong = ["start", "export", "surveys", "--read-rate", "fast", "--segmnets", "3", "--prices", "none.json"];
    const more = ["--source", "keys:none.csv", "--export-names", "x", "--yse", "--json", "--stack"];
    const { code, stdout } = await sluice(await stackAt(NOT_THERE), [...wrong, ...more]);
    const { error } = JSON.parse(stdout);
    expect([code, error.code]).toEqual([2, "USAGE"]);
    expect(error.problems).toEqual([
      "--stack needs a value: --stack <name>.",
      "Unknown option '--segmnets' (Did you mean --segments?).",
      "Unknown option '--yse' (Did you mean --yes?).",
      "--read-rate must be capacity units per second or a percentage such as 50%, got fast.",
      "--export-filter and the other --export options need --start-export.",
      "--export-names must be a JSON object, got x.",
      "--export-names need --export-filter or --export-projection.",
      expect.stringMatching(/^--source keys: must name a file .* but none\.csv does not exist\.$/),
      "--prices must be a file with prices, but none.json does not exist.",
    ]);
  });

  test.each([
    ["nothing", []],
    ["a group of commands", ["jobs"]],
  ])("%s with --json is a document", async (_, args) => {
    const { code, stdout } = await sluice(await stackAt(NOT_THERE), [...args, "--json"]);
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, "USAGE"]);
  });
});

describe("wrong usage ends with 2, before anything is asked", () => {
  test.each<[string, string[], RegExp]>([
    ["no table", ["start", "count", "--read-rate", "5"], /^Argument <table> is missing\.$/],
    [
      "no operation",
      ["start", "--read-rate", "5"],
      /^Argument <operation> is missing\.\nArgument <table> is missing\.$/,
    ],
    ["a rate that is no number", [...REQUIRED.slice(0, -1), "fast"], /^--read-rate must be .* got fast\.$/],
    ["a rate without a value", REQUIRED.slice(0, -1), /^--read-rate needs a value: --read-rate <rate>\.$/],
    ["the former flag for rates", [...REQUIRED, "--rate", "5"], /^Unknown option '--rate'/],
    ["the former command", ["scan", "start", "surveys"], /^Unknown command 'scan'\.$/],
    [
      "values that lose digits",
      [...REQUIRED, "--values", '{":q":12345678901234567890}'],
      /; --typed-values keeps them, got /,
    ],
    [
      "typed values that are no JSON",
      [...REQUIRED, "--typed-values", "q=3"],
      /^--typed-values must be a JSON object, got q=3\.\n/,
    ],
    ["values that are no JSON", [...REQUIRED, "--values", "q=3"], /^--values must be a JSON object, got q=3\.\n/],
    [
      "an unknown option",
      [...REQUIRED, "--segmnets", "3"],
      /^Unknown option '--segmnets' \(Did you mean --segments\?\)\.$/,
    ],
    ["two tables", [...REQUIRED, "others"], /^Argument others is one too many\.$/],
    ["an unknown command", ["scna"], /^Unknown command 'scna'\.$/],
    ["a change of rate without a rate", ["jobs", "rate", "nightly"], /^Give --read-rate, --write-rate or both\.$/],
    [
      "a change of rate in the former way",
      ["jobs", "rate", "nightly", "50"],
      /^Argument 50 is one too many\.\nGive --read-rate, --write-rate or both\.$/,
    ],
    [
      "a change of rate to nothing",
      ["jobs", "rate", "nightly", "--read-rate", ""],
      /^--read-rate needs a value: --read-rate <rate>\.$/,
    ],
    [
      "a change of rate to a word",
      ["jobs", "rate", "nightly", "--write-rate", "fast"],
      /^--write-rate must be capacity units per second or a percentage such as 50%, got fast\.$/,
    ],
    ["a list of none", ["jobs", "list", "--limit", "0"], /^--limit must be a whole number from 1 to 100, got 0\.$/],
    ["a job that is not named", ["jobs", "show"], /^Argument <id> is missing\.$/],
  ])("%s", async (_, args, sentence) => {
    const { code, stdout, stderr } = await sluice(await stackAt(NOT_THERE), args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim()).toMatch(sentence);
  });

  test("all problems of the options and of what they name are reported at once", async () => {
    const wrong = ["start", "export", "surveys", "--read-rate", "fast", "--segmnets", "3", "--prices", "none.json"];
    const more = ["--source", "keys:none.csv", "--export-names", "x", "--yse", "--json", "--stack"];
    const { code, stdout } = await sluice(await stackAt(NOT_THERE), [...wrong, ...more]);
    const { error } = JSON.parse(stdout);
    expect([code, error.code]).toEqual([2, "USAGE"]);
    expect(error.problems).toEqual([
      "--stack needs a value: --stack <name>.",
      "Unknown option '--segmnets' (Did you mean --segments?).",
      "Unknown option '--yse' (Did you mean --yes?).",
      "--read-rate must be capacity units per second or a percentage such as 50%, got fast.",
      "--export-filter and the other --export options need --start-export.",
      "--export-names must be a JSON object, got x.",
      "--export-names need --export-filter or --export-projection.",
      expect.stringMatching(/^--source keys: must name a file .* but none\.csv does not exist\.$/),
      "--prices must be a file with prices, but none.json does not exist.",
    ]);
  });

  test.each([
    ["nothing", []],
    ["a group of commands", ["jobs"]],
  ])("%s with --json is a document", async (_, args) => {
    const { code, stdout } = await sluice(await stackAt(NOT_THERE), [...args, "--json"]);
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, "USAGE"]);
  });

  test("several options that cannot be read are all named", async () => {
    const args = [...REQUIRED, "--segments", "x", "--typed-values", "x", "--params", "x"];
    const { code, stderr } = await sluice(await stackAt(NOT_THERE), args);
    const named = stderr.match(/^--[\w-]+(?= must)/gm);
    expect([code, named]).toEqual([2, ["--segments", "--typed-values", "--params"]]);
    const rates = ["jobs", "rate", "nightly", "--read-rate", "x", "--write-rate", "y"];
    const changed = await sluice(await stackAt(NOT_THERE), rates);
    expect([changed.code, changed.stderr.match(/^--[\w-]+/gm)]).toEqual([2, ["--read-rate", "--write-rate"]]);
  });
});

describe("the stack", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["without the output", {}, /Stack local has no output operator/],
    [
      "whose output is incomplete",
      { operator: { region: "r", jobsTable: "" } },
      /jobsTable: .*; startFunction: .*; resultsBucket: /,
    ],
  ])("%s ends with 2", async (_, outputs, sentence) => {
    const { code, stderr } = await sluice(await stackAt(NOT_THERE, outputs), ["jobs", "list"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  test("without any stack it ends with 2 and a sentence on what to do", async () => {
    const { code, stderr } = await sluice("/", ["jobs", "list"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("add --stack <name>, or start `npm run local`")]);
  });

  test("another stack's output comes from Pulumi, whichever side of the command --stack is on", async () => {
    const run = jest.fn(async () => "{}");
    const { code } = await sluice("/", ["--stack", "dev", "jobs", "list"], { run });
    await sluice("/", ["jobs", "list", "--stack", "dev"], { run });
    expect(code).toBe(2);
    const asked = ["pulumi", ["stack", "output", "operator", "--json", "--stack", "dev"]];
    expect(run.mock.calls).toEqual([asked, asked]);
  });

  test.each([
    [["--help"]],
    [["jobs", "--help"]],
    [["jobs", "watch", "--help"]],
    [["start", "--help"]],
    [["estimate", "--help"]],
    [["jobs", "show", "--help"]],
    [["jobs", "rate", "--help"]],
    [["jobs", "failures", "--help"]],
    [["jobs", "redrive", "--help"]],
  ])("%s prints the usage, the options all commands take among it, and ends with 0", async (args) => {
    const { code, stdout } = await sluice("/", args);
    expect(code).toBe(0);
    expect(stdout).toContain("--stack <name>");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test.each(["start", "estimate"])(
    "%s --help has every option of a start request and what it means",
    async (command) => {
      const { stdout } = await sluice("/", [command, "--help"]);
      const words = stdout.replaceAll(/\s+/g, " ");
      for (const { flag, help } of Object.values(startOptions)) expect(words).toContain(`${flag} ${help}`);
    },
  );
});
