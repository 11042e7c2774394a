import { explainedRcu } from "../../../soak/scan/judge";

test.each([
  ["nothing was read again", 0, 1_380.5],
  ["four pages were, each as large as at 1.5 times the rate", 4, 1_680.5],
  ["more pages are checkpointed than were read", -1, 1_380.5],
])("the RCU that faults explain, if %s", (_, rereadPages, rcu) => {
  expect(explainedRcu(1_380.5, rereadPages, 1_000)).toBe(rcu);
});
