import type { Call } from "../../call";
import { arnOf, type Need, type Place } from "./need";
import { sourceArnOf } from "./taskHandle";

/** Batches have no separate action: each of their entries needs the action for one message. */
const BATCHES: Record<string, string> = {
  SendMessageBatch: "SendMessage",
  DeleteMessageBatch: "DeleteMessage",
  ChangeMessageVisibilityBatch: "ChangeMessageVisibility",
};

/** Calls that name their queue by `QueueUrl` and whose IAM action has their own name. */
const QUEUE_CALLS: readonly string[] = [
  ...["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "PurgeQueue"],
  ...["GetQueueAttributes", "SetQueueAttributes", "DeleteQueue", "ListDeadLetterSourceQueues"],
  ...["ListQueueTags", "TagQueue", "UntagQueue"],
];

/** The permissions that an SQS call needs; undefined for calls that are not in the tables above. */
export function sqsNeeds({ action, input }: Pick<Call, "action" | "input">, place: Place): Need[] | undefined {
  const single = BATCHES[action] ?? action;
  if (QUEUE_CALLS.includes(single)) return [need(single, arnOf("sqs", place, nameIn(String(input.QueueUrl))))];
  switch (action) {
    case "ListQueues":
      return [need("ListQueues", "*")];
    case "CreateQueue":
    case "GetQueueUrl":
      return [need(action, arnOf("sqs", place, String(input.QueueName)))];
    case "ListMessageMoveTasks":
      return [need("ListMessageMoveTasks", String(input.SourceArn))];
    case "CancelMessageMoveTask":
      return [need("CancelMessageMoveTask", sourceArnOf(String(input.TaskHandle)) ?? "*")];
    case "StartMessageMoveTask":
      return moveNeeds(input);
    default:
      return undefined;
  }
}

/**
 * A redrive receives, deletes and sends on the caller's behalf. Without a destination the messages go back to their
 * source queue, which the request does not name: in that case local/sqs/moveTasks.ts checks the permission to send there.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
function moveNeeds({ SourceArn, DestinationArn }: Record<string, unknown>): Need[] {
  const onSource = ["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
  const needs = onSource.map((action) => need(action, String(SourceArn)));
  if (DestinationArn !== undefined) needs.push(need("SendMessage", String(DestinationArn)));
  return needs;
}

function need(action: string, resource: string): Need {
  return { action: `sqs:${action}`, resource, context: {} };
}

function nameIn(queueUrl: string): string {
  return queueUrl.split("/").at(-1) ?? "";
}
