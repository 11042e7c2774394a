import * as pulumi from "@pulumi/pulumi";
import { namesIn } from "./config";

type Mark = (value: unknown) => unknown;

/**
 * Marks inputs as secret if they contain a text that was set with `pulumi config set --secret`, or a name in its list. So the
 * stack's state and the output of `up` never show it. Apply it to components: transformations reach all children.
 * @param secrets at least one character each
 * @returns no transformation if there are no secrets.
 */
export function keepSecret(secrets: readonly string[]): pulumi.ResourceTransformation[] {
  const mark = marking(secrets);
  return mark === undefined ? [] : [({ props, opts }) => ({ props: mapValues(props, mark), opts })];
}

/** The same for a stack's outputs, which no transformation reaches. One with a secret in any part is secret as a whole. */
export function secretOutputs<Outputs extends Record<string, unknown>>(
  outputs: Outputs,
  secrets: readonly string[],
): Outputs {
  const mark = marking(secrets);
  return mark === undefined ? outputs : (mapValues(outputs, mark) as Outputs);
}

/** Marks what contains one of the secrets. Undefined: there is none. */
function marking(secrets: readonly string[]): Mark | undefined {
  const texts = secrets.flatMap((secret) => [secret, ...namesIn(secret)]).filter((text) => text !== "");
  if (texts.length === 0) return undefined;
  const holdsSecret = (value: unknown): boolean => {
    if (typeof value === "string") return texts.some((text) => value.includes(text));
    return isPlain(value) && Object.values(value).some(holdsSecret);
  };
  const mark: Mark = (value) => {
    if (typeof value === "string") return holdsSecret(value) ? pulumi.secret(value) : value;
    if (pulumi.Output.isInstance(value))
      return value.apply((known) => (holdsSecret(known) ? pulumi.secret(known) : known));
    if (value instanceof Promise) return value.then(mark);
    if (Array.isArray(value)) return value.map(mark);
    return isPlain(value) ? mapValues(value, mark) : value;
  };
  return mark;
}

/** Only plain objects: assets, archives and resources have classes. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function mapValues(object: Record<string, unknown>, map: Mark): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}
