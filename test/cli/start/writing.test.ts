/** Starts of jobs that change a table: consent, local lists, inline and filed updates. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SluiceIo } from "../../../cli/session";
import type { JobPlan } from "../../../shared/cost/jobPlan";
import { type LambdaAnswer, LambdaApi, sluice, stackAt } from "../operatorStack";

const UPDATE = '{"set":{"GSISK":"a"}}';
const REQUIRED = ["start", "update", "orders", "--update", UPDATE, "--write-rate", "50"];
const limits = [{ direction: "write", table: "orders", limits: { table: 50 } }] as const;
const ANSWER = { job: "update-20251122-101303-iiii", state: "running", units: 4, limits };
const PLAN: JobPlan = {
  work: { operation: "update", table: "orders" },
  changes: { table: "orders", dryRun: false },
  source: "export",
  ...{ filtered: false, consistentRead: false, items: 1_000, bytes: 2_000_000, onePassRcu: 0, units: 4, limits },
  workers: { memoryMegabytes: 512, timeoutSeconds: 60, maximumConcurrency: 16 },
  warnings: [],
};

let api: LambdaApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

interface Given {
  readonly io?: Partial<SluiceIo>;
  readonly plan?: LambdaAnswer;
  /** Text of the file list.csv. */
  readonly list?: string;
}

async function run(args: readonly string[], { io = {}, plan = { body: { plan: PLAN } }, list }: Given = {}) {
  api = await LambdaApi.start(({ payload }) => ("estimate" in payload ? plan : { body: ANSWER }));
  const root = await stackAt(api.endpoint);
  if (list !== undefined) await writeFile(join(root, "list.csv"), list);
  return sluice(root, [...args], io);
}

/** The requests to the start function, except for plans. */
const starts = () => (api?.invocations ?? []).filter(({ payload }) => !("estimate" in payload));

/** A terminal at which somebody answers. */
function terminal(answer: string) {
  return { ask: jest.fn<Promise<string>, [string]>(async () => answer) };
}

describe("consent", () => {
  test("--yes starts it without asking", async () => {
    const { ask } = terminal("");
    const { code, stdout } = await run([...REQUIRED, "--yes"], { io: { ask } });
    expect([code, stdout.split("\n")[0]]).toEqual([0, "Estimate: 2,000 WCU in about 41 s, with 1 worker."]);
    expect([ask.mock.calls, starts()]).toEqual([[], [expect.anything()]]);
  });

  test("at a terminal the table's name has to be typed, below the estimate", async () => {
    const { ask } = terminal(" orders ");
    const { code } = await run(REQUIRED, { io: { ask } });
    expect([code, starts()]).toEqual([0, [expect.anything()]]);
    expect(ask.mock.calls).toEqual([["This update changes table orders. Type the table's name to start it: "]]);
  });

  test.each(["", "y", "yes", "order", "ORDERS"])("%j starts nothing and ends with 1", async (answer) => {
    const { code, stdout } = await run(REQUIRED, { io: terminal(answer) });
    expect([code, stdout.endsWith("\nNothing was started.\n"), starts()]).toEqual([1, true, []]);
    await api?.stop();
    const json = await run([...REQUIRED, "--json"], { io: terminal(answer) });
    expect(JSON.parse(json.stdout)).toEqual({ job: ANSWER.job, started: false });
  });

  test("without a terminal and --yes it ends with 2, before anything is asked of AWS", async () => {
    const sentence =
      "Add --yes: this update changes table orders, and without a terminal nobody can confirm by typing its name.\n";
    expect(await run(REQUIRED)).toEqual({ code: 2, stdout: "", stderr: sentence });
    expect(api?.invocations).toEqual([]);
  });

  test.each<[string, string[], string]>([
    [
      "a copy, for the other table",
      ["start", "copy", "orders", "--to", "archive", "--write-rate", "5"],
      "copy changes table archive",
    ],
    ["a deletion", ["start", "delete", "orders", "--write-rate", "5"], "delete changes table orders"],
    [
      "an own operation with a write rate",
      ["start", "mine", "orders", "--write-rate", "5"],
      "mine changes table orders",
    ],
    ["an export that is to be made first", [...REQUIRED, "--start-export"], "update changes table orders"],
  ])("is needed for %s", async (_, args, words) => {
    expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(`this ${words},`) });
  });

  test.each<[string, string[]]>([
    ["a dry run", [...REQUIRED, "--dry-run"]],
    ["a count", ["start", "count", "orders", "--read-rate", "5"]],
  ])("isn't needed for %s", async (_, args) => {
    const { changes: _changes, ...plan } = { ...PLAN, limits: [] };
    expect(await run(args, { plan: { body: { plan } } })).toMatchObject({ code: 0 });
  });

  test("is needed even if only the plan shows that the job changes a table", async () => {
    expect(await run(["start", "mine", "orders"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Add --yes: /),
    });
    expect(starts()).toEqual([]);
  });

  test("nobody is asked about a request that is refused", async () => {
    const { ask } = terminal("orders");
    const refusal = { code: "INVALID_REQUEST", problems: ["update: set is empty."] };
    const { code, stderr } = await run(REQUIRED, { io: { ask }, plan: { body: refusal } });
    expect([code, stderr]).toEqual([1, "Not started:\n  --update: set is empty.\n"]);
    expect([ask.mock.calls, starts()]).toEqual([[], []]);
  });
});

describe("wrong usage ends with 2, before anything is asked", () => {
  test.each<[string, string[], RegExp]>([
    [
      "an update's file that is not there",
      ["--update", "none.json"],
      /^--update must be a JSON object or the path of a file with one \(it does not exist\), got none\.json\.$/,
    ],
    [
      "an update that is no JSON",
      ["--update", "{set"],
      /^--update must be a JSON object \(.*position 1.*\), got \{set\.$/,
    ],
    [
      "an update that loses digits",
      ["--update", '{"set":{"a":12345678901234567890}}'],
      /^--update must be JSON without numbers that have more digits/,
    ],
    [
      "a transform's file that is not there",
      ["--transform", "none.json"],
      /^--transform must be a JSON object or the path/,
    ],
    [
      "a list that is not there",
      ["--source", "keys:none.csv"],
      /^--source keys: must name a file .*, but none\.csv does not exist\.$/,
    ],
    [
      "a list of another form",
      ["--source", "keys:list.txt"],
      /^--source keys: must name a file ending in \.jsonl or \.csv, .* got list\.txt\.$/,
    ],
    ["no list at all", ["--source", "keys:"], /got nothing\.$/],
    [
      "an export and a source",
      ["--start-export", "--source", "table"],
      /^--start-export provides the source: leave out --source\.$/,
    ],
    [
      "a filter without an export",
      ["--export-filter", "a = :a"],
      /^--export-filter and the other --export options need --start-export\.$/,
    ],
    [
      "values that are no JSON",
      ["--start-export", "--export-values", "x"],
      /^--export-values must be a JSON object, got x\.\n/,
    ],
  ])("%s", async (_, more, sentence) => {
    const rest = more.includes("--update")
      ? REQUIRED.filter((word) => word !== "--update" && word !== UPDATE)
      : REQUIRED;
    const { code, stdout, stderr } = await run([...rest, "--yes", ...more]);
    expect([code, stdout, api?.invocations]).toEqual([2, "", []]);
    expect(stderr.trim()).toMatch(sentence);
  });
});

test("an update may lie in a file", async () => {
  api = await LambdaApi.start(({ payload }) => ("estimate" in payload ? { body: { plan: PLAN } } : { body: ANSWER }));
  const root = await stackAt(api.endpoint);
  const path = join(root, "update.json");
  await writeFile(path, ` ${UPDATE}\n`);
  await sluice(root, ["start", "update", "orders", "--update", path, "--write-rate", "50", "--yes"]);
  expect(starts()[0]?.payload).toMatchObject({ update: { set: { GSISK: "a" } } });
});
