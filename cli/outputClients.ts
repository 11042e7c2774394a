/** What a command needs of one of a stack's outputs, and the settings of the clients that reach it. */
import * as v from "valibot";
import { SluiceError } from "../shared/errors";
import type { StackOutput } from "./stackOutputs";

/** A lost connection shows within seconds. The SDK's own three attempts stay: it repeats transactions without doing them twice. */
export const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;

/** Settings of every client's connections. */
export const connections = {
  connectionTimeout: CONNECT_MS,
  requestTimeout: ANSWER_MS,
  throwOnRequestTimeout: true,
};

/** Where a stack's services are, with the operator's own credentials: the local cloud's, or what the AWS SDK finds. */
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
