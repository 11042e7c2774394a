import * as pulumi from "@pulumi/pulumi";
import { namesIn } from "./config";

/**
 * Marks inputs as secret if they contain a text that was set with `pulumi config set --secret`, or a name in its list. So the
 * stack's state and the output of `up` never show it. Apply it to components: transformations reach all children.
 * @param secrets at least one character each
 * @returns no transformation if there are no secrets.
 */
export function keepSecret(secrets: readonly string[]): pulumi.ResourceTransformation[] {
  const texts = secrets.flatMap((secret) => [secret, ...namesIn(secret)]).filter((text) => text !== "");
  if (texts.length === 0) return [];
  const holdsSecret = (value: unknown): boolean => {
    if (typeof value === "string") return texts.some((text) => value.includes(text));
    return isPlain(value) && Object.values(value).some(holdsSecret);
  };
  const marked = (value: unknown): unknown => {
    if (typeof value === "string") return holdsSecret(value) ? pulumi.secret(value) : value;
    if (pulumi.Output.isInstance(value))
      return value.apply((known) => (holdsSecret(known) ? pulumi.secret(known) : known));
    if (value instanceof Promise) return value.then(marked);
    if (Array.isArray(value)) return value.map(marked);
    return isPlain(value) ? mapValues(value, marked) : value;
  };
  return [({ props, opts }) => ({ props: mapValues(props, marked), opts })];
}

/** Only plain objects: assets, archives and resources have classes. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function mapValues(object: Record<string, unknown>, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}
