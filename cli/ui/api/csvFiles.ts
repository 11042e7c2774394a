/** The page's CSV downloads, as chunks of text. Texts that a spreadsheet may mistake for formulas are guarded. */
import { PARTICIPANT_COLUMNS, participantRows } from "../../../services/ingest/desk/participantRows";
import { SUBMISSION_COLUMNS, submissionRows } from "../../../services/ingest/desk/submissionRows";
import { exportLines } from "../../intake/exportLines";
import { csvLine, csvText } from "../../text/csv";
import type { Desk } from "../desk";
import { allQuarantined, deadLetters } from "./intake";

const format = { format: "csv", guard: true, bom: true } as const;

/** Files by name. Everything is read before the first chunk, so that a failure can still be answered. */
export const csvFiles: Readonly<Record<string, (desk: Desk) => AsyncGenerator<string>>> = {
  "quarantine.csv": async function* (desk) {
    const records = await allQuarantined(desk, { all: true });
    yield line("sent_at", "status", "participant", "reasons", "first_reason", "bytes", "resolution", "key");
    for (const { sentAt, status, participant, codes, reason, bytes, resolution, key } of records) {
      yield line(sentAt, status, participant, codes.join(" "), reason, String(bytes), resolution, key);
    }
  },
  "dead-letters.csv": async function* (desk) {
    const { letters } = await deadLetters(desk);
    yield line("sent_at", "message_id", "participant", "receives", "bytes", "last_error");
    for (const { sentAt, messageId, participant, receives, bytes, lastError } of letters) {
      yield line(sentAt, messageId, participant, String(receives), String(bytes), lastError);
    }
  },
  "participants.csv": async function* ({ session }) {
    const rows = participantRows(await session.intake(), { erased: 0 });
    yield* exportLines(rows, PARTICIPANT_COLUMNS, format);
  },
  "submissions.csv": async function* ({ session }) {
    const tally = { uncounted: 0, altered: [], foreign: [], missing: [] };
    const rows = submissionRows(await session.intake(), undefined, tally);
    yield* exportLines(rows, SUBMISSION_COLUMNS, format);
  },
};

function line(...cells: string[]): string {
  return csvLine(cells.map((cell) => csvText(cell, true)));
}
