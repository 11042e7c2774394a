import type { Found, QuarantineObject, Run } from "./evidence";
import { idsOf, keptBodies, userOf } from "./kept";

/** The fates of the messages that the queue took, counted from the content of storage. */
export interface Fates {
  /** Markers of participants that weren't erased. */
  stored: number;
  /** Messages with the body of a marker but another id than the marker's message: they leave nothing. */
  duplicates: number;
  /** Quarantine objects. */
  inQuarantine: number;
  /** Messages of participants that were erased, before or after. They leave nothing. */
  erased: number;
  /** Dead letters. */
  dead: number;
  /** The expected quarantine objects, by key: one for each message. The codes are sorted, each once. */
  quarantined: Map<string, QuarantineObject>;
}

/** Finds the fate of each message that the queue took. Lost messages have none, and doubled ones more than one. */
export function accountOf({ expected, receipts, erased }: Run, found: Found): Fates {
  const kept = keptBodies(expected, found.markers);
  const counting = new Set(found.markers.map(({ messageId }) => messageId));
  const ids = idsOf(expected);
  const fates = { duplicates: 0, erased: 0, quarantined: new Map<string, QuarantineObject>() };
  for (const { messageId, text } of receipts) {
    const user = userOf(text);
    const id = ids.get(text);
    const folder = user === undefined ? "unidentified" : `participants/${user}`;
    const refuse = (codes: string[]) => fates.quarantined.set(`${folder}/${messageId}.json`, { body: text, codes });
    if (user !== undefined && erased.has(user)) fates.erased++;
    else if (id === undefined) refuse(expected.refused.get(text)?.codes ?? []);
    else if (kept.get(id)?.text === text) fates.duplicates += counting.has(messageId) ? 0 : 1;
    else if (kept.has(id)) refuse(["conflict"]);
  }
  const { markers, quarantine, dead } = found;
  return { ...fates, stored: markers.length, inQuarantine: quarantine.size, dead };
}
