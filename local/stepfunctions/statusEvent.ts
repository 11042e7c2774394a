import { randomUUID } from "node:crypto";
import type { BusEvent } from "../events/event";
import type { Execution } from "./execution";

/** Input and output that together are larger are left out, in bytes as JSON in JSON: 248 KiB. */
const DATA_BYTES_MAX = 253_952;

/**
 * The event by which Step Functions publishes that an execution has started or ended.
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function statusEvent(execution: Execution, place: { region: string; accountId: string }): BusEvent {
  const { status, startedAt, end, options } = execution;
  const { arn, name, stateMachineArn, input } = options;
  const output = end?.output ?? null;
  const included = Buffer.byteLength(JSON.stringify([input, output])) <= DATA_BYTES_MAX;
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Step Functions Execution Status Change",
    source: "aws.states",
    account: place.accountId,
    time: new Date(end?.at ?? startedAt).toISOString().replace(/\.\d+Z$/, "Z"),
    region: place.region,
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn,
      name,
      status,
      startDate: startedAt,
      stopDate: end?.at ?? null,
      input: included ? input : null,
      output: included ? output : null,
      inputDetails: { included },
      outputDetails: output === null ? null : { included },
      error: end?.error ?? null,
      cause: end?.cause ?? null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: "NOT_REDRIVABLE",
      redriveStatusReason: "The local cloud does not redrive executions",
    },
  };
}
