/** Reads CSV exactly by RFC 4180, character by character. Anything else is an error. A missing cell is undefined. */
export function parseCsv(text: string): (string | undefined)[][] {
  const rows: (string | undefined)[][] = [];
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at character ${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
  };
  const quoted = (): string => {
    let cell = "";
    for (at++; at < text.length; at++) {
      if (text[at] !== '"') cell += text[at];
      else if (text[at + 1] === '"') cell += text[++at];
      else {
        at++;
        return cell;
      }
    }
    return fail("no closing quote");
  };
  const bare = (): string | undefined => {
    const [cell] = /^[^,\r\n"]*/.exec(text.slice(at))!;
    at += cell.length;
    return cell === "" ? undefined : cell;
  };
  while (at < text.length) {
    const row: (string | undefined)[] = [];
    for (;;) {
      row.push(text[at] === '"' ? quoted() : bare());
      if (text[at] !== ",") break;
      at++;
    }
    if (text.slice(at, at + 2) !== "\r\n") fail("a line must end with CRLF");
    at += 2;
    if (rows.length > 0 && rows[0]!.length !== row.length) fail("each row must have as many cells as the first");
    rows.push(row);
  }
  return rows;
}
