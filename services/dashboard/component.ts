import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { metricNamespace } from "../../shared/infra/metricNamespace";
import { type StackParts, sectionsOf } from "./sections";
import { bodyOf } from "./widgets";

/** The same, where a name may be known only once its part is made. */
type Named<T> = T extends string
  ? pulumi.Input<string>
  : T extends readonly (infer One)[]
    ? readonly Named<One>[]
    : { readonly [K in keyof T]: Named<T[K]> };

export interface StackDashboardArgs {
  /** The AWS region of everything. */
  region: string;
  /** Names of the stack's parts. */
  parts: Named<Omit<StackParts, "namespace">>;
}

/** A CloudWatch dashboard with the figures of the operator's page, for those who live in the console. */
export class StackDashboard extends pulumi.ComponentResource {
  constructor(name: string, { region, parts }: StackDashboardArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:dashboard:StackDashboard", name, {}, options);
    const namespace = metricNamespace();
    const dashboardBody = pulumi
      .output(parts)
      .apply((known) => JSON.stringify(bodyOf(sectionsOf({ ...(known as StackParts), namespace }), region)));
    const dashboardName = nameOf(name);
    new aws.cloudwatch.Dashboard(name, { dashboardName, dashboardBody }, { parent: this });
    this.registerOutputs({});
  }
}

/** Unique in the account, whose regions share one list. CloudWatch takes letters, digits, `-` and `_`. */
function nameOf(name: string): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}-${name}`.replaceAll(/[^\w-]/g, "-");
}
