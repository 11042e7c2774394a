/** What the quarantine commands print as text. Pure. */
import type { ListedRecord, RecordStatus, StoredRecord } from "../../services/ingest/desk/quarantined";
import { counted, oneLine, whole } from "../text/format";
import { textPairs, textTable } from "../text/table";
import type { Outcomes } from "./settleAll";

export interface QuarantineView {
  shown: readonly ListedRecord[];
  total: number;
  /** Listed records by reason, and all records by status. */
  reasons: Readonly<Record<string, number>>;
  statuses: Readonly<Record<string, number>>;
  unreadable: readonly string[];
}

const COLUMNS = [
  { head: "SENT" },
  { head: "STATUS" },
  { head: "REASONS" },
  { head: "FIRST REASON", most: 60 },
  { head: "KEY" },
];

/** @param width columns of the terminal */
export function renderQuarantine(view: QuarantineView, width?: number): string {
  const { shown, total, reasons, statuses, unreadable } = view;
  const lines = [total === 0 ? "No record is listed." : textTable(COLUMNS, shown.map(rowOf), width)];
  if (shown.length < total) lines.push(`… and ${whole(total - shown.length)} more: --limit shows them.`);
  if (total > 0) lines.push(`${counted(total, "record")} listed, by reason: ${counts(reasons)}.`);
  if (Object.keys(statuses).length > 0) lines.push(`All that match: ${counts(statuses)}.`);
  if (unreadable.length > 0) lines.push(notRecords(unreadable));
  return lines.join("\n");
}

export function renderRecord({ key, record, participant, submission }: StoredRecord, status: RecordStatus): string {
  const { sentAt, messageId, reasons, resolution, body } = record;
  const pairs: [string, string][] = [
    ["Record", oneLine(key)],
    ["Status", status],
    ["Participant", participant ?? "not in the body"],
    ["Submission", oneLine(submission ?? "not in the body")],
    ["Sent", sentAt],
    ["Message", messageId],
  ];
  if (resolution !== undefined) {
    const { how, at, by, note, messageId: again } = resolution;
    const more = [by && `by ${by}`, note, again && `message ${again}`].filter(Boolean).join(", ");
    pairs.push(["Resolution", oneLine(`${how} ${at}${more === "" ? "" : `: ${more}`}`)]);
  }
  const why = reasons.map(({ code, message }) => `  ${code}: ${oneLine(message)}`);
  return [textPairs(pairs), "", "Reasons", ...why, "", "Body", printable(body)].join("\n");
}

/** @param width columns of the terminal */
export function renderWouldSend(records: readonly ListedRecord[], width?: number): string {
  if (records.length === 0) return "Nothing would be sent.";
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
  return [
    textTable(COLUMNS, records.map(rowOf), width),
    `The bodies of ${counted(records.length, "record")}, ${whole(bytes)} bytes, would be sent.`,
  ].join("\n");
}

const NOT_DONE = {
  changed: "was replaced or deleted meanwhile and is not marked",
  gone: "is no longer there",
  unreadable: "is not a record",
} as const;

export function renderSettled(how: "resent" | "resolved", { done, notDone }: Outcomes): string {
  const rest = notDone.map(({ key, why }) => `${oneLine(key)} ${NOT_DONE[why]}.`);
  const follow = how === "resent" && done.length > 0 ? " A body that is refused again gets a new record." : "";
  return [`${counted(done.length, "record")} ${how}.${follow}`, ...rest].join("\n");
}

function rowOf({ sentAt, status, codes, reason, key }: ListedRecord): string[] {
  return [`${oneLine(sentAt.slice(0, 19)).replace("T", " ")}Z`, status, codes.join(","), oneLine(reason), oneLine(key)];
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${name} ${whole(count)}`)
    .join(", ");
}

function notRecords(keys: readonly string[]): string {
  const some = keys.slice(0, 3).map(oneLine).join(", ");
  return `${counted(keys.length, "object")} in the bucket can't be read as records: ${some}${keys.length > 3 ? ", …" : ""}.`;
}

/** A body as it is, without the control characters that a terminal would obey. */
function printable(body: string): string {
  return body.replaceAll(/[^\P{Cc}\n\t]/gu, "\uFFFD");
}
