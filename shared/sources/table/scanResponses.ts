/**
 * Reads the responses of Scan without the SDK's walk over every attribute by its schema: DynamoDB's JSON already has the
 * SDK's form of an item, except binary values, which come as base64. `npm run bench -- scan` shows what it saves.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { HttpResponse } from "@smithy/types";
import { mayHoldBinary, revived } from "../../aws/dynamoJson";

type ParsedItem = Parameters<typeof revived>[0];

interface Output {
  Items?: ParsedItem[];
  LastEvaluatedKey?: ParsedItem;
  $metadata?: object;
}

/** The part of a client's protocol that is replaced. */
interface Reader {
  deserializeResponse(
    operation: { name?: string },
    context: { streamCollector(body: unknown): Promise<Uint8Array> },
    response: HttpResponse,
  ): Promise<Output>;
}

/** Makes a client read Scan's successful responses this way, and everything else as usual. */
export function readScansFast(client: DynamoDBClient): DynamoDBClient {
  const config = client.config as unknown as { protocol: Reader };
  const standard = config.protocol;
  config.protocol = Object.assign(Object.create(standard) as Reader, {
    deserializeResponse: (async (operation, context, response) => {
      if (operation.name !== "Scan" || response.statusCode !== 200) {
        return standard.deserializeResponse(operation, context, response);
      }
      const output = parse(await context.streamCollector(response.body));
      output.$metadata = { httpStatusCode: response.statusCode, requestId: response.headers["x-amzn-requestid"] };
      return output;
    }) satisfies Reader["deserializeResponse"],
  });
  return client;
}

function parse(body: Uint8Array): Output {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  const output = JSON.parse(text) as Output;
  if (!mayHoldBinary(text)) return output;
  for (const item of output.Items ?? []) revived(item);
  if (output.LastEvaluatedKey !== undefined) revived(output.LastEvaluatedKey);
  return output;
}
