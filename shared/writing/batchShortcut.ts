/**
 * Sends BatchExecuteStatement and BatchWriteItem past most of the SDK's middlewares. For each request, they find out
 * again which endpoint and headers it needs, and that takes more CPU than everything else that is done for a batch.
 *
 *   the first ones     send ─► the SDK's whole way ─► gates ─► remember the request and what follows ─► sign ─► DynamoDB
 *   those after them   send ───────────────────────► gates ─► the same request with another body ────► sign ─► DynamoDB
 *
 * The SDK's own signer, which asks for the credentials each time, and its request handler do the rest in both cases. On the short
 * way, the SDK's reader of responses reads only those that report an error. After a failure, requests go the whole way until one
 * succeeds.
 */
import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import { getHttpSigningPlugin } from "@smithy/core";
import { constructStack } from "@smithy/core/client";
import { HttpRequest } from "@smithy/core/protocols";
import { getSchemaSerdePlugin } from "@smithy/core/schema";
import type {
  FinalizeRequestMiddleware,
  Handler,
  HandlerExecutionContext,
  HttpResponse,
  MiddlewareStack,
  Pluggable,
} from "@smithy/types";
import { type BatchOperation, bodyOf, isPlain, outputOf, speakBatchesFast } from "./batchProtocol";

/** A plug-in that stands below the SDK's retries. */
export type Gate = Pluggable<ServiceInputTypes, ServiceOutputTypes>;

/** Headers of one request alone. */
const OWN_HEADERS = ["amz-sdk-invocation-id", "amz-sdk-request"];

interface Options {
  readonly abortSignal?: AbortSignal;
}

type Send = (command: { readonly input: ServiceInputTypes }, options?: Options) => Promise<ServiceOutputTypes>;
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
  keepSigner(client.config);
  const remember: Remember = (next, context) => async (args) => {
    const result = await next(args);
    const operation = operationOf((context as Context).__smithy_context?.commandInstance);
    if (operation !== undefined) ways.set(operation, wayOf(args.request as HttpRequest, context, client.config, gates));
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

type Config = DynamoDBClient["config"];

/** The SDK makes a signer, with a copy of the whole configuration, for each request. A signer holds no credentials. */
function keepSigner(config: Config): void {
  const { signer: makeSigner } = config;
  let latest: { readonly scheme: unknown; readonly signer: Awaited<ReturnType<typeof makeSigner>> } | undefined;
  config.signer = async (scheme) => {
    if (latest === undefined || latest.scheme !== scheme) latest = { scheme, signer: await makeSigner(scheme) };
    return latest.signer;
  };
}

/** @param request not signed yet. */
function wayOf(request: HttpRequest, context: HandlerExecutionContext, config: Config, gates: readonly Gate[]): Way {
  const template = HttpRequest.clone(request);
  for (const name of OWN_HEADERS) delete template.headers[name];
  const signal = (context as Context).__smithy_context?.abortSignal;
  const options = signal === undefined ? {} : { abortSignal: signal };
  const fill: Remember = (next) => (args) => next({ ...args, request: withBody(template, bodyOf(args.input)) });
  const stack = newStack();
  stack.add((further) => further, { name: "retryMiddleware", step: "finalizeRequest" }); // the others stand below it
  // What is added later stands above.
  stack.use(getHttpSigningPlugin(config as never) as Gate);
  stack.addRelativeTo(fill, { name: "body", relation: "after", toMiddleware: "retryMiddleware" });
  for (const gate of gates) stack.use(gate);
  const handler = stack.resolve(async ({ input, request: signed }) => {
    const { response } = await config.requestHandler.handle(signed as HttpRequest, options);
    if (response.statusCode !== 200) return failure(input, response, context, config);
    return { response, output: (await outputOf(response)) as ServiceOutputTypes };
  }, context);
  return { handler, signal };
}

/** @throws what the SDK makes of a response that reports an error. */
async function failure(
  input: ServiceInputTypes,
  response: HttpResponse,
  context: HandlerExecutionContext,
  config: Config,
) {
  const stack = newStack();
  stack.use(getSchemaSerdePlugin(config as never) as Gate);
  stack.remove("serializerMiddleware");
  return stack.resolve(async () => ({ response }) as never, context)({ input });
}

function newStack(): MiddlewareStack<ServiceInputTypes, ServiceOutputTypes> {
  return constructStack<ServiceInputTypes, ServiceOutputTypes>();
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
