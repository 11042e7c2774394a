import { describeItems, describeLeft, describeProgress, describeResult } from "../../../cli/jobs/describe";
import { renderList } from "../../../cli/jobs/renderList";
import { renderShow } from "../../../cli/jobs/renderShow";
import { unitShare } from "../../../cli/jobs/unitShare";
import { renderEnd } from "../../../cli/jobs/watchJob";
import { unitProgress } from "../../../shared/jobs/progress";
import { CREATED, job, NOW, snapshot, unit } from "./jobs";

const lines = (...all: string[]) => all.join("\n");

describe("the list of jobs", () => {
  test("is a table, newest first as it came", () => {
    const ended = { state: "completed", endedAt: CREATED + 5_000, unitsDone: 4 } as const;
    const index = { ...job().source, index: "by-date" };
    expect(renderList([job(), job({ id: "weekly", source: index, ...ended })], NOW)).toBe(
      lines(
        "JOB      STATE      OPERATION  TABLE            UNITS DONE  FAILED  RCU/S  STARTED                    TOOK",
        "nightly  running    count      surveys                 0/4       0    100  2025-11-22 10:12:00Z  1 min 3 s",
        "weekly   completed  count      surveys/by-date         4/4       0    100  2025-11-22 10:12:00Z        5 s",
      ),
    );
  });

  test("says so where there is none", () => {
    expect(renderList([], NOW)).toBe("No job has been started yet.");
  });
});

describe("a job as it is shown", () => {
  test("has totals, and units with failed ones first", () => {
    const failed = { number: 2, state: "failed", reason: "ValidationException: no such\nattribute" } as const;
    const shown = snapshot({ unitsFailed: 1, unitsDone: 1 }, [{}, { number: 1, state: "done" }, failed]);
    expect(renderShow(shown, false)).toBe(
      lines(
        "Job    nightly: count over surveys",
        "State  running, started 1 min 3 s ago (2025-11-22 10:12:00Z)",
        "Done   31 % (estimated), 28 s left",
        "Read   6,300 items, 2.5 MB, 6 pages, 316.5 RCU",
        "Rate   24.6 of 100 RCU/s",
        "Units  4: 1 failed, 1 working, 1 waiting, 1 done",
        "",
        "UNIT  PHASE    PAGES  ITEMS    SIZE    RCU  RCU/S  ATTEMPTS  REASON",
        "   2  failed       2  2,100  844 KB  105.5      0         1  ValidationException: no such attribute",
        "   0  working      2  2,100  844 KB  105.5   24.6         1",
        "   1  done         2  2,100  844 KB  105.5      0         1",
      ),
    );
  });

  test("that is completed has its result and how long it took", () => {
    const of = { state: "completed", endedAt: NOW, unitsDone: 1, units: 1, result: { items: 2_100 } } as const;
    expect(renderShow(snapshot(of, [{ state: "done" }]), false)).toContain(
      lines(
        "State   completed, took 1 min 3 s (2025-11-22 10:12:00Z)",
        "Done    100 %",
        "Read    2,100 items, 844 KB, 2 pages, 105.5 RCU",
        "Rate    0 of 100 RCU/s",
        "Units   1: 1 done",
        'Result  {"items":2100}',
      ),
    );
  });

  test("that nobody has begun says so", () => {
    expect(renderShow(snapshot({ state: "starting" }, []), false)).toMatch(/No worker has taken a unit yet\.$/);
  });

  const many = snapshot(
    { units: 100 },
    Array.from({ length: 90 }, (_, number) => (number === 77 ? { number, state: "failed" as const } : { number })),
  );

  test("of many units shows forty, the failed one among them, and says how many are left out", () => {
    const text = renderShow(many, false).split("\n");
    expect(text.filter((line) => /^ +\d+ {2}(working|failed)/.test(line))).toHaveLength(40);
    expect(text).toContainEqual(expect.stringMatching(/^ +77 {2}failed/));
    expect(text.at(-1)).toBe("… and 50 more: --all shows them.");
  });

  test("of many units shows each of them when asked to", () => {
    expect(renderShow(many, true).split("\n").at(-1)).toMatch(/^ +89 {2}working/);
  });
});

describe("progress on one line", () => {
  test.each<[string, ReturnType<typeof snapshot>, string]>([
    ["running", snapshot({}, [{}]), "running  10 %  2,100 items  24.6 of 100 RCU/s  0 of 4 units done  37 s left"],
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
      "running  10 %  2,100 items  0 of 100 RCU/s  0 of 4 units done  1 failed  9 s left",
    ],
  ])("of a job that is %s", (_, { progress }, text) => {
    expect(describeProgress(progress)).toBe(text);
  });

  test("tells what a filter let through of what was read", () => {
    expect(describeItems({ pages: 1, scannedItems: 8_400, items: 1, rcu: 5 })).toBe("1 of 8,400 items");
  });

  test("of an ended job tells how long it took", () => {
    expect(describeLeft(snapshot({ state: "cancelled", endedAt: NOW }, []).progress)).toBe("took 1 min 3 s");
  });
});

test.each<[string, object, number]>([
  ["done is all", { state: "done" }, 1],
  ["as far as its part of the table's items", {}, 0.42],
  ["more items than its part are nearly all", { counts: { ...unit().counts, scannedItems: 9_000 } }, 0.99],
])("a unit's share: %s", (_, overrides, share) => {
  expect(unitShare(job(), unitProgress(unit(overrides), job(), NOW))).toBe(share);
});

test("nothing is said of a unit's share where the table's size is not known", () => {
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
        "Job nightly failed: 1 of 4 units failed, the rest is done (2,100 items, 106 RCU, 1 min 3 s).",
        "  unit 3: too large",
        "What is missing is done by: RESUME",
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
