import * as pulumi from "@pulumi/pulumi";

class Resource extends pulumi.CustomResource {}

const config = new pulumi.Config();
const queue = new Resource("aws:sqs/queue:Queue", "jobs", { delaySeconds: 5, tags: { of: "no meaning" } });
const group = new Resource("aws:cloudwatch/logGroup:LogGroup", "logs", {
  // A resource that no output depends on is made as well.
  retentionInDays: 7,
});

export const stack = pulumi.getStack();
export const greeting = config.get("greeting");
export const queueUrl = queue.id;
export const nested = { urls: [queue.id], secret: pulumi.secret("kept"), group: group.urn.apply(() => "made") };
