import fc from "fast-check";
import { processRecords } from "../../../shared/runtime/processRecords";

const never = new AbortController().signal;
const statuses = (results: PromiseSettledResult<unknown>[]) => results.map(({ status }) => status);
const codes = (results: PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === "fulfilled" ? "done" : (result.reason?.code ?? result.reason?.message)));

test("results come in the order of the records, not in the order in which they finish", async () => {
  const work = async (ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  };
  const results = await processRecords([30, 1, 10], work, { concurrency: 3, signal: never });
  expect(results).toEqual([30, 1, 10].map((value) => ({ status: "fulfilled", value })));
});

test("one record that fails, by a rejection or by throwing, fails alone", async () => {
  const work = (record: string) => {
    if (record === "throws") throw new Error("thrown");
    return record === "rejects" ? Promise.reject(new Error("rejected")) : Promise.resolve();
  };
  const records = ["ok", "throws", "rejects", "ok"];
  expect(codes(await processRecords(records, work, { concurrency: 2, signal: never }))).toEqual([
    "done",
    "thrown",
    "rejected",
    "done",
  ]);
});

test("no records give no results", async () => {
  expect(await processRecords([], () => Promise.resolve(), { concurrency: 1, signal: never })).toEqual([]);
});

test("as many records are in work as the bound allows, and never more", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 30 }), async (concurrency, count) => {
      let [inWork, most] = [0, 0];
      const work = async () => {
        most = Math.max(most, ++inWork);
        await new Promise((resolve) => setImmediate(resolve));
        inWork--;
      };
      await processRecords(Array.from({ length: count }), work, { concurrency, signal: never });
      expect(most).toBe(Math.min(concurrency, count));
    }),
    { numRuns: 30 },
  );
});

describe("when the time is over", () => {
  test("work that is broken off keeps its own reason", async () => {
    const ending = new AbortController();
    const work = (_: string, signal: AbortSignal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("S3 kept refusing")));
        ending.abort();
      });
    expect(codes(await processRecords(["x"], work, { concurrency: 1, signal: ending.signal }))).toEqual([
      "S3 kept refusing",
    ]);
  });

  test("finished records stay done; records in work and records not started go back", async () => {
    const ending = new AbortController();
    const started: string[] = [];
    const work = async (record: string) => {
      started.push(record);
      if (record === "hangs") {
        ending.abort();
        await new Promise(() => undefined);
      }
    };
    const records = ["quick", "quick", "hangs", "waits"];
    const results = await processRecords(records, work, { concurrency: 1, signal: ending.signal });
    expect(codes(results)).toEqual(["done", "done", "OUT_OF_TIME", "OUT_OF_TIME"]);
    expect(started).toEqual(["quick", "quick", "hangs"]);
  });

  test("if the time is over before the beginning, nothing is started", async () => {
    const work = jest.fn(() => Promise.resolve());
    const results = await processRecords([1, 2], work, { concurrency: 2, signal: AbortSignal.abort() });
    expect(codes(results)).toEqual(["OUT_OF_TIME", "OUT_OF_TIME"]);
    expect(work).not.toHaveBeenCalled();
  });

  test("work that fails afterwards does no harm", async () => {
    const ending = new AbortController();
    const work = async () => {
      ending.abort();
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("too late");
    };
    expect(statuses(await processRecords([1], work, { concurrency: 1, signal: ending.signal }))).toEqual(["rejected"]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test("the work is given the signal, to stop its calls", async () => {
    const ending = new AbortController();
    await processRecords(
      [1],
      async (_, signal) => {
        expect(signal).toBe(ending.signal);
      },
      { concurrency: 1, signal: ending.signal },
    );
    expect.assertions(1);
  });
});
