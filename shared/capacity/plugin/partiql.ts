/**
 * Reads as much of a PartiQL statement as metering needs: which table or index it uses, and whether it reads or writes.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
 */
import type { Direction } from "../metering/direction";

export interface Statement {
  readonly verb: "select" | "insert" | "update" | "delete" | "exists";
  readonly direction: Direction;
  /** Name or ARN. */
  readonly table: string;
  readonly index: string | undefined;
}

interface Token {
  readonly kind: "word" | "quoted" | "other";
  readonly text: string;
}

/** Spaces and comments; "quoted name"; 'text'; a word; any other character. */
const TOKEN = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|"((?:[^"]|"")*)"|('(?:[^']|'')*')|([A-Za-z_$][\w$]*)|([\s\S])/g;

/**
 * Statements that were read lately, by their text: those of a batch usually have the same text, because their values are
 * separate.
 */
const known = new Map<string, Statement | undefined>();
const MOST_KNOWN = 100;

/** `undefined`: a form that this module does not know. */
export function parseStatement(text: string): Statement | undefined {
  if (known.has(text)) return known.get(text);
  const statement = parsed(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, statement);
  return statement;
}

function parsed(text: string): Statement | undefined {
  const tokens = tokensOf(text);
  let first = next(tokens);
  while (isOther(first, "(")) first = next(tokens);
  switch (keyword(first)) {
    case "SELECT":
      skipTo(tokens, "FROM");
      return used("select", "read", tokens);
    case "INSERT":
      return keyword(next(tokens)) === "INTO" ? used("insert", "write", tokens) : undefined;
    case "UPDATE":
      return used("update", "write", tokens);
    case "DELETE":
      return keyword(next(tokens)) === "FROM" ? used("delete", "write", tokens) : undefined;
    // Part of a transaction that writes. Like a ConditionCheck it consumes write capacity.
    case "EXISTS":
      skipTo(tokens, "FROM");
      return used("exists", "write", tokens);
    default:
      return undefined;
  }
}

/** `table`, or `table.index`. */
function used(verb: Statement["verb"], direction: Direction, tokens: Iterator<Token>): Statement | undefined {
  const table = name(next(tokens));
  if (table === undefined) return undefined;
  const index = isOther(next(tokens), ".") ? name(next(tokens)) : undefined;
  return { verb, direction, table, index };
}

function* tokensOf(text: string): Generator<Token> {
  for (const [, quoted, literal, word, other] of text.matchAll(TOKEN)) {
    if (quoted !== undefined) yield { kind: "quoted", text: quoted.replaceAll('""', '"') };
    else if (word !== undefined) yield { kind: "word", text: word };
    else if (literal !== undefined || other !== undefined) yield { kind: "other", text: literal ?? other! };
  }
}

function next(tokens: Iterator<Token>): Token | undefined {
  const { value, done } = tokens.next();
  return done ? undefined : value;
}

/** Consumes the tokens up to and including this word, or all tokens if the word doesn't occur. */
function skipTo(tokens: Iterator<Token>, word: string): void {
  for (let token = next(tokens); token !== undefined && keyword(token) !== word; ) token = next(tokens);
}

function keyword(token: Token | undefined): string | undefined {
  return token?.kind === "word" ? token.text.toUpperCase() : undefined;
}

function name(token: Token | undefined): string | undefined {
  return token === undefined || token.kind === "other" ? undefined : token.text;
}

function isOther(token: Token | undefined, text: string): boolean {
  return token?.kind === "other" && token.text === text;
}
