import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { mailTopic, makeAlarms } from "../../shared/infra/alarms";
import { metricNamespace } from "../../shared/infra/metricNamespace";
import { BAD_RUNS } from "./badRuns";

export interface GlueAlarmsArgs {
  /** The function that handles the ends of runs, and its name in metrics. */
  runEnded: aws.lambda.Function;
  service: string;
  /** Who gets alarms: an address. Empty: nobody. */
  notify: string;
  tags: Record<string, string>;
}

/** Alarms for what needs attention: runs that end badly, and ends that the function could not handle. */
export class GlueAlarms extends pulumi.ComponentResource {
  constructor(name: string, args: GlueAlarmsArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:glue:GlueAlarms", name, {}, options);
    const { runEnded, service, notify, tags } = args;
    const sum = { statistic: "Sum" } as const;
    const rules = [
      {
        name: "failed",
        description: "A Glue run failed, timed out or was stopped; its job can be resumed.",
        watched: { ...sum, namespace: metricNamespace(), metricName: BAD_RUNS, dimensions: { service } },
        threshold: 0,
      },
      {
        name: "errors",
        description: "The function that handles the ends of Glue runs failed; a job may be active without a run.",
        watched: { ...sum, namespace: "AWS/Lambda", metricName: "Errors", dimensions: { FunctionName: runEnded.name } },
        threshold: 0,
      },
    ];
    const topic = mailTopic(name, notify, tags, this);
    makeAlarms(name, { rules, runbook: "glue-alarm", topic, tags }, this);
    this.registerOutputs({});
  }
}
