/** Items that a job could not process, by reason, with examples. */
import { readFailures } from "../../../shared/writing/failureList";
import { failureObjects } from "../../failures/failureObjects";
import { describeKey } from "../../failures/failuresCommand";
import { resultsOf } from "../../results";
import { oneLine } from "../../text/format";
import type { FailureGroup, FailureLine } from "../contract";
import type { Desk } from "../desk";

/** Examples of each reason. */
const MOST_EXAMPLES = 5;
/** Objects of the list that are read for the examples: an object holds the failures of some seconds. */
const MOST_OBJECTS = 50;

/** The most frequent reason first. @throws SluiceError NO_SUCH_JOB, NO_FAILURE_LIST, FAILURES_GONE */
export async function failureGroups({ operator }: Desk, id: string): Promise<FailureGroup[]> {
  const { codes, objects } = await failureObjects(operator, await operator.control.read(id));
  const examples = new Map<string, FailureLine[]>(Object.keys(codes).map((code) => [code, []]));
  const wants = () => [...examples].some(([code, found]) => found.length < Math.min(MOST_EXAMPLES, codes[code] ?? 0));
  for (const key of objects.slice(0, MOST_OBJECTS)) {
    if (!wants()) break;
    for (const failure of await readFailures(resultsOf(operator), key)) {
      const found = examples.get(failure.code);
      if (found === undefined || found.length >= MOST_EXAMPLES) continue;
      const { code, attempts, reason } = failure;
      found.push({ key: describeKey(failure), code, reason: oneLine(reason), attempts });
    }
  }
  return Object.entries(codes)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => ({ code, count, examples: examples.get(code) ?? [] }));
}
