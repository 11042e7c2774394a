import type { Call } from "../../call";
import type { Need } from "./need";

/** SNS calls about one topic and the IAM action each needs. */
const TOPIC_CALLS: Record<string, string> = {
  GetTopicAttributes: "GetTopicAttributes",
  ListSubscriptionsByTopic: "ListSubscriptionsByTopic",
  Publish: "Publish",
};

/** The permission that an SNS call needs; undefined for calls that are not in the table above, such as to a phone. */
export function snsNeeds({ action, input }: Pick<Call, "action" | "input">): Need[] | undefined {
  if (action === "ListTopics") return [{ action: "sns:ListTopics", resource: "*", context: {} }];
  const iam = TOPIC_CALLS[action];
  const topic = input.TopicArn ?? input.TargetArn;
  return iam && topic !== undefined ? [{ action: `sns:${iam}`, resource: String(topic), context: {} }] : undefined;
}
