import * as pulumi from "@pulumi/pulumi";

/** Where functions publish their metrics: a namespace of each stack, because dev and prod may share an account. */
export function metricNamespace(): string {
  return `Sluice/${pulumi.getStack()}`;
}
