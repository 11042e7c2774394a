/** Checks a declared update before a job starts. Pure. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { parseCondition } from "../../aws/expressions/condition";
import { References, unusedIn } from "../../aws/expressions/references";
import { attributeValue, attributeValues } from "../../aws/expressions/values";
import { SluiceError } from "../../errors";
import type { TableSchema } from "../../tables/schema";
import { MOST_PATHS } from "../decideBy";
import { keyProblem, keyRules } from "./bounds";
import { type DeclaredUpdate, pathsOf, targetName } from "./declared";
import { parseTemplate, type Template } from "./template";
import { updateForm } from "./updateForm";

type Field = "set" | "remove" | "add" | "marker";

/** An attribute that an update changes. */
interface Target {
  readonly field: Field;
  readonly name: string;
  /** As the update spells it: `set.#a`. */
  readonly spelled: string;
  /** A template text or DynamoDB JSON, of `set`. */
  readonly value?: unknown;
}

/** A parsed template. */
interface Reading {
  readonly spelled: string;
  readonly template: Template;
}

const DOES: Readonly<Record<Field, string>> = { set: "sets", remove: "removes", add: "adds to", marker: "marks" };

const MAKES = {
  template: "; a template makes a value of type S",
  add: "; add makes a value of type N",
  marker: "; a marker is of type S",
  constant: "",
} as const;

/**
 * All problems, a sentence each.
 *
 * @param schema of the table; undefined: not known, keys aren't checked
 */
export function updateProblems(given: unknown, schema: TableSchema | undefined): string[] {
  const { problems, sound } = updateForm(given);
  const all = [...problems, ...new Check(sound, schema).problems(problems.length === 0)];
  return all.length === 0 && schema !== undefined ? countProblems(sound, schema) : all;
}

/** DynamoDB would refuse the condition of each write. A transform of copies has no condition. */
function countProblems(update: DeclaredUpdate, { keys }: TableSchema): string[] {
  const count = pathsOf(update).filter(([name]) => !keys.includes(name)).length;
  if (count <= MOST_PATHS) return [];
  return [
    `An update must read and change at most ${MOST_PATHS} attributes, because its writes depend on each of them, got ${count}.`,
  ];
}

class Check {
  readonly #update: DeclaredUpdate;
  readonly #schema: TableSchema | undefined;
  readonly #references: References;
  readonly #problems: string[] = [];

  constructor(update: DeclaredUpdate, schema: TableSchema | undefined) {
    this.#update = update;
    this.#schema = schema;
    this.#references = new References({ names: update.names });
  }

  /** @param whole the form of all fields is right */
  problems(whole: boolean): string[] {
    const targets = this.#targets();
    const readings = this.#readings(targets);
    this.#twice(targets);
    for (const target of targets) this.#key(target);
    const changes = targets.some(({ field }) => field !== "marker");
    if (whole && !changes && this.#problems.length === 0) this.#add("An update must set, remove or add something.");
    if (this.#update.marker === undefined) this.#repeatable(targets, readings);
    this.#condition(whole);
    return this.#problems;
  }

  #add(problem: string): void {
    this.#problems.push(problem);
  }

  #targets(): Target[] {
    const { set = {}, remove = [], add = {}, marker } = this.#update;
    return [
      ...Object.entries(set).flatMap(([text, value]) => this.#target("set", text, value)),
      ...remove.flatMap((text) => this.#target("remove", text)),
      ...Object.keys(add).flatMap((text) => this.#target("add", text)),
      ...(marker === undefined ? [] : this.#target("marker", marker)),
    ];
  }

  #target(field: Field, text: string, value?: unknown): Target[] {
    const spelled = `${field}${field === "set" || field === "add" ? "." : " "}${text || '""'}`;
    const name = targetName(text, this.#references);
    const problem = name === undefined ? `: the name ${text} isn't defined in names` : nameProblem(text, name);
    if (problem !== undefined) this.#add(`${spelled}${problem}.`);
    return problem === undefined ? [{ field, name: name!, spelled, value }] : [];
  }

  #readings(targets: readonly Target[]): Reading[] {
    return targets.flatMap(({ spelled, value }) => {
      if (typeof value !== "string") return [];
      try {
        return [{ spelled, template: parseTemplate(value, this.#references) }];
      } catch (error) {
        this.#add(`${spelled} ${messageOf(error)}.`);
        return [];
      }
    });
  }

  #twice(targets: readonly Target[]): void {
    const seen = new Map<string, Field>();
    for (const { field, name, spelled } of targets) {
      const before = seen.get(name);
      if (before !== undefined)
        this.#add(`${spelled} names an attribute that ${before} names too; it may be in one place only.`);
      seen.set(name, field);
    }
  }

  #key({ field, name, spelled, value }: Target): void {
    if (this.#schema === undefined) return;
    if (this.#schema.keys.includes(name)) {
      this.#add(`${spelled} must not be a key attribute of table "${this.#schema.name}": a key can't be changed.`);
      return;
    }
    const rule = keyRules(this.#schema).get(name);
    if (rule === undefined || field === "remove") return;
    const problem = keyProblem(exampleOf(field, value), rule);
    if (problem !== undefined) this.#add(`${spelled} ${problem}${MAKES[madeBy(field, value)]}.`);
  }

  /** A page may be repeated: applied to its own result, an update must return that result. */
  #repeatable(targets: readonly Target[], readings: readonly Reading[]): void {
    const changed = new Map(targets.map(({ name, field }) => [name, field]));
    const needsMarker = "a repeated page would change the item again; name a marker attribute, which prevents that";
    for (const { spelled, template } of readings) {
      const root = template.paths.map(([name]) => name).find((name) => changed.has(name));
      if (root !== undefined)
        this.#add(`${spelled} reads ${root}, which the update ${DOES[changed.get(root)!]}: ${needsMarker}.`);
    }
    for (const { field, spelled } of targets) if (field === "add") this.#add(`${spelled} counts up: ${needsMarker}.`);
  }

  #condition(whole: boolean): void {
    const { onlyIf, names, values = {}, typedValues = {} } = this.#update;
    const twice = Object.keys(values).filter((key) => Object.hasOwn(typedValues, key));
    if (twice.length > 0) this.#add(`typedValues must not repeat names of values, got ${twice.join(", ")} in both.`);
    const context = { names, values: attributeValues(values, typedValues) };
    const used = [this.#references.used];
    if (onlyIf !== undefined) {
      try {
        used.push(new Set(parseCondition(onlyIf, context, "onlyIf").used));
      } catch (error) {
        this.#add(messageOf(error));
        return;
      }
    }
    // A part that couldn't be parsed may use them.
    if (!whole || this.#problems.length > 0) return;
    for (const text of unusedIn(context, used)) this.#add(unusedProblem(text));
  }
}

function unusedProblem(text: string): string {
  return text.startsWith("#") ? `The name ${text} isn't used anywhere.` : `onlyIf doesn't use the value ${text}.`;
}

function nameProblem(text: string, name: string): string | undefined {
  if (name === "") return " must not be empty";
  if (name === "__proto__") return " can't be changed: JavaScript has another use for this name";
  if (text.startsWith("#") || !/[.[\]]/.test(text)) return undefined;
  return " must be a whole attribute, not a part of one; for an attribute of this very name use names";
}

/** How a target gets its value. */
function madeBy(field: Field, value: unknown): keyof typeof MAKES {
  if (field === "add" || field === "marker") return field;
  return typeof value === "string" ? "template" : "constant";
}

/** A value of the type that the target will have. */
function exampleOf(field: Field, value: unknown): AttributeValue {
  const by = madeBy(field, value);
  if (by === "add") return { N: "1" };
  return by === "constant" ? attributeValue(value) : { S: "text" };
}

function messageOf(error: unknown): string {
  if (error instanceof SluiceError) return error.message;
  throw error;
}
