import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import type { Desk } from "../services/ingest/desk/desk";
import { retryTransient } from "../shared/aws/transient";
import type { Clock } from "../shared/clock";
import { checkedOutput, clientOf, connections } from "./outputClients";
import type { StackOutput } from "./stackOutputs";

const name = v.pipe(v.string(), v.nonEmpty());

/** The part of a stack's output `intake` that the desk needs. */
const IntakeOutput = v.object({
  region: name,
  queueUrl: name,
  rawBucket: name,
  quarantineBucket: name,
  resultsTable: name,
  submissionsTable: name,
  studySecret: v.optional(name),
});

/** The clients and names through which the intake commands reach a stack's submissions. */
export interface Intake extends Desk {
  /** Closes the connections. */
  close(): void;
}

/** How long a call that fails for a transient reason is repeated, milliseconds. */
const RETRY_MS = 60_000;
/** Objects that are read at once. */
const SOCKETS = 100;

/**
 * The clients for a stack's output `intake`, with the operator's own credentials: the local cloud's, or those that the
 * AWS SDK finds.
 *
 * @throws SluiceError `INTAKE_OUTPUT_INVALID`
 */
export function intakeOf(output: StackOutput, stack: string, clock: Clock): Intake {
  const { region, studySecret, ...parts } = checkedOutput(IntakeOutput, output.value, { name: "intake", stack });
  const requestHandler = {
    ...connections,
    httpAgent: { maxSockets: SOCKETS },
    httpsAgent: { maxSockets: SOCKETS },
  };
  const dynamodb = clientOf(DynamoDBClient, output, region, { requestHandler });
  const s3 = clientOf(S3Client, output, region, { requestHandler });
  const sqs = clientOf(SQSClient, output, region, { requestHandler });
  const secretsManager = clientOf(SecretsManagerClient, output, region, { requestHandler });
  return {
    ...parts,
    ...{ dynamodb, s3, sqs },
    ...(studySecret === undefined ? {} : { secrets: { secretsManager, studySecret } }),
    retry: (call) => retryTransient(call, AbortSignal.timeout(RETRY_MS)),
    now: () => clock.now(),
    close() {
      for (const client of [dynamodb, s3, sqs, secretsManager]) client.destroy();
    },
  };
}
