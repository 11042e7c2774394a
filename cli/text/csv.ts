/**
 * CSV by RFC 4180: commas, CRLF, and quotes around values that need them.
 *
 * A spreadsheet treats any cell that begins with `=` as a formula. The guard puts an apostrophe before such a text, which
 * makes it text again (https://owasp.org/www-community/attacks/CSV_Injection).
 */

/** The characters with which a spreadsheet's formula may begin; the wide forms are those of East Asian keyboards. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** A number is harmless, whatever its sign. */
const NUMBER = /^[+-]?\d+(\.\d+)?$/;
/** Semicolons and tabs too: there are spreadsheets that split at these. */
const NEEDS_QUOTES = /[",;\t\r\n]/;

/** A text as a cell; the empty text is a pair of quotes, and a missing one (undefined) an empty cell. */
export function csvText(text: string | undefined, guard: boolean): string {
  if (text === undefined) return "";
  const safe = guard && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === "" || NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A line of cells that are CSV already. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}
