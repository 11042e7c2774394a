/**
 * Parses condition expressions into trees, by DynamoDB's grammar, and refuses what DynamoDB refuses. The only exception:
 * words that DynamoDB reserves (`Old`, `Status`, …) are names like others, because the text isn't sent to DynamoDB.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
import type { Path } from "./path";
import type { References } from "./references";
import { betweenProblem, callProblem, compareProblem, functionProblem, inProblem } from "./rules";
import { type Token, tokensOf } from "./tokens";
import type { Clause, Comparator, Operand, Predicate } from "./tree";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters */
const MOST_BYTES = 4_096;
const MOST_OPERATORS = 300;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes */
const MOST_LEVELS = 32;
const MOST_INDEX = 2 ** 31 - 1;

const KEYWORDS = new Set(["AND", "OR", "NOT", "IN", "BETWEEN"]);
const COMPARATORS = new Set(["=", "<>", "<", "<=", ">", ">="]);

/** Where the text is invalid, and why, as a text that follows "is invalid at position 5: ". */
export class Invalid extends Error {
  constructor(
    readonly position: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** A part of a condition, with its first token. `wrapped`: it has its own parentheses. */
type Part = { readonly at: Token; readonly wrapped?: boolean } & (
  | { readonly operand: Operand }
  | { readonly clause: Clause }
);

/** @throws Invalid */
export function parse(text: string, references: References): Clause {
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > MOST_BYTES) throw new Invalid(1, `an expression has at most ${MOST_BYTES} bytes, this one has ${bytes}`);
  return new Parser(tokensOf(text), references).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #references: References;
  #next = 0;
  #operators = 0;
  #parentheses = 0;

  constructor(tokens: readonly Token[], references: References) {
    this.#tokens = tokens;
    this.#references = references;
  }

  whole(): Clause {
    const clause = clauseOf(this.#or());
    if (this.#peek().kind !== "end") this.#fail("AND, OR or the end");
    return clause;
  }

  #or(): Part {
    return this.#joined("or", () => this.#and());
  }

  #and(): Part {
    return this.#joined("and", () => this.#not());
  }

  #joined(kind: "and" | "or", side: () => Part): Part {
    let part = side();
    while (this.#isKeyword(kind.toUpperCase())) {
      const left = clauseOf(part);
      this.#operator();
      part = { at: part.at, clause: { kind, left, right: clauseOf(side()) } };
    }
    return part;
  }

  #not(): Part {
    if (!this.#isKeyword("NOT")) return this.#comparison();
    const at = this.#operator();
    return { at, clause: { kind: "not", clause: clauseOf(this.#not()) } };
  }

  #comparison(): Part {
    const part = this.#primary();
    const { kind, text } = this.#peek();
    if (kind === "sign" && COMPARATORS.has(text)) return this.#compare(part, text as Comparator);
    if (this.#isKeyword("BETWEEN")) return this.#between(part);
    if (this.#isKeyword("IN")) return this.#in(part);
    return part;
  }

  #compare(left: Part, by: Comparator): Part {
    const first = operandOf(left);
    const at = this.#operator();
    const operands = [first, this.#operand()] as const;
    refuse(at, compareProblem(by, operands));
    return { at: left.at, clause: { kind: "compare", by, operands } };
  }

  #between(value: Part): Part {
    const first = operandOf(value);
    const at = this.#operator();
    const low = this.#operand();
    if (!this.#isKeyword("AND")) this.#fail("AND and the upper bound of BETWEEN");
    this.#take();
    const operands = [first, low, this.#operand()] as const;
    refuse(at, betweenProblem(operands));
    return { at: value.at, clause: { kind: "between", operands } };
  }

  #in(value: Part): Part {
    const first = operandOf(value);
    const at = this.#operator();
    this.#expect("(");
    const operands = [first, ...this.#list()] as const;
    refuse(at, inProblem(operands));
    return { at: value.at, clause: { kind: "in", operands } };
  }

  #primary(): Part {
    const at = this.#peek();
    if (at.text === "(") return this.#parenthesized();
    if (at.kind === "value") return { at, operand: this.#value() };
    if (at.kind === "word" && !isKeyword(at) && this.#tokens[this.#next + 1]?.text === "(") return this.#call();
    return { at, operand: { kind: "path", path: this.#path() } };
  }

  #parenthesized(): Part {
    const at = this.#take();
    // Each pair of parentheses that isn't redundant needs an operator or operand of its own. More pairs can't be right,
    // and would fill the stack.
    if (++this.#parentheses > 2 * MOST_OPERATORS) throw new Invalid(at.position, "too many parentheses");
    const part = this.#or();
    this.#expect(")");
    if (part.wrapped) throw new Invalid(at.position, "these parentheses are redundant, which DynamoDB refuses");
    this.#parentheses--;
    return { ...part, at, wrapped: true };
  }

  #call(): Part {
    const at = this.#operator();
    refuse(at, functionProblem(at.text));
    this.#expect("(");
    const operands = this.#list();
    const name = at.text as Predicate | "size";
    refuse(at, callProblem(name, operands));
    if (name === "size") return { at, operand: { kind: "size", of: operands[0]! } };
    return { at, clause: { kind: "call", name, operands } };
  }

  /** Operands up to the closing parenthesis. */
  #list(): Operand[] {
    const operands = [this.#operand()];
    while (this.#peek().text === ",") {
      this.#take();
      operands.push(this.#operand());
    }
    if (this.#peek().text !== ")") this.#fail('"," or ")"');
    this.#take();
    return operands;
  }

  #operand(): Operand {
    return operandOf(this.#primary());
  }

  #value(): Operand {
    const { text, position } = this.#take();
    const value = this.#references.value(text);
    if (value === undefined) throw new Invalid(position, `the value ${text} isn't defined`);
    return { kind: "value", value };
  }

  #path(): Path {
    const { position } = this.#peek();
    const path: [string, ...(string | number)[]] = [this.#name("an operand: a path, a :value or a function")];
    for (;;) {
      const { text } = this.#peek();
      if (text !== "." && text !== "[") break;
      this.#take();
      path.push(text === "." ? this.#name("a name") : this.#index());
    }
    if (path.length > MOST_LEVELS) throw new Invalid(position, `a path has at most ${MOST_LEVELS} levels`);
    return path;
  }

  #name(expected: string): string {
    const token = this.#peek();
    if (token.kind === "name") return this.#placeholder(this.#take());
    if (token.kind !== "word" || isKeyword(token)) this.#fail(expected);
    return this.#take().text;
  }

  #placeholder({ text, position }: Token): string {
    const name = this.#references.name(text);
    if (name === undefined) throw new Invalid(position, `the name ${text} isn't defined`);
    if (name === "") throw new Invalid(position, `the name ${text} stands for an empty name`);
    return name;
  }

  #index(): number {
    const { kind, text, position } = this.#peek();
    if (kind !== "index") this.#fail("the number of a list's element");
    if (Number(text) > MOST_INDEX) throw new Invalid(position, `an element's number is at most ${MOST_INDEX}`);
    this.#take();
    this.#expect("]");
    return Number(text);
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    return this.#tokens[this.#next++]!;
  }

  /** Takes a token that DynamoDB counts as an operator. */
  #operator(): Token {
    const token = this.#take();
    if (++this.#operators > MOST_OPERATORS) {
      throw new Invalid(token.position, `an expression has at most ${MOST_OPERATORS} operators and functions`);
    }
    return token;
  }

  #isKeyword(keyword: string): boolean {
    const { kind, text } = this.#peek();
    return kind === "word" && text.toUpperCase() === keyword;
  }

  #expect(sign: string): void {
    if (this.#peek().text !== sign) this.#fail(`"${sign}"`);
    this.#take();
  }

  #fail(expected: string): never {
    throw expectedAt(this.#peek(), expected);
  }
}

function isKeyword({ text }: Token): boolean {
  return KEYWORDS.has(text.toUpperCase());
}

function clauseOf(part: Part): Clause {
  if ("clause" in part) return part.clause;
  if (part.operand.kind === "size")
    throw new Invalid(part.at.position, "size is no condition; compare it with a value");
  throw new Invalid(part.at.position, "expected a condition, found an operand that nothing compares");
}

function operandOf(part: Part): Operand {
  if ("operand" in part) return part.operand;
  throw new Invalid(part.at.position, "expected an operand, found a condition; it can't be compared or passed on");
}

function expectedAt({ kind, text, position }: Token, expected: string): Invalid {
  return new Invalid(position, `expected ${expected}, found ${kind === "end" ? "the end" : JSON.stringify(text)}`);
}

function refuse(at: Token, problem: string | undefined): void {
  if (problem !== undefined) throw new Invalid(at.position, problem);
}
