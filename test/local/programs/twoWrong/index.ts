import * as pulumi from "@pulumi/pulumi";

class Resource extends pulumi.CustomResource {}

const first = new Resource("aws:sqs/queue:Queue", "first", { fifoQueue: true });
// This resource is never made, because the one that it depends on is not made. The program must not wait for it.
new Resource("aws:sqs/queue:Queue", "second", { name: first.id }, { dependsOn: first });
