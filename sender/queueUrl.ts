import { SenderError, shorten } from "./errors";

export interface Queue {
  url: string;
  /** Where requests go; set if the queue is not at an AWS host (the local cloud). */
  endpoint?: string;
  /** The region that the URL names, else `us-east-1` if the queue is not at an AWS host. */
  region?: string;
}

/** Origin, host, port; then account and name. Without the URL class, because React Native's does not parse URLs. */
const QUEUE_URL = /^(https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?)(?:\/[\w.-]+){2,}$/;
const AWS_HOST = /\.(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$/;
/** `sqs.<region>.…`, `sqs-fips.<region>.…`, `vpce-….sqs.<region>.vpce.…`, and the legacy `<region>.queue.…`. */
const REGION_IN_HOST = /(?:^|\.)sqs(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.|^([a-z]{2}(?:-[a-z]+)+-\d)\.queue\./;

/**
 * Takes a queue's URL apart: `https://sqs.<region>.amazonaws.com/<account>/<name>`, or any
 * `http(s)://host[:port]/<account>/<name>`.
 *
 * The SDK would send to the host of an unknown queue URL as well (`useQueueUrlAsEndpoint` is on by default in
 * `@aws-sdk/client-sqs`), but with a warning on the console and only while no endpoint is configured around it. An
 * explicit endpoint does the same without a warning.
 *
 * @throws SenderError `BAD_QUEUE_URL`
 */
export function parseQueueUrl(queueUrl: unknown): Queue {
  if (typeof queueUrl !== "string") throw badUrl(typeof queueUrl, queueUrl);
  const parts = QUEUE_URL.exec(queueUrl);
  if (parts === null || Number(parts[3] ?? 0) > 65_535) throw badUrl(JSON.stringify(shorten(queueUrl, 200)), queueUrl);
  const origin = parts[1] as string;
  const hostname = (parts[2] as string).toLowerCase();
  const match = REGION_IN_HOST.exec(hostname);
  const region = match?.[1] ?? match?.[2];
  if (AWS_HOST.test(hostname)) return { url: queueUrl, ...(region === undefined ? {} : { region }) };
  return { url: queueUrl, endpoint: origin, region: region ?? "us-east-1" };
}

function badUrl(got: string, value: unknown): SenderError {
  return new SenderError("BAD_QUEUE_URL", `queueUrl must be the URL of an SQS queue, got ${got}.`, { value });
}
