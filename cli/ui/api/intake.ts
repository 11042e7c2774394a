/** Shows and changes quarantine and dead letters, like the commands below `intake`. */
import { listQuarantine, type QuarantineList, readStatus } from "../../../services/ingest/desk/quarantined";
import { resend, resolve } from "../../../services/ingest/desk/settle";
import { tokensOf } from "../../../services/ingest/desk/studyTokens";
import { SluiceError } from "../../../shared/errors";
import { listDeadLetters } from "../../intake/deadLetters";
import { type IntakeQueues, withIntakeQueues } from "../../intake/intakeQueues";
import { countBy, existing } from "../../intake/quarantineCommands";
import { readStatus as readIntakeStatus, readMinutes } from "../../intake/readStatus";
import { countDeadLetters, startRedrive } from "../../intake/redrive";
import { renderSettled } from "../../intake/renderQuarantine";
import { settleAll } from "../../intake/settleAll";
import { counted } from "../../text/format";
import type { DeadDocument, DoneDocument, IntakeOverview, QuarantineDocument, QuarantineLine } from "../contract";
import type { Desk } from "../desk";

/** Minutes that the overview plots. */
const MINUTES = 60;
/** Records and letters that a list shows. */
const MOST_RECORDS = 200;
const MOST_LETTERS = 100;

export function intakeOverview({ session, clock }: Desk): Promise<IntakeOverview> {
  return withIntakeQueues(session, async (queues) => {
    const now = clock.now();
    const [status, minutes] = await Promise.all([readIntakeStatus(queues, now), readMinutes(queues, now, MINUTES)]);
    const { waiting, inFlight, oldestSeconds, deadLetters, quarantinedToday } = status;
    return { waiting, inFlight, oldestSeconds, deadLetters, quarantinedToday, minutes };
  });
}

export interface QuarantineChoice {
  readonly reason?: string | undefined;
  readonly participant?: string | undefined;
  /** True: include settled records. Default false. */
  readonly all?: boolean;
}

/** The records, the newest first. Reads every record, but keeps no body. */
export async function quarantine({ session }: Desk, choice: QuarantineChoice): Promise<QuarantineDocument> {
  const intake = await session.intake();
  const { reason, participant, all = false } = choice;
  const { records, unreadable } = await listQuarantine(intake, { participant });
  const ofReason = records.filter(({ codes }) => reason === undefined || codes.some((code) => code === reason));
  const wanted = ofReason.filter(({ status }) => all || status === "open");
  return {
    records: wanted.slice(0, MOST_RECORDS).map(lineOf),
    total: wanted.length,
    reasons: countBy(records.filter(({ status }) => status === "open").flatMap(({ codes }) => codes)),
    statuses: countBy(ofReason.map(({ status }) => status)),
    unreadable: unreadable.length,
    tokens: intake.secrets !== undefined,
  };
}

/** Every record that the choice names, for a file. */
export async function allQuarantined({ session }: Desk, { all = false, ...query }: QuarantineChoice) {
  const { records } = await listQuarantine(await session.intake(), query);
  return records.filter(({ status }) => all || status === "open").map(lineOf);
}

function lineOf(record: QuarantineList["records"][number]): QuarantineLine {
  const { key, status, sentAt, participant = "", codes, reason, bytes, resolution } = record;
  const done = resolution === undefined ? [] : [resolution.how, resolution.at, resolution.by, resolution.note];
  return { key, status, sentAt, participant, codes, reason, bytes, resolution: done.filter(Boolean).join(", ") };
}

/** A record with its body, answers and free text included. @throws SluiceError NO_SUCH_RECORD, RECORD_UNREADABLE */
export async function quarantineRecord({ session }: Desk, key: string) {
  const intake = await session.intake();
  const stored = await existing(intake, key);
  const { reasons, body } = stored.record;
  return { key, status: await readStatus(intake, stored), reasons, body };
}

export interface SettleRequest {
  readonly keys: readonly string[];
}

/** @param prove the operator vouches that each body comes from the participant it names. */
export async function resendRecords(
  { session }: Desk,
  { keys, prove = false }: SettleRequest & { readonly prove?: boolean | undefined },
): Promise<DoneDocument> {
  const intake = await session.intake();
  if (intake.secrets !== undefined && !prove) {
    const message =
      "This stack requires tokens, and quarantine keeps none. Look at the bodies and vouch for them first.";
    throw new SluiceError("NOT_CONFIRMED", message);
  }
  const tokenOf = prove && intake.secrets !== undefined ? await tokensOf(intake) : undefined;
  const outcomes = await settleAll(chosen(keys), ({ key }) => resend(intake, key, { tokenOf }));
  return { message: renderSettled("resent", outcomes), warnings: [] };
}

/** @param note why, for the record. */
export async function resolveRecords(
  { session }: Desk,
  { keys, note }: SettleRequest & { readonly note: string },
): Promise<DoneDocument> {
  const intake = await session.intake();
  const outcomes = await settleAll(chosen(keys), ({ key }) => resolve(intake, key, note));
  return { message: renderSettled("resolved", outcomes), warnings: [] };
}

/** Each key once. */
function chosen(keys: readonly string[]) {
  return [...new Set(keys)].map((key) => ({ key }));
}

export function deadLetters({ session }: Desk): Promise<DeadDocument> {
  return withIntakeQueues(session, async (queues: IntakeQueues) => {
    const total = await countDeadLetters(queues);
    const found = total === 0 ? [] : await listDeadLetters(queues, MOST_LETTERS);
    const letters = found.map(({ userId, lastError, ...letter }) => {
      return { ...letter, participant: userId ?? "", lastError: lastError ?? "" };
    });
    return { total: Math.max(total, letters.length), letters };
  });
}

/** Starts the move and doesn't wait for its end: the list shows the remaining letters. */
export function redriveDeadLetters({ session }: Desk): Promise<DoneDocument> {
  return withIntakeQueues(session, async (queues: IntakeQueues) => {
    const count = await countDeadLetters(queues);
    if (count === 0) return { message: "There are no dead letters.", warnings: [] };
    const { already } = await startRedrive(queues, undefined);
    const message = already
      ? "A move is under way already."
      : `${counted(count, "dead letter")} ${count === 1 ? "moves" : "move"} back to the queue.`;
    return { message, warnings: [] };
  });
}
