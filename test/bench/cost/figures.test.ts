import { figuresOf, type Measured } from "../../../bench/cost/figures";
import { billOf } from "../../../shared/cost/bill";
import { listPrices } from "../../../shared/cost/prices";
import { noUsage, type Usage } from "../../../shared/cost/usage";

const evenness = {
  ms: 60_000,
  firstReadAt: 0,
  lastReadAt: 60_000,
  mean: 0.99,
  worst: 1.05,
  windowMs: 1_000,
  tail: 0.01,
};

/** Capacity of a million RCU is $0.125. */
function measured(part: Partial<Measured> & { readonly usage?: Usage }): Measured {
  const { usage = noUsage, rcu = 1_000_000 } = part;
  const bill = billOf(usage, { read: rcu }, listPrices);
  const about = { operation: "count", rate: 1_000, undisturbedRcu: 1_000_000, waiting: 0.4 } as const;
  return { ...about, rcu, usage, bill, evenness, ...part };
}

const figure = (given: Measured, name: string) => figuresOf(given).find((each) => each.name === name)!;

test("puts are compared by themselves, everything else together", () => {
  // $0.0125 for writes, $0.005 for puts.
  const usage = { ...noUsage, writeUnits: 20_000, puts: 1_000 };
  const given = measured({ operation: "export", usage });
  expect(figure(given, "everything else by capacity").measured).toBeCloseTo(0.1, 9);
  expect(figure(given, "puts by capacity").measured).toBeCloseTo(0.04, 9);
  expect(figuresOf(measured({ usage })).some(({ name }) => name === "puts by capacity")).toBe(false);
});

test.each([
  [4_000, "at most 0.15"],
  [3_999, "at most 0.25"],
  [1_000, "at most 0.25"],
  [100, "at most 0.75"],
  [20, "at most 3"],
])("at %d RCU/s everything else by capacity is to be %s", (rate, goal) => {
  expect(figure(measured({ rate }), "everything else by capacity").goal).toBe(goal);
});

test.each([
  [5, 1.05, true],
  [99, 1.051, false],
  [100, 1.02, true],
  [100, 1.021, false],
])("at %d RCU/s a capacity of %d undisturbed passes: %p", (rate, passes, met) => {
  const given = measured({ rate, rcu: passes * 1_000_000 });
  expect(figure(given, "capacity by one undisturbed pass").met).toBe(met);
});

test("waiting has a goal from 1,000 RCU/s on; the goal is missed if workers report no waiting", () => {
  const waiting = (part: Partial<Measured>) => figure(measured(part), "waiting by Lambda's time");
  expect(waiting({ waiting: 0.51 })).toMatchObject({ met: false, measured: 0.51 });
  expect(waiting({ waiting: 0.9, rate: 999 })).toMatchObject({ met: true, goal: "reported" });
  expect(waiting({ waiting: undefined }).met).toBe(false);
});
