import * as pulumi from "@pulumi/pulumi";

throw new pulumi.RunError("set ingestMinSeconds");
