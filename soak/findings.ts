import type { IngestReader } from "../local/ingestState";
import { accountOf, type Fates } from "./account";
import type { Found, Run } from "./evidence";
import { idsOf } from "./kept";

/** Reads everything that ingest keeps. @param left messages that are still in the queue. */
export async function readEverything(reader: IngestReader, left: number): Promise<Found> {
  const [raw, quarantine, markers, items, dead] = await Promise.all([
    reader.objects("rawBucket"),
    reader.objects("quarantineBucket"),
    reader.markers(),
    reader.participants(),
    reader.dead(),
  ]);
  const kept = [...quarantine].map(([key, { bytes }]) => {
    const { body, reasons } = JSON.parse(bytes.toString()) as { body: string; reasons: { code: string }[] };
    return [key, { body, codes: reasons.map(({ code }) => code) }] as const;
  });
  return { raw, quarantine: new Map(kept), markers, items, dead, left };
}

/** The findings in figures. */
export interface Counts extends Omit<Fates, "quarantined"> {
  /** Raw objects. */
  rawObjects: number;
  /** Quarantine objects that have each reason. */
  reasons: Record<string, number>;
  /** Messages left in the queue. */
  left: number;
  /** Sum of all participants' counts. */
  counted: number;
  /** Participants that weren't erased. */
  participants: number;
  /** Events in storage meanwhile. */
  events: {
    /** Raw objects that expired, without those of erased participants. */
    expired: number;
    /** Messages that came for these submissions afterwards: duplicates and conflicts. */
    cameLater: number;
    /** Raw objects that came back after they expired, brought back by the very message that was counted. */
    broughtBack: number;
    /** Participants that were erased. */
    erasedParticipants: number;
  };
}

export function countsOf(run: Run, found: Found): Counts {
  const { raw, quarantine, items, left } = found;
  const reasons: Record<string, number> = {};
  for (const { codes } of quarantine.values()) {
    for (const code of new Set(codes)) reasons[code] = (reasons[code] ?? 0) + 1;
  }
  const { quarantined: _, ...fates } = accountOf(run, found);
  const present = Object.values(items).filter(({ num_submission }) => num_submission !== undefined);
  const counted = present.reduce((sum, item) => sum + Number(item.num_submission), 0);
  const ids = idsOf(run.expected);
  const stayed = found.markers.filter(({ submission }) => run.expired.has(`${submission}.json`));
  const events = {
    expired: stayed.length,
    cameLater: run.receipts.slice(run.beforeExpiry).filter(({ text }) => run.expired.has(`${ids.get(text)}.json`))
      .length,
    broughtBack: [...run.expired].filter((key) => raw.has(key)).length,
    erasedParticipants: run.erased.size,
  };
  return { ...fates, rawObjects: raw.size, reasons, left, counted, participants: present.length, events };
}
