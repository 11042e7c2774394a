import { SluiceError } from "../../shared/errors";
import { type Marker, readMarker } from "./marker";
import {
  type CurrentObject,
  clearObject,
  createObject,
  currentObject,
  deleteVersion,
  type Place,
  replaceObject,
  sha256Of,
} from "./objectVersions";
import type { Storage } from "./storage";

/** A body on its way to be counted. */
export interface RawBody {
  /** `<user_id><timestamp>` */
  id: string;
  body: string;
  /** SHA-256 of the body, base64. */
  sha256: string;
  messageId: string;
}

/** The version that this delivery wrote; or the submission that was counted before, in which case nothing was written. */
export type Kept = { written: RawVersion } | { marker: Marker };
export type RawVersion = Place & { versionId: string };

/** How often the key may change concurrently before the submission goes back to the queue. */
const ATTEMPTS = 10;

/**
 * Keeps a body at its key before it is counted. A delivery counts only a version that it wrote itself, because other
 * deliveries may be about to undo theirs. If the key is taken, only the marker shows whether a submission was counted; an
 * uncounted version stays below ours.
 */
export async function keepRaw(storage: Storage, raw: RawBody, signal: AbortSignal): Promise<Kept> {
  const place = placeOf(storage, raw);
  const { body, sha256, messageId } = raw;
  const object = { ...place, body, sha256, messageId };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const created = await createObject(storage, object, signal);
    if (created !== undefined) return { written: { ...place, versionId: created } };
    const marker = await readMarker(storage, raw.id, signal);
    if (marker !== undefined) return { marker };
    const found = await currentObject(storage, place, signal);
    const replaced = found && (await replaceObject(storage, object, found, signal));
    if (replaced !== undefined) return { written: { ...place, versionId: replaced } };
  }
  throw new SluiceError("CONTENTION", `The raw object of ${raw.id} changed ${ATTEMPTS} times.`, { retryable: true });
}

/** Leaves the counted version at the key, or nothing if that has expired. */
export function clearUncounted(storage: Storage, raw: RawBody, marker: Marker, signal: AbortSignal): Promise<void> {
  // An earlier delivery of this message was stopped before it could undo its version.
  const isOurLeftover = ({ messageId }: CurrentObject) =>
    messageId === raw.messageId && marker.messageId !== undefined && marker.messageId !== raw.messageId;
  const isCounted = async (found: CurrentObject) =>
    !isOurLeftover(found) && (await sha256Of(storage, found, signal)) === marker.sha256;
  return clearObject(storage, placeOf(storage, raw), isCounted, signal);
}

/**
 * Removes versions of stopped deliveries if nothing is counted: no delivery counts a version that another one wrote.
 * @param endedBefore milliseconds since the epoch: deliveries that wrote something before this have ended.
 * @throws SluiceError IN_WORK (retryable) if another delivery may be about to count its version.
 */
export function clearLeftovers(
  storage: Storage,
  raw: RawBody,
  endedBefore: number,
  signal: AbortSignal,
): Promise<void> {
  const isAtWork = ({ writtenAt }: CurrentObject): boolean => {
    if (writtenAt < endedBefore) return false;
    const message = `Another delivery may be at work on ${raw.id}.`;
    throw new SluiceError("IN_WORK", message, { retryable: true });
  };
  return clearObject(storage, placeOf(storage, raw), isAtWork, signal);
}

/** Removes the version of this delivery, and everything else at the key. */
export async function clearAll(
  storage: Storage,
  raw: RawBody,
  written: RawVersion,
  signal: AbortSignal,
): Promise<void> {
  await deleteVersion(storage, written, signal);
  await clearObject(storage, placeOf(storage, raw), () => false, signal);
}

function placeOf({ rawBucket }: Storage, { id }: RawBody): Place {
  return { bucket: rawBucket, key: `${id}.json` };
}
