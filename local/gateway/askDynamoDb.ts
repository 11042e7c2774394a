import { type BackendRequest, type BackendResponse, jsonResponse } from "./message";

type Send = (request: BackendRequest) => Promise<BackendResponse>;

/** The gateway's own call to DynamoDB, without permissions, faults and meters. */
export function askDynamoDb(send: Send, region: string, action: string, input: object): Promise<BackendResponse> {
  return send({
    method: "POST",
    url: "/",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/20200101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: jsonResponse(200, input).body,
  });
}
