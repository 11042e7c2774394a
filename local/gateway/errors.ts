import { randomUUID } from "node:crypto";
import { cbor } from "@smithy/core/cbor";
import { type BackendResponse, jsonResponse, xmlResponse } from "./message";
import { jsonType, type Protocol, protocolOfService } from "./protocol";

/** AWS's names of the namespaces in which the JSON protocols name their errors. */
const JSON_NAMESPACE = new Map([
  ["dynamodb", "com.amazonaws.dynamodb.v20120810"],
  ["sqs", "com.amazonaws.sqs"],
  ["cognito-identity", "com.amazonaws.cognito.identity"],
  ["events", "com.amazonaws.events"],
  ["glue", "com.amazonaws.services.glue"],
  ["logs", "com.amazonaws.cloudwatchlogs"],
  ["monitoring", "com.amazonaws.cloudwatch"],
  ["secretsmanager", "com.amazonaws.secretsmanager"],
  ["states", "com.amazonaws.swf.service.v2.model"],
]);

/** Services whose clients of the query protocol expect the older names of errors, in a header. */
const QUERY_COMPATIBLE: readonly string[] = ["sqs", "monitoring"];

/** Further properties of an error. */
export interface ErrorDetails {
  /** Fields of the body besides code and message, in JSON. */
  more?: object;
  /** The protocol of the answer. Default: the service's own. */
  protocol?: Protocol;
  /** The error's name in the query protocol. Default: the code. */
  queryCode?: string;
}

/**
 * An error in the shape of the service, so that an SDK reports it as on AWS.
 * @param service name as in a signature; unknown ones get S3's XML.
 */
export function awsError(
  service: string,
  status: number,
  code: string,
  message: string,
  { more = {}, protocol = protocolOfService(service), queryCode = code }: ErrorDetails = {},
): BackendResponse {
  const requestId = randomUUID();
  const fault = status >= 500 ? "Receiver" : "Sender";
  const headers = { "x-amzn-requestid": requestId, "x-amzn-errortype": code };
  switch (protocol) {
    case "rest-json": {
      const body = { Type: status >= 500 ? "Service" : "User", message, Message: message, ...more };
      return jsonResponse(status, body, { ...headers, "content-type": "application/json" });
    }
    case "json": {
      const namespace = JSON_NAMESPACE.get(service) ?? "com.amazon.coral.service";
      const query = QUERY_COMPATIBLE.includes(service) ? { "x-amzn-query-error": `${queryCode};${fault}` } : {};
      const body = { __type: `${namespace}#${code}`, message, Message: message, ...more };
      return jsonResponse(status, body, { ...headers, ...query, "content-type": jsonType(service) });
    }
    case "cbor":
      return {
        status,
        headers: {
          "x-amzn-requestid": requestId,
          "smithy-protocol": "rpc-v2-cbor",
          "content-type": "application/cbor",
        },
        body: Buffer.from(cbor.serialize({ __type: code, message })),
      };
    case "query":
      return xmlResponse(
        status,
        `<ErrorResponse><Error><Type>${fault}</Type>${detail(queryCode, message)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      );
    case "rest-xml":
      return xmlResponse(status, `<Error>${detail(code, message)}<RequestId>${requestId}</RequestId></Error>`);
  }
}

function detail(code: string, message: string): string {
  return `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
