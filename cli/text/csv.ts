/**
 * CSV as RFC 4180 has it: commas, CRLF, and quotes around what needs them.
 *
 * A spreadsheet takes a cell that begins with `=` for a formula, whoever wrote it. The guard puts an apostrophe before such a
 * text, which makes it text again (https://owasp.org/www-community/attacks/CSV_Injection).
 */

/** What a spreadsheet may take for the beginning of a formula; the wide forms are those of East Asian keyboards. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** A number can't do harm, whatever sign it has. */
const NUMBER = /^[+-]?\d+(\.\d+)?$/;
/** Semicolons and tabs too: there are spreadsheets that split at these. */
const NEEDS_QUOTES = /[",;\t\r\n]/;

/** A text as a cell; the empty text is a pair of quotes, a missing one (undefined) nothing at all. */
export function csvText(text: string | undefined, guard: boolean): string {
  if (text === undefined) return "";
  const safe = guard && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === "" || NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A line of cells that are CSV already. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}
