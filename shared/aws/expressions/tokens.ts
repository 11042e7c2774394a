/** Splits an expression's text into tokens. */

/** `word`: an attribute's name, a function's or a keyword. `name`: `#name`. `value`: `:value`. `index`: of a list. */
export interface Token {
  readonly kind: "word" | "name" | "value" | "index" | "sign" | "end" | "other";
  readonly text: string;
  /** Its position in the text, from 1. */
  readonly position: number;
}

const TOKEN = new RegExp(
  [
    "[ \\t\\r\\n]*(?:",
    "(?<word>[A-Za-z][A-Za-z0-9_]*)",
    "|(?<name>#[A-Za-z0-9_]+)",
    "|(?<value>:[A-Za-z0-9_]+)",
    "|(?<index>0|[1-9][0-9]*)",
    "|(?<sign><>|<=|>=|[=<>().,[\\]])",
    "|(?<other>[^ \\t\\r\\n])",
    "|(?<end>$))",
  ].join(""),
  "uy",
);

/** All tokens; the last is `end`. `other`: characters that no expression has. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const [kind, found] = Object.entries(TOKEN.exec(text)?.groups ?? {}).find(([, part]) => part !== undefined)!;
    const position = TOKEN.lastIndex - found!.length + 1;
    tokens.push({ kind: kind as Token["kind"], text: found!, position });
    if (kind === "end") return tokens;
  }
}
