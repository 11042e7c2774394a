/** Text that fits a terminal. Pure. Widths are in characters; undefined: there is no terminal, lines may have any length. */

/** A short name and at least two spaces. The text after them describes the name. */
const NAMED = /^ {0,2}\S(?:.{0,21}\S)? {2,}(?=\S)/;

/** Breaks a line at spaces. A longer word stays whole. @param indent of all lines but the first */
export function wrapLine(line: string, width: number | undefined, indent = ""): string {
  if (width === undefined || line.length <= width) return line;
  const lead = /^ */.exec(line)![0];
  const [first = "", ...words] = line.slice(lead.length).split(" ");
  const lines: string[] = [];
  let current = lead + first;
  for (const word of words) {
    if (`${current} ${word}`.length <= width) current += ` ${word}`;
    else {
      lines.push(current.trimEnd());
      current = indent + word;
    }
  }
  return [...lines, current.trimEnd()].join("\n");
}

/**
 * Breaks pairs of a name and a text, so that the text stays in its column, and indented lines. Other lines stay as they
 * are: the terminal breaks them, and a command in them can be copied.
 */
export function wrapPairs(text: string, width: number | undefined): string {
  if (width === undefined) return text;
  const lines = text.split("\n").map((line) => {
    const name = NAMED.exec(line)?.[0];
    if (line.length <= width) return line;
    if (name === undefined || name.length > width / 2)
      return line.startsWith(" ") ? wrapLine(line, width, "    ") : line;
    return (
      name + wrapLine(line.slice(name.length), width - name.length).replaceAll("\n", `\n${" ".repeat(name.length)}`)
    );
  });
  return lines.join("\n");
}

/** Wraps paragraphs that were written for 80 columns for a narrower terminal. Indented lines are examples and stay. */
export function wrapParagraphs(text: string, width: number | undefined): string {
  if (width === undefined || text.split("\n").every((line) => line.length <= width)) return text;
  const joined = text.replaceAll(/(?<=\S)\n(?=[^\s])/g, " ");
  return joined
    .split("\n")
    .map((line) => (line.startsWith(" ") ? line : wrapLine(line, width)))
    .join("\n");
}
