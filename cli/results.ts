/** The results bucket, in the form that the shared code takes. */
import { retryTransient } from "../shared/aws/transient";
import type { ResultsStore } from "../shared/results/resultsStore";
import type { Operator } from "./operator";

/** How long a call that fails for a transient reason is repeated, milliseconds. */
const RETRY_MS = 60_000;

export function resultsOf({ s3, resultsBucket }: Pick<Operator, "s3" | "resultsBucket">): ResultsStore {
  return {
    s3,
    bucket: resultsBucket,
    signal: new AbortController().signal,
    retry: (call) => retryTransient(call, AbortSignal.timeout(RETRY_MS)),
  };
}
