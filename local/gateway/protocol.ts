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

/** The protocol of a service; that of S3 for a service that is not here. */
export function protocolOfService(service: string): Protocol {
  return Object.hasOwn(PROTOCOLS, service) ? PROTOCOLS[service as Service] : "rest-xml";
}

/** The protocol of a call: the one that the request uses, which for services of the REST protocols is always their own. */
export function protocolOf(service: string, request: BackendRequest): Protocol {
  const own = protocolOfService(service);
  return own.startsWith("rest-") ? own : (protocolOfRequest(request) ?? own);
}

/** The content type of what a service answers in JSON. */
export function jsonType(service: string): string {
  return `application/x-amz-json-${JSON_1_1.includes(service) ? "1.1" : "1.0"}`;
}

/** The protocol that a request uses, whatever its service; undefined for one of a REST protocol, which only the service tells. */
export function protocolOfRequest({ method, url, headers }: BackendRequest): Protocol | undefined {
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (headers["x-amz-target"] !== undefined) return "json";
  if (String(headers["content-type"]).startsWith("application/x-www-form-urlencoded")) return "query";
  return method === "GET" && /[?&]Action=/.test(url) ? "query" : undefined;
}
