import { setTimeout as sleep } from "node:timers/promises";
import type { ChildCloud } from "../local/childCloud";
import { expectation } from "./expectation";
import { FaultTally } from "./faultTally";
import { generateBodies } from "./generateBodies";
import { logFigures } from "./logFigures";
import type { SoakProgress } from "./progress";
import { type Found, reconcile } from "./reconcile";
import type { SoakReport } from "./report";
import { type SendProgress, sendBodies } from "./sendBodies";
import type { SoakSettings } from "./settings";

const LOOK_EVERY_MS = 500;
/** The queue counts as drained once it was empty for so many looks in a row: a duplicate may still be in work. */
const EMPTY_LOOKS = 4;

/**
 * The soak itself, on a running local cloud: half of the bodies, DynamoDB goes away, the other half, DynamoDB comes
 * back; all the while calls fail, answers get lost, messages come twice and functions die. Then everything that is there
 * is compared with what the bodies alone say should be there.
 * @param signal ends it; its reason is thrown.
 */
export async function runSoak(
  cloud: ChildCloud,
  settings: SoakSettings,
  progress: SoakProgress,
  signal: AbortSignal,
): Promise<SoakReport> {
  const started = performance.now();
  const since = () => (performance.now() - started) / 1_000;
  const texts = generateBodies(settings).map(({ text }) => text);
  const middle = Math.ceil(texts.length / 2);
  const sent: SendProgress = { confirmed: 0, sentAgain: 0 };
  const tally = new FaultTally(cloud, settings.seed);
  const watch = new Watch(cloud, progress, sent);
  try {
    await tally.everyday();
    watch.phase = "faults of every kind";
    const refused = await sendBodies(cloud.sender, texts.slice(0, middle), sent, signal);
    await tally.outage();
    watch.phase = "DynamoDB is down";
    const outageFrom = since();
    const second = sendBodies(cloud.sender, texts.slice(middle), sent, signal);
    const outage = sleep(settings.outageSeconds * 1_000, undefined, { signal }).then(async () => {
      await tally.everyday();
      watch.phase = "DynamoDB is back";
      return since() - outageFrom;
    });
    refused.push(...(await second));
    const sentAfter = since();
    const outageSeconds = await outage;
    const left = await watch.drained(started + settings.timeLimitMinutes * 60_000, signal);
    const drainedAfter = since();
    watch.phase = "reconciling";
    await tally.none();
    const found = await everything(cloud, left);
    const expected = expectation(texts);
    const differences = [...refused.map((why) => `refused by the sender: ${why}`), ...reconcile(expected, found)];
    return {
      ok: differences.length === 0,
      settings,
      seconds: { sending: sentAfter, outage: outageSeconds, drained: drainedAfter, total: since() },
      sent: { messages: texts.length, ...sent, distinct: expected.bodies },
      ...counts(found),
      work: logFigures(await cloud.logs()),
      faults: tally.rules,
      differences,
    };
  } finally {
    watch.stop();
  }
}

/** Looks at the queue now and then, for the progress display and to know when it is drained. */
class Watch {
  phase = "";
  readonly #cloud: ChildCloud;
  readonly #progress: SoakProgress;
  readonly #sent: SendProgress;
  readonly #timer: NodeJS.Timeout;
  #looking = false;

  constructor(cloud: ChildCloud, progress: SoakProgress, sent: SendProgress) {
    this.#cloud = cloud;
    this.#progress = progress;
    this.#sent = sent;
    this.#timer = setInterval(() => void this.#show(), LOOK_EVERY_MS);
  }

  /** Waits until nothing is left to do. @returns messages that are left when the time is over. */
  async drained(deadline: number, signal: AbortSignal): Promise<number> {
    let left = 0;
    for (let empty = 0; empty < EMPTY_LOOKS; ) {
      left = await this.#cloud.reader.backlog();
      empty = left === 0 ? empty + 1 : 0;
      if (performance.now() > deadline) break;
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
    return left;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#progress.stop();
  }

  async #show(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const backlog = await this.#cloud.reader.backlog().catch(() => undefined);
    this.#looking = false;
    if (backlog === undefined) return;
    this.#progress.show({ phase: this.phase, confirmed: this.#sent.confirmed, backlog });
  }
}

async function everything({ reader }: ChildCloud, left: number): Promise<Found> {
  const [raw, quarantine, markers, items, dead] = await Promise.all([
    reader.objects("rawBucket"),
    reader.objects("quarantineBucket"),
    reader.markers(),
    reader.participants(),
    reader.dead(),
  ]);
  const kept = [...quarantine].map(([key, object]) => {
    const { body, reasons } = JSON.parse(object.toString()) as { body: string; reasons: { code: string }[] };
    return [key, { body, codes: reasons.map(({ code }) => code) }] as const;
  });
  return { raw, quarantine: new Map(kept), markers, items, dead, left };
}

function counts({
  raw,
  quarantine,
  items,
  dead,
  left,
}: Found): Pick<SoakReport, "stored" | "quarantined" | "counted"> &
  Pick<SoakReport, "dead" | "left" | "participants" | "reasons"> {
  const reasons: Record<string, number> = {};
  for (const { codes } of quarantine.values()) {
    for (const code of new Set(codes)) reasons[code] = (reasons[code] ?? 0) + 1;
  }
  const counted = Object.values(items).reduce((sum, item) => sum + Number(item.num_submission), 0);
  const participants = Object.keys(items).length;
  return { stored: raw.size, quarantined: quarantine.size, reasons, dead, left, counted, participants };
}
