import type * as pulumi from "@pulumi/pulumi";

/**
 * The options of a resource, protected from `pulumi destroy` if `on`. Off leaves the choice to the resource's parent, so
 * that a protected component protects its children. docs/decisions/0301 explains what is protected, and why.
 */
export function protectedIf<T extends pulumi.ResourceOptions>(on: boolean, options: T): T {
  return on ? { ...options, protect: true } : options;
}
