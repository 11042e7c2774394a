import type { IngestReader } from "../local/ingestState";
import type { Found } from "./reconcile";

/** Reads everything that ingest keeps. @param left messages that are still in the queue. */
export async function readEverything(reader: IngestReader, left: number): Promise<Found> {
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

/** The findings in figures. */
export interface Counts {
  /** Raw objects. */
  stored: number;
  /** Distinct bodies in quarantine, and how many of them have each reason. */
  quarantined: number;
  reasons: Record<string, number>;
  /** Messages in the dead-letter queue, and left in the queue. */
  dead: number;
  left: number;
  /** Sum of all participants' counts. */
  counted: number;
  participants: number;
}

export function countsOf({ raw, quarantine, items, dead, left }: Found): Counts {
  const reasons: Record<string, number> = {};
  const bodies = new Map([...quarantine.values()].map((kept) => [kept.body, kept]));
  for (const { codes } of bodies.values()) {
    for (const code of new Set(codes)) reasons[code] = (reasons[code] ?? 0) + 1;
  }
  const counted = Object.values(items).reduce((sum, item) => sum + Number(item.num_submission), 0);
  const participants = Object.keys(items).length;
  return { stored: raw.size, quarantined: bodies.size, reasons, dead, left, counted, participants };
}
