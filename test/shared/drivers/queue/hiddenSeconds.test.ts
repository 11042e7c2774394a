import { hiddenSeconds, unitBackoffMs } from "../../../../shared/drivers/queue/invocationTime";
import { SluiceError } from "../../../../shared/errors";

const held = (leaseUntil: unknown) => new SluiceError("CHAIN_HELD", "held", { value: leaseUntil, retryable: true });

test.each([
  ["the lease ends later", held(1_010_500), 12],
  ["the lease ends within the second", held(1_000_001), 2],
  ["the lease has just ended", held(999_000), 1],
  ["the lease ended long ago", held(5_000), 1],
  ["somebody's clock is far ahead", held(9_000_000), 905],
  ["nobody knows until when", held(undefined), undefined],
  ["the chain was lost, or its return's answer", new SluiceError("CHAIN_LOST", "lost"), 5],
  [
    "a unit was lost, which concerns no message",
    new SluiceError("LEASE_LOST", "lost", { value: 1_010_500 }),
    undefined,
  ],
  ["another error with a value", new SluiceError("NO_SUCH_OPERATION", "none", { value: 1_010_500 }), undefined],
  ["an error of somebody else", Object.assign(new Error("held"), { code: "CHAIN_HELD", value: 1_010_500 }), undefined],
])("how long a message is hidden: %s", (_, error, seconds) => {
  expect(hiddenSeconds(error, 1_000_000)).toBe(seconds);
});

test.each([
  [1, 15_000, 8_000],
  [2, 30_000, 15_000],
  [3, 60_000, 30_000],
  [6, 480_000, 240_000],
  [7, 900_000, 450_000],
  [18, 900_000, 450_000],
])(
  "after %d attempts without progress a unit is left alone for %d ms at most, %d at least",
  (attempts, most, least) => {
    expect(unitBackoffMs(attempts, () => 1)).toBe(most);
    expect(unitBackoffMs(attempts, () => 0)).toBe(least);
  },
);
