/**
 * Sends BatchExecuteStatement and BatchWriteItem, and reads their responses, without the SDK's walk over every attribute by its
 * schema. DynamoDB's JSON is the SDK's own form already, but for binary values. `npm run bench -- backfill` shows what it saves.
 */
import type { Readable } from "node:stream";
import type {
  BatchExecuteStatementInput,
  BatchExecuteStatementOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { HttpRequest, HttpResponse } from "@smithy/types";
import { hasBinary, itemHasBinary, mayHoldBinary, revived } from "../aws/dynamoJson";

type Output = (BatchExecuteStatementOutput & BatchWriteItemOutput) & { $metadata?: object };

interface Operation {
  readonly name?: string;
}

/** The parts of a client's protocol that are replaced. */
interface Protocol {
  serializeRequest(operation: Operation, input: object, context: object): Promise<HttpRequest>;
  deserializeResponse(operation: Operation, context: object, response: HttpResponse): Promise<object>;
}

/** Whether an input of the operation holds binary values; they are left to the SDK. */
const binaryIn = {
  BatchExecuteStatement: (input: object) =>
    (input as BatchExecuteStatementInput).Statements!.some(({ Parameters = [] }) => Parameters.some(hasBinary)),
  BatchWriteItem: (input: object) =>
    Object.values((input as BatchWriteItemInput).RequestItems!).some((requests) =>
      requests.some(({ PutRequest, DeleteRequest }) => itemHasBinary(PutRequest?.Item ?? DeleteRequest?.Key ?? {})),
    ),
};

export type BatchOperation = keyof typeof binaryIn;

function isBatch(operation: string | undefined): operation is BatchOperation {
  return operation !== undefined && Object.hasOwn(binaryIn, operation);
}

/** Whether {@link bodyOf} is the body of a request of that input. */
export function isPlain(operation: BatchOperation, input: object): boolean {
  return !binaryIn[operation](input);
}

export function bodyOf(input: object): Buffer {
  return Buffer.from(JSON.stringify(input));
}

/** Makes a client write and read these operations this way; all others as usual. */
export function speakBatchesFast(client: DynamoDBClient): void {
  const config = client.config as unknown as { protocol: Protocol };
  const standard = config.protocol;
  const fast: Protocol = {
    serializeRequest: async (operation, input, context) => {
      if (!isBatch(operation.name) || !isPlain(operation.name, input))
        return standard.serializeRequest(operation, input, context);
      const request = await standard.serializeRequest(operation, {}, context);
      request.body = bodyOf(input);
      return request;
    },
    deserializeResponse: async (operation, context, response) => {
      if (!isBatch(operation.name) || response.statusCode !== 200) {
        return standard.deserializeResponse(operation, context, response);
      }
      return outputOf(response);
    },
  };
  config.protocol = Object.assign(Object.create(standard) as Protocol, fast);
}

/** The output of a successful response. */
export async function outputOf({ body, headers, statusCode }: HttpResponse): Promise<Output> {
  const output = parse(await textOf(body as Readable));
  output.$metadata = { httpStatusCode: statusCode, requestId: headers["x-amzn-requestid"] };
  return output;
}

/** The SDK collects a body through a second stream. For a small body that takes more CPU than parsing it. */
function textOf(body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on("data", (chunk: Buffer) => chunks.push(chunk));
    body.once("end", () => resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString("utf8")));
    body.once("error", reject);
    body.once("close", () => reject(new Error("The connection was closed in the middle of a response.")));
  });
}

function parse(text: string): Output {
  const output = JSON.parse(text) as Output;
  if (!mayHoldBinary(text)) return output;
  for (const { Item, Error: error } of output.Responses ?? []) {
    if (Item !== undefined) revived(Item as never);
    if (error?.Item !== undefined) revived(error.Item as never);
  }
  for (const { PutRequest, DeleteRequest } of Object.values(output.UnprocessedItems ?? {}).flat()) {
    revived((PutRequest?.Item ?? DeleteRequest?.Key ?? {}) as never);
  }
  return output;
}
