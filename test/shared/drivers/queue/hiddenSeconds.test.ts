import { hiddenSeconds } from "../../../../shared/drivers/queue/invocationTime";
import { SluiceError } from "../../../../shared/errors";

const held = (leaseUntil: unknown) => new SluiceError("UNIT_HELD", "held", { value: leaseUntil, retryable: true });
const stopped = (attempts: number) => new SluiceError("UNIT_STOPPED", "Error: no", { value: attempts });

test.each([
  ["the lease ends later", held(1_010_500), 12],
  ["the lease has just ended", held(999_000), 1],
  ["somebody's clock is far ahead", held(9_000_000), 905],
  ["nobody knows until when", held(undefined), undefined],
  ["the first attempt failed", stopped(1), 15],
  ["the third in a row failed", stopped(3), 60],
  ["many failed", stopped(18), 900],
  ["the lease was lost, or its return's answer", new SluiceError("LEASE_LOST", "lost"), 5],
  ["another error", new SluiceError("NO_SUCH_OPERATION", "none"), undefined],
  ["an error of somebody else", new Error("UNIT_HELD"), undefined],
])("how long a message is hidden: %s", (_, error, seconds) => {
  expect(hiddenSeconds(error, 1_000_000, () => 1)).toBe(seconds);
});
