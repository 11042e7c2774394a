import { jsonResponse } from "../gateway/message";
import type { Parts } from "../parts";
import type { SqsCall } from "./eventSourceMapping";

/** The prefix of the targets of each service's calls. */
const TARGETS = { sqs: "AmazonSQS", states: "AWSStepFunctions" } as const;

/**
 * Calls a service through the gateway as a role, as AWS's own pollers and schedules do. They may do only what the role may
 * do.
 */
export function callAsRole(
  service: keyof typeof TARGETS,
  roleArn: string,
  sessionName: string,
  parts: Pick<Parts, "gateway" | "endpoint">,
): SqsCall {
  const principal = { kind: "role", roleArn, sessionName, name: sessionName } as const;
  return async <T>(action: string, input: object): Promise<T> => {
    const { status, body } = await parts.gateway.call(principal, service, {
      method: "POST",
      url: "/",
      headers: {
        host: new URL(parts.endpoint).host,
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `${TARGETS[service]}.${action}`,
      },
      body: jsonResponse(200, input).body,
    });
    const text = body.toString();
    if (status !== 200) throw new Error(`${sessionName}: ${action} answered ${status}: ${text}`);
    return (text === "" ? {} : JSON.parse(text)) as T;
  };
}
