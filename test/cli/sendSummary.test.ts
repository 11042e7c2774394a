import { exitCode, type NotSent, type SendSummary } from "../../cli/sendSummary";

const error = { code: "NETWORK", message: "away", retryable: true } as unknown as NotSent["error"];
const one: NotSent[] = [{ file: "a.json", submissionId: "a", error }];

test.each([
  [0, 0, false, 0],
  [1, 0, false, 1],
  [0, 1, false, 1],
  [1, 1, false, 1],
  [0, 0, true, 1],
  [1, 0, true, 1],
  [0, 1, true, 1],
  [1, 1, true, 1],
])("%i refused, %i waiting, the flush itself failed: %p; ends with %i", (refused, waiting, failed, code) => {
  const summary: SendSummary = {
    ...{ queueUrl: "q", total: 3, sent: 1, results: [] },
    refused: refused === 1 ? one : [],
    waiting: waiting === 1 ? one : [],
    ...(failed ? { error } : {}),
  };
  expect(exitCode(summary)).toBe(code);
});
