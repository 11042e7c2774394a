/**
 * One line of CSV: fields between commas, quotes around those that contain some, quotes doubled within quotes.
 * https://www.rfc-editor.org/rfc/rfc4180
 *
 * Unlike in the RFC, a quoted field ends on its line, because a large list is split at any line feed.
 */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/** The fields; undefined if a quote is misplaced or unbalanced. Pure. */
export function csvFields(line: string): string[] | undefined {
  const text = line.replace(/\r$/, "");
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(text);
    if (match === null) return undefined;
    const [, quoted, plain = "", end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "") return fields;
  }
}
