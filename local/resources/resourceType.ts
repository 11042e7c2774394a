import { randomBytes } from "node:crypto";
import { SluiceError } from "../../shared/errors";
import type { Parts } from "../parts";

export type Inputs = Record<string, unknown>;

/** What Pulumi gets back: the id and the properties AWS would have filled in. */
export interface Created {
  id: string;
  state: Inputs;
}

/** How the local cloud makes one type of resource, and which of its inputs mean something here. */
export interface ResourceType {
  /** Inputs that `create` acts on. */
  honours: readonly string[];
  /** Inputs that have no meaning locally, each with its reason. */
  excuses?: Readonly<Record<string, string>>;
  create(resource: { name: string; inputs: Inputs }, parts: Parts): Promise<Created> | Created;
}

/** A type without any meaning locally: all inputs are accepted, for the reason given. */
export function meaningless(
  reason: string,
  outputs: (resource: { name: string; inputs: Inputs }, parts: Parts) => Inputs = () => ({}),
): ResourceType {
  return {
    honours: [],
    excuses: { "*": reason },
    create: (resource, parts) => ({
      id: autoName(resource.name),
      state: { ...resource.inputs, ...outputs(resource, parts) },
    }),
  };
}

/** @throws SluiceError INPUT_NOT_HONOURED that names the resource and every input that would be silently lost. */
export function checkInputs(type: string, name: string, { honours, excuses = {} }: ResourceType, inputs: Inputs): void {
  if ("*" in excuses) return;
  const lost = Object.keys(inputs).filter(
    (key) => inputs[key] !== undefined && !honours.includes(key) && !Object.hasOwn(excuses, key),
  );
  if (lost.length === 0) return;
  throw new SluiceError(
    "INPUT_NOT_HONOURED",
    `${type} ${name}: the local cloud does not honour ${lost.join(", ")}; support them in local/resources/, or leave them out.`,
    { value: lost },
  );
}

/** A physical name as Pulumi makes it: the logical one and seven hex digits. */
export function autoName(name: string): string {
  return `${name}-${randomSuffix()}`;
}

/** The seven hex digits of such a name. */
export function randomSuffix(): string {
  return randomBytes(4).toString("hex").slice(0, 7);
}
