import type { QueuesAndBuckets } from "../backends/queuesAndBuckets";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import type { BackendResponse } from "../gateway/message";
import type { Permissions } from "../gateway/permissions/permissions";

/** Messages to mail addresses that are kept, the newest ones. */
const KEPT_MAX = 1_000;

/** The supported calls; topics and subscriptions come only from the Pulumi program. */
const ANSWERED: readonly string[] = ["Publish", "ListTopics", "GetTopicAttributes", "ListSubscriptionsByTopic"];

/** Fields of a message that would be ignored. */
const NOT_HONOURED: readonly string[] = ["MessageStructure", "PhoneNumber", "TargetArn"];

export interface Subscription {
  topicArn: string;
  protocol: "email" | "sqs";
  /** Mail address, or ARN of a queue. */
  endpoint: string;
  /** As the SNS API names them, such as `RawMessageDelivery`. */
  attributes: Record<string, string>;
}

/** A message as it would have been sent. */
export interface Mail {
  /** As in ISO 8601. */
  at: string;
  to: string;
  topicArn: string;
  subject?: string;
  message: string;
}

export interface TopicsOptions {
  backend: Pick<QueuesAndBuckets, "send" | "sns">;
  permissions: Pick<Permissions, "serviceRefusalOf">;
}

/**
 * SNS: fauxqs has the topics and delivers to queues, if the queue's policy lets SNS in. It doesn't send mail, but keeps
 * it for inspection; nobody has to confirm the subscription.
 */
export class Topics {
  readonly #options: TopicsOptions;
  readonly #subscriptions: Subscription[] = [];
  /** ARNs in fauxqs of the subscriptions that deliver. */
  readonly #delivering = new Map<Subscription, string>();
  readonly #mail: Mail[] = [];

  constructor(options: TopicsOptions) {
    this.#options = options;
  }

  /** @returns the topic's ARN. */
  async create(name: string): Promise<string> {
    return elementOf(await this.#options.backend.sns("CreateTopic", { Name: name }), "TopicArn");
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptions.push(subscription);
  }

  /** Publishes for an AWS service whose permission has been checked. */
  async publish(topicArn: string, message: string): Promise<void> {
    await this.#openQueues(topicArn);
    await this.#options.backend.sns("Publish", { TopicArn: topicArn, Message: message });
    this.#keepMail(topicArn, message);
  }

  /** Answers an SNS call. */
  async handle({ action, input, request }: Call): Promise<BackendResponse> {
    if (!ANSWERED.includes(action)) {
      return awsError("sns", 501, "NotImplemented", `The local cloud does not answer ${action} of SNS.`);
    }
    if (action !== "Publish") return this.#options.backend.send(request);
    const lost = NOT_HONOURED.filter((name) => input[name] !== undefined);
    if (lost.length > 0) {
      return awsError("sns", 501, "NotImplemented", `The local cloud does not honour ${lost.join(", ")} of a message.`);
    }
    const topicArn = String(input.TopicArn);
    await this.#openQueues(topicArn);
    const response = await this.#options.backend.send(request);
    if (response.status === 200) this.#keepMail(topicArn, String(input.Message), input.Subject as string | undefined);
    return response;
  }

  /** The recipients of mail, and the mails that they would have got. */
  report(): { subscriptions: Pick<Subscription, "topicArn" | "endpoint">[]; mail: Mail[] } {
    const subscriptions = this.#subscriptions.filter(({ protocol }) => protocol === "email");
    return { subscriptions: subscriptions.map(({ topicArn, endpoint }) => ({ topicArn, endpoint })), mail: this.#mail };
  }

  /** fauxqs checks no policies, so it gets only subscriptions whose queue allows SNS. */
  async #openQueues(topicArn: string): Promise<void> {
    const { backend, permissions } = this.#options;
    const caller = { service: "sns.amazonaws.com", sourceArn: topicArn };
    for (const subscription of this.#subscriptions) {
      const { protocol, endpoint, attributes } = subscription;
      if (subscription.topicArn !== topicArn || protocol !== "sqs") continue;
      const need = { action: "sqs:SendMessage", resource: endpoint };
      const refusal = await permissions.serviceRefusalOf(caller, need);
      const arn = this.#delivering.get(subscription);
      if (refusal === undefined && arn === undefined) {
        const fields = { TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, ...entries(attributes) };
        this.#delivering.set(subscription, elementOf(await backend.sns("Subscribe", fields), "SubscriptionArn"));
      } else if (refusal !== undefined && arn !== undefined) {
        await backend.sns("Unsubscribe", { SubscriptionArn: arn });
        this.#delivering.delete(subscription);
      }
    }
  }

  #keepMail(topicArn: string, message: string, subject?: string): void {
    const at = new Date().toISOString();
    for (const { endpoint: to, protocol, topicArn: subscribed } of this.#subscriptions) {
      if (protocol !== "email" || subscribed !== topicArn) continue;
      this.#mail.push({ at, to, topicArn, ...(subject === undefined ? {} : { subject }), message });
      if (this.#mail.length > KEPT_MAX) this.#mail.shift();
    }
  }
}

/** Attributes as the query protocol writes them. */
function entries(attributes: Record<string, string>): Record<string, string> {
  const fields = Object.entries(attributes).flatMap(([key, value], index) => [
    [`Attributes.entry.${index + 1}.key`, key],
    [`Attributes.entry.${index + 1}.value`, value],
  ]);
  return Object.fromEntries(fields);
}

function elementOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}
