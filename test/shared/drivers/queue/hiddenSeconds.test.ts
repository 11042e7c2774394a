import { visibilityBackoffSeconds } from "../../../../shared/aws/visibilityBackoff";
import { failedSeconds, hiddenSeconds, workingSeconds } from "../../../../shared/drivers/queue/hiddenSeconds";
import { MOST_CHAIN_ATTEMPTS } from "../../../../shared/engine/heldChain";
import { SluiceError } from "../../../../shared/errors";

const held = (leaseUntil: unknown) => new SluiceError("CHAIN_HELD", "held", { value: leaseUntil, retryable: true });

test.each([
  ["the lease ends later", held(1_010_500), 12],
  ["the lease ends within the second", held(1_000_001), 2],
  ["the lease has just ended", held(999_000), 1],
  ["the lease ended long ago", held(5_000), 1],
  ["somebody's clock is far ahead", held(9_000_000), 905],
  ["nobody knows until when", held(undefined), undefined],
  ["the chain was lost, or the answer to its return", new SluiceError("CHAIN_LOST", "lost"), 5],
  [
    "a unit was lost, which doesn't concern the message",
    new SluiceError("LEASE_LOST", "lost", { value: 1_010_500 }),
    undefined,
  ],
  ["another error with a value", new SluiceError("NO_SUCH_OPERATION", "none", { value: 1_010_500 }), undefined],
  ["an error of another origin", Object.assign(new Error("held"), { code: "CHAIN_HELD", value: 1_010_500 }), undefined],
])("how long a message is hidden: %s", (_, error, seconds) => {
  expect(hiddenSeconds(error, 1_000_000)).toBe(seconds);
});

test.each([
  [60_000, 65],
  [900_000, 905],
  [10_001, 16],
  [0, 5],
])(
  "a message that is worked on for %d ms is hidden for %d whole seconds, until after the invocation",
  (ms, seconds) => {
    expect(workingSeconds(ms)).toBe(seconds);
  },
);

/** Receives of a message until the job is stopped, if each worker fails a second after it has taken the chain. */
function receivesUntilStopped(timeoutSeconds: number, random: () => number): number {
  let [now, receives, attempts, leaseUntil] = [0, 0, 0, -1];
  for (;;) {
    receives++;
    if (leaseUntil >= now) {
      now += 1_000 * hiddenSeconds(held(leaseUntil), now)!;
      continue;
    }
    if (++attempts > MOST_CHAIN_ATTEMPTS) return receives;
    const endsAt = now + 1_000 * timeoutSeconds;
    leaseUntil = endsAt + 2_000;
    now += 1_000;
    now += 1_000 * failedSeconds(visibilityBackoffSeconds(receives, random), endsAt, now);
  }
}

test.each([10, 90, 300, 600, 900])(
  "with a time-out of %d s, a job whose workers fail again and again is stopped before its message is dead",
  (timeoutSeconds) => {
    // The queue's maxReceiveCount is 100: services/jobs/queueWorkers.ts.
    for (const random of [0, 0.5, 0.999]) expect(receivesUntilStopped(timeoutSeconds, () => random)).toBeLessThan(100);
  },
);
