/** A shorter form of the rules by which an SDK client finds its endpoint. */

/**
 * The rules are a decision diagram with three numbers for each node: the condition, and the next node if it holds and if
 * it doesn't.
 */
const NODES = /new Int32Array\(\[([-\d\sr+,]*)\]\)/;
/** Numbers from here on are results, not nodes. */
const RESULTS = 100_000_000;
const OFFSET = "const r = 100_000_000;";
/** In two digits to the base of 36, numbers below this are nodes, and the others are results. */
const BORDER = 648;
const NONE = 36 * 36 - 1;

/**
 * Writes the numbers as one string of two digits each, half as long. Text of an unexpected form stays unchanged.
 */
export function withShortRules(source: string): string {
  const [, list] = NODES.exec(source) ?? [];
  const numbers = list?.match(/r \+ \d+|-?\d+/g)?.map((text) => codeOf(text));
  if (numbers === undefined || numbers.includes(undefined) || !source.includes(OFFSET)) return source;
  const digits = numbers.map((number) => number!.toString(36).padStart(2, "0")).join("");
  const read = `(at) => at === ${NONE} ? -1 : at < ${BORDER} ? at : at + ${RESULTS - BORDER}`;
  const codes = `"${digits}".match(/../g).map((code) => parseInt(code, 36))`;
  return source.replace(NODES, `Int32Array.from(${codes}, ${read})`);
}

/** Undefined: it does not fit. */
function codeOf(text: string): number | undefined {
  if (text === "-1") return NONE;
  const isResult = text.startsWith("r");
  const number = Number(text.replace("r + ", "")) + (isResult ? BORDER : 0);
  return number >= 0 && (isResult ? number < NONE : number < BORDER) ? number : undefined;
}
