import { SluiceError } from "../../shared/errors";
import type { QueuesAndBuckets } from "../backends/queuesAndBuckets";
import type { Permissions } from "../gateway/permissions/permissions";
import type { AsyncInvocations } from "../lambda/asyncInvocations";
import type { Topics } from "../sns/topics";
import type { Deliver } from "./eventBuses";

export interface TargetsOptions {
  queues: Pick<QueuesAndBuckets, "sqs">;
  topics: Topics;
  /** Takes events for functions. */
  functions: Pick<AsyncInvocations, "accept">;
  permissions: Pick<Permissions, "serviceRefusalOf">;
  accountId: string;
  /** Address of the queues, such as `http://127.0.0.1:4566`. */
  endpoint: () => string;
}

/** The permission that EventBridge needs at each kind of target. */
const ACTIONS: Record<string, string> = {
  lambda: "lambda:InvokeFunction",
  sns: "sns:Publish",
  sqs: "sqs:SendMessage",
};

/** @throws SluiceError UNKNOWN_EVENT_TARGET if the local cloud cannot deliver to it. */
export function checkTarget(arn: string): void {
  if (ACTIONS[serviceOf(arn)]) return;
  const help = "the local cloud delivers events to functions, topics and standard queues";
  throw new SluiceError("UNKNOWN_EVENT_TARGET", `${arn} cannot be the target of a rule: ${help}.`, { value: arn });
}

/** Delivers to functions, topics and queues whose policies allow EventBridge to do so for the rule. */
export function targets({ queues, topics, functions, permissions, accountId, endpoint }: TargetsOptions): Deliver {
  return async (arn, text, sourceArn) => {
    const service = serviceOf(arn);
    const need = { action: ACTIONS[service] ?? "", resource: arn };
    const refusal = await permissions.serviceRefusalOf({ service: "events.amazonaws.com", sourceArn }, need);
    if (refusal !== undefined) return refusal;
    if (service === "lambda") functions.accept(arn, JSON.parse(text));
    else if (service === "sns") await topics.publish(arn, text);
    else {
      const QueueUrl = `${endpoint()}/${accountId}/${arn.split(":").at(-1)}`;
      await queues.sqs("SendMessage", { QueueUrl, MessageBody: text });
    }
    return undefined;
  };
}

function serviceOf(arn: string): string {
  return arn.split(":")[2] ?? "";
}
