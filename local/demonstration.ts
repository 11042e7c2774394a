import { isDeepStrictEqual } from "node:util";
import Table from "cli-table3";
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

/** The demonstration as text for people. */
export function render(found: Demonstration, outputs: Record<string, unknown>): string {
  const questions = [...new Set(Object.values(found.participants).flatMap(Object.keys))].filter((name) =>
    /^q\d+$/.test(name),
  );
  const participants = table({ head: ["participant", "num_submission", ...questions, "latest", "freetext"] });
  for (const [id, item] of Object.entries(found.participants)) {
    const answers = questions.map((question) => cell(item[question]));
    participants.push([id, item.num_submission, ...answers, cell(item.timestamp), cell(item.freetext)]);
  }
  const quarantine = table({ head: ["quarantine", "reasons"] });
  for (const { key, reasons } of found.quarantined) {
    quarantine.push([key, reasons.map(({ message }) => message).join("; ")]);
  }
  const stack = table({ head: ["stack output", "value"] });
  for (const [name, value] of Object.entries(outputs)) stack.push([name, cell(value)]);
  const accepted = found.statusCodes.filter((code) => code === 200).length;
  return [
    `\nSent ${found.sent} surveys, ${accepted} accepted by the queue, ${found.dead} dead letters.`,
    participants.toString(),
    `Raw objects:\n  ${found.rawKeys.join("\n  ")}`,
    quarantine.toString(),
    `${stack.toString()}\n`,
  ].join("\n");
}

/** Plain text: what is printed here is also piped and pasted. */
function table({ head }: { head: string[] }): Table.Table {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function only(item: object, names: object | undefined): object {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names || name in names));
}

function cell(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}
