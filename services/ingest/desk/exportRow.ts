/** What exports are made of: rows, whose questions differ. Pure. */
import { isQuestion, questionsAmong } from "../questions";

/** A number is DynamoDB's text of it, so that no digit is lost. */
export type Cell = string | boolean | { readonly number: string };

/** Cells by column; a column that the row doesn't have is left out. */
export type ExportRow = Readonly<Record<string, Cell>>;

export interface ExportColumns {
  /** Before the questions, in this order. */
  readonly first: readonly string[];
  /** After them. */
  readonly last: readonly string[];
}

/** The columns of a table: the questions among these names stand in the order of their numbers. */
export function columnNames({ first, last }: ExportColumns, names: Iterable<string>): string[] {
  return [...first, ...questionsAmong([...names]), ...last];
}

export function questionsOf(row: ExportRow): string[] {
  return Object.keys(row).filter(isQuestion);
}

export function numberCell(number: number): Cell {
  return { number: String(number) };
}
