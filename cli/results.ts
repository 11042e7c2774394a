/** The results bucket, in the form that the shared code takes. */
import { retryTransient } from "../shared/aws/transient";
import type { ResultsStore } from "../shared/results/resultsStore";
import type { Operator } from "./operator";

/** How long a call that fails for a transient reason is repeated, milliseconds. */
const RETRY_MS = 60_000;

/** @param signal ends all calls. Default: nothing ends them */
export function resultsOf(
  { s3, resultsBucket }: Pick<Operator, "s3" | "resultsBucket">,
  signal = new AbortController().signal,
): ResultsStore {
  return {
    s3,
    bucket: resultsBucket,
    signal,
    retry: (call) => retryTransient(call, AbortSignal.any([signal, AbortSignal.timeout(RETRY_MS)])),
  };
}
