import { createHash, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../../shared/json";
import { seededRandom } from "../../faults/random";
import { StateError } from "../stateError";
import { type Expression, parseIntrinsic } from "./intrinsicSyntax";
import { find, type Source } from "./paths";

const HASHES: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};
/** The most characters of a text that is encoded, decoded or hashed, and the most items of a range. */
const CHARACTERS_MAX = 10_000;
const RANGE_MAX = 1_000;

interface Intrinsic {
  /** Fewest and most arguments. */
  arity: readonly [number, number];
  call(args: readonly Json[], random: () => number): Json;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const FUNCTIONS: Readonly<Record<string, Intrinsic>> = {
  "States.Array": { arity: [0, Infinity], call: (args) => args },
  "States.ArrayContains": {
    arity: [2, 2],
    call: ([array, value]) => list(array).some((each) => isDeepStrictEqual(each, value)),
  },
  "States.ArrayGetItem": { arity: [2, 2], call: ([array, index]) => itemAt(list(array), whole(index)) },
  "States.ArrayLength": { arity: [1, 1], call: ([array]) => list(array).length },
  "States.ArrayPartition": { arity: [2, 2], call: ([array, size]) => partitions(list(array), whole(size)) },
  "States.ArrayRange": { arity: [3, 3], call: ([from, to, step]) => range(whole(from), whole(to), whole(step)) },
  "States.ArrayUnique": { arity: [1, 1], call: ([array]) => unique(list(array)) },
  "States.Base64Decode": {
    arity: [1, 1],
    call: ([encoded]) => Buffer.from(short(encoded), "base64").toString(),
  },
  "States.Base64Encode": { arity: [1, 1], call: ([plain]) => Buffer.from(short(plain)).toString("base64") },
  "States.Format": { arity: [1, Infinity], call: ([template, ...values]) => format(text(template), values) },
  "States.Hash": { arity: [2, 2], call: ([data, algorithm]) => hash(data, text(algorithm)) },
  "States.JsonMerge": { arity: [3, 3], call: ([first, second, deep]) => merge(first, second, deep) },
  "States.JsonToString": { arity: [1, 1], call: ([value]) => JSON.stringify(value) },
  "States.MathAdd": { arity: [2, 2], call: ([first, second]) => whole(first) + whole(second) },
  "States.MathRandom": {
    arity: [2, 3],
    call: ([from, to, seed], random) => {
      const share = seed === undefined ? random() : seededRandom(whole(seed))();
      return whole(from) + Math.floor(share * (whole(to) - whole(from)));
    },
  },
  "States.StringSplit": { arity: [2, 2], call: ([whole, separators]) => split(text(whole), text(separators)) },
  "States.StringToJson": { arity: [1, 1], call: ([json]) => JSON.parse(text(json)) as Json },
  "States.UUID": { arity: [0, 0], call: () => randomUUID() },
};

/** The problem of a call before it is evaluated; undefined if there is none. */
export function problemOfIntrinsic(call: string): string | undefined {
  try {
    return problemOf(parseIntrinsic(call));
  } catch (error) {
    return (error as Error).message;
  }
}

function problemOf(expression: Expression): string | undefined {
  if (expression.kind !== "call") return undefined;
  const known = FUNCTIONS[expression.name];
  if (!known) return `the local cloud has no ${expression.name}`;
  const [fewest, most] = known.arity;
  const { length } = expression.args;
  if (length < fewest || length > most) return `${expression.name} cannot take ${length} arguments`;
  return expression.args.map(problemOf).find((problem) => problem !== undefined);
}

/**
 * Evaluates a call.
 * @param random numbers in [0, 1).
 * @throws StateError States.IntrinsicFailure.
 */
export function evaluateIntrinsic(call: string, source: Source, random: () => number): Json {
  try {
    return evaluate(parseIntrinsic(call), source, random);
  } catch (error) {
    throw new StateError("States.IntrinsicFailure", `${call} failed: ${(error as Error).message}`);
  }
}

function evaluate(expression: Expression, source: Source, random: () => number): Json {
  if (expression.kind === "value") return expression.value;
  if (expression.kind === "text") return unescaped(expression.raw);
  if (expression.kind === "path") {
    const found = find(expression.path, source);
    if (found === undefined) throw new Error(`nothing is at ${expression.path}`);
    return found;
  }
  const { name, args } = expression;
  const values = args.map((each, index) =>
    // Escaped braces of a template are not placeholders: they are unescaped with the rest.
    name === "States.Format" && index === 0 && each.kind === "text" ? each.raw : evaluate(each, source, random),
  );
  return (FUNCTIONS[name] as Intrinsic).call(values, random);
}

function format(template: string, values: readonly Json[]): string {
  let used = 0;
  const result = template.replace(/\\(.)|\{\}/gs, (_, escaped?: string) => {
    if (escaped !== undefined) return escaped;
    const value = values[used++];
    return typeof value === "string" ? value : JSON.stringify(value ?? null);
  });
  if (used !== values.length) throw new Error(`${used} places for ${values.length} values`);
  return result;
}

function unescaped(raw: string): string {
  return raw.replace(/\\(.)/gs, "$1");
}

function itemAt(array: readonly Json[], index: number): Json {
  const item = array[index];
  if (item === undefined) throw new Error(`no item ${index} in an array of ${array.length}`);
  return item;
}

function partitions(array: readonly Json[], size: number): Json[] {
  if (size < 1) throw new Error(`${size} is no size`);
  return Array.from({ length: Math.ceil(array.length / size) }, (_, part) =>
    array.slice(part * size, (part + 1) * size),
  );
}

function range(from: number, to: number, step: number): number[] {
  if (step === 0) throw new Error("the step must not be 0");
  const length = Math.max(0, Math.floor((to - from) / step) + 1);
  if (length > RANGE_MAX) throw new Error(`${length} items are more than ${RANGE_MAX}`);
  return Array.from({ length }, (_, index) => from + index * step);
}

function unique(array: readonly Json[]): Json[] {
  return array.filter((each, index) => array.findIndex((other) => isDeepStrictEqual(each, other)) === index);
}

function hash(data: Json | undefined, algorithm: string): string {
  const known = HASHES[algorithm];
  if (!known) throw new Error(`${algorithm} is none of ${Object.keys(HASHES).join(", ")}`);
  return createHash(known).update(short(data)).digest("hex");
}

function merge(first: Json | undefined, second: Json | undefined, deep: Json | undefined): Json {
  if (deep !== false) throw new Error("only shallow merges are supported: the third argument must be false");
  return { ...object(first), ...object(second) };
}

/** Every character of the second text separates. */
function split(whole: string, separators: string): string[] {
  const parts = [""];
  for (const character of whole) {
    if (separators.includes(character)) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== "");
}

function list(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${JSON.stringify(value)} is no array`);
}

function object(value: Json | undefined): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Error(`${JSON.stringify(value)} is no object`);
}

function whole(value: Json | undefined): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new Error(`${JSON.stringify(value)} is no whole number`);
}

function text(value: Json | undefined): string {
  if (typeof value === "string") return value;
  throw new Error(`${JSON.stringify(value)} is no text`);
}

function short(value: Json | undefined): string {
  const result = text(value);
  if (result.length > CHARACTERS_MAX) throw new Error(`a text of more than ${CHARACTERS_MAX} characters`);
  return result;
}
