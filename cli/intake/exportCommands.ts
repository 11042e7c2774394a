/** `intake participants export` and `intake submissions export`. */
import { type Command, Option } from "commander";
import type { ExportColumns, ExportRow } from "../../services/ingest/desk/exportRow";
import { PARTICIPANT_COLUMNS, participantRows } from "../../services/ingest/desk/participantRows";
import { SUBMISSION_COLUMNS, type SubmissionTally, submissionRows } from "../../services/ingest/desk/submissionRows";
import { checkUsage } from "../command";
import type { Attach, Session } from "../session";
import { counted, oneLine } from "../text/format";
import { toJson } from "../text/json";
import { fileProblems, unfinishedFile, writeFileOf, writeTo } from "./exportFile";
import { type ExportFormat, exportLines } from "./exportLines";
import { participantId } from "./participantId";

const HELP = `
CSV is RFC 4180 in UTF-8, with a column for each question that anybody answered.
A text that a spreadsheet would take for a formula (it begins with = + - @, a tab
or a line break and isn't a number) gets an apostrophe before it; --no-guard
leaves it as it is, for programs. Numbers are written as they are stored. A
missing value is an empty cell, an empty text is "". JSON Lines never change a
text.

The file gets its name only when it is complete. Only you may read it. Without
--out, the export goes to standard output and the summary to standard error.`;

interface ExportFlags {
  readonly format: ExportFormat;
  readonly out?: string;
  readonly bom?: boolean;
  readonly guard: boolean;
  readonly participant?: string;
}

export function addExportCommands(intake: Command, attach: Attach): void {
  const participants = intake.command("participants").description("Export the latest answers of all participants.");
  const latest = withFormat(participants.command("export").description("Export the latest answers of everyone."));
  attach<ExportFlags>(latest, exportParticipants);

  const submissions = intake.command("submissions").description("Export all stored submissions.");
  const all = withFormat(
    submissions.command("export").description("Export every stored submission, from its raw body."),
  );
  all.option("--participant <id>", "only those of exactly this participant", participantId);
  attach<ExportFlags>(all, exportSubmissions);
}

function withFormat(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "format of the export").choices(["csv", "jsonl"]).default("csv"))
    .option("--out <file>", "write to this file; default: standard output")
    .option("--bom", "CSV: begin with a byte order mark, so that Excel recognises UTF-8")
    .option("--no-guard", "CSV: don't guard texts that a spreadsheet would take for formulas")
    .addHelpText("after", HELP);
}

async function exportParticipants(session: Session, _args: string[], flags: ExportFlags): Promise<number> {
  await session.read(() => checkExport(flags));
  const tally = { erased: 0 };
  const rows = await writeRows(session, participantRows(await session.intake(), tally), PARTICIPANT_COLUMNS, flags);
  const erased = tally.erased === 0 ? [] : [`Left out, because erased: ${counted(tally.erased, "participant")}.`];
  summarize(session, flags, { participants: rows, ...tally }, [`${counted(rows, "participant")} exported.`, ...erased]);
  return 0;
}

async function exportSubmissions(session: Session, _args: string[], flags: ExportFlags): Promise<number> {
  await session.read(() => checkExport(flags));
  const tally: SubmissionTally = { uncounted: 0, altered: [], foreign: [], missing: [] };
  const found = submissionRows(await session.intake(), flags.participant, tally);
  const rows = await writeRows(session, found, SUBMISSION_COLUMNS, flags);
  summarize(session, flags, { submissions: rows, ...tally }, [
    `${counted(rows, "submission")} exported.`,
    ...leftOut(tally),
  ]);
  return 0;
}

function leftOut({ uncounted, altered, foreign, missing }: SubmissionTally): string[] {
  const named = (what: string, keys: readonly string[]) =>
    keys.length === 0 ? [] : [`${what}: ${counted(keys.length, "object")}, ${some(keys)}.`];
  return [
    ...(uncounted === 0 ? [] : [`Left out, because not counted (yet): ${counted(uncounted, "raw object")}.`]),
    ...named("Left out, because it isn't the body that was counted", altered),
    ...named("Left out, because the key isn't a submission's", foreign),
    ...named("Counted, but the raw object is gone", missing),
  ];
}

/** @throws RequestProblems `USAGE` with every problem */
async function checkExport({ format, bom = false, guard, out }: ExportFlags): Promise<void> {
  const problems = format === "csv" ? [] : [...(bom ? ["--bom"] : []), ...(guard ? [] : ["--no-guard"])];
  checkUsage([
    ...problems.map((flag) => `${flag} is for --format csv only.`),
    ...(out === undefined ? [] : await fileProblems(out)),
  ]);
}

/** @returns the number of rows. */
async function writeRows(
  session: Session,
  rows: AsyncIterable<ExportRow>,
  columns: ExportColumns,
  { format, guard, bom = false, out }: ExportFlags,
): Promise<number> {
  let count = 0;
  async function* counting() {
    for await (const row of rows) {
      count++;
      yield row;
    }
  }
  const lines = exportLines(counting(), columns, { format, guard, bom });
  const signal = session.interruptible(out === undefined ? undefined : `${unfinishedFile(out)} may be left`);
  await (out === undefined ? writeTo(lines, session.io.stdout, signal) : writeFileOf(lines, out, signal));
  return count;
}

/** If the export itself goes to standard output, the summary goes to standard error. */
function summarize(session: Session, { out, format }: ExportFlags, counts: object, lines: readonly string[]): void {
  const text = session.json ? toJson({ out: out ?? null, format, ...counts }, 2) : lines.join("\n");
  const stream = out === undefined ? session.io.stderr : session.io.stdout;
  stream.write(`${text}\n`);
}

function some(keys: readonly string[]): string {
  return keys.slice(0, 3).map(oneLine).join(", ") + (keys.length > 3 ? ", …" : "");
}
