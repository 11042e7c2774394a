import { type PlanInput, planJob as planned } from "../../../services/jobs/plan";
import type { RefusedTable } from "../../../shared/jobs/startFunction";
import { type InvalidRequest, startForm } from "../../../shared/jobs/startRequest";
import { countDeclaration } from "../../../shared/operations/count/declaration";
import { exportDeclaration } from "../../../shared/operations/export/declaration";
import type { OperationDeclaration } from "../../../shared/operations/operation";
import { tableKind } from "../../../shared/sources/table/tableKind";
import type { Described, IndexFacts, TableFacts } from "../../../shared/tables/facts";
import type { FailureBound } from "../../../shared/writing/failureBound";
import { problemsOf, request } from "../../support/startRequest";

const capacity = (perSecond: number) => ({ perSecond, from: "provisioned", most: perSecond }) as const;

const index = (changes: Partial<IndexFacts> = {}): IndexFacts => ({
  kind: "global",
  identity: { id: "9c6a", index: "by-date" },
  status: "ACTIVE",
  items: 50,
  bytes: 5_000,
  read: capacity(40),
  write: capacity(20),
  ...changes,
});

const facts = (changes: Partial<TableFacts> = {}): TableFacts => ({
  identity: { arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", id: "9c6a" },
  status: "ACTIVE",
  items: 1_000,
  bytes: 300_000,
  read: capacity(200),
  write: capacity(100),
  schema: { name: "orders", keys: ["id"], keyTypes: { id: "S" }, indexes: [] },
  indexes: { "by-date": index(), "by-size": index({ kind: "local", read: capacity(200) }) },
  ...changes,
});

const operations: Record<string, OperationDeclaration> = {
  count: countDeclaration,
  export: exportDeclaration,
  mine: {
    freeParams: true,
    check: ({ limit }) => (limit === undefined ? ["params.limit must be given."] : []),
  },
  write: { changes: (_params, table) => ({ table, dryRun: false }) },
};

function input(changes: Record<string, unknown> = {}, described: Described | undefined = facts()): PlanInput {
  const form = startForm(request(changes));
  const { operation: name = "" } = form.sound;
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  const kind = tableKind as PlanInput["kind"];
  const names = Object.keys(operations);
  const rest = { operations: names, id: "job-1", now: 1_999, expirationDays: 0, mostWorkers: 16, hasWorkflow: false };
  const changed = operation?.changes?.({}, "orders");
  const target =
    changed === undefined || described === undefined
      ? undefined
      : ({ ...changed, described, access: "allowed" } as const);
  return { form, kind, table: described, facts: undefined, target, operation, ...rest };
}

const planJob = (given: PlanInput) => planned(given).job;
const plan = (changes?: Record<string, unknown>, described?: Described) => planJob(input(changes, described));
const problems = (changes?: Record<string, unknown>, described?: Described) =>
  problemsOf(() => plan(changes, described));

test("a job has the request's options and the table's facts", () => {
  expect(plan({ segments: 7 })).toEqual({
    keys: ["id"],
    id: "job-1",
    work: { operation: "count", table: "orders" },
    source: { kind: "table", table: "orders", consistentRead: false },
    identity: { arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", id: "9c6a" },
    operation: { name: "count", params: {} },
    state: "starting",
    units: 7,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    claimed: 0,
    chains: 1,
    limits: [{ direction: "read", table: "orders", limits: { table: 100 } }],
    estimatedItems: 1_000,
    estimatedBytes: 300_000,
    createdAt: 1_999,
  });
});

test("a job of an index names it, and has its identity, size and limits", () => {
  expect(plan({ index: "by-date", readRate: 30 })).toMatchObject({
    work: { operation: "count", table: "orders", index: "by-date" },
    source: { index: "by-date" },
    identity: { id: "9c6a", index: "by-date" },
    limits: [{ direction: "read", table: "orders", limits: { table: 30, indexes: { "by-date": 30 } } }],
    estimatedItems: 50,
    estimatedBytes: 5_000,
  });
});

describe("the number of chains that a job begins with", () => {
  const large = facts({ read: capacity(40_000), write: capacity(40_000), indexes: {} });
  const chains = (changes: Record<string, unknown>, mostWorkers = 16) =>
    planJob({ ...input({ segments: 1_000, ...changes }, large), mostWorkers }).chains;

  test.each<[string, Record<string, unknown>, number]>([
    ["one for a rate that one worker reaches", { readRate: 400 }, 1],
    ["one more for any rate above that", { readRate: 400.5 }, 2],
    ["as many as the rate feeds", { readRate: 3_500 }, 9],
    ["no more than there can be workers", { readRate: 40_000 }, 16],
    ["no more than the job has units", { readRate: 40_000, segments: 3 }, 3],
  ])("%s", (_, changes, expected) => {
    expect(chains(changes)).toBe(expected);
  });

  test("there is at least one, even for the slowest job of a driver with one worker", () => {
    expect(chains({ readRate: 0.5 }, 1)).toBe(1);
  });

  test("the lowest of several limits counts: the index's, or the one of the other direction", () => {
    const small = facts({
      read: capacity(40_000),
      indexes: { "by-date": index({ read: capacity(1_000) }) },
    });
    const ofIndex = planJob(input({ index: "by-date", readRate: "100%", segments: 1_000 }, small));
    expect(ofIndex).toMatchObject({ chains: 3, limits: [{ limits: { indexes: { "by-date": 1_000 } } }] });
    expect(chains({ operation: "write", readRate: 4_000, writeRate: 801 })).toBe(3);
    expect(chains({ operation: "write", readRate: 801, writeRate: 4_000 })).toBe(3);
  });
});

describe("how many items may fail", () => {
  const bound = (bounded: FailureBound, dryRun = false) => {
    const given = input({ operation: "write", writeRate: 5 });
    const operation = { ...given.operation!, failureBound: () => bounded };
    const { mostFailures, mostFailuresPercent } = planJob({
      ...given,
      operation,
      target: { ...given.target!, dryRun },
    });
    return { mostFailures, mostFailuresPercent };
  };

  test.each<[string, FailureBound, object]>([
    ["a number", { count: 7 }, { mostFailures: 7 }],
    ["a percentage of the items that the table is known to have", { count: 0, percent: 2 }, { mostFailures: 20 }],
    ["whichever is more", { count: 100, percent: 1 }, { mostFailures: 100 }],
  ])("is %s", (_, bounded, expected) => {
    expect(bound(bounded)).toEqual({ mostFailuresPercent: bounded.percent, ...expected });
  });

  test("doesn't matter for a dry run or for a job that changes nothing", () => {
    expect(bound({ count: 7 }, true)).toEqual({});
    expect(plan()).not.toHaveProperty("mostFailures");
  });
});

test("its records expire after the number of days, in whole seconds; 0 keeps them", () => {
  expect(planJob({ ...input(), expirationDays: 30 }).expiresAt).toBe(1 + 30 * 86_400);
  expect(plan()).not.toHaveProperty("expiresAt");
});

test("a job names its limit group, or has none", () => {
  expect(plan({ limitGroup: "nightly" }).limitGroup).toBe("nightly");
  expect(plan()).not.toHaveProperty("limitGroup");
});

test("a writing job without a read rate reads at the write rate", () => {
  expect(plan({ operation: "write", readRate: undefined, writeRate: 50 }).limits).toEqual([
    { direction: "read", table: "orders", limits: { table: 50 } },
    { direction: "write", table: "orders", limits: { table: 50, indexes: { "by-date": 20 } } },
  ]);
});

test("a job that writes has a limit in each direction", () => {
  expect(plan({ operation: "write", readRate: 100, writeRate: 50 }).limits).toEqual([
    { direction: "read", table: "orders", limits: { table: 100 } },
    { direction: "write", table: "orders", limits: { table: 50, indexes: { "by-date": 20 } } },
  ]);
});

/** The part of a limit that a rate leaves there: a percentage is kept as it was given. */
const given = (rate: unknown) => (typeof rate === "string" ? { percentage: rate } : {});

describe("a dry run that looks into the table that it would change", () => {
  const copies = facts({
    read: capacity(80),
    schema: { name: "copies", keys: ["id"], keyTypes: { id: "S" }, indexes: [] },
  });
  const looking = (changes: Record<string, unknown>) => {
    const target = { table: "copies", dryRun: true, lookups: true, described: copies, access: "allowed" } as const;
    const operation = { changes: () => target };
    return { ...input({ operation: "write", ...changes }), operation, target };
  };
  const lookups = (table: number) => ({ direction: "read", purpose: "lookup", table: "copies", limits: { table } });

  test.each<[string, Record<string, unknown>, number, number]>([
    ["at the rate of its other reads", { readRate: 60 }, 60, 60],
    ["without a read rate, at the write rate", { readRate: undefined, writeRate: 50 }, 50, 50],
    ["at the same share of what that table has", { readRate: "50%" }, 100, 40],
  ])("has a limit on its reads there, %s", (_, changes, source, there) => {
    const { limits } = planJob(looking(changes));
    expect(limits.filter(({ direction }) => direction === "read")).toEqual([
      { direction: "read", table: "orders", limits: { table: source }, ...given(changes.readRate) },
      { ...lookups(there), ...given(changes.readRate) },
    ]);
  });

  test("reads no faster than that table allows, and needs a rate", () => {
    const found = (changes: Record<string, unknown>) => problemsOf(() => planJob(looking(changes)));
    const most = "readRate must be at most what table copies, into which the dry run looks, allows";
    expect(found({ readRate: 81 })).toEqual([`${most}, 80 capacity units per second, got 81.`]);
    expect(found({ readRate: undefined })).toEqual(["readRate must be given."]);
  });

  test("plans its source by the limit of the source alone", () => {
    const exported = (writeRate?: number) => {
      const given = looking({ readRate: undefined, writeRate, segments: 2 });
      const kind = { ...given.kind, reads: () => undefined } as PlanInput["kind"];
      const plan = jest.spyOn(kind, "plan");
      const { limits } = planJob({ ...given, kind });
      return { limits, read: plan.mock.calls[0]![2] };
    };
    const { limits, read } = exported(50);
    expect([limits.length, limits.at(-1), read]).toEqual([2, lookups(50), undefined]);
  });
});

test("plain and typed values come together", () => {
  const filter = "a > :a AND contains(b, :b)";
  const { source } = plan({ filter, values: { ":a": 3 }, typedValues: { ":b": { B: "aGk=" } } });
  expect(source).toHaveProperty("values", { ":a": { N: "3" }, ":b": { B: new Uint8Array([104, 105]) } });
});

test("values take DynamoDB's form, and options of an export become its params", () => {
  const expressions = { filter: "#q > :q", projection: "#q", names: { "#q": "q1" }, values: { ":q": 3 } };
  const job = plan({
    operation: "export",
    format: "json",
    exportPrefix: "nightly",
    consistentRead: true,
    ...expressions,
  });
  expect(job.source).toEqual({
    kind: "table",
    table: "orders",
    consistentRead: true,
    ...expressions,
    values: { ":q": { N: "3" } },
  });
  expect(job.operation).toEqual({ name: "export", params: { format: "json", exportPrefix: "nightly" } });
});

test("auto depends on the read rate, even if a job writes, too", () => {
  const large = facts({ bytes: 2 * 1024 ** 3, read: capacity(40_000) });
  const changes = { operation: "write", segments: "auto", readRate: 3_500, writeRate: 1 };
  expect(plan(changes, large).units).toBe(180);
});

describe("the rate", () => {
  const TOO_LOW = "must come to at least 0.001 capacity units per second on the table and its indexes";
  test.each<[string, string | number, Record<string, unknown>, number]>([
    ["RCU/s as they are", 12.5, {}, 12.5],
    ["a share of what the table has", "25%", {}, 50],
    ["all of it", "100%", {}, 200],
    ["a share of the global index that is read", "50%", { index: "by-date" }, 20],
    ["a share of the table, if a local index is read", "50%", { index: "by-size" }, 100],
  ])("%s", (_, readRate, changes, expected) => {
    const { limits } = plan({ readRate, ...changes });
    const indexes = changes.index === undefined ? {} : { indexes: { [changes.index as string]: expected } };
    expect(limits).toEqual([
      { direction: "read", table: "orders", limits: { table: expected, ...indexes }, ...given(readRate) },
    ]);
  });

  test("a share refers to the present capacity of an on-demand table, while its upper bound may be higher", () => {
    const table = facts({ read: { perSecond: 12_000, from: "on-demand default", most: 40_000 } });
    expect(plan({ readRate: "50%" }, table)).toMatchObject({ limits: [{ limits: { table: 6_000 } }] });
    expect(plan({ readRate: 40_000 }, table)).toMatchObject({ limits: [{ limits: { table: 40_000 } }] });
    expect(problems({ readRate: 40_001 }, table)).toEqual([
      "readRate must be at most what the table allows, 40000 capacity units per second, got 40001.",
    ]);
  });

  test.each([
    [{ readRate: 201 }, "readRate must be at most what the table allows, 200 capacity units per second, got 201."],
    [
      { readRate: 41, index: "by-date" },
      "readRate must be at most what the index allows, 40 capacity units per second, got 41.",
    ],
    [{ readRate: "0.0004%" }, `readRate ${TOO_LOW}, got 0.0008.`],
    [{ readRate: "0.002%", index: "by-date" }, `readRate ${TOO_LOW}, got 0.0008.`],
    [{ readRate: 5, operation: "write", writeRate: "0.004%" }, `writeRate ${TOO_LOW}, got 0.0008.`],
    [{ readRate: undefined, operation: "write", writeRate: "0.0004%" }, `writeRate ${TOO_LOW}, got 0.00008.`],
  ])("more or less than there is: %j", (changes, sentence) => expect(problems(changes)).toEqual([sentence]));
});

test("auto uses the size of the table or of the index", () => {
  expect(plan({ segments: "auto" }).units).toBe(1);
  const large = facts({ bytes: 100 * 1024 ** 3 });
  expect(plan({ segments: "auto" }, large).units).toBe(50);
  expect(plan({ segments: "auto", index: "by-date", readRate: 10 }, large).units).toBe(1);
});

describe("refused", () => {
  test.each<[Record<string, unknown>, string]>([
    [{ operation: "cuont" }, 'operation must be one of count, export, mine, write, got "cuont". Did you mean "count"?'],
    [{ operation: "toString" }, 'operation must be one of count, export, mine, write, got "toString".'],
    [{ projection: "q1" }, "projection makes no sense with count: it counts whole items."],
    [{ exportPrefix: "nightly" }, "exportPrefix is an option of export only."],
    [{ operation: "mine", params: { limit: 1 }, format: "json" }, "format is an option of export only."],
    [{ operation: "export", exportPrefix: "/a" }, "exportPrefix must not begin with /."],
    [{ params: { a: 1 } }, "params are for operations of your own."],
    [{ operation: "export", params: { format: "json" } }, "params are for operations of your own."],
    [{ operation: "mine" }, "params.limit must be given."],
    [{ values: { ":a": 1 } }, "values need a filter."],
    [{ typedValues: { ":a": { N: "1" } } }, "typedValues need a filter."],
    [
      {
        filter: "a > :a OR b > :b OR c > :c",
        values: { ":a": 1, ":b": 1 },
        typedValues: { ":c": { N: "1" }, ":b": { N: "1" }, ":a": { N: "1" } },
      },
      "typedValues must not repeat names of values, got :a, :b in both.",
    ],
    [
      { filter: "a = :a", values: { ":a": { S: "x" } } },
      "values.:a must be plain JSON, this looks like DynamoDB JSON: give it as typedValues, or name the map's attribute " +
        'otherwise, got {"S":"x"}.',
    ],
    [{ readRate: undefined }, "readRate must be given."],
    [{ writeRate: 5 }, "writeRate is for operations that write items."],
    [{ operation: "write" }, "writeRate must be given."],
    [{ names: { "#a": "a" } }, "names need a filter or a projection."],
    [{ index: "by-name" }, 'index must be one of the table\'s, it has by-date, by-size, got "by-name".'],
    [{ index: "constructor" }, 'index must be one of the table\'s, it has by-date, by-size, got "constructor".'],
    [
      { index: "by-date", consistentRead: true, readRate: 1 },
      "consistentRead must be false: DynamoDB reads global indexes with eventual consistency only.",
    ],
    [
      { filter: "a > :a", values: { ":a": 1e300 } },
      "values.:a must have no numbers beyond 2^53, which JSON does not keep exactly; typedValues keeps them, got 1e+300.",
    ],
    [
      { operation: "mine", params: { limit: 2 ** 60 } },
      "params must have no numbers beyond 2^53, which JSON does not keep exactly.",
    ],
  ])("%j", (changes, sentence) => expect(problems(changes)).toEqual([sentence]));

  test("numbers beyond 2^53 are refused in params, and a date is no plain JSON", () => {
    expect(problems({ operation: "mine", params: { limit: new Date(0) } })).toEqual([
      expect.stringMatching(/^params must be plain JSON: .*\.$/),
    ]);
  });

  test("names without a filter are used by a projection, a local index may be read consistently", () => {
    expect(problems({ operation: "export", projection: "#a", names: { "#a": "a" } })).toEqual([]);
    expect(problems({ index: "by-size", consistentRead: true })).toEqual([]);
  });

  test.each<[string, Described, Record<string, unknown>, string]>([
    ["a table that is not there", "missing", {}, 'table must exist, but there is no table "orders".'],
    [
      "a table that may not be read",
      "denied",
      {},
      'table must be one of those the stack was given (config scannerTables); it may not read "orders".',
    ],
    ["a table that is being created", facts({ status: "CREATING" }), {}, 'table must be active, "orders" is CREATING.'],
    ["an archived table", facts({ status: "ARCHIVED" }), {}, 'table must be active, "orders" is ARCHIVED.'],
    [
      "an index of a table without indexes",
      facts({ indexes: {} }),
      { index: "by-date" },
      'index must be one of the table\'s, it has none, got "by-date".',
    ],
    [
      "an index that is being built",
      facts({ indexes: { "by-date": index({ status: "CREATING" }) } }),
      { index: "by-date", readRate: 1 },
      'index must be active, "by-date" is CREATING.',
    ],
  ])("%s", (_, table, changes, sentence) => {
    expect(problems(changes, table)).toEqual([sentence]);
  });

  test("a table that is being changed counts as active", () => {
    expect(problems({}, facts({ status: "UPDATING" }))).toEqual([]);
  });

  test("all problems are reported together, those of the form first", () => {
    const changes = {
      operation: "mine",
      format: "json",
      names: { "#a": "a" },
      values: { ":a": 1e300 },
      readRate: 999,
      writeRate: 5,
      segments: 0,
      foo: 1,
    };
    expect(problems(changes).map((sentence) => sentence.split(" ")[0])).toEqual([
      "segments",
      "values.:a",
      "foo",
      "format",
      "params.limit",
      "values",
      "names",
      "writeRate",
      "readRate",
    ]);
  });

  test("a missing table, an unknown operation, an invalid rate, a surplus option", () => {
    expect(problems({ table: "ordres", operation: "cuont", readRate: "half", foo: 1 }, "missing")).toEqual([
      'readRate must be at least 0.001 capacity units per second or a percentage such as "50%", got "half".',
      "foo is not an option of a start request.",
      'operation must be one of count, export, mine, write, got "cuont". Did you mean "count"?',
      'table must exist, but there is no table "ordres".',
    ]);
  });
});

describe("a job that changes items needs them whole", () => {
  const indexes = [
    { name: "by-date", kind: "global", keys: ["date"], projection: ["note"] },
    { name: "by-size", kind: "local", keys: ["id", "size"], projection: "ALL" },
  ] as const;
  const described = facts({ schema: { ...facts().schema, indexes } });
  const writing = { operation: "write", readRate: 5, writeRate: 5 };

  test("so it reads no projection, and no index that lacks attributes", () => {
    expect(problems({ ...writing, index: "by-size" }, described)).toEqual([]);
    expect(problems({ ...writing, index: "by-date" }, described)).toEqual([
      'This write needs whole items, but index "by-date" lacks attributes.',
    ]);
    expect(problems({ ...writing, projection: "id, note" }, described)).toEqual([
      "This write needs whole items, but a projection leaves attributes out.",
    ]);
  });

  test("unless it looks at keys only", () => {
    const operation = { ...operations.write!, needsItems: () => false };
    const keysOnly = { ...input({ ...writing, index: "by-date", projection: "id" }, described), operation };
    expect(problemsOf(() => planJob(keysOnly))).toEqual([]);
    expect(problems({ operation: "export", readRate: 5, index: "by-date", projection: "id" }, described)).toEqual([]);
  });
});

describe("the refusal names the options whose tables the stack lacks, with their sentences", () => {
  const refusedBy = (given: PlanInput): RefusedTable[] => {
    try {
      planJob(given);
    } catch (error) {
      const { tables, value } = error as InvalidRequest;
      for (const { problem } of tables) expect(value).toContain(problem);
      return tables.map(({ option, among }) => ({ option, among, problem: "" }));
    }
    throw new Error("nothing was refused");
  };
  const writing = input({ operation: "write", readRate: 5, writeRate: 5 });
  const target = { table: "orders", dryRun: false, described: facts(), access: "allowed" } as const;
  const of = (option: RefusedTable["option"], among: RefusedTable["among"]) => ({ option, among, problem: "" });

  test.each<[string, PlanInput, RefusedTable[]]>([
    ["a missing table", input({}, "missing"), [of("table", "readable")]],
    ["a table that may not be read", input({}, "denied"), [of("table", "readable")]],
    [
      "a table that may not be changed",
      { ...writing, target: { ...target, access: "denied" } },
      [of("table", "changeable")],
    ],
    [
      "another table that may not be changed",
      { ...writing, target: { ...target, table: "copy", described: "denied", access: "denied" } },
      [of("to", "changeable")],
    ],
    [
      "another table that is missing",
      { ...writing, target: { ...target, table: "copy", described: "missing" } },
      [of("to", "changeable")],
    ],
    [
      "another table that is being created",
      { ...writing, target: { ...target, table: "copy", described: facts({ status: "CREATING" }) } },
      [],
    ],
    ["another problem, not a table", input({ operation: "mine" }), []],
  ])("%s", (_, given, expected) => {
    expect(refusedBy(given)).toEqual(expected);
  });
});

describe("beside malformed options", () => {
  /** The form's own problems left out. */
  const further = (changes: Record<string, unknown>, described?: Described) => {
    const { form } = input(changes);
    expect(form.problems).not.toEqual([]);
    return problems(changes, described).slice(form.problems.length);
  };
  const busy = facts({ indexes: { "by-date": index({ status: "CREATING" }) } });

  test.each<[string, Record<string, unknown>]>([
    ["a filter, while there are values and names", { filter: 5, values: { ":a": 1 }, names: { "#a": "a" } }],
    ["a projection, while there are names", { operation: "export", projection: "", names: { "#a": "a" } }],
    [
      "an operation, while there are options of all of them",
      { operation: 5, format: "json", exportPrefix: "/a", projection: "a", params: {} },
    ],
    ["an operation that is missing", { operation: undefined, format: "json", params: {}, projection: "a" }],
    ["params, which their operation would check", { operation: "mine", params: 5 }],
    [
      "an index, with a rate above the table's and a consistent read",
      { index: 5, readRate: 999, consistentRead: true },
    ],
    ["a rate above the table's", { readRate: "999" }],
    ["consistency, of a global index", { index: "by-date", consistentRead: "yes", readRate: 1 }],
    ["values, even if they are not plain JSON", { filter: "a > :a", values: { a: 1e300 } }],
  ])("nothing follows from it: %s", (_, changes) => expect(further(changes)).toEqual([]));

  test("nothing follows from it: a table, which is not described", () => {
    const nameless = { ...input({ table: "?" }), table: undefined };
    expect(problemsOf(() => planJob(nameless))).toEqual(nameless.form.problems);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ["an option of another operation", { format: "csv" }, ["format is an option of export only."]],
    ["a projection of a count", { projection: 5 }, ["projection makes no sense with count: it counts whole items."]],
    ["params of a count", { params: 5 }, ["params are for operations of your own."]],
    ["values without a filter", { values: 5 }, ["values need a filter."]],
  ])("it is out of place nevertheless: %s", (_, changes, sentences) => expect(further(changes)).toEqual(sentences));

  test.each<[string, Record<string, unknown>, Described, string[]]>([
    ["the table", { operation: 5 }, "missing", ["table"]],
    ["the table's state", { readRate: "5" }, facts({ status: "CREATING" }), ["table"]],
    ["the operation", { table: 5, operation: "cuont" }, facts(), ["operation"]],
    ["an operation's params", { operation: "mine", readRate: "5" }, facts(), ["params.limit"]],
    ["the prefix of an export", { operation: "export", exportPrefix: "/a", format: 5 }, facts(), ["exportPrefix"]],
    ["an index", { index: "by-name", readRate: "5" }, facts(), ["index"]],
    [
      "an index's state",
      { index: "by-date", readRate: 1, foo: 1, consistentRead: true },
      busy,
      ["index", "consistentRead"],
    ],
    ["a rate", { readRate: 999, foo: 1 }, facts(), ["readRate"]],
    ["values", { filter: 5, values: { ":a": 1 }, typedValues: { ":a": { N: "1" } } }, facts(), ["typedValues"]],
    ["params as JSON", { operation: 5, params: { a: 1e300 } }, facts(), ["params"]],
  ])("valid options are judged: %s", (_, changes, described, options) => {
    expect(further(changes, described).map((sentence) => sentence.split(" ")[0])).toEqual(options);
  });
});

test("an unknown operation has no further consequences", () => {
  const changes = { operation: "exprot", format: "json", exportPrefix: "/a", params: { a: 1 } };
  expect(problems(changes)).toEqual([
    'operation must be one of count, export, mine, write, got "exprot". Did you mean "export"?',
  ]);
});
