import Table from "cli-table3";
import type { Stage } from "../../local/gateway/gateway";
import { jsonResponse } from "../../local/gateway/message";
import { Permissions } from "../../local/gateway/permissions/permissions";
import { permissionStage } from "../../local/gateway/permissions/stage";
import type { Benchmark } from "../benchmark";
import { CALLS } from "./calls";
import { ACCOUNT, guards, ingestRoles, QUEUE, REGION } from "./program";

/** Median and 99th percentile, in milliseconds a call. */
interface Figures {
  median: number;
  p99: number;
}

export interface PermissionsReport {
  /** The bound for the median of a cached call, in milliseconds. */
  targetMs: number;
  /** Milliseconds of the first call of all: it loads IAM's data about the service. */
  firstMs: number;
  calls: { call: string; cached: Figures; uncached: Figures }[];
  withinTarget: boolean;
}

const TARGET_MS = 0.3;
const CACHED_CALLS = 5_000;
const UNCACHED_CALLS = 300;

export const benchmark: Benchmark<PermissionsReport> = {
  summary: "Measure what the evaluation of permissions adds to a call through the local cloud's gateway.",
  async run(_, progress) {
    const roles = ingestRoles();
    const place = { accountId: ACCOUNT, region: REGION, hashKeyOf: async () => "id" };
    const onRefusal = (refusal: Error) => {
      throw refusal;
    };
    const stage = permissionStage(new Permissions({ roles, place, onRefusal }));
    // Any change of a policy clears all decisions.
    const forget = () => roles.setResourcePolicy(QUEUE, guards("sqs:*", QUEUE));
    const calls: PermissionsReport["calls"] = [];
    let firstMs: number | undefined;
    for (const [name, make] of Object.entries(CALLS)) {
      progress(`${name}: ${CACHED_CALLS} calls cached, ${UNCACHED_CALLS} uncached …`);
      firstMs ??= (await measure(stage, make, 1)).median;
      await measure(stage, make, 100);
      const cached = await measure(stage, make, CACHED_CALLS);
      calls.push({ call: name, cached, uncached: await measure(stage, make, UNCACHED_CALLS, forget) });
    }
    const withinTarget = calls.every(({ cached }) => cached.median <= TARGET_MS);
    return { targetMs: TARGET_MS, firstMs: firstMs ?? 0, calls, withinTarget };
  },
  render({ targetMs, firstMs, calls, withinTarget }) {
    const head = ["call", "cached, median ms", "p99", "uncached, median ms", "p99"];
    const table = new Table({ head, style: { head: [], border: [] } });
    for (const { call, cached, uncached } of calls) {
      table.push([call, ...[cached.median, cached.p99, uncached.median, uncached.p99].map((ms) => ms.toFixed(3))]);
    }
    const verdict = withinTarget ? "within" : "ABOVE";
    return `${table}\nThe very first call took ${firstMs.toFixed(1)} ms. Medians are ${verdict} ${targetMs} ms.`;
  },
};

async function measure(
  stage: Stage,
  make: (typeof CALLS)[string],
  times: number,
  before: () => void = () => undefined,
): Promise<Figures> {
  const answer = Promise.resolve(jsonResponse(200, {}));
  const next = () => answer;
  const ms: number[] = [];
  for (let index = 0; index < times; index++) {
    before();
    const call = make(index);
    const started = performance.now();
    await stage(call, next);
    ms.push(performance.now() - started);
  }
  ms.sort((a, b) => a - b);
  return { median: ms[Math.floor(times / 2)] ?? 0, p99: ms[Math.floor(times * 0.99)] ?? 0 };
}
