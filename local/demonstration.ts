import { isDeepStrictEqual } from "node:util";
import { textPairs, textTable } from "../cli/text/table";
import { wrapPairs } from "../cli/text/wrap";
import type { IngestState } from "./ingestState";

/** The result of `npm start`. */
export interface Demonstration extends IngestState {
  /** Surveys handed to the sender, and its status code for each. */
  sent: number;
  statusCodes: number[];
}

/** The outcome of the sample surveys, as test/fixtures/expected.json holds it. */
export interface ExpectedOutcome extends Omit<Demonstration, "quarantined"> {
  quarantined: { participant: string; reasons: string[] }[];
}

/** Deviations from the expected outcome, a line each. Attributes that an expected participant does not name don't matter. */
export function differences(found: Demonstration, expected: ExpectedOutcome): string[] {
  const quarantined = found.quarantined.map(({ key, reasons }) => ({
    participant: key.split("/")[1],
    reasons: reasons.map(({ code }) => code),
  }));
  const participants = Object.entries(found.participants).map(([id, item]) => [
    id,
    only(item, expected.participants[id]),
  ]);
  const seen: ExpectedOutcome = {
    ...found,
    quarantined,
    participants: Object.fromEntries(participants),
  } as ExpectedOutcome;
  return (Object.keys(expected) as (keyof ExpectedOutcome)[])
    .filter((part) => !isDeepStrictEqual(seen[part], expected[part]))
    .map((part) => `${part} is ${JSON.stringify(seen[part])}, should be ${JSON.stringify(expected[part])}`);
}

/** The demonstration as text for people. @param width columns of the terminal. Default: there is none */
export function render(found: Demonstration, outputs: Record<string, unknown>, width?: number): string {
  const questions = [...new Set(Object.values(found.participants).flatMap(Object.keys))].filter((name) =>
    /^q\d+$/.test(name),
  );
  const participants = Object.entries(found.participants).map(([id, item]) => [
    ...[id, cell(item.num_submission), ...questions.map((question) => cell(item[question]))],
    ...[cell(item.timestamp), cell(item.freetext)],
  ]);
  const quarantined = found.quarantined.map(({ key, reasons }) => [
    key,
    reasons.map(({ message }) => message).join("; "),
  ]);
  const stack = Object.entries(outputs).map(([name, value]) => [name, output(value)] as const);
  const accepted = found.statusCodes.filter((code) => code === 200).length;
  return [
    `\nSent ${found.sent} surveys, ${accepted} accepted by the queue, ${found.dead} dead letters.\n`,
    table(
      ["PARTICIPANT", "NUM_SUBMISSION", ...questions.map((name) => name.toUpperCase()), "LATEST", "FREETEXT"],
      participants,
      width,
    ),
    `\nRaw objects\n  ${found.rawKeys.join("\n  ")}\n`,
    table(["QUARANTINED", "REASONS"], quarantined, width),
    "\nStack outputs",
    `${wrapPairs(textPairs(stack), width)}`,
  ].join("\n");
}

function table(heads: readonly string[], rows: readonly (readonly string[])[], width: number | undefined): string {
  return textTable(
    heads.map((head) => ({ head })),
    rows,
    width,
  );
}

/** Of a document, the names of its fields: the whole of it is for programs, which read `.sluice/local.json`. */
function output(value: unknown): string {
  return typeof value === "object" && value !== null ? `{ ${Object.keys(value).join(", ")} }` : cell(value);
}

function only(item: object, names: object | undefined): object {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names || name in names));
}

function cell(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}
