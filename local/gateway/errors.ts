import { randomUUID } from "node:crypto";
import { type BackendResponse, jsonResponse, xmlResponse } from "./message";

/** What AWS calls the namespaces in which the JSON protocols name their errors. */
const JSON_NAMESPACE = new Map([
  ["dynamodb", "com.amazonaws.dynamodb.v20120810"],
  ["sqs", "com.amazonaws.sqs"],
  ["cognito-identity", "com.amazonaws.cognito.identity"],
]);

/**
 * An error in the shape of the service, so that an SDK reports it as on AWS.
 * @param service name as in a signature; unknown ones get S3's XML.
 */
export function awsError(service: string, status: number, code: string, message: string): BackendResponse {
  const requestId = randomUUID();
  const namespace = JSON_NAMESPACE.get(service);
  if (namespace) {
    const fault = status >= 500 ? "Receiver" : "Sender";
    return jsonResponse(
      status,
      { __type: `${namespace}#${code}`, message, Message: message },
      { "x-amzn-requestid": requestId, "x-amzn-query-error": `${code};${fault}`, "x-amzn-errortype": code },
    );
  }
  const detail = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  return service === "sts"
    ? xmlResponse(status, `<ErrorResponse><Error>${detail}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`)
    : xmlResponse(status, `<Error>${detail}<RequestId>${requestId}</RequestId></Error>`);
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
