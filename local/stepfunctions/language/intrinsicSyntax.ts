/** A call of an intrinsic function, or one of its arguments. */
export type Expression =
  | { kind: "call"; name: string; args: Expression[] }
  /** A text in quotes, in which backslashes still escape. */
  | { kind: "text"; raw: string }
  | { kind: "path"; path: string }
  | { kind: "value"; value: number | boolean | null };

const TOKEN =
  /\s*(?:(States\.\w+)\s*\(|'((?:\\.|[^'\\])*)'|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|(\$))/y;
/** Names after dots, and brackets, in which quotes may hold anything. */
const PATH = /\$\$?(?:\.\.?(?:[\w\u0080-\uFFFF-]+|\*)?|\[(?:'[^']*'|"[^"]*"|[^\]'"])*\])*/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/**
 * Reads a call such as `States.Format('{}-{}', $.job, States.UUID())`.
 * @throws SyntaxError with the place.
 */
export function parseIntrinsic(text: string): Expression & { kind: "call" } {
  const parser = new Parser(text);
  const expression = parser.expression();
  parser.end();
  if (expression.kind !== "call") throw new SyntaxError(`${text} is no call of an intrinsic function`);
  return expression;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expression(): Expression {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (!match) throw this.#problem();
    const [, name, raw, number, word, dollar] = match;
    this.#at = dollar === undefined ? TOKEN.lastIndex : TOKEN.lastIndex - 1;
    if (name !== undefined) return { kind: "call", name, args: this.#args() };
    if (raw !== undefined) return { kind: "text", raw };
    if (number !== undefined) return { kind: "value", value: Number(number) };
    if (word !== undefined) return { kind: "value", value: WORDS[word] ?? null };
    return { kind: "path", path: this.#path() };
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== "") throw this.#problem();
  }

  #args(): Expression[] {
    const args: Expression[] = [];
    if (this.#take(")")) return args;
    do args.push(this.expression());
    while (this.#take(","));
    if (!this.#take(")")) throw this.#problem();
    return args;
  }

  #path(): string {
    PATH.lastIndex = this.#at;
    const path = PATH.exec(this.#text)?.[0] ?? "";
    this.#at += path.length;
    return path;
  }

  #take(character: string): boolean {
    const rest = /^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
    if (this.#text[this.#at + rest] !== character) return false;
    this.#at += rest + 1;
    return true;
  }

  #problem(): SyntaxError {
    return new SyntaxError(`it cannot be read from character ${this.#at + 1} on: ${this.#text.slice(this.#at)}`);
  }
}
