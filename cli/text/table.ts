import Table from "cli-table3";

/** Of a column: its heading, and how its cells stand. Default: left. */
export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
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

/** A table as lines of text, without line breaks in its cells. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align = "left" }) => align),
    chars,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, "");
}

/** Pairs of a name and a text, below one another. */
export function textPairs(pairs: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length)) + 2;
  return pairs.map(([name, text]) => name.padEnd(width) + text).join("\n");
}
