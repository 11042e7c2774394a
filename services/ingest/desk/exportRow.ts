/** The rows of exports, whose questions differ. Pure. */
import { isQuestion, questionsAmong } from "../questions";

/** A number is in DynamoDB's text form, so that no digit is lost. */
export type Cell = string | boolean | { readonly number: string };

/** Cells by column; a column that the row doesn't have is left out. */
export type ExportRow = Readonly<Record<string, Cell>>;

export interface ExportColumns {
  /** Columns before the questions, in this order. */
  readonly first: readonly string[];
  /** Columns after the questions. */
  readonly last: readonly string[];
}

/** The columns of a table, with the questions among these names in the order of their numbers. */
export function columnNames({ first, last }: ExportColumns, names: Iterable<string>): string[] {
  return [...first, ...questionsAmong([...names]), ...last];
}

export function questionsOf(row: ExportRow): string[] {
  return Object.keys(row).filter(isQuestion);
}

export function numberCell(number: number): Cell {
  return { number: String(number) };
}
