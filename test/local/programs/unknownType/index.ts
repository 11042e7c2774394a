import * as pulumi from "@pulumi/pulumi";

class Resource extends pulumi.CustomResource {}

const topic = new Resource("aws:kinesis/stream:Stream", "clicks", { shardCount: 1 });
export const id = topic.id;
