/** The audit list of a job in words. Pure. */
import { type AuditEntry, PROGRAM, UNNAMED } from "../../shared/jobs/audit";
import { counted, moment, oneLine } from "../text/format";
import { textTable } from "../text/table";

const IN_WORDS: ReadonlyMap<string, string> = new Map([
  [PROGRAM, "Sluice itself"],
  [UNNAMED, "unnamed (invoked the start function)"],
]);

/** The caller's ARN, or words for changes without one, such as `Sluice itself`. */
export function describeCaller({ caller }: Pick<AuditEntry, "caller">): string {
  return IN_WORDS.get(caller) ?? oneLine(caller);
}

/** `readRate 200, before 100`. Empty: the change has no parameters. */
export function describeDetails({ details = {} }: Pick<AuditEntry, "details">): string {
  const { reason, before, ...others } = details;
  const named = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = [...named, ...(before === undefined ? [] : [["before", before] as const])];
  const words = all.map(([name, value]) => `${name} ${value}`);
  return oneLine([...words, ...(reason === undefined ? [] : [String(reason)])].join(", "));
}

/** The newest entries as lines, with a heading. None: there are no entries, because the job is older than audit lists. */
export function auditLines(entries: readonly AuditEntry[], most: number, width?: number): string[] {
  if (entries.length === 0) return [];
  const rows = entries
    .slice(0, most)
    .map((entry) => [moment(entry.at), entry.action, describeCaller(entry), describeDetails(entry)]);
  const hidden = entries.length - rows.length;
  const table = textTable([{ head: "CHANGED" }, { head: "ACTION" }, { head: "BY" }, { head: "DETAILS" }], rows, width);
  return ["", table, ...(hidden > 0 ? [`… and ${counted(hidden, "change")} before: --all shows more.`] : [])];
}
