import {
  describeBottleneck,
  describeItems,
  describeLeft,
  describeProgress,
  describeResult,
  describeRetries,
} from "../../../cli/jobs/describe";
import { renderList } from "../../../cli/jobs/renderList";
import { renderShow } from "../../../cli/jobs/renderShow";
import { unitShare } from "../../../cli/jobs/unitShare";
import { renderEnd } from "../../../cli/jobs/watchJob";
import type { AuditEntry } from "../../../shared/jobs/audit";
import type { Job } from "../../../shared/jobs/job";
import { unitProgress } from "../../../shared/jobs/progress";
import { CREATED, job, NOW, reading, retrying, snapshot, unit } from "./jobs";

const lines = (...all: string[]) => all.join("\n");

describe("the list of jobs", () => {
  const listed = (of: Partial<Job> = {}) => ({ ...job(of), share: 0 });

  test("is a table, newest first as it came", () => {
    const ended = { state: "completed", endedAt: CREATED + 5_000, unitsDone: 4 } as const;
    const work = { ...job().work, index: "by-date" };
    expect(
      renderList(
        [
          { ...job(), share: 0.109 },
          { ...job({ id: "weekly", work, ...ended }), share: 1 },
        ],
        NOW,
      ),
    ).toBe(
      lines(
        "JOB      STATE      OPERATION  TABLE             DONE  UNITS DONE  FAILED  RCU/S  STARTED                    TOOK",
        "nightly  running    count      surveys           10 %         0/4       0    100  2025-11-22 10:12:00Z  1 min 3 s",
        "weekly   completed  count      surveys/by-date  100 %         4/4       0    100  2025-11-22 10:12:00Z        5 s",
      ),
    );
  });

  test("names the drivers if one of them isn't the queue driver", () => {
    const [head, first, second] = renderList([listed({ driver: "spark" }), listed()], NOW).split("\n");
    expect([head, first, second].map((line) => line!.split(/ {2,}/)[4])).toEqual(["DRIVER", "spark", "queue"]);
    expect(renderList([listed()], NOW)).not.toContain("DRIVER");
  });
});

describe("a job as it is shown", () => {
  test("has totals, and units with failed ones first", () => {
    const failed = {
      number: 2,
      state: "failed",
      attempts: 0,
      reason: "ValidationException: no such\nattribute",
    } as const;
    const shown = snapshot({ unitsFailed: 1, unitsDone: 1 }, [{}, { number: 1, state: "done" }, failed]);
    expect(renderShow(shown, false)).toBe(
      lines(
        "Job     nightly: count over surveys",
        "State   running, started 1 min 3 s ago (2025-11-22 10:12:00Z)",
        "Driver  queue",
        "Source  table surveys",
        "Done    31 % (estimated), 33 s left",
        "Read    6,300 items, 6 pages, 316.5 RCU",
        "Rate    21.1 of 100 RCU/s",
        "Pace    slower than the limit: the workers do not use all of it",
        "Units   4: 1 failed, 1 working, 1 waiting, 1 done",
        "",
        "Failed:",
        "  unit 2: ValidationException: no such attribute",
        "",
        "UNIT  PHASE    PAGES  ITEMS    RCU  RCU/S  ATTEMPTS",
        "   2  failed       2  2,100  105.5      0",
        "   0  working      2  2,100  105.5   10.6         1",
        "   1  done         2  2,100  105.5   10.6         1",
      ),
    );
  });

  test("shows its options, the place of its results, and who changed what", () => {
    const source = { kind: "table", table: "surveys", consistentRead: true, filter: "#q > :q" } as const;
    const operation = { name: "export", params: { exportPrefix: "nightly/" } };
    const results = ["s3://results/nightly/AWSDynamoDB/nightly/"];
    const caller = "arn:aws:sts::123456789012:assumed-role/ops/ana";
    const audit: AuditEntry[] = [
      { at: NOW, caller: "sluice", action: "fail", details: { reason: "Table surveys\nis gone." } },
      { at: NOW - 500, caller: "unnamed", action: "resume" },
      { at: NOW - 1_000, caller, action: "rate", details: { readRate: 200, before: 100 } },
      ...Array.from({ length: 9 }, (): AuditEntry => ({ at: CREATED, caller, action: "resume" })),
    ];
    const shown = snapshot({ source, operation }, [{}]);
    const text = renderShow(shown, false, { results, audit });
    const narrow = text.replaceAll(/ +/g, " ");
    expect(narrow).toContain(
      "\nSource table surveys\nReads strongly consistent\nFilter #q > :q\nexportPrefix nightly/\n",
    );
    expect(narrow).toContain(`\nResults ${results[0]}\n`);
    expect(
      text
        .replaceAll(/ +(\n|$)/g, "$1")
        .split("\n")
        .slice(-12),
    ).toEqual([
      "CHANGED               ACTION  BY                                              DETAILS",
      "2025-11-22 10:13:03Z  fail    Sluice itself                                   Table surveys is gone.",
      "2025-11-22 10:13:02Z  resume  unnamed (invoked the start function)",
      `2025-11-22 10:13:02Z  rate    ${caller}  readRate 200, before 100`,
      ...Array.from({ length: 7 }, () => `2025-11-22 10:12:00Z  resume  ${caller}`),
      "… and 2 changes before: --all shows more.",
    ]);
    expect(renderShow(shown, true, { audit })).not.toContain("before: --all");
  });

  test("has units that are retrying, with last error, attempts and next try", () => {
    const stuck = { number: 3, reason: "SlowDown: reduce\nyour rate", retryingSince: NOW - 9_000, rcuPerSecond: 0 };
    const shown = snapshot({}, [{ number: 1, ...retrying }, stuck]);
    expect(renderShow(shown, false)).toBe(
      lines(
        "Job     nightly: count over surveys",
        "State   running, started 1 min 3 s ago (2025-11-22 10:12:00Z)",
        "Driver  queue",
        "Source  table surveys",
        "Done    21 % (estimated), time left not known yet",
        "Read    4,200 items, 4 pages, 211 RCU",
        "Rate    0 of 100 RCU/s",
        "Pace    no progress: units are retrying",
        "Units   4: 2 retrying, 2 waiting",
        "",
        "Retrying:",
        "  unit 1: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded",
        "  unit 3: 1 attempt, trying for 9 s: SlowDown: reduce your rate",
        "",
        "UNIT  PHASE     PAGES  ITEMS    RCU  RCU/S  ATTEMPTS",
        "   1  retrying      2  2,100  105.5      0         2",
        "   3  retrying      2  2,100  105.5      0         1",
      ),
    );
  });

  test("fits into 80 columns even with the largest figures, except for reasons and results", () => {
    const counts = { pages: 999_999, scannedItems: 1e8, items: 1e8, rcu: 12_345_678 };
    const units = [99_998, 99_999].map((number) => ({ ...retrying, number, counts, reason: "x".repeat(200) }));
    const ledger = { until: NOW, factor: 0.4, factorAt: NOW };
    const shown = snapshot({ units: 100_000, limitGroup: "night", limits: reading(40_000) }, units, NOW, ledger);
    const wide = renderShow(shown, true)
      .split("\n")
      .filter((line) => line.length > 80);
    expect(wide).toHaveLength(2);
    for (const line of wide) expect(line).toMatch(/^ {2}unit 9999[89]: 2 attempts, next try in 12 s: x{200}$/);
  });

  test("says which limit group shares its rate", () => {
    expect(renderShow(snapshot({ limitGroup: "night" }, []), false)).toContain(
      "\nRate    0 of 100 RCU/s, shared by limit group night\n",
    );
  });

  test("that is completed has its result and how long it took", () => {
    const of = { state: "completed", endedAt: NOW, unitsDone: 1, units: 1, result: { items: 2_100 } } as const;
    expect(renderShow(snapshot(of, [{ state: "done" }]), false)).toContain(
      lines(
        "State   completed, took 1 min 3 s (2025-11-22 10:12:00Z)",
        "Driver  queue",
        "Source  table surveys",
        "Done    100 %",
        "Read    2,100 items, 2 pages, 105.5 RCU",
        "Rate    0 of 100 RCU/s",
        "Units   1: 1 done",
        'Result  {"items":2100}',
      ),
    );
  });

  test("of the workflow driver names its driver and its execution, and is otherwise the same", () => {
    const execution = "arn:aws:states:us-east-1:123456789012:execution:sluice-dev-shuffle:nightly-0";
    const shown = renderShow(snapshot({ driver: "workflow", execution }, []), false).split("\n");
    const names = (text: readonly string[]) => text.map((line) => line.replace(/ {2,}/g, "  "));
    const rest = names(shown).filter((line) => !/^(Driver|Execution) /.test(line));
    expect(names(shown)).toEqual(expect.arrayContaining(["Driver  workflow", `Execution  ${execution}`]));
    const queue = names(renderShow(snapshot({}, []), false).split("\n"));
    expect(rest).toEqual(queue.filter((line) => line !== "Driver  queue"));
  });

  test("of the spark driver names its run as the console finds it, and is otherwise the same", () => {
    const shown = renderShow(snapshot({ driver: "spark", execution: "jr_1" }, []), false, {
      glueJob: "sluice-dev-glue",
    });
    const names = (text: string) => text.split("\n").map((line) => line.replace(/ {2,}/g, "  "));
    expect(names(shown)).toEqual(expect.arrayContaining(["Driver  spark", "Glue run  sluice-dev-glue/jr_1"]));
    const rest = names(shown).filter((line) => !/^(Driver|Glue run) /.test(line));
    expect(rest).toEqual(names(renderShow(snapshot({}, []), false)).filter((line) => line !== "Driver  queue"));
  });

  test("shows that no unit has begun yet", () => {
    expect(renderShow(snapshot({ state: "starting" }, []), false)).toMatch(/No worker has taken a unit yet\.$/);
  });

  const many = snapshot(
    { units: 100 },
    Array.from({ length: 90 }, (_, number) => (number === 77 ? { number, state: "failed" as const } : { number })),
  );

  test("with many units, shows forty, including the failed one, and the number of the others", () => {
    const text = renderShow(many, false).split("\n");
    expect(text.filter((line) => /^ +\d+ {2}(working|failed)/.test(line))).toHaveLength(40);
    expect(text).toContainEqual(expect.stringMatching(/^ +77 {2}failed/));
    expect(text.at(-1)).toBe("… and 50 more: --all shows them.");
  });

  test("with many units, shows each of them if asked to", () => {
    expect(renderShow(many, true).split("\n").at(-1)).toMatch(/^ +89 {2}working/);
  });
});

test("ten reasons are shown, all of them when asked to", () => {
  const failed = Array.from({ length: 13 }, (_, number) => ({ number, state: "failed" as const, reason: "x" }));
  const shown = snapshot({ units: 20 }, failed);
  expect(renderShow(shown, false)).toContain("\n  unit 9: x\n  … and 3 more\n");
  expect(renderShow(shown, true)).toContain("\n  unit 12: x\n\nUNIT");
});

describe("what holds a job back", () => {
  const idle = { until: 0, factor: 1, factorAt: 0 };
  test.each<[string, ReturnType<typeof snapshot>, string]>([
    [
      "throttles",
      snapshot({}, [{}], NOW, { ...idle, factor: 0.4, factorAt: NOW }),
      "throttled by DynamoDB: 40 % of the limit is in force",
    ],
    [
      "the limit, nearly used up",
      snapshot({}, [{ rcuPerSecond: 90, counts: { pages: 9, scannedItems: 9, items: 9, rcu: 1_000 } }]),
      "as fast as the limit allows",
    ],
    ["the limit, promised ahead", snapshot({}, [{}], NOW, { ...idle, until: NOW }), "as fast as the limit allows"],
    ["the workers", snapshot({}, [{}], NOW, idle), "slower than the limit: the workers do not use all of it"],
    ["failures", snapshot({}, [retrying], NOW, idle), "no progress: units are retrying"],
    ["nobody knows", snapshot({}, []), ""],
    ["nothing: it is paused", snapshot({ state: "paused" }, [{}]), ""],
  ])("%s", (_, { progress }, text) => {
    expect(describeBottleneck(progress)).toBe(text);
  });
});

describe("units that are retrying", () => {
  const one = (changes: object) => describeRetries(snapshot({}, [{ ...retrying, ...changes }]).progress, 3, NOW)[0];

  test.each<[string, object, string]>([
    ["a try in a while", {}, "  unit 0: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded"],
    [
      "a try that is due",
      { retryAt: NOW },
      "  unit 0: 2 attempts, next try is due: ThrottlingException: Rate exceeded",
    ],
    [
      "a try under way",
      { owner: "w", leaseUntil: NOW + 1, retryingSince: NOW - 5_000, attempts: 1 },
      "  unit 0: 1 attempt, trying for 5 s: ThrottlingException: Rate exceeded",
    ],
    [
      "a try that has only begun",
      { owner: "w", leaseUntil: NOW + 1, attempts: 2 },
      "  unit 0: 2 attempts, trying now: ThrottlingException: Rate exceeded",
    ],
    ["an error on several lines", { reason: "a\nb" }, "  unit 0: 2 attempts, next try in 12 s: a b"],
  ])("%s", (_, changes, text) => {
    expect(one(changes)).toBe(text);
  });

  test("are named up to a number", () => {
    const many = Array.from({ length: 4 }, (_, number) => ({ ...retrying, number }));
    expect(describeRetries(snapshot({}, many).progress, 3, NOW).at(-1)).toBe("  … and 1 more");
    expect(describeRetries(snapshot({}, many).progress, 4, NOW)).toHaveLength(4);
  });
});

describe("progress on one line", () => {
  test.each<[string, ReturnType<typeof snapshot>, string]>([
    [
      "running",
      snapshot({}, [{}]),
      "running  10 %  2,100 items  10.6 of 100 RCU/s  0 of 4 units done  1 min 25 s left",
    ],
    [
      "not moving",
      snapshot({}, []),
      "running  0 %  0 items  0 of 100 RCU/s  0 of 4 units done  time left not known yet",
    ],
    [
      "paused",
      snapshot({ state: "paused" }, [{ owner: undefined } as never]),
      "paused  10 %  2,100 items  0 of 100 RCU/s  0 of 4 units done",
    ],
    [
      "with a failed unit",
      snapshot({ unitsFailed: 1 }, [{ state: "failed" }]),
      "running  10 %  2,100 items  0 of 100 RCU/s  0 of 4 units done  1 failed  time left not known yet",
    ],
    [
      "retrying",
      snapshot({}, [retrying]),
      "running  10 %  2,100 items  0 of 100 RCU/s  0 of 4 units done  1 retrying  no progress: units are retrying  " +
        "time left not known yet",
    ],
    [
      "throttled",
      snapshot({}, [{}], NOW, { until: 0, factor: 0.4, factorAt: NOW }),
      "running  10 %  2,100 items  10.6 of 100 RCU/s  0 of 4 units done  " +
        "throttled by DynamoDB: 40 % of the limit is in force  1 min 25 s left",
    ],
  ])("of a job that is %s", (_, { progress }, text) => {
    expect(describeProgress(progress)).toBe(text);
  });

  test("shows how many of the read items passed the filter", () => {
    expect(describeItems({ pages: 1, scannedItems: 8_400, items: 1, rcu: 5 })).toBe("1 of 8,400 items");
  });

  test("of an ended job shows how long it took", () => {
    expect(describeLeft(snapshot({ state: "cancelled", endedAt: NOW }, []).progress)).toBe("took 1 min 3 s");
  });
});

test.each<[string, object, number]>([
  ["done is all", { state: "done" }, 1],
  ["its items, as a share of its part of the table", {}, 0.42],
  ["more items than its part: nearly all of it", { counts: { ...unit().counts, scannedItems: 9_000 } }, 0.99],
])("a unit's share: %s", (_, overrides, share) => {
  expect(unitShare(job(), unitProgress(unit(overrides), job(), NOW))).toBe(share);
});

test("a unit's share is 0 if the table's size is unknown", () => {
  expect(unitShare(job({ estimatedItems: 0 }), unitProgress(unit(), job(), NOW))).toBe(0);
});

describe("the end of a job", () => {
  test.each<[string, ReturnType<typeof snapshot>, string]>([
    [
      "completed",
      snapshot({ state: "completed", endedAt: NOW, result: { items: 2_100 } }, [{ state: "done" }]),
      'Job nightly is completed: 2,100 items, 106 RCU, 1 min 3 s.\nResult: {"items":2100}',
    ],
    [
      "completed without a result",
      snapshot({ state: "completed", endedAt: NOW }, [{ state: "done" }]),
      "Job nightly is completed: 2,100 items, 106 RCU, 1 min 3 s.",
    ],
    [
      "cancelled",
      snapshot({ state: "cancelled", endedAt: NOW }, [{}]),
      "Job nightly was cancelled at about 10 %: 2,100 items, 106 RCU, 1 min 3 s.",
    ],
    [
      "failed",
      snapshot({ state: "failed", endedAt: NOW }, [{ number: 3, state: "failed", reason: "too\nlarge" }]),
      lines(
        "Job nightly failed: 1 of 4 units failed, the others are done (2,100 items, 106 RCU, 1 min 3 s).",
        "  unit 3: too large",
        "To work on the failed units again: RESUME",
      ),
    ],
  ])("%s", (_, end, text) => {
    expect(renderEnd(end, "RESUME")).toBe(text);
  });

  test("names ten failed units and the number of the others", () => {
    const failed = Array.from({ length: 13 }, (_, number) => ({ number, state: "failed" as const, reason: "x" }));
    expect(renderEnd(snapshot({ state: "failed", units: 20 }, failed), "RESUME")).toContain(
      "  unit 9: x\n  … and 3 more\n",
    );
  });
});

test("a long result is printed on several lines", () => {
  expect(describeResult({ list: "x".repeat(100) })).toBe(`{\n  "list": "${"x".repeat(100)}"\n}`);
});
