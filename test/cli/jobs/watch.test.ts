import { PassThrough } from "node:stream";
import { BarsView } from "../../../cli/jobs/barsView";
import { LinesView } from "../../../cli/jobs/linesView";
import { type Snapshot, SnapshotReader } from "../../../cli/jobs/snapshot";
import { type WatchView, watch } from "../../../cli/jobs/watch";
import type { Job } from "../../../shared/jobs/job";
import type { Unit } from "../../../shared/jobs/unit";
import { FakeClock } from "../../sender/helpers";
import { job, NOW, reading, retrying, snapshot, unit } from "./jobs";

const never = new AbortController().signal;
const refused = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

/** Keeps what it was shown. */
class Kept implements WatchView {
  readonly shown: Snapshot[] = [];
  readonly troubles: string[] = [];
  closed = 0;
  show = (shown: Snapshot) => void this.shown.push(shown);
  trouble = (sentence: string) => void this.troubles.push(sentence);
  close = () => void this.closed++;
}

describe("watching", () => {
  const states = (...all: Job["state"][]) => {
    let turn = 0;
    return async () => snapshot({ state: all[Math.min(turn++, all.length - 1)]! }, []);
  };

  test.each<[string, Job["state"][], Job["state"]]>([
    ["completed", ["starting", "running", "completed"], "completed"],
    ["failed", ["running", "failed"], "failed"],
    ["cancelled", ["running", "cancelled"], "cancelled"],
    ["over from the start", ["completed"], "completed"],
    ["paused, resumed and completed", ["running", "paused", "paused", "running", "completed"], "completed"],
  ])("looks once a second until the job is %s", async (_, all, last) => {
    const clock = new FakeClock();
    const view = new Kept();
    const end = await clock.run(watch({ read: states(...all), view, clock, signal: never }));
    expect(end?.job.state).toBe(last);
    expect(view.shown.map(({ job }) => job.state)).toEqual(all);
    expect(clock.pauses).toEqual(all.slice(1).map(() => 1_000));
    expect(view.closed).toBe(1);
  });

  test("stops on its signal, also while a request hangs", async () => {
    for (const read of [states("running"), () => new Promise<Snapshot>(() => undefined)]) {
      const stop = new AbortController();
      const view = new Kept();
      const watching = watch({ read, view, clock: new FakeClock(), signal: stop.signal });
      await new Promise(setImmediate);
      stop.abort(new Error("interrupted"));
      expect(await watching).toBeUndefined();
      expect(view.closed).toBe(1);
    }
  });

  test("goes on after a broken connection, and reports the break", async () => {
    const answers = [snapshot({}, []), refused(), refused(), snapshot({ state: "completed" }, [])];
    const clock = new FakeClock();
    const view = new Kept();
    const read = async () => {
      const answer = answers.shift()!;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const end = await clock.run(watch({ read, view, clock, signal: never }));
    expect(end?.job.state).toBe("completed");
    expect(view.troubles).toEqual(Array(2).fill("AWS could not be reached: connect ECONNREFUSED."));
  });

  test("gives up when the connection is away for more than a minute", async () => {
    const clock = new FakeClock();
    const view = new Kept();
    const read = async () => {
      if (view.shown.length > 0) throw refused();
      return snapshot({}, []);
    };
    await expect(clock.run(watch({ read, view, clock, signal: never }))).rejects.toThrow("ECONNREFUSED");
    expect(view.troubles).toHaveLength(60);
    expect(view.closed).toBe(1);
  });

  test.each([
    ["that lasts", Object.assign(new Error("no"), { name: "AccessDeniedException" }), 1],
    ["that passes, before the first look succeeded", refused(), 0],
  ])("an error %s ends it at once", async (_, error, seen) => {
    const clock = new FakeClock();
    const view = new Kept();
    const read = async () => {
      if (view.shown.length >= seen) throw error;
      return snapshot({}, []);
    };
    await expect(clock.run(watch({ read, view, clock, signal: never }))).rejects.toBe(error);
    expect(view.troubles).toEqual([]);
  });
});

describe("reading again and again", () => {
  /** A job of so many units, counts of the reads of each part, and a reader on a clock of its own. */
  function ground(units: number) {
    const reads = { job: 0, units: 0, exact: 0, ledger: 0 };
    const ledger = { until: 0, factor: 1, factorAt: 0 };
    const state = { now: NOW, job: job({ units }), ledger };
    const all: Unit[] = Array.from({ length: units }, (_, number) => unit({ number }));
    const source = {
      job: async () => {
        reads.job++;
        return state.job;
      },
      async ledgers() {
        reads.ledger++;
        return { read: state.ledger };
      },
      async *units(exact: boolean) {
        reads.units++;
        if (exact) reads.exact++;
        yield* all;
      },
    };
    return { reads, state, reader: new SnapshotReader(source, { now: () => state.now }) };
  }

  /** Looks once a second for so long. */
  async function look({ state, reader }: ReturnType<typeof ground>, seconds: number): Promise<Snapshot> {
    let last = await reader.read();
    for (let second = 1; second < seconds; second++) {
      state.now += 1_000;
      last = await reader.read();
    }
    return last;
  }

  test("looks at a few units each time", async () => {
    const on = ground(12);
    await look(on, 60);
    expect(on.reads).toEqual({ job: 60, units: 60, exact: 0, ledger: 60 });
  });

  test("looks at the record each time, but at very many units so rarely that it costs at most 5 RCU/s", async () => {
    const on = ground(10_000);
    await look(on, 300);
    const bytes = 10_000 * Buffer.byteLength(JSON.stringify(unit({ number: 5_000 })));
    const rcuPerSecond = ((on.reads.units - 1) * bytes) / 8192 / 300;
    expect(on.reads.job).toBe(300);
    expect(on.reads.units).toBeGreaterThan(3);
    expect(rcuPerSecond).toBeLessThanOrEqual(5);
  });

  test("reads all units of an ended job exactly, at any cost", async () => {
    const on = ground(10_000);
    await look(on, 3);
    on.state.job = job({ units: 10_000, state: "completed" });
    await on.reader.read();
    expect(on.reads).toMatchObject({ units: 2, exact: 1, ledger: 3 });
  });

  test("looks at the ledger each time: throttles show at once", async () => {
    const on = ground(10_000);
    await look(on, 1);
    on.state.ledger = { until: 0, factor: 0.3, factorAt: NOW + 1_000 };
    const { progress } = await look(on, 2);
    expect(progress).toMatchObject({ bottleneck: "throttled", throttleFactor: 0.3 });
  });

  test("shows the current state and rate always, and the former figures while units are not read", async () => {
    const on = ground(10_000);
    await look(on, 1);
    on.state.job = job({ units: 10_000, state: "paused", limits: reading(50) });
    const { progress } = await look(on, 12);
    expect(progress).toMatchObject({ state: "paused", targetRcuPerSecond: 50, units: { working: 10_000 } });
    expect(progress.rcuPerSecond).toBeCloseTo(105_500);
  });
});

describe("lines", () => {
  const view = () => {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    return { stdout, stderr, lines: new LinesView(stdout, stderr) };
  };
  const written = (stream: PassThrough) => String(stream.read() ?? "");

  test("come every five seconds", () => {
    const { stdout, lines } = view();
    for (let second = 0; second <= 10; second++) lines.show(snapshot({}, [{}], NOW + second * 1_000));
    const times = written(stdout).match(/^\S+/gm);
    expect(times).toEqual(["10:13:03Z", "10:13:08Z", "10:13:13Z"]);
  });

  test.each<[string, Partial<Job>]>([
    ["state", { state: "paused" }],
    ["rate", { limits: reading(50) }],
  ])("come at once when the %s is changed", (_, change) => {
    const { stdout, lines } = view();
    lines.show(snapshot({}, []));
    lines.show(snapshot(change, [], NOW + 1_000));
    lines.show(snapshot(change, [], NOW + 2_000));
    expect(written(stdout).match(/^\S+/gm)).toEqual(["10:13:03Z", "10:13:04Z"]);
  });

  test("report trouble on standard error, once for each outage", () => {
    const { stdout, stderr, lines } = view();
    for (let look = 0; look < 3; look++) lines.trouble("AWS is away.");
    expect([written(stdout), written(stderr)]).toEqual(["", "Trying again: AWS is away.\n"]);
    lines.trouble("AWS is throttling.");
    lines.show(snapshot({}, []));
    lines.trouble("AWS is throttling.");
    expect(written(stderr)).toBe("Trying again: AWS is throttling.\n".repeat(2));
  });

  test("come at once when units begin to retry, and when they stop, with their errors below", () => {
    const { stdout, lines } = view();
    const shown = [[{}], [retrying], [retrying], [{}], [{}]];
    for (const [second, units] of shown.entries()) lines.show(snapshot({}, units, NOW + second * 1_000));
    const text = written(stdout).split("\n");
    expect(text.filter((line) => line.startsWith("10:")).map((line) => line.slice(0, 9))).toEqual([
      "10:13:03Z",
      "10:13:04Z",
      "10:13:06Z",
    ]);
    expect(text[2]).toBe("  unit 0: 2 attempts, next try in 11 s: ThrottlingException: Rate exceeded");
  });

  test("name three units that are retrying and the number of the others", () => {
    const { stdout, lines } = view();
    const units = [0, 1, 2, 3, 4].map((number) => ({ ...retrying, number }));
    lines.show(snapshot({ units: 5 }, units));
    expect(written(stdout).trimEnd().split("\n").slice(1)).toEqual([
      "  unit 0: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded",
      "  unit 1: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded",
      "  unit 2: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded",
      "  … and 2 more",
    ]);
  });
});

describe("bars on a terminal", () => {
  /** Every line that was drawn, the newest of each kind. */
  function drawn(shown: Snapshot[], trouble?: string): string {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
    const bars = new BarsView(stream);
    for (const one of shown) bars.show(one);
    if (trouble !== undefined) bars.trouble(trouble);
    bars.close();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor
    return String(stream.read() ?? "").replaceAll(/\u001b\[[?\d;]*[A-Za-z]/g, "");
  }

  test("show title, total, units, and a bar for each unit", () => {
    const text = drawn([snapshot({ unitsDone: 1 }, [{}, { number: 1, state: "done" }])]);
    const half = "█".repeat(10) + "░".repeat(14);
    expect(text.trimEnd().split("\n")).toEqual([
      "nightly: count over surveys, running, 1 min 3 s",
      `Total    ${"█".repeat(6)}${"░".repeat(18)}  25 %  4,200 items  21.1 of 100 RCU/s  30 s left`,
      "Units    4 units: 1 working, 2 waiting, 1 done",
      "Pace     slower than the limit: the workers do not use all of it",
      `Unit 0   ${half}  42 %  2,100 items  10.6 RCU/s  working`,
      `Unit 1   ${"█".repeat(24)} 100 %  2,100 items  10.6 RCU/s  done`,
      `Unit 2   ${"░".repeat(24)}   0 %  waiting`,
      `Unit 3   ${"░".repeat(24)}   0 %  waiting`,
    ]);
  });

  test("of a unit that is retrying show its last error, attempts and next try", () => {
    const text = drawn([snapshot({}, [{ ...retrying, counts: { ...unit().counts, items: 900, scannedItems: 900 } }])]);
    expect(text).toContain("Pace     no progress: units are retrying\n");
    expect(text).toMatch(
      /^Unit 0 .* 18 % {2}900 items {2}retrying: 2 attempts, next try in 12 s: ThrottlingException/m,
    );
  });

  test("of many units name the ones that are retrying, for as long as they retry", () => {
    const units = [3, 5, 7, 9].map((number) => ({ ...retrying, number }));
    const text = drawn([snapshot({ units: 13 }, units), snapshot({ units: 13 }, [{}])]);
    expect(text).toContain(
      "  unit 3: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded\n" +
        "  unit 5: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded\n" +
        "  unit 7: 2 attempts, next try in 12 s: ThrottlingException: Rate exceeded\n" +
        "  … and 1 more",
    );
    expect(text.lastIndexOf("unit 3")).toBeLessThan(text.lastIndexOf("1 working"));
  });

  test("become a single bar for all units if there are more than twelve", () => {
    const text = drawn([snapshot({ units: 13 }, [{}])]);
    expect(text).toContain("13 units: 1 working, 12 waiting");
    expect(text).not.toContain("Unit 0");
  });

  test("are redrawn at each look, but only the parts that have changed", () => {
    const text = drawn([snapshot({}, [{}]), snapshot({ limits: reading(50) }, [{}])]);
    expect(text.match(/Total /g)).toHaveLength(2);
    expect(text).toContain("10.6 of 50 RCU/s");
    expect(text.match(/Unit 3 /g)).toHaveLength(1);
  });

  test("report trouble beside the title", () => {
    expect(drawn([snapshot({}, [])], "AWS is away.")).toContain("(trying again: AWS is away.)");
  });
});
