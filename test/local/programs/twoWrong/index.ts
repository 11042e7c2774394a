import * as pulumi from "@pulumi/pulumi";

class Resource extends pulumi.CustomResource {}

const first = new Resource("aws:sqs/queue:Queue", "first", { fifoQueue: true });
// Never made, since what it depends on is not; the program must not wait for it.
new Resource("aws:sqs/queue:Queue", "second", { name: first.id }, { dependsOn: first });
