import { setTimeout as sleep } from "node:timers/promises";
import type { ChildCloud } from "../local/childCloud";
import { seededRandom } from "../local/faults/random";
import { temporaryFolder } from "../local/temporaryFolder";
import { expectation } from "./expectation";
import { FaultTally } from "./faultTally";
import { countsOf, readEverything } from "./findings";
import { generateBodies } from "./generateBodies";
import { idsOf } from "./kept";
import { logFigures } from "./logFigures";
import type { SoakProgress } from "./progress";
import { reconcile } from "./reconcile";
import type { SoakReport } from "./report";
import { Phones } from "./sending/phones";
import type { SendProgress } from "./sending/sendBodies";
import type { SoakSettings } from "./settings";
import { erase, expireSome, firstParticipants } from "./storageFaults";
import { Watch } from "./watch";

/**
 * The soak itself, on a running local cloud: half of the bodies; once half of those are done, raw objects expire, DynamoDB
 * goes away, and the other half is sent; DynamoDB comes back, and participants are erased; all the while calls fail,
 * answers get lost, a proxy refuses batches, messages come twice and functions die. Then the stored content is compared
 * with what follows from the bodies alone.
 * @param signal ends it; its reason is thrown.
 */
export async function runSoak(
  cloud: ChildCloud,
  settings: SoakSettings,
  progress: SoakProgress,
  signal: AbortSignal,
): Promise<SoakReport> {
  const sent: SendProgress = { confirmed: 0, sentAgain: 0, flushes: 0 };
  const watch = new Watch(cloud.reader, progress, sent);
  const tally = new FaultTally(cloud, settings.seed);
  const { path: folder, remove } = temporaryFolder("sluice-soak-");
  const random = seededRandom(settings.seed);
  const phones = await Phones.start({ cloud, folder, random, progress: sent, signal });
  const started = performance.now();
  const since = () => (performance.now() - started) / 1_000;
  try {
    const sentAt = Date.now();
    const texts = generateBodies(settings).map(({ text }) => text);
    const expected = expectation(texts, sentAt);
    const ground = {
      cloud,
      settings,
      texts,
      ids: idsOf(expected),
      phones,
      folder,
      random,
      watch,
      tally,
      since,
      signal,
    };
    const { refused, left, gone, ...seconds } = await flood(ground);
    watch.phase = "reconciling";
    await tally.none();
    await phones.close();
    const { receipts } = phones;
    const run = { expected, sent: texts, receipts, ...gone };
    const found = await readEverything(cloud.reader, left);
    const differences = [
      ...refused.map((why) => `refused by the sender: ${why}`),
      ...(await cloud.refusals()).map(({ role, refused }) => `refused by the policies of ${role}: ${refused.length}`),
      ...reconcile(run, found),
    ];
    return {
      ok: differences.length === 0,
      settings,
      seconds: { ...seconds, total: since() },
      sent: { messages: texts.length, distinct: expected.bodies, taken: receipts.length, ...sent },
      ...countsOf(run, found),
      work: logFigures(await cloud.logs()),
      faults: [...tally.rules, ...phones.faults],
      differences,
    };
  } finally {
    watch.stop();
    await phones.close();
    remove();
  }
}

interface Ground {
  cloud: ChildCloud;
  settings: SoakSettings;
  texts: string[];
  /** The submission of each text that could be accepted. */
  ids: ReadonlyMap<string, string>;
  phones: Phones;
  /** For the soak's own files. */
  folder: string;
  random: () => number;
  watch: Watch;
  tally: FaultTally;
  /** Seconds from the start. */
  since: () => number;
  signal: AbortSignal;
}

/** Sends everything, lets storage fail in the middle, and waits for the queue to drain. */
async function flood(ground: Ground) {
  const { cloud, settings, texts, ids, phones, folder, random, watch, tally, since, signal } = ground;
  const deadline = performance.now() + settings.timeLimitMinutes * 60_000;
  const middle = Math.ceil(texts.length / 2);
  await tally.everyday();
  watch.phase = "faults of every kind";
  const refused = await phones.send(texts.slice(0, middle));
  await watch.drained(deadline, signal, middle / 2);
  const coming = new Set(texts.slice(middle).map((text) => ids.get(text)));
  const expired = new Set(await expireSome(cloud, coming, random));
  const beforeExpiry = phones.receipts.length;

  const outageFrom = since();
  await tally.outage();
  watch.phase = "DynamoDB is down";
  const erased = firstParticipants(texts);
  const outage = sleep(settings.outageSeconds * 1_000, undefined, { signal }).then(async () => {
    await tally.everyday();
    watch.phase = "DynamoDB is back";
    const seconds = since() - outageFrom;
    await erase(cloud, erased, folder);
    return seconds;
  });
  const second = phones.send(texts.slice(middle)).then((more) => {
    refused.push(...more);
    return since();
  });
  const [outageSeconds, sending] = await Promise.all([outage, second]);
  const left = await watch.drained(deadline, signal);
  const gone = { expired, beforeExpiry, erased: new Set(erased) };
  return { refused, left, gone, sending, outage: outageSeconds, drained: since() };
}
