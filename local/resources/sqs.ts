import { autoName, type ResourceType } from "./resourceType";

/** Inputs of a queue and the SQS attributes they become. */
const ATTRIBUTES = {
  delaySeconds: "DelaySeconds",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redrivePolicy: "RedrivePolicy",
  visibilityTimeoutSeconds: "VisibilityTimeout",
} as const;

const ENCRYPTION = "messages stay in this process's memory";

export const queue: ResourceType = {
  honours: ["name", ...Object.keys(ATTRIBUTES)],
  excuses: { sqsManagedSseEnabled: ENCRYPTION, tags: "nothing reads tags locally" },
  async create({ name, inputs }, { queuesAndBuckets, endpoint, accountId, region }) {
    const physical = String(inputs.name ?? autoName(name));
    const given = Object.entries(ATTRIBUTES).filter(([input]) => inputs[input] !== undefined);
    const Attributes = Object.fromEntries(given.map(([input, attribute]) => [attribute, String(inputs[input])]));
    await queuesAndBuckets.sqs("CreateQueue", { QueueName: physical, Attributes });
    const url = `${endpoint}/${accountId}/${physical}`;
    const arn = `arn:aws:sqs:${region}:${accountId}:${physical}`;
    return { id: url, state: { ...inputs, name: physical, url, arn } };
  },
};

export const queuePolicy: ResourceType = {
  honours: ["queueUrl", "policy"],
  create({ inputs }, { roles, accountId, region }) {
    const queueName = String(inputs.queueUrl).split("/").at(-1);
    const arn = `arn:aws:sqs:${region}:${accountId}:${queueName}`;
    roles.setResourcePolicy(arn, JSON.parse(String(inputs.policy)));
    return { id: String(inputs.queueUrl), state: inputs };
  },
};

export const redriveAllowPolicy: ResourceType = {
  honours: ["queueUrl", "redriveAllowPolicy"],
  async create({ inputs }, { queuesAndBuckets }) {
    const Attributes = { RedriveAllowPolicy: String(inputs.redriveAllowPolicy) };
    await queuesAndBuckets.sqs("SetQueueAttributes", { QueueUrl: inputs.queueUrl, Attributes });
    return { id: String(inputs.queueUrl), state: inputs };
  },
};
