import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type middyType from "@middy/core";
import type { Context } from "aws-lambda";
import type { CapacityLimiter } from "../../../shared/capacity/worker/limiter";
import { capacityLimit } from "../../../shared/middleware/capacityLimit";

/** The real middy, which is ESM only, in the form jest can load. */
function loadMiddy(): typeof middyType {
  const root = join(__dirname, "../../..");
  const entry = join(root, "node_modules/@middy/core/index.js");
  const options = [entry, "--bundle", "--format=cjs", "--platform=node"];
  const code = execFileSync(join(root, "node_modules/.bin/esbuild"), options, { encoding: "utf8" });
  const loaded = { exports: {} as { default: typeof middyType } };
  new Function("module", "exports", "require", code)(loaded, loaded.exports, require);
  return loaded.exports.default;
}

const middy = loadMiddy();
const T = 1_800_000_000_000;
const clock = { now: () => T, sleep: () => Promise.resolve() };

function fakeLimiter(close: () => Promise<void> = async () => undefined) {
  const calls: unknown[] = [];
  const limiter = {
    open: (options: unknown) => void calls.push(options),
    close: () => {
      calls.push("closed");
      return close();
    },
  } as unknown as CapacityLimiter;
  return { calls, limiter };
}

const context = (remaining = 30_000) => ({ getRemainingTimeInMillis: () => remaining }) as Context;

describe("the capacity limit of an invocation", () => {
  test("is open for the handler, until a second before the end, and closed on success", async () => {
    const { calls, limiter } = fakeLimiter();
    let found: unknown;
    const handler = middy(async (_event: unknown, lambda: Context) => {
      found = (lambda as Context & { capacityLimiters: unknown }).capacityLimiters;
      calls.push("handled");
      return "done";
    }).use(capacityLimit({ limiters: [limiter], clock }));
    expect(await handler({}, context())).toBe("done");
    expect(calls).toEqual([{ deadline: T + 29_000 }, "handled", "closed"]);
    expect(found).toEqual([limiter]);
  });

  test("is closed when the handler fails", async () => {
    const { calls, limiter } = fakeLimiter();
    const failing = async () => {
      throw new Error("broken");
    };
    const handler = middy(failing).use(capacityLimit({ limiters: [limiter], clock, reserveMs: 500 }));
    await expect(handler({}, context())).rejects.toThrow("broken");
    expect(calls).toEqual([{ deadline: T + 29_500 }, "closed"]);
  });

  test("is closed when middy ends the handler early", async () => {
    const { calls, limiter } = fakeLimiter();
    const hanging = () => new Promise<never>(() => undefined);
    const handler = middy(hanging, { timeoutEarlyInMillis: 10 }).use(capacityLimit({ limiters: [limiter], clock }));
    await expect(handler({}, context(20))).rejects.toMatchObject({ name: "TimeoutError" });
    expect(calls[1]).toBe("closed");
  });

  test("does not fail the invocation when the ledger is out of reach at the end", async () => {
    const { limiter } = fakeLimiter(() => Promise.reject(new Error("unreachable")));
    const handler = middy(async () => "done").use(capacityLimit({ limiters: [limiter], clock }));
    expect(await handler({}, context())).toBe("done");
  });

  test("does not hold the invocation when the ledger never answers at the end", async () => {
    const { limiter } = fakeLimiter(() => new Promise(() => undefined));
    const handler = middy(async () => "done").use(capacityLimit({ limiters: [limiter], clock }));
    expect(await handler({}, context())).toBe("done");
  });
});
