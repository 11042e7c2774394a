/** Reads one of a stack's outputs, and makes clients for it. */
import type { MiddlewareStack } from "@smithy/types";
import * as v from "valibot";
import { SluiceError } from "../shared/errors";
import { isRefusedConnection } from "./awsError";
import { LocalCloudGone, type StackOutput } from "./stackOutputs";

/** A lost connection is noticed within seconds. The SDK keeps its three attempts: it repeats transactions safely. */
export const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;

/** Settings of a client's connections. */
export const connections = {
  connectionTimeout: CONNECT_MS,
  requestTimeout: ANSWER_MS,
  throwOnRequestTimeout: true,
};

interface Settings extends Pick<StackOutput, "endpoint" | "credentials"> {
  readonly region: string;
  readonly requestHandler: object;
  readonly maxAttempts?: number;
}

interface Client {
  // biome-ignore lint/suspicious/noExplicitAny: the commands of all clients
  readonly middlewareStack: Pick<MiddlewareStack<any, any>, "add">;
}

/**
 * A client for a stack's services, with the operator's own credentials: the local cloud's, or those that the AWS SDK finds. If
 * the local cloud has stopped, its requests fail at once with LocalCloudGone.
 */
export function clientOf<C extends Client>(
  kind: new (settings: Settings) => C,
  { endpoint, credentials }: StackOutput,
  region: string,
  more: Partial<Pick<Settings, "requestHandler" | "maxAttempts">> = {},
): C {
  const place = { region, ...(endpoint === undefined ? {} : { endpoint }), ...(credentials && { credentials }) };
  const client = new kind({ ...place, requestHandler: connections, ...more });
  if (endpoint !== undefined) endWith(client, endpoint);
  return client;
}

/** To try again is useless: the next local cloud has another address. */
function endWith({ middlewareStack }: Client, endpoint: string): void {
  middlewareStack.add(
    (next) => (request) =>
      next(request).catch((error) => {
        throw isRefusedConnection(error) ? new LocalCloudGone(endpoint) : error;
      }),
    // Below the SDK's retries.
    { step: "finalizeRequest", name: "localCloudGone" },
  );
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
