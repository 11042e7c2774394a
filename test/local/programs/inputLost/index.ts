import * as pulumi from "@pulumi/pulumi";

class Resource extends pulumi.CustomResource {}

const inputs = { fifoQueue: true, delaySeconds: 1, kmsMasterKeyId: "key", name: undefined };
export const id = new Resource("aws:sqs/queue:Queue", "jobs", inputs).id;
