import { firstTurn, MOST_ATTEMPTS, MOST_LASTING_ATTEMPTS, type Work } from "../../../shared/engine/protocol";
import type { Unit } from "../../../shared/jobs/unit";
import { ends, Lasting, last, outage, page, savesThen, stopped, T, throws, unitAtHand } from "./unitAtHand";

describe("an attempt that fails", () => {
  test("counts, and comes again when its pause is over; the record has why and when", async () => {
    const { handle, unit } = unitAtHand();
    for (const attempt of [1, 2]) {
      const retryAt = T + 1_000 * attempt;
      const thrown = { code: "UNIT_STOPPED", value: retryAt, retryable: true, cause: outage };
      await expect(handle(throws(outage), {}, `worker ${attempt}`)).rejects.toMatchObject(thrown);
      expect(unit()).toMatchObject({
        attempts: attempt,
        turn: 0,
        reason: "TimeoutError: the database is away",
        retryAt,
      });
      expect(unit()).not.toHaveProperty("owner");
    }
  });

  test("after a page that was saved is the first again", async () => {
    const { handle, unit } = unitAtHand({ unit: { attempts: 7 } });
    await expect(handle(savesThen(throws(outage)))).rejects.toMatchObject({ value: T + 1_000 });
    expect(unit()).toMatchObject({ attempts: 1, cursor: "next", reason: "TimeoutError: the database is away" });
  });

  test.each<[string, Error, number]>([
    ["for a passing reason", outage, MOST_ATTEMPTS],
    ["for a lasting reason", new Lasting("no such map"), MOST_LASTING_ATTEMPTS],
  ])("%s is the last one after so many in a row", async (_kind, error, most) => {
    const { handle, unit, job } = unitAtHand();
    for (let attempt = 1; attempt < most; attempt++) {
      await expect(handle(throws(error))).rejects.toMatchObject({ code: "UNIT_STOPPED" });
    }
    expect(unit()).toMatchObject({ state: "active", attempts: most - 1 });
    expect(await handle(throws(error))).toBe("failed");
    expect(unit()).toMatchObject({ state: "failed", reason: `${error.name}: ${error.message} (${most} attempts)` });
    expect(unit().turn).toBe(firstTurn(1) - 1);
    expect(job()).toMatchObject({ state: "running", unitsFailed: 1 });
  });

  test("so many and so few attempts there are", () => {
    expect([MOST_ATTEMPTS, MOST_LASTING_ATTEMPTS]).toEqual([20, 3]);
  });

  test.each<[string, Partial<Unit>, string]>([
    [
      "the last reason that was recorded",
      { reason: "TimeoutError: slow", retryAt: T },
      "TimeoutError: slow (21 attempts)",
    ],
    ["that there is none", {}, "its worker stopped each time before it could record why (21 attempts)"],
  ])("a unit whose workers were killed each time is given up, naming %s", async (_what, part, reason) => {
    const { handle, unit, log } = unitAtHand({ unit: { attempts: 20, ...part } });
    const never: Work = () => Promise.reject(new Error("no work is begun any more"));
    expect(await handle(never)).toBe("failed");
    expect(unit()).toMatchObject({ state: "failed", reason });
    expect(log).toEqual(["units.take", "units.fail"]);
  });

  test("with one attempt fewer it is tried once more", async () => {
    const { handle, unit } = unitAtHand({ unit: { attempts: 19 } });
    expect(await handle(ends({ end: "exhausted", checkpoint: last }))).toBe("done");
    expect(unit()).toMatchObject({ state: "done" });
  });

  test("the reason stays while the next attempt works, and goes with its first checkpoint", async () => {
    const { handle, unit } = unitAtHand();
    await expect(handle(throws(outage))).rejects.toThrow();
    const seen: (string | undefined)[] = [];
    const work: Work = async (_job, _unit, { save }) => {
      seen.push(unit().reason);
      await save(page);
      seen.push(unit().reason);
      return { end: "stopped", progressed: true, waited: false };
    };
    expect(await handle(work)).toBe("continued");
    expect(seen).toEqual(["TimeoutError: the database is away", undefined]);
    expect(unit()).not.toHaveProperty("retryAt");
  });
});

describe("an attempt that runs out of time", () => {
  test.each<[string, Work, number, number]>([
    ["having waited for capacity", stopped(false, true), 4, 4],
    ["having waited for capacity after progress", savesThen(stopped(true, true)), 4, 0],
    ["after progress", savesThen(stopped(true, false)), 4, 0],
    ["having waited, as the first", stopped(false, true), 0, 0],
  ])("%s does not count, and hands on", async (_how, work, before, after) => {
    const { handle, unit, log, driver } = unitAtHand({ unit: { attempts: before, turn: 8, reason: "before" } });
    expect(await handle(work, { turn: 8 })).toBe("continued");
    expect(unit()).toMatchObject({ attempts: after, turn: 9 });
    for (const gone of ["reason", "retryAt", "owner"]) expect(unit()).not.toHaveProperty(gone);
    expect(driver.dispatched).toEqual([{ job: "job", unit: 0, turn: 9 }]);
    // The next turn first: only then may the unit's turn rise.
    expect(log.filter((step) => step !== "units.save")).toEqual([
      ...["units.take", "ending.sourceProblem", "driver.dispatch", "units.release"],
    ]);
  });

  test("having got nowhere is one that failed", async () => {
    const { handle, unit, driver } = unitAtHand();
    await expect(handle(stopped(false, false))).rejects.toMatchObject({
      ...{ code: "UNIT_STOPPED", value: T + 1_000, cause: { code: "NO_PROGRESS", retryable: true } },
    });
    expect(unit()).toMatchObject({ attempts: 1, reason: "SluiceError: The time was over before a page was begun." });
    expect(driver.dispatched).toEqual([]);
  });

  test("having got nowhere twenty times in a row gives the unit up, with the reason", async () => {
    const { handle, unit } = unitAtHand({ unit: { attempts: 19 } });
    expect(await handle(stopped(false, false))).toBe("failed");
    expect(unit().reason).toBe("SluiceError: The time was over before a page was begun. (20 attempts)");
  });

  test("a next turn that cannot be dispatched leaves unit and turn as they are", async () => {
    const { handle, unit, log } = unitAtHand({ fail: { "driver.dispatch": outage } });
    await expect(handle(stopped(true, false))).rejects.toBe(outage);
    expect(unit()).toMatchObject({ owner: "worker", turn: 0 });
    expect(log).not.toContain("units.release");
  });
});
