/**
 * Declared options: one table has the type, default, bounds and meaning of each. The TypeScript type, the checks, the
 * reading from Pulumi config and the declaration in Pulumi.yaml follow from it (a test compares them).
 */

interface Described<T> {
  default: T;
  /** What the option means, with its unit, without its bounds. */
  description: string;
}

export interface IntegerField extends Described<number> {
  kind: "integer";
  minimum: number;
  maximum: number;
  /** The only values allowed, if a range can't express them. */
  oneOf?: readonly number[];
}

export interface BooleanField extends Described<boolean> {
  kind: "boolean";
}

export interface ChoiceField<T extends string = string> extends Described<T> {
  kind: "choice";
  oneOf: readonly T[];
}

export interface TextField extends Described<string> {
  kind: "text";
  pattern: RegExp;
  /** The pattern in words, after "must be". */
  rule: string;
  /** True if the text becomes part of bundles, which the stack's state holds in plain text. Default false. */
  inBundles?: boolean;
}

export type Field = IntegerField | BooleanField | ChoiceField | TextField;
export type Fields = Record<string, Field>;

type ValueOf<F> =
  F extends ChoiceField<infer T> ? T : F extends IntegerField ? number : F extends BooleanField ? boolean : string;

/** The values of a table of fields, all present. */
export type Values<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** An option that takes whole numbers. */
export function integer(description: string, bounds: Omit<IntegerField, "kind" | "description">): IntegerField {
  return { kind: "integer", description, ...bounds };
}

/** An option that is on or off. */
export function boolean(description: string, value: boolean): BooleanField {
  return { kind: "boolean", description, default: value };
}

/** An option that takes one of a few words; the first is the default. */
export function choice<T extends string>(description: string, oneOf: readonly [T, ...T[]]): ChoiceField<T> {
  return { kind: "choice", description, default: oneOf[0], oneOf };
}

/** An option that takes text. */
export function text(description: string, rest: Omit<TextField, "kind" | "description">): TextField {
  return { kind: "text", description, ...rest };
}

/** An option that takes one e-mail address, or nothing. */
export function email(description: string): TextField {
  return text(description, {
    default: "",
    pattern: /^([^\s@]+@[^\s@]+\.[^\s@]+)?$/,
    rule: "an e-mail address or empty",
  });
}

/** One thing wrong with an option. Tests look at the code. */
export interface Problem {
  code: string;
  option: string;
  /** The rule, as the end of the sentence "<option> …". */
  rule: string;
  value: unknown;
}

/** One sentence: option, rule, value got. */
export function sentence({ option, rule, value }: Problem): string {
  return `${option} ${rule}, got ${JSON.stringify(value) ?? "nothing"}.`;
}

/** The values a field accepts, in words. */
export function bounds(field: Field): string {
  switch (field.kind) {
    case "integer":
      return field.oneOf
        ? `one of ${field.oneOf.join(", ")}`
        : `a whole number from ${field.minimum} to ${field.maximum}`;
    case "boolean":
      return "true or false";
    case "choice":
      return `one of ${field.oneOf.join(", ")}`;
    case "text":
      return field.rule;
  }
}

/** Meaning and bounds in one line, as Pulumi.yaml shows it. */
export function summary(field: Field): string {
  const shown = field.kind === "integer" || field.kind === "choice";
  return shown ? `${field.description} (${bounds(field).replace(/^a whole number from /, "")})` : field.description;
}

/** The values with every default filled in; `undefined` counts as not given. */
export function withDefaults<F extends Fields>(fields: F, given: Partial<Values<F>>): Values<F> {
  const entries = Object.entries(fields).map(([name, field]) => [name, given[name] ?? field.default]);
  return Object.fromEntries(entries) as Values<F>;
}

/** Every value outside the bounds of its field. `optionOf` gives the name to report. */
export function checkFields<F extends Fields>(
  fields: F,
  values: Values<F>,
  optionOf: (name: string) => string = (name) => name,
): Problem[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value: unknown = values[name];
    return accepts(field, value)
      ? []
      : [{ code: "INVALID_VALUE", option: optionOf(name), rule: `must be ${bounds(field)}`, value }];
  });
}

/** The field's value from its text in Pulumi config; the text itself if it cannot be parsed. */
export function parseField(field: Field, raw: string): unknown {
  if (field.kind === "integer") return /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw;
  if (field.kind === "boolean") return raw === "true" || raw === "false" ? raw === "true" : raw;
  return raw;
}

function accepts(field: Field, value: unknown): boolean {
  switch (field.kind) {
    case "integer":
      if (!Number.isSafeInteger(value)) return false;
      if (field.oneOf) return field.oneOf.includes(value as number);
      return (value as number) >= field.minimum && (value as number) <= field.maximum;
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return field.oneOf.includes(value as string);
    case "text":
      return typeof value === "string" && field.pattern.test(value);
  }
}
