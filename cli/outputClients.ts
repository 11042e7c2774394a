/** Reads one of a stack's outputs, and makes the settings of clients for it. */
import * as v from "valibot";
import { SluiceError } from "../shared/errors";
import type { StackOutput } from "./stackOutputs";

/** A lost connection is noticed within seconds. The SDK keeps its three attempts: it repeats transactions safely. */
export const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;

/** Settings of every client's connections. */
export const connections = {
  connectionTimeout: CONNECT_MS,
  requestTimeout: ANSWER_MS,
  throwOnRequestTimeout: true,
};

/**
 * Address of a stack's services, with the operator's own credentials: the local cloud's, or those that the AWS SDK finds.
 */
export function placeOf({ endpoint, credentials }: StackOutput, region: string) {
  return { region, ...(endpoint === undefined ? {} : { endpoint }), ...(credentials && { credentials }) };
}

/**
 * Checks the value of an output.
 * @throws SluiceError `<NAME>_OUTPUT_INVALID` that names all problems
 */
export function checkedOutput<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  { name, stack }: { readonly name: string; readonly stack: string },
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "it"}: ${issue.message}`).join("; ");
  const message = `Output ${name} of stack ${stack} is wrong: ${problems}.`;
  throw new SluiceError(`${name.toUpperCase()}_OUTPUT_INVALID`, message, { value });
}
