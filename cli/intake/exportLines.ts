/** An export as lines of text: CSV or JSON Lines. */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Cell,
  columnNames,
  type ExportColumns,
  type ExportRow,
  questionsOf,
} from "../../services/ingest/desk/exportRow";
import { csvLine, csvText } from "../text/csv";

export type ExportFormat = "csv" | "jsonl";

export interface LinesOptions {
  format: ExportFormat;
  /** CSV: whether a text that a spreadsheet may mistake for a formula gets an apostrophe. */
  guard: boolean;
  /** CSV: whether it begins with a byte order mark, so that Excel recognizes UTF-8. */
  bom: boolean;
}

/** JSON's numbers; DynamoDB's are written in the same way. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * The lines of an export, with their ends. CSV has a column for each question that any row has, so all rows have to be read
 * before the first line is written. They wait in a file that nobody else can open, and that disappears with this process.
 */
export async function* exportLines(
  rows: AsyncIterable<ExportRow>,
  columns: ExportColumns,
  { format, guard, bom }: LinesOptions,
): AsyncGenerator<string> {
  if (format === "jsonl") {
    for await (const row of rows) yield `${jsonLine(row, columnNames(columns, Object.keys(row)))}\n`;
    return;
  }
  const file = await openNameless();
  try {
    const names = columnNames(columns, await keep(rows, file));
    yield (bom ? "\uFEFF" : "") + csvLine(names);
    for await (const line of file.readLines({ start: 0, autoClose: false })) {
      const row = JSON.parse(line) as ExportRow;
      yield csvLine(names.map((name) => csvCell(row[name], guard)));
    }
  } finally {
    await file.close();
  }
}

/** @returns the questions that any of the rows has. */
async function keep(rows: AsyncIterable<ExportRow>, file: FileHandle): Promise<Set<string>> {
  const questions = new Set<string>();
  let text = "";
  for await (const row of rows) {
    for (const question of questionsOf(row)) questions.add(question);
    text += `${JSON.stringify(row)}\n`;
    if (text.length < 65_536) continue;
    await file.appendFile(text);
    text = "";
  }
  await file.appendFile(text);
  return questions;
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `sluice-export-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}

function csvCell(cell: Cell | undefined, guard: boolean): string {
  if (typeof cell === "object") return cell.number;
  return csvText(typeof cell === "boolean" ? String(cell) : cell, guard);
}

function jsonLine(row: ExportRow, names: readonly string[]): string {
  const fields = names.flatMap((name) => {
    const cell = row[name];
    return cell === undefined ? [] : [`${JSON.stringify(name)}:${jsonCell(cell)}`];
  });
  return `{${fields.join(",")}}`;
}

/** A number keeps its text: a double would lose digits. */
function jsonCell(cell: Cell): string {
  return typeof cell === "object" && NUMBER.test(cell.number)
    ? cell.number
    : JSON.stringify(typeof cell === "object" ? cell.number : cell);
}
