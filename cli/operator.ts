import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { STSClient } from "@aws-sdk/client-sts";
import * as v from "valibot";
import type { Clock } from "../shared/clock";
import { JobControl } from "../shared/jobs/control";
import { callerOf } from "./caller";
import { CONNECT_MS, checkedOutput, clientOf, connections } from "./outputClients";
import type { StackOutput } from "./stackOutputs";

const name = v.pipe(v.string(), v.nonEmpty());

/** A stack's output `operator`: what a person who runs jobs needs. */
const OperatorOutput = v.object({
  region: name,
  jobsTable: name,
  startFunction: name,
  resultsBucket: name,
  /** Most units that a job of the workflow driver works on at once. Absent: the stack has no workflow. */
  shuffleMaximumConcurrency: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Name of the spark driver's Glue job. Absent: the stack has none. */
  glueJob: v.exactOptional(name),
  /** Names of the tables that jobs may read, and that they may change. Absent: the stack is of an older version. */
  tables: v.exactOptional(v.object({ read: v.array(name), write: v.array(name) })),
  /** Names of the stack's own operations and updates. Absent: the stack is of an older version. */
  operations: v.exactOptional(v.array(name)),
});

export type OperatorOutput = v.InferOutput<typeof OperatorOutput>;

/** The clients and names through which the commands reach a stack's jobs. */
export interface Operator extends OperatorOutput {
  readonly control: JobControl;
  /** Who the operator is, as audit lists show it. */
  readonly caller: () => Promise<string>;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  /** For the results bucket. */
  readonly s3: S3Client;
  /** For executions of the workflow driver. */
  readonly sfn: SFNClient;
  /** Closes the connections. */
  close(): void;
}

/**
 * The clients for a stack's output `operator`, with the operator's own credentials: the local cloud's, or what the AWS SDK
 * finds.
 *
 * @throws SluiceError `OPERATOR_OUTPUT_INVALID`
 */
export function operatorOf(output: StackOutput, stack: string, clock: Clock): Operator {
  const checked = checkedOutput(OperatorOutput, output.value, { name: "operator", stack });
  const { region, jobsTable } = checked;
  const dynamodb = clientOf(DynamoDBClient, output, region);
  const s3 = clientOf(S3Client, output, region);
  const sfn = clientOf(SFNClient, output, region);
  // The caller's name in the audit list isn't worth a long wait.
  const sts = clientOf(STSClient, output, region, {
    requestHandler: { ...connections, requestTimeout: CONNECT_MS },
    maxAttempts: 2,
  });
  // A start function that sends 100,000 messages takes its time to answer.
  const lambda = clientOf(LambdaClient, output, region, { requestHandler: { connectionTimeout: CONNECT_MS } });
  const close = () => {
    dynamodb.destroy();
    lambda.destroy();
    s3.destroy();
    sfn.destroy();
    sts.destroy();
  };
  const caller = callerOf(sts);
  const control = new JobControl(dynamodb, jobsTable, () => clock.now(), caller);
  return { ...checked, control, caller, dynamodb, lambda, s3, sfn, close };
}
