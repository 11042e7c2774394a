import Table from "cli-table3";
import { wrapLine } from "./wrap";

export interface Column {
  readonly head: string;
  /** Of its cells. Default: left. */
  readonly align?: "left" | "right";
  /** Characters of a cell that suffice if the table would be too wide. A paragraph shows all. Default: all. */
  readonly most?: number;
}

/** No lines and no colours: columns two spaces apart, readable on any terminal and in any log. */
const lines = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
] as const;
const inner = ["left", "left-mid", "mid", "mid-mid", "right", "right-mid"] as const;
const chars = { ...Object.fromEntries([...lines, ...inner].map((name) => [name, ""])), middle: "  " };

/**
 * A table as lines of text, without line breaks in its cells. Where the terminal is too narrow, each row is a paragraph of
 * headings and values.
 *
 * @param width columns of the terminal. Default: there is none
 */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  for (const cells of [rows, shortened(columns, rows)]) {
    const text = wholeTable(columns, cells);
    if (text.split("\n").every((line) => line.length <= width)) return text;
  }
  return rows.map((row) => paragraph(columns, row, width)).join("\n");
}

/** `JOB nightly  STATE running  …`; further lines are indented. */
function paragraph(columns: readonly Column[], row: readonly string[], width: number): string {
  const pairs = columns.flatMap(({ head }, index) => (row[index] ? [`${head} ${row[index]}`] : []));
  const lines: string[] = [];
  for (const pair of pairs) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 2 + pair.length <= width) lines[lines.length - 1] = `${last}  ${pair}`;
    else lines.push(...wrapLine(last === undefined ? pair : `  ${pair}`, width, "    ").split("\n"));
  }
  return lines.join("\n");
}

function wholeTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align = "left" }) => align),
    chars,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  // The library puts an empty line between rows that lack cells.
  table.push(...rows.map((row) => columns.map((_, index) => row[index] ?? "")));
  return table.toString().replaceAll(/ +$/gm, "");
}

function shortened(columns: readonly Column[], rows: readonly (readonly string[])[]): string[][] {
  const short = (cell: string, most = cell.length) => (cell.length > most ? `${cell.slice(0, most - 1)}…` : cell);
  return rows.map((row) => row.map((cell, index) => short(cell, columns[index]?.most)));
}

/** Pairs of a name and a text, below one another. */
export function textPairs(pairs: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length)) + 2;
  return pairs.map(([name, text]) => name.padEnd(width) + text).join("\n");
}
