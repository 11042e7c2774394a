/** What the participant commands print as text. Pure. */
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { ErasedParticipant, KeptCounts } from "../../services/ingest/desk/eraseParticipant";
import type { KeptParticipant } from "../../services/ingest/desk/participant";
import type { Item } from "../../shared/aws/itemSize";
import { counted, oneLine, whole } from "../text/format";
import { toJson } from "../text/json";
import { textPairs, textTable } from "../text/table";

/** An item as JSON has it; numbers are DynamoDB's text of them. */
export function plainItem(item: Item | undefined): Record<string, unknown> | undefined {
  return item && unmarshall(item as Parameters<typeof unmarshall>[0], { wrapNumbers: (text) => text });
}

/** @param width columns of the terminal */
export function renderParticipant(kept: KeptParticipant, width?: number): string {
  const { participant, item, markers, raw, quarantined, versions } = kept;
  const counts: [string, string][] = [
    ["Participant", participant],
    ["Submissions", `${whole(markers.length)} counted`],
    ["Raw objects", `${whole(raw.length)}, in ${counted(versions.raw, "version")}`],
    ["Quarantine", `${counted(quarantined.length, "record")}, in ${counted(versions.quarantine, "version")}`],
  ];
  const erased = item?.erased_at?.S;
  if (erased !== undefined) counts.push(["Erased", erased]);
  return [textPairs(counts), ...itemLines(item), ...markerLines(kept, width), ...recordLines(kept, width)].join("\n");
}

/** `Participant 0001 has an item, 3 counted submissions, …`. */
export function renderKept({ participant, item, markers, versions }: KeptParticipant): string {
  const what = [
    item === undefined ? "no item" : item.erased_at === undefined ? "an item" : "a tombstone",
    counted(markers.length, "counted submission"),
    `${counted(versions.raw, "version")} of raw objects`,
    `${counted(versions.quarantine, "version")} of quarantined ones`,
  ];
  return `Participant ${participant} has ${what.slice(0, -1).join(", ")} and ${what.at(-1)}.`;
}

export function renderErased({ participant, erasedAt, deleted, left }: ErasedParticipant, done: boolean): string {
  const lines = [`Deleted: ${describe(deleted)}.`];
  if (done) lines.push(`Participant ${participant} is erased: nothing is left but the tombstone of ${erasedAt}.`);
  else lines.push(`Left: ${describe(left)}. Something keeps writing about participant ${participant}: erase again.`);
  return lines.join("\n");
}

function describe({ markers, raw, quarantine }: KeptCounts): string {
  const versions = `${counted(raw, "version")} of raw objects, ${counted(quarantine, "version")} of quarantined ones`;
  return `${counted(markers, "marker")}, ${versions}`;
}

function itemLines(item: Item | undefined): string[] {
  if (item === undefined) return ["", "There is no item in the results table."];
  const pairs = Object.entries(plainItem(item) ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return ["", "Item", textPairs(pairs.map(([name, value]) => [`  ${oneLine(name)}`, oneLine(textOf(value))]))];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : toJson(value);
}

function markerLines({ markers, raw }: KeptParticipant, width: number | undefined): string[] {
  const bodies = new Set(raw);
  const rows = markers.map(({ submission, submittedAt, implausible }) => {
    const key = `${submission}.json`;
    const body = bodies.delete(key) ? key : "gone";
    return [submittedAt, implausible ? "can't be" : "", body];
  });
  const uncounted = [...bodies].map((key) => ["not counted", "", key]);
  if (rows.length + uncounted.length === 0) return [];
  return [
    "",
    textTable([{ head: "SUBMITTED" }, { head: "TIME" }, { head: "RAW OBJECT" }], [...rows, ...uncounted], width),
  ];
}

function recordLines({ quarantined }: KeptParticipant, width: number | undefined): string[] {
  if (quarantined.length === 0) return [];
  const rows = quarantined.map(({ status, codes, key }) => [status, codes.join(","), oneLine(key)]);
  return ["", textTable([{ head: "STATUS" }, { head: "REASONS" }, { head: "RECORD" }], rows, width)];
}
