import { retryTransient } from "../../../shared/aws/transient";
import { keepingReason } from "../../../shared/engine/retries";

const now = () => 0;
const refusal = () => Object.assign(new Error("not now"), { name: "SlowDown", $retryable: { throttling: true } });

test("a call that is refused until its time is over ends with the service's own error", async () => {
  const time = new AbortController();
  const errors: Error[] = [];
  const retry = keepingReason(
    (call) => retryTransient(call, time.signal),
    { now },
    () => undefined,
  );
  const ended = retry(async () => {
    errors.push(refusal());
    if (errors.length === 2) setImmediate(() => time.abort(new Error("over")));
    throw errors.at(-1);
  }).catch((error: unknown) => error);
  expect(await ended).toBe(errors.at(-1));
  expect(errors.length).toBeGreaterThanOrEqual(2);
});

test("a call that did not fail before its time was over ends with the end of the time as its error", async () => {
  const time = new AbortController();
  const retry = keepingReason(
    (call) => retryTransient(call, time.signal),
    { now },
    () => undefined,
  );
  const ended = retry(async () => {
    time.abort(new Error("over"));
    throw time.signal.reason;
  });
  await expect(ended).rejects.toMatchObject({ code: "OUT_OF_TIME", retryable: true });
});
