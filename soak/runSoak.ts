import { setTimeout as sleep } from "node:timers/promises";
import type { ChildCloud } from "../local/childCloud";
import { expectation } from "./expectation";
import { FaultTally } from "./faultTally";
import { countsOf, readEverything } from "./findings";
import { generateBodies } from "./generateBodies";
import { logFigures } from "./logFigures";
import type { SoakProgress } from "./progress";
import { reconcile } from "./reconcile";
import type { SoakReport } from "./report";
import { type SendProgress, sendBodies } from "./sendBodies";
import type { SoakSettings } from "./settings";
import { Watch } from "./watch";

/**
 * The soak itself, on a running local cloud: half of the bodies; once half of those are done DynamoDB goes away, and the
 * other half is sent; DynamoDB comes back; all the while calls fail, answers get lost, messages come twice and functions
 * die. Then everything that is there is compared with what the bodies alone say should be there.
 * @param signal ends it; its reason is thrown.
 */
export async function runSoak(
  cloud: ChildCloud,
  settings: SoakSettings,
  progress: SoakProgress,
  signal: AbortSignal,
): Promise<SoakReport> {
  const sent: SendProgress = { confirmed: 0, sentAgain: 0 };
  const watch = new Watch(cloud.reader, progress, sent);
  const tally = new FaultTally(cloud, settings.seed);
  const started = performance.now();
  const since = () => (performance.now() - started) / 1_000;
  try {
    const sentAt = Date.now();
    const texts = generateBodies(settings).map(({ text }) => text);
    const { refused, left, ...seconds } = await flood({ cloud, settings, texts, sent, watch, tally, since, signal });
    watch.phase = "reconciling";
    await tally.none();
    const expected = expectation(texts, sentAt);
    const found = await readEverything(cloud.reader, left);
    const differences = [
      ...refused.map((why) => `refused by the sender: ${why}`),
      ...(await cloud.refusals()).map(({ role, refused }) => `refused by the policies of ${role}: ${refused.length}`),
      ...reconcile(expected, found),
    ];
    return {
      ok: differences.length === 0,
      settings,
      seconds: { ...seconds, total: since() },
      sent: { messages: texts.length, distinct: expected.bodies, ...sent },
      ...countsOf(found),
      work: logFigures(await cloud.logs()),
      faults: tally.rules,
      differences,
    };
  } finally {
    watch.stop();
  }
}

interface Ground {
  cloud: ChildCloud;
  settings: SoakSettings;
  texts: string[];
  sent: SendProgress;
  watch: Watch;
  tally: FaultTally;
  /** Seconds from the start. */
  since: () => number;
  signal: AbortSignal;
}

/** Sends everything, with the outage in the middle, and waits for the queue to drain. */
async function flood({ cloud, settings, texts, sent, watch, tally, since, signal }: Ground) {
  const deadline = performance.now() + settings.timeLimitMinutes * 60_000;
  const middle = Math.ceil(texts.length / 2);
  await tally.everyday();
  watch.phase = "faults of every kind";
  const refused = await sendBodies(cloud.sender, texts.slice(0, middle), sent, signal);
  await watch.drained(deadline, signal, middle / 2);

  const outageFrom = since();
  await tally.outage();
  watch.phase = "DynamoDB is down";
  const outage = sleep(settings.outageSeconds * 1_000, undefined, { signal }).then(async () => {
    await tally.everyday();
    watch.phase = "DynamoDB is back";
    return since() - outageFrom;
  });
  const second = sendBodies(cloud.sender, texts.slice(middle), sent, signal).then((more) => {
    refused.push(...more);
    return since();
  });
  const [outageSeconds, sending] = await Promise.all([outage, second]);
  const left = await watch.drained(deadline, signal);
  return { refused, left, sending, outage: outageSeconds, drained: since() };
}
