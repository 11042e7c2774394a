/**
 * Updates declared in JSON.
 *
 * ```json
 * {
 *   "set": { "GSISK": "${Status}#${Timestamp}", "NewAttribute": { "S": "NewAttributeValue" } },
 *   "remove": ["Old"],
 *   "onlyIf": "attribute_not_exists(GSISK)"
 * }
 * ```
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { addNumbers } from "../../aws/decimal";
import { type Condition, parseCondition, withoutRepetitions } from "../../aws/expressions/condition";
import { attributeOf, type Path } from "../../aws/expressions/path";
import { References } from "../../aws/expressions/references";
import { sameValue } from "../../aws/expressions/sameValue";
import { attributeValue, attributeValues } from "../../aws/expressions/values";
import type { Item } from "../../aws/itemSize";
import type { TableSchema } from "../../tables/schema";
import { type KeyRules, keyRules, outOfBounds } from "./bounds";
import { ALREADY, type Failure, failure, type ItemUpdate, present, SKIPPED, type UpdateVerdict } from "./itemUpdate";
import { filled, missingIn, parseTemplate, type Template } from "./template";

/**
 * Names of attributes in `set`, `remove`, `add` and `marker` are whole attributes, spelled as they are or as `#name`.
 */
export interface DeclaredUpdate {
  /** Attributes to set: a template text, which makes a value of type S, or a constant in DynamoDB JSON. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** Numbers to add to attributes, exactly; a missing attribute counts as 0. Needs a marker. */
  readonly add?: Readonly<Record<string, { readonly N: string }>>;
  /** A condition expression. Items that don't meet it are skipped. */
  readonly onlyIf?: string;
  /** Attribute names by `#name`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Values of onlyIf, as plain JSON and as DynamoDB JSON. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly typedValues?: Readonly<Record<string, unknown>>;
  /** What to do with an item that lacks an attribute of a template. Default `skip`. */
  readonly missing?: "skip" | "fail";
  /** An attribute that the job sets to its own value in each item that it changes, so that it changes no item twice. */
  readonly marker?: string;
}

/**
 * @param given without problems (`updateProblems`)
 * @param schema of the table; undefined: not known, so that only DynamoDB checks values of index keys
 * @param markerValue the value of the marker attribute, such as the job's id
 */
export function declaredUpdate(
  given: DeclaredUpdate,
  schema: TableSchema | undefined,
  markerValue: string,
): ItemUpdate {
  return new Declared(given, schema, markerValue);
}

/** The paths that the decision on an item depends on, each once. @param given without problems */
export function pathsOf(given: DeclaredUpdate): readonly Path[] {
  return new Declared(given, undefined, "").paths;
}

/** A name of `set`, `remove`, `add` or `marker` without its placeholder; undefined: the placeholder isn't defined. */
export function targetName(text: string, references: References): string | undefined {
  return text.startsWith("#") ? references.name(text) : text;
}

/** An update that is being built. `failed`: why it can't be built. */
interface Draft {
  readonly set: Record<string, AttributeValue>;
  readonly failed: Failure | undefined;
}

class Declared implements ItemUpdate {
  readonly #constants: readonly (readonly [string, AttributeValue])[];
  readonly #templates: readonly (readonly [string, Template])[];
  readonly #numbers: readonly (readonly [string, string])[];
  readonly #remove: readonly string[];
  readonly #condition: Condition | undefined;
  readonly #marker: readonly [string, AttributeValue] | undefined;
  readonly #skipsMissing: boolean;
  readonly #rules: KeyRules;
  readonly paths: readonly Path[];

  constructor(given: DeclaredUpdate, schema: TableSchema | undefined, markerValue: string) {
    const { set = {}, add = {}, remove = [], onlyIf, names, values, typedValues, marker } = given;
    const references = new References({ names });
    const named = (text: string) => targetName(text, references) ?? text;
    const entries = Object.entries(set).map(([text, value]) => [named(text), value] as const);
    this.#templates = entries.flatMap(([name, value]) =>
      typeof value === "string" ? [[name, parseTemplate(value, references)] as const] : [],
    );
    this.#constants = entries.flatMap(([name, value]) =>
      typeof value === "string" ? [] : [[name, attributeValue(value)] as const],
    );
    this.#numbers = Object.entries(add).map(([text, { N }]) => [named(text), N]);
    this.#remove = remove.map(named);
    this.#marker = marker === undefined ? undefined : [named(marker), { S: markerValue }];
    const context = { names, values: attributeValues(values, typedValues) };
    this.#condition = onlyIf === undefined ? undefined : parseCondition(onlyIf, context, "onlyIf");
    this.#skipsMissing = given.missing !== "fail";
    this.#rules = schema === undefined ? new Map() : keyRules(schema);
    this.paths = this.#paths();
  }

  verdict(item: Item): UpdateVerdict {
    const marker = this.#marker;
    if (marker !== undefined && sameValue(attributeOf(item, marker[0]), marker[1])) return ALREADY;
    const { set, failed } = this.#draft(item);
    const remove = present(item, this.#remove);
    if (failed === undefined && remove.length === 0 && isEmpty(set)) return ALREADY;
    if (this.#condition?.holds(item) === false) return SKIPPED;
    if (failed !== undefined) return this.#skipsMissing && failed.code === MISSING ? SKIPPED : failed;
    return outOfBounds(item, set, remove, this.#rules) ?? { do: "change", set, remove, read: this.paths };
  }

  /** The part that the item doesn't have yet. */
  #draft(item: Item): Draft {
    const set: Record<string, AttributeValue> = {};
    let failed: Failure | undefined;
    for (const [name, template] of this.#templates) {
      const text = filled(template, item);
      if (text === undefined) failed ??= failure(MISSING, `set.${name} needs ${missingIn(template, item)}.`);
      else if (attributeOf(item, name)?.S !== text) set[name] = { S: text };
    }
    for (const [name, value] of this.#constants) if (!sameValue(attributeOf(item, name), value)) set[name] = value;
    for (const [name, number] of this.#numbers) {
      const sum = added(name, attributeOf(item, name), number);
      if ("do" in sum) failed ??= sum;
      else set[name] = sum;
    }
    if (this.#marker !== undefined) set[this.#marker[0]] = this.#marker[1];
    return { set, failed };
  }

  /**
   * Targets are included: their present values decide whether the item needs the change, and newer values must not be
   * overwritten.
   */
  #paths(): Path[] {
    const targets = [...this.#templates, ...this.#constants, ...this.#numbers].map(([name]): Path => [name]);
    return withoutRepetitions([
      ...this.#templates.flatMap(([, { paths }]) => paths),
      ...targets,
      ...this.#remove.map((name): Path => [name]),
      ...(this.#marker === undefined ? [] : [[this.#marker[0]] as Path]),
      ...(this.#condition?.paths ?? []),
    ]);
  }
}

const MISSING = "ATTRIBUTE_MISSING";

function added(name: string, value: AttributeValue | undefined, number: string): AttributeValue | Failure {
  if (value !== undefined && value.N === undefined) {
    return failure("NOT_A_NUMBER", `add.${name} needs a number, but the item has something else there.`);
  }
  const sum = addNumbers(value?.N ?? "0", number);
  if (sum !== undefined) return { N: sum };
  return failure("NUMBER_OUT_OF_RANGE", `${value?.N} + ${number} has more digits than DynamoDB keeps in add.${name}.`);
}

function isEmpty(set: Readonly<Record<string, unknown>>): boolean {
  for (const _ in set) return false;
  return true;
}
