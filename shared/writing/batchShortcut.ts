/**
 * Sends BatchExecuteStatement and BatchWriteItem past most of the SDK's middlewares. They find out for each request anew which
 * endpoint and headers it needs, and that takes more CPU than everything else that is done for a batch.
 *
 *   the first ones     send ─► the SDK's whole way ─► gates ─► remember the request and what follows ─► sign ─► DynamoDB
 *   those after them   send ───────────────────────► gates ─► the same request with another body ────► sign ─► DynamoDB
 *
 * The SDK's own signer, which asks for the credentials each time, its request handler and its reader of responses do the rest in
 * both cases. After a failure, requests go the whole way until one succeeds.
 */
import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import { constructStack } from "@smithy/core/client";
import { HttpRequest } from "@smithy/core/protocols";
import type {
  FinalizeHandler,
  FinalizeRequestMiddleware,
  Handler,
  HandlerExecutionContext,
  Pluggable,
} from "@smithy/types";
import { type BatchOperation, bodyOf, isPlain, speakBatchesFast } from "./batchProtocol";

/** A plug-in that stands below the SDK's retries. */
export type Gate = Pluggable<ServiceInputTypes, ServiceOutputTypes>;

/** Headers of one request alone. */
const OWN_HEADERS = ["amz-sdk-invocation-id", "amz-sdk-request"];

interface Options {
  readonly abortSignal?: AbortSignal;
}

type Send = (command: { readonly input: ServiceInputTypes }, options?: Options) => Promise<ServiceOutputTypes>;
type Rest = FinalizeHandler<ServiceInputTypes, ServiceOutputTypes>;
type Remember = FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes>;

/** What is remembered of a request. */
interface Way {
  readonly handler: Handler<ServiceInputTypes, ServiceOutputTypes>;
  /** The handlers abort their requests by it. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a client send these operations this way, and everything else as ever.
 *
 * @param gates all requests of the client pass through them. Middlewares that others add to the client miss those on the short way.
 */
export function sendBatchesFast(client: DynamoDBClient, gates: readonly Gate[] = []): DynamoDBClient {
  const ways = new Map<BatchOperation, Way>();
  speakBatchesFast(client);
  const remember: Remember = (next, context) => async (args) => {
    const result = await next(args);
    const operation = operationOf((context as Context).__smithy_context?.commandInstance);
    if (operation !== undefined) ways.set(operation, wayOf(args.request as HttpRequest, next, context, gates));
    return result;
  };
  client.middlewareStack.addRelativeTo(remember, {
    name: "batchShortcut",
    ...{ relation: "after", toMiddleware: "retryMiddleware", override: true },
  });
  // What is added later stands above.
  for (const gate of gates) client.middlewareStack.use(gate);
  client.send = shortened(client.send.bind(client) as unknown as Send, ways) as unknown as DynamoDBClient["send"];
  return client;
}

interface Context {
  readonly __smithy_context?: { readonly commandInstance?: object; readonly abortSignal?: AbortSignal };
}

function operationOf(command: object | undefined): BatchOperation | undefined {
  if (command instanceof BatchExecuteStatementCommand) return "BatchExecuteStatement";
  return command instanceof BatchWriteItemCommand ? "BatchWriteItem" : undefined;
}

/** `next`: what follows upon the gates, for a request that is not signed yet. */
function wayOf(request: HttpRequest, next: Rest, context: HandlerExecutionContext, gates: readonly Gate[]): Way {
  const template = HttpRequest.clone(request);
  for (const name of OWN_HEADERS) delete template.headers[name];
  const stack = constructStack<ServiceInputTypes, ServiceOutputTypes>();
  const retries = { name: "retryMiddleware", step: "finalizeRequest" } as const; // gates stand below it
  stack.add((further) => further, retries);
  for (const gate of gates) stack.use(gate);
  const handler = stack.resolve(({ input }) => next({ input, request: withBody(template, bodyOf(input)) }), context);
  return { handler, signal: (context as Context).__smithy_context?.abortSignal };
}

function withBody(template: HttpRequest, body: Buffer): HttpRequest {
  const request = HttpRequest.clone(template);
  request.headers["content-length"] = String(body.byteLength);
  request.body = body;
  return request;
}

function shortened(whole: Send, ways: Map<BatchOperation, Way>): Send {
  return async (command, options) => {
    const operation = operationOf(command);
    if (operation === undefined) return whole(command, options);
    const way = ways.get(operation);
    const { input } = command;
    try {
      if (way === undefined || way.signal !== options?.abortSignal || !isPlain(operation, input))
        return await whole(command, options);
      return (await way.handler({ input })).output;
    } catch (error) {
      ways.delete(operation);
      throw error;
    }
  };
}
