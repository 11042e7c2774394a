import * as pulumi from "@pulumi/pulumi";

export const zones = pulumi.output(pulumi.runtime.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {}));
