import { randomUUID } from "node:crypto";
import { type BackendResponse, jsonResponse, xmlResponse } from "./message";

/** What AWS calls the namespaces in which the JSON protocols name their errors. */
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

/** Services of the query protocol, whose errors are wrapped once more. */
const QUERY_PROTOCOL: readonly string[] = ["sts", "sns"];

/**
 * An error in the shape of the service, so that an SDK reports it as on AWS.
 * @param service name as in a signature; unknown ones get S3's XML.
 * @param more fields of the body besides code and message, for the services that answer with JSON.
 */
export function awsError(
  service: string,
  status: number,
  code: string,
  message: string,
  more: object = {},
): BackendResponse {
  const requestId = randomUUID();
  if (service === "lambda") {
    const body = { Type: status >= 500 ? "Service" : "User", message, Message: message, ...more };
    return jsonResponse(status, body, {
      "content-type": "application/json",
      "x-amzn-requestid": requestId,
      "x-amzn-errortype": code,
    });
  }
  const namespace = JSON_NAMESPACE.get(service);
  if (namespace) {
    const fault = status >= 500 ? "Receiver" : "Sender";
    return jsonResponse(
      status,
      { __type: `${namespace}#${code}`, message, Message: message, ...more },
      { "x-amzn-requestid": requestId, "x-amzn-query-error": `${code};${fault}`, "x-amzn-errortype": code },
    );
  }
  const detail = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  return QUERY_PROTOCOL.includes(service)
    ? xmlResponse(status, `<ErrorResponse><Error>${detail}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`)
    : xmlResponse(status, `<Error>${detail}<RequestId>${requestId}</RequestId></Error>`);
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
