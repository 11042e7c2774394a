import * as pulumi from "@pulumi/pulumi";

class Resource extends pulumi.CustomResource {}

const queue = new Resource("aws:sqs/queue:Queue", "jobs");
queue.id.apply(() => console.log("The program is waiting."));

export const never = new Promise(() => undefined);
