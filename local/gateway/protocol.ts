import type { Service } from "./call";
import type { BackendRequest } from "./message";

/** How SDKs speak to services. https://smithy.io/2.0/aws/protocols/ */
export type Protocol = "json" | "query" | "rest-xml" | "rest-json" | "cbor";

/** The one protocol in which each service answers here. */
const PROTOCOLS: Readonly<Record<Service, Protocol>> = {
  dynamodb: "json",
  sqs: "json",
  s3: "rest-xml",
  lambda: "rest-json",
  events: "json",
  sns: "query",
  states: "json",
  secretsmanager: "json",
  sts: "query",
  "cognito-identity": "json",
  glue: "json",
  monitoring: "json",
  logs: "json",
};

/** Services of JSON 1.1; the others have 1.0. */
const JSON_1_1: readonly string[] = ["events", "secretsmanager", "cognito-identity", "glue", "logs"];

/** The protocol of a service; for an unknown service that of S3. */
export function protocolOfService(service: string): Protocol {
  return Object.hasOwn(PROTOCOLS, service) ? PROTOCOLS[service as Service] : "rest-xml";
}

/** The protocol of a call is the one that its request uses. For services of the REST protocols that is always their own. */
export function protocolOf(service: string, request: BackendRequest): Protocol {
  const own = protocolOfService(service);
  return own.startsWith("rest-") ? own : (protocolOfRequest(request) ?? own);
}

/** The content type of a service's answers in JSON. */
export function jsonType(service: string): string {
  return `application/x-amz-json-${JSON_1_1.includes(service) ? "1.1" : "1.0"}`;
}

/** The protocol that a request shows by itself. Undefined: a REST protocol, which only the service determines. */
export function protocolOfRequest({ method, url, headers }: BackendRequest): Protocol | undefined {
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (headers["x-amz-target"] !== undefined) return "json";
  if (String(headers["content-type"]).startsWith("application/x-www-form-urlencoded")) return "query";
  return method === "GET" && /[?&]Action=/.test(url) ? "query" : undefined;
}
