import { randomUUID } from "node:crypto";
import { SluiceError } from "../../shared/errors";
import { autoName, type Inputs, type ResourceType } from "./resourceType";

/** Inputs of a subscription to a queue and the attributes they become. */
const ATTRIBUTES = {
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
} as const;

export const topic: ResourceType = {
  honours: ["name", "policy"],
  excuses: { displayName: "mail is kept, not sent", tags: "nothing reads tags locally" },
  async create({ name, inputs }, { topics, roles }) {
    const physical = String(inputs.name ?? autoName(name));
    const arn = await topics.create(physical);
    if (inputs.policy !== undefined) roles.setResourcePolicy(arn, JSON.parse(String(inputs.policy)));
    return { id: arn, state: { ...inputs, name: physical, arn } };
  },
};

export const topicPolicy: ResourceType = {
  honours: ["arn", "policy"],
  create({ inputs }, { roles }) {
    roles.setResourcePolicy(String(inputs.arn), JSON.parse(String(inputs.policy)));
    return { id: String(inputs.arn), state: inputs };
  },
};

export const topicSubscription: ResourceType = {
  honours: ["topic", "protocol", "endpoint", ...Object.keys(ATTRIBUTES)],
  create({ name, inputs }, { topics }) {
    const { topic, protocol, endpoint } = inputs as Record<string, string>;
    const attributes = attributesOf(inputs);
    if (protocol !== "sqs" && (protocol !== "email" || Object.keys(attributes).length > 0)) {
      throw new SluiceError(
        "INPUT_NOT_HONOURED",
        `${name}: the local cloud has subscriptions of queues, and of mail addresses without filters; not ${protocol}.`,
        { value: protocol },
      );
    }
    topics.subscribe({ topicArn: String(topic), protocol, endpoint: String(endpoint), attributes });
    const arn = `${topic}:${randomUUID()}`;
    return { id: arn, state: { ...inputs, arn } };
  },
};

function attributesOf(inputs: Inputs): Record<string, string> {
  const given = Object.entries(ATTRIBUTES).filter(([input]) => inputs[input] !== undefined);
  return Object.fromEntries(given.map(([input, attribute]) => [attribute, String(inputs[input])]));
}
