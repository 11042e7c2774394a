/**
 * Reads the parts of a PartiQL statement that permissions and capacity depend on: the table, and the values that its
 * attributes get or must equal. DynamoDB Local itself checks whether a statement is well formed.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
 */
import { parseStatement, type Statement } from "../../../shared/capacity/plugin/partiql";
import type { Value, WireItem } from "../wire";

/** A statement in a request. */
export interface StatementRequest {
  Statement?: string;
  Parameters?: Value[];
  ConsistentRead?: boolean;
  ReturnValuesOnConditionCheckFailure?: string;
}

export interface ParsedStatement extends Omit<Statement, "table"> {
  /** The table's name, even if the statement gives its ARN. */
  readonly table: string;
  /** The equalities `name = value` that must hold for the WHERE clause to be true. */
  readonly equal: WireItem;
  /** What an INSERT puts: attributes with a literal or a parameter. Empty for other statements. */
  readonly item: WireItem;
}

interface Token {
  /** A word or a quoted name. */
  readonly name?: string;
  /** A word in upper case. */
  readonly keyword?: string;
  /** A literal, or the parameter that a question mark stands for. */
  readonly value?: Value;
  /** `'text'`, which names an attribute if a colon follows. */
  readonly text?: string;
  /** Any other character. */
  readonly sign?: string;
}

/** Spaces and comments; "quoted name"; 'text'; a number; a word; any other character. */
const TOKEN =
  /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(-?\d[\d.]*(?:[eE][+-]?\d+)?)|([A-Za-z_$][\w$]*)|([\s\S])/g;

/** The statements of a PartiQL call, in their order; undefined for other calls. */
export function statementsOf(action: string, input: Readonly<Record<string, unknown>>): StatementRequest[] | undefined {
  if (action === "ExecuteStatement") return [input as StatementRequest];
  if (action === "BatchExecuteStatement") return list(input.Statements);
  return action === "ExecuteTransaction" ? list(input.TransactStatements) : undefined;
}

/** Undefined: the form is unknown here, or the text isn't a statement. */
export function parsedStatement({ Statement: text = "", Parameters }: StatementRequest): ParsedStatement | undefined {
  const statement = parseStatement(text);
  if (!statement) return undefined;
  const tokens = tokensOf(text, Parameters ?? []);
  const table = statement.table.split("table/").at(-1) ?? statement.table;
  return { ...statement, table, equal: equalities(tokens), item: statement.verb === "insert" ? putItem(tokens) : {} };
}

function list(statements: unknown): StatementRequest[] {
  return Array.isArray(statements) ? statements : [];
}

function tokensOf(text: string, parameters: readonly Value[]): Token[] {
  let used = 0;
  const tokens: Token[] = [];
  for (const [, quoted, literal, number, word, sign] of text.matchAll(TOKEN)) {
    if (quoted !== undefined) tokens.push({ name: quoted.replaceAll('""', '"') });
    else if (literal !== undefined) tokens.push(textToken(literal.replaceAll("''", "'")));
    else if (number !== undefined) tokens.push({ value: { N: number } });
    else if (word !== undefined) tokens.push({ name: word, keyword: word.toUpperCase() });
    else if (sign === "?") tokens.push({ sign, ...parameter(parameters[used++]) });
    else if (sign !== undefined) tokens.push({ sign });
  }
  return tokens;
}

function textToken(text: string): Token {
  return { text, value: { S: text } };
}

function parameter(value: Value | undefined): Pick<Token, "value"> {
  return value === undefined ? {} : { value };
}

/** Only plain attributes: behind WHERE, AND or a bracket there is a name, then `=`, then a value. */
function equalities(tokens: readonly Token[]): WireItem {
  const found: Record<string, Value> = Object.create(null);
  const from = tokens.findIndex(({ keyword }) => keyword === "WHERE");
  if (from < 0 || tokens.some((_, at) => at > from && loosens(tokens, at))) return found;
  for (let at = from; at < tokens.length - 3; at++) {
    const [before, { name }, { sign }, { value }] = tokens.slice(at, at + 4) as [Token, Token, Token, Token];
    const begins = before.keyword === "WHERE" || before.keyword === "AND" || before.sign === "(";
    if (begins && name !== undefined && sign === "=" && value !== undefined) found[name] ??= value;
  }
  return found;
}

/** OR and NOT (…), after which an equality need not hold; IS NOT MISSING doesn't count. */
function loosens(tokens: readonly Token[], at: number): boolean {
  const keyword = tokens[at]?.keyword;
  return keyword === "OR" || (keyword === "NOT" && tokens[at + 1]?.sign === "(");
}

/** The attributes of the outermost level of `VALUE {'name': value, …}`. */
function putItem(tokens: readonly Token[]): WireItem {
  const item: Record<string, Value> = Object.create(null);
  let depth = 0;
  const from = tokens.findIndex(({ keyword }) => keyword === "VALUE");
  for (let at = Math.max(0, from); at < tokens.length; at++) {
    const { sign, name, text = name } = tokens[at]!;
    if (sign !== undefined && "{[<(".includes(sign)) depth++;
    else if (sign !== undefined && "}]>)".includes(sign)) depth--;
    else if (depth === 1 && text !== undefined && tokens[at + 1]?.sign === ":") {
      const value = tokens[at + 2]?.value;
      if (value !== undefined) item[text] = value;
      at += 1;
    }
  }
  return item;
}
