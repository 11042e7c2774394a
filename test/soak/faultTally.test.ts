import type { ChildCloud } from "../../local/childCloud";
import { parseFaultPlan } from "../../local/faults/rule";
import { everydayFaults, OUTAGE } from "../../soak/faultRules";
import { FaultTally } from "../../soak/faultTally";

test("the local cloud accepts the rules, with every kind for every service, and for the sender's calls as well", () => {
  const { rules } = parseFaultPlan({ rules: [OUTAGE, ...everydayFaults()] });
  const kinds = (service: string, caller: string) =>
    rules.filter((rule) => rule.service === service && rule.caller === caller).map(({ fault }) => fault.kind);
  for (const service of ["dynamodb", "s3", "sqs"]) {
    expect(kinds(service, "roles")).toEqual(["latency", "error", "error", "reset", "lost"]);
  }
  expect(kinds("sqs", "everybody")).toHaveLength(8);
  expect(kinds("dynamodb", "everybody")).toEqual(["reset"]);
  expect(rules.filter(({ probability }) => probability === 0.02)).toHaveLength(24);
  expect(rules.find(({ service }) => service === "eventSourceMapping")).toMatchObject({ probability: 0.05 });
});

test("the rules' effects are added up over the phases, and each phase has its own seed", async () => {
  const asked: unknown[] = [];
  let rules: object[] = [];
  const report = () => ({ rules: rules.map((rule) => ({ probability: 1, ...rule, matched: 10, struck: 1 })) });
  const cloud = {
    faults: async () => report(),
    setFaults: async (next: object[], seed: number) => {
      const before = report();
      asked.push([next.length, seed]);
      rules = next;
      return before;
    },
  } as unknown as ChildCloud;
  const tally = new FaultTally(cloud, 7);
  await tally.everyday();
  await tally.outage();
  await tally.everyday();
  expect((await tally.soFar()).find(({ rule }) => rule === "lambda kill")).toMatchObject({ matched: 30, struck: 3 });
  await tally.none();
  expect(asked).toEqual([
    [25, 7],
    [26, 8],
    [25, 9],
    [0, 10],
  ]);
  const byRule = Object.fromEntries(tally.rules.map(({ rule, matched, struck }) => [rule, [matched, struck]]));
  expect(byRule).toMatchObject({ "dynamodb outage": [10, 1], "s3 SlowDown": [30, 3], "lambda kill": [30, 3] });
});
