/** Text that fits a terminal. Pure. Widths are in characters; undefined: there is no terminal, lines may have any length. */

/** A short name and at least two spaces. The text after them describes the name. */
const NAMED = /^ {0,2}\S(?:.{0,21}\S)? {2,}(?=\S)/;

/**
 * Breaks a line at spaces. A longer word, such as an object's key, stays whole: it begins a line of its own without indentation, so
 * that the terminal breaks it as little as possible and it can be copied.
 *
 * @param indent of all lines but the first
 */
export function wrapLine(line: string, width: number | undefined, indent = ""): string {
  if (width === undefined || line.length <= width) return line;
  const lead = /^ */.exec(line)![0];
  const [first = "", ...words] = line.slice(lead.length).split(" ");
  const begun = (space: string, word: string) => (space.length + word.length <= width ? space + word : word);
  const lines: string[] = [];
  let current = begun(lead, first);
  for (const word of words) {
    if (`${current} ${word}`.length <= width) current += ` ${word}`;
    else {
      lines.push(current.trimEnd());
      current = begun(indent, word);
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
    if (name === undefined || name.length > width / 2) {
      return line.startsWith(" ") ? wrapLine(line, width, "    ") : line;
    }
    const text = line.slice(name.length);
    const room = width - name.length;
    if (text.split(" ").some((word) => word.length > room)) {
      return `${name.trimEnd()}\n${wrapLine(`  ${text}`, width, "  ")}`;
    }
    return name + wrapLine(text, room).replaceAll("\n", `\n${" ".repeat(name.length)}`);
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
