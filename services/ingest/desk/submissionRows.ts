/** Every stored submission, as rows, from the raw bodies. */
import { listObjects } from "../../../shared/aws/objects/listObjects";
import { countedSubmission, type Submission, type SubmittedTime } from "../submission";
import { splitSubmissionId } from "../submissionId";
import { type Desk, rawObjects } from "./desk";
import { type ExportColumns, type ExportRow, numberCell } from "./exportRow";
import { type Marker, markerIdsOf, readMarkers } from "./markers";
import { readObject, sha256Of } from "./objectBytes";

export const SUBMISSION_COLUMNS: ExportColumns = {
  first: ["user_id", "timestamp", "submitted_at", "implausible_time", "time_elapsed"],
  last: ["freetext"],
};

/** Objects of the raw bucket that hold no counted submission, and objects that are missing. */
export interface SubmissionTally {
  /** Raw objects without a marker: not counted yet, or left over. */
  uncounted: number;
  /** Objects that don't hold the body that was counted. */
  altered: string[];
  /** Objects whose key isn't a submission's. */
  foreign: string[];
  /**
   * Counted submissions whose raw object is gone. In an export of all participants: only those that went during the
   * export.
   */
  missing: string[];
}

/** Raw objects read at once. */
const BATCH = 100;

/** A row for each counted submission whose body is there, in the order of the keys. */
export async function* submissionRows(
  desk: Desk,
  participant: string | undefined,
  tally: SubmissionTally,
): AsyncGenerator<ExportRow> {
  const missing = new Set(participant === undefined ? [] : await markerIdsOf(desk, participant));
  for await (const ids of batches(rawIds(desk, participant, tally))) {
    for (const id of ids) missing.delete(id);
    const markers = await readMarkers(desk, ids);
    tally.uncounted += ids.length - markers.size;
    const counted = ids.flatMap((id) => markers.get(id) ?? []);
    const bodies = await Promise.all(counted.map((marker) => readCounted(desk, marker)));
    for (const [at, body] of bodies.entries()) {
      const marker = counted[at]!;
      if (typeof body === "object") yield rowOf(body, marker);
      else if (body === "altered") tally.altered.push(`${marker.submission}.json`);
      else tally.missing.push(marker.submission); // deleted since it was listed
    }
  }
  tally.missing.push(...missing);
}

/** Ids of one participant's raw objects, counted or not: those with exactly this `user_id`. */
export async function* rawIdsOf(desk: Desk, participant: string): AsyncGenerator<string> {
  yield* rawIds(desk, participant, { foreign: [] });
}

/** The body that was counted, read again. `missing`: expired or deleted. `altered`: the object has another body. */
export async function readCounted(desk: Desk, marker: Marker): Promise<Submission | "missing" | "altered"> {
  const object = await readObject(rawObjects(desk), `${marker.submission}.json`);
  if (object === undefined) return "missing";
  if (sha256Of(object.bytes) !== marker.sha256) return "altered";
  return countedSubmission(Buffer.from(object.bytes).toString(), timeOf(marker)) ?? "altered";
}

function timeOf({ submittedAt, implausible }: Marker): SubmittedTime {
  return { submittedAt, implausibleTime: implausible };
}

async function* rawIds(
  desk: Desk,
  participant: string | undefined,
  tally: Pick<SubmissionTally, "foreign">,
): AsyncGenerator<string> {
  for await (const { key } of listObjects(rawObjects(desk), participant ?? "")) {
    const id = key.endsWith(".json") ? key.slice(0, -".json".length) : "";
    const userId = splitSubmissionId(id)?.userId;
    if (userId === undefined && participant === undefined) tally.foreign.push(key);
    else if (userId !== undefined && (participant === undefined || userId === participant)) yield id;
  }
}

async function* batches(ids: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const id of ids) {
    if (batch.push(id) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function rowOf({ userId, timestamp, timeElapsed, answers, freetext }: Submission, marker: Marker): ExportRow {
  return {
    user_id: userId,
    timestamp,
    submitted_at: marker.submittedAt,
    implausible_time: marker.implausible,
    time_elapsed: numberCell(timeElapsed),
    ...Object.fromEntries([...answers].map(([question, answer]) => [question, numberCell(answer)])),
    ...(freetext === undefined ? {} : { freetext }),
  };
}
