/** What commands print on terminals of several widths: no line is cut, and no value is lost. */
import { PassThrough } from "node:stream";
import type { CliCommand } from "../../cli/command";
import { renderLetters } from "../../cli/intake/dead";
import { renderParticipant } from "../../cli/intake/renderParticipant";
import { renderQuarantine, renderWouldSend } from "../../cli/intake/renderQuarantine";
import { barLines } from "../../cli/jobs/barsView";
import { renderList } from "../../cli/jobs/renderList";
import { renderShow } from "../../cli/jobs/renderShow";
import { programOf } from "../../cli/sluice";
import { renderTables } from "../../cli/tables/tablesCommand";
import { columnsOf } from "../../cli/terminal";
import { wrapPairs } from "../../cli/text/wrap";
import type { Job, JobLimit } from "../../shared/jobs/job";
import { job, NOW, reading, retrying, snapshot } from "./jobs/jobs";

const limits: JobLimit[] = [
  ...reading(12_000),
  { direction: "write", table: "surveys-of-2025", limits: { table: 4_000 } },
];
const long: Partial<Job> = {
  id: "update-20251122-101303-k3xq",
  work: { operation: "update", table: "surveys-of-2025", index: "by-participant" },
  driver: "workflow",
  execution: "arn:aws:states:eu-central-1:123456789012:execution:shuffle:update-20251122-101303-k3xq-0",
  limits,
  unitsDone: 3,
};
const place = {
  items: 1_234_567,
  bytes: 9_876_543_210,
  capacityMode: "on demand" as const,
  readCapacity: { perSecond: 12_000, from: "on-demand default" as const, most: 40_000 },
  writeCapacity: { perSecond: 4_000, from: "on-demand default" as const, most: 40_000 },
};
const record = {
  messageId: "5fea7756-0ea4-451a-a703-a558b933e274",
  key: "participants/0001/5fea7756-0ea4-451a-a703-a558b933e274.json",
  sentAt: "2025-11-22T10:12:00.000Z",
  status: "open" as const,
  codes: ["too_quick" as const, "empty_freetext" as const],
  reason: "time_elapsed must be at least 3 seconds, which nobody who reads the questions needs less than",
  bytes: 800,
};
const letter = {
  messageId: "5fea7756-0ea4-451a-a703-a558b933e274",
  sentAt: "2025-11-22T10:12:00.000Z",
  receives: 12,
  userId: "participant-0001",
  bytes: 812,
  lastError: "ProvisionedThroughputExceededException: The level of configured provisioned throughput was exceeded",
};
const kept = {
  participant: "0001",
  item: undefined,
  markers: [{ submission: "00012025-11-22 10:12:00", submittedAt: "2025-11-22T10:12:00.000Z", implausible: true }],
  raw: ["00012025-11-22 10:12:00.json"],
  quarantined: [{ ...record, participant: "0001" }],
  versions: { raw: 1, quarantine: 1 },
} as unknown as Parameters<typeof renderParticipant>[0];
const shown = snapshot(long, [{}, { number: 1, state: "done" }, { ...retrying, number: 2 }]);

const caller = "arn:aws:sts::123456789012:assumed-role/operators-of-the-lab/ana@example.org";
const audit = [{ at: NOW, caller, action: "rate" as const, details: { readRate: 200, before: 100 } }];

/** The help of a command and all its subcommands. */
function helpOf(command: CliCommand, width: number): string {
  command.configureOutput({ getOutHelpWidth: () => width });
  // The first line is what is typed, and stays whole.
  const help = command.helpInformation().replace(/^Usage: .*\n/, "");
  return [help, ...command.commands.map((each) => helpOf(each as CliCommand, width))].join("\n");
}

const texts: Readonly<Record<string, (width: number) => string>> = {
  help: (width) =>
    helpOf(
      programOf(process, () => undefined),
      width,
    ),
  "jobs list": (width) =>
    renderList(
      [
        { ...job(long), share: 0.5 },
        { ...job({}), share: 0 },
      ],
      NOW,
      width,
    ),
  "jobs show": (width) => renderShow(shown, false, { width, audit }),
  "jobs watch": (width) => barLines(shown, "  (trying again: AWS did not answer in time)", width).join("\n"),
  tables: (width) => {
    const indexes = [{ index: "by-participant", kind: "global" as const, ...place }];
    return renderTables(
      [{ table: "surveys-of-2025", read: true, write: true, status: "ACTIVE", ...place, indexes }],
      width,
    );
  },
  "intake quarantine list": (width) => {
    return renderQuarantine(
      { shown: [record], total: 1, reasons: { too_quick: 1 }, statuses: { open: 1 }, unreadable: [] },
      width,
    );
  },
  "intake quarantine resend": (width) => renderWouldSend([record], width),
  "intake dead list": (width) => renderLetters([letter], 1, NOW, width),
  "intake participant show": (width) => renderParticipant(kept, width),
};

/** The words of a text, on whatever line they are. Column heads and the lines of tables are left out. */
const words = (text: string) =>
  new Set(
    text
      .replaceAll(/[█░]/g, "")
      .split(/\s+/)
      .filter((word) => /[a-z0-9]/.test(word)),
  );

describe.each(Object.keys(texts))("%s", (name) => {
  const render = texts[name]!;

  test.each([60, 80, 120])("fits %i columns", (width) => {
    const text = wrapPairs(render(width), width);
    // A word that is wider than the terminal stands alone, without indentation.
    const tooLong = text.split("\n").filter((line) => line.length > width && line.includes(" "));
    expect(tooLong).toEqual([]);
  });

  test("has every word at 60 columns that it has at 1,000", () => {
    if (name === "jobs watch") return;
    const narrow = words(wrapPairs(render(60), 60));
    expect([...words(render(1_000))].filter((word) => !narrow.has(word))).toEqual([]);
  });

  test("has no colours", () => {
    expect(render(80)).not.toContain("\u001b");
  });
});

test.each<[string, object, number | undefined]>([
  ["a terminal", { isTTY: true, columns: 72 }, 72],
  ["a terminal that doesn't know its width, as some serial consoles", { isTTY: true, columns: 0 }, undefined],
  ["a pipe", {}, undefined],
])("the columns of %s", (_, stream, columns) => {
  expect(columnsOf(Object.assign(new PassThrough(), stream))).toBe(columns);
});
