import { heldSeconds } from "../../../services/scanner/invocationTime";
import { SluiceError } from "../../../shared/errors";

const held = (leaseUntil: unknown) => new SluiceError("UNIT_HELD", "held", { value: leaseUntil, retryable: true });

test.each([
  ["the lease ends later", held(1_010_500), 12],
  ["the lease has just ended", held(999_000), 1],
  ["somebody's clock is far ahead", held(9_000_000), 905],
  ["nobody knows until when", held(undefined), undefined],
  ["another error", new SluiceError("LEASE_LOST", "lost"), undefined],
  ["an error of somebody else", new Error("UNIT_HELD"), undefined],
])("how long a message is hidden: %s", (_, error, seconds) => {
  expect(heldSeconds(error, 1_000_000)).toBe(seconds);
});
