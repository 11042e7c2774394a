/** Deletes everything of a run: jobs with their records and objects, and all that the intake keeps about its participants. */
import { eraseParticipant } from "../../services/ingest/desk/eraseParticipant";
import { forgetParticipants } from "../../services/ingest/desk/forgetParticipants";
import { SluiceError } from "../../shared/errors";
import { finalStates } from "../../shared/jobs/job";
import { readJob, unlessGone } from "../../shared/jobs/storage/reading";
import { deleteWhenIdle } from "../jobs/deleteCommand";
import type { Operator } from "../operator";
import type { Session } from "../session";
import { LocalCloudGone } from "../stackOutputs";
import { jobsOf } from "./jobsCheck";
import { participantsOf } from "./samples";
import { sentenceOf } from "./sentence";

/**
 * It may be repeated, wherever it was interrupted.
 * @param forget true if no message of the run is waiting any more. Otherwise the participants stay marked as erased, so
 * that the store function drops messages that still arrive.
 * @returns why something is left: each reason once, a sentence without a full stop. @throws LocalCloudGone
 */
export async function cleanUp(session: Session, run: string, forget: boolean): Promise<string[]> {
  const work = [
    ...jobsOf(run).map((id) => () => removeJob(session, id)),
    () => removeParticipants(session, participantsOf(run), forget),
  ];
  const done = await Promise.allSettled(work.map((each) => each()));
  const failures = done.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  const gone = failures.find((failure) => failure instanceof LocalCloudGone);
  if (gone !== undefined) throw gone;
  return [...new Set(failures.map(sentenceOf))];
}

async function removeJob(session: Session, id: string): Promise<void> {
  const operator = await session.operator();
  await cancelled(operator, id);
  await unlessGone(deleteWhenIdle(session, operator, id, { withResults: true }));
}

async function cancelled({ control, dynamodb, jobsTable }: Operator, id: string): Promise<void> {
  const job = await readJob(dynamodb, jobsTable, id);
  if (job === undefined || finalStates.includes(job.state)) return;
  await control.cancel(id).catch((error) => {
    // It ended meanwhile.
    if (!(error instanceof SluiceError && error.code === "WRONG_STATE")) throw error;
  });
}

async function removeParticipants(session: Session, ids: readonly string[], forget: boolean): Promise<void> {
  const intake = await session.intake();
  const sleep = (ms: number) => session.io.clock.sleep(ms);
  const erased = await Promise.all(ids.map((id) => eraseParticipant(intake, id, sleep)));
  const left = erased.filter(({ left: kept }) => Object.values(kept).some((count) => count > 0));
  if (left.length > 0) {
    const names = left.map(({ participant }) => participant).join(", ");
    throw new SluiceError("SMOKE_FAILED", `submissions of ${names} keep coming back`);
  }
  if (forget) await forgetParticipants(intake, ids);
}
