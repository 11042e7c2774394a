/** GenerateShuffledNumbers: the numbers of a job's units that are not done, in random order. Wiring only. */
import { S3Client } from "@aws-sdk/client-s3";
import { clientSettings } from "../../../shared/aws/clients";
import { retryTransient } from "../../../shared/aws/transient";
import { readEnvironment } from "../../../shared/runtime/environment";
import { numberGenerator } from "../../../shared/worker/numberGenerator";
import { placeNumbers, placeVariables } from "../placeNumbers";

const settings = readEnvironment(placeVariables, process.env);
const s3 = new S3Client(clientSettings);

export const handler = numberGenerator(process.env, (generated, task, signal) =>
  placeNumbers(generated, task, {
    s3,
    bucket: settings.RESULTS_BUCKET,
    timeoutSeconds: settings.WORKER_TIMEOUT_SECONDS,
    retry: (call) => retryTransient(call, signal),
    now: Date.now,
  }),
);
