import fc from "fast-check";
import { deliveries } from "../../../local/faults/delivery";
import { Faults, type Occasion } from "../../../local/faults/faults";
import { failsToLoad, invocationFaults } from "../../../local/faults/invocation";
import { draw, seededRandom, shuffled } from "../../../local/faults/random";
import { parseFaultPlan } from "../../../local/faults/rule";

const put: Occasion = { service: "s3", action: "PutObject", resource: "raw-1/key", byRole: true };
const error = { kind: "error", code: "SlowDown", status: 503 };

function faultsOf(rules: object[], seed?: number): Faults {
  const faults = new Faults();
  faults.set({ rules, ...(seed === undefined ? {} : { seed }) });
  return faults;
}

const strikes = (faults: Faults, occasion: Occasion, times = 1) =>
  Array.from({ length: times }, () => faults.strike(occasion).length);

describe("a plan", () => {
  test("with only a kind takes the defaults", () => {
    expect(parseFaultPlan({ rules: [{ service: "s3", fault: { kind: "error", code: "X" } }] })).toEqual({
      seed: 1,
      rules: [
        {
          service: "s3",
          caller: "roles",
          probability: 1,
          fault: { kind: "error", code: "X", status: 500, message: "injected by a fault rule" },
        },
      ],
    });
  });

  test.each<[string, unknown, string[]]>([
    ["is none", undefined, ["the plan"]],
    ["has no rules", {}, ["rules"]],
    ["has rules that are no list", { rules: {} }, ["rules"]],
    ["has a key that is not known", { rules: [], speed: 1 }, ["speed"]],
    ["names a service that is not there", { rules: [{ service: "ec2", fault: error }] }, ["rules.0.service"]],
    ["has a misspelt key", { rules: [{ service: "s3", fault: error, probabilty: 1 }] }, ["rules.0.probabilty"]],
    ["has a probability of 2", { rules: [{ service: "s3", fault: error, probability: 2 }] }, ["rules.0.probability"]],
    ["has a count of 0", { rules: [{ service: "s3", fault: error, count: 0 }] }, ["rules.0.count"]],
    ["has a kind that is not there", { rules: [{ service: "s3", fault: { kind: "x" } }] }, ["rules.0.fault.kind"]],
    ["has an error without code", { rules: [{ service: "s3", fault: { kind: "error" } }] }, ["rules.0.fault.code"]],
    [
      "has a malformed error",
      { rules: [{ service: "s3", fault: { ...error, status: 200 } }] },
      ["rules.0.fault.status"],
    ],
    ["has a kind of another service", { rules: [{ service: "s3", fault: { kind: "hang" } }] }, ["rules.0"]],
    [
      "has several problems, which are reported together",
      {
        seed: 1.5,
        rules: [
          { service: "ec2", fault: error },
          { service: "s3", fault: { kind: "error" }, count: -1 },
        ],
      },
      ["seed", "rules.0.service", "rules.1.count", "rules.1.fault.code"],
    ],
  ])("that %s is refused", (_, plan, where) => {
    const problems = problemsOf(plan);
    expect(problems.map((problem) => problem.split(": ")[0]).sort()).toEqual([...where].sort());
  });

  test("that is refused leaves the rules before it in force", () => {
    const faults = faultsOf([{ service: "s3", fault: error }]);
    expect(() => faults.set({ rules: [{}] })).toThrow();
    expect(strikes(faults, put)).toEqual([1]);
  });

  function problemsOf(plan: unknown): string[] {
    try {
      parseFaultPlan(plan);
    } catch (refused) {
      expect(refused).toMatchObject({ code: "BAD_FAULT_PLAN" });
      return (refused as { value: string[] }).value;
    }
    throw new Error("accepted");
  }
});

describe("a rule", () => {
  test.each<[string, object, boolean]>([
    ["its service alone", {}, true],
    ["the action", { action: "PutObject" }, true],
    ["another action", { action: "GetObject" }, false],
    ["a part of the resource", { resource: "raw-" }, true],
    ["another resource", { resource: "quarantine" }, false],
    ["another service", { service: "dynamodb" }, false],
    ["everybody", { caller: "everybody" }, true],
    ["a probability of 0", { probability: 0 }, false],
  ])("with %s strikes: %j is %s", (_, fields, expected) => {
    expect(strikes(faultsOf([{ service: "s3", fault: error, ...fields }]), put)).toEqual([expected ? 1 : 0]);
  });

  test("leaves the administrator alone, unless its caller is everybody", () => {
    const mine = { ...put, byRole: false };
    expect(strikes(faultsOf([{ service: "s3", fault: error }]), mine)).toEqual([0]);
    expect(strikes(faultsOf([{ service: "s3", fault: error, caller: "everybody" }]), mine)).toEqual([1]);
  });

  test("strikes as often as its count, and counts the calls that it matched and struck", () => {
    const faults = faultsOf([{ service: "s3", fault: error, count: 2 }]);
    expect(strikes(faults, put, 4)).toEqual([1, 1, 0, 0]);
    expect(faults.report()).toMatchObject({ seed: 1, rules: [{ matched: 4, struck: 2 }] });
  });

  test("starts to count again when it is set again", () => {
    const faults = faultsOf([{ service: "s3", fault: error }]);
    strikes(faults, put, 3);
    faults.set({ rules: [{ service: "s3", fault: error }] });
    expect(faults.report().rules[0]).toMatchObject({ matched: 0, struck: 0 });
  });

  test("strikes about as often as its probability says", () => {
    const struck = strikes(faultsOf([{ service: "s3", fault: error, probability: 0.3 }]), put, 10_000);
    expect(struck.reduce((sum, one) => sum + one) / 10_000).toBeCloseTo(0.3, 1);
  });

  test("all matching rules strike, in their order", () => {
    const rules = [error, { kind: "latency", ms: { fixed: 1 } }, { kind: "lost" }].map((fault) => ({
      service: "s3",
      fault,
    }));
    expect(
      faultsOf(rules)
        .strike(put)
        .map(({ fault }) => fault.kind),
    ).toEqual(["error", "latency", "lost"]);
  });
});

describe("a seed", () => {
  const rules = [0.5, 0.2].map((probability) => ({ service: "s3", fault: error, probability }));

  test("repeats a run exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        expect(strikes(faultsOf(rules, seed), put, 50)).toEqual(strikes(faultsOf(rules, seed), put, 50));
      }),
    );
  });

  test("another seed gives another run", () => {
    expect(strikes(faultsOf(rules, 1), put, 50)).not.toEqual(strikes(faultsOf(rules, 2), put, 50));
  });

  test("the calls that one rule matches don't shift the random numbers of another", () => {
    const alone = faultsOf([{ service: "s3", fault: error, probability: 0.5 }], 7);
    const beside = faultsOf(
      [
        { service: "s3", fault: error, probability: 0.5 },
        { service: "sqs", fault: error },
      ],
      7,
    );
    const other: Occasion = { service: "sqs", action: "SendMessage", resource: "queue", byRole: true };
    const mixed = Array.from({ length: 50 }, () => {
      strikes(beside, other, 3);
      return beside.strike(put).length;
    });
    expect(mixed).toEqual(strikes(alone, put, 50));
  });
});

describe("functions", () => {
  test.each([
    ["kill", { kind: "kill", ms: { fixed: 5 } }, { hang: false, killAfterMs: 5 }, false],
    ["hang", { kind: "hang" }, { hang: true }, false],
    ["failToLoad", { kind: "failToLoad" }, { hang: false }, true],
  ])(
    "%s strikes at the right moment, although a function is loaded before it is invoked",
    (_, fault, invoked, loaded) => {
      const faults = faultsOf([{ service: "lambda", fault, count: 1 }]);
      expect(failsToLoad(faults, "store")).toBe(loaded);
      expect(invocationFaults(faults, "store")).toEqual(invoked);
      expect(faults.report().rules[0]).toMatchObject({ matched: 1, struck: 1 });
    },
  );

  test("the earlier of two kills takes effect", () => {
    const rules = [9, 3].map((fixed) => ({ service: "lambda", fault: { kind: "kill", ms: { fixed } } }));
    expect(invocationFaults(faultsOf(rules), "store").killAfterMs).toBe(3);
  });
});

describe("deliveries", () => {
  const rule = (fault: object, fields: object = {}) => ({ service: "eventSourceMapping", fault, ...fields });

  test("without faults the batch is delivered as it is", () => {
    expect(deliveries(new Faults(), "queue", ["a", "b"])).toEqual([{ messages: ["a", "b"], afterMs: 0 }]);
  });

  test("a late message comes alone, later; a duplicate comes twice", () => {
    expect(
      deliveries(faultsOf([rule({ kind: "late", ms: { fixed: 50 } }, { count: 1 })]), "queue", ["a", "b"]),
    ).toEqual([
      { messages: ["b"], afterMs: 0 },
      { messages: ["a"], afterMs: 50 },
    ]);
    expect(deliveries(faultsOf([rule({ kind: "duplicate" }, { count: 1 })]), "queue", ["a", "b"])).toEqual([
      { messages: ["a", "b"], afterMs: 0 },
      { messages: ["a"], afterMs: 0 },
    ]);
  });

  test("if all messages are late, there is no batch on time", () => {
    expect(deliveries(faultsOf([rule({ kind: "late", ms: { fixed: 1 } })]), "queue", ["a"])).toEqual([
      { messages: ["a"], afterMs: 1 },
    ]);
  });

  test("nothing is ever lost, under any fault", () => {
    const rules = fc.subarray([
      rule({ kind: "late", ms: { uniform: [0, 10] } }, { probability: 0.5 }),
      rule({ kind: "duplicate" }, { probability: 0.5 }),
      rule({ kind: "reorder" }, { probability: 0.5 }),
    ]);
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 1e6 }), fc.uniqueArray(fc.nat()), (plan, seed, batch) => {
        const delivered = deliveries(faultsOf(plan, seed), "queue", batch).flatMap(({ messages }) => messages);
        expect(new Set(delivered)).toEqual(new Set(batch));
      }),
    );
  });
});

describe("random numbers", () => {
  test("are uniform in [0, 1) and never leave it", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        for (let n = 0; n < 100; n++) {
          const number = random();
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThan(1);
        }
      }),
    );
  });

  test.each([
    [{ fixed: 7 }, 7, 7],
    [{ uniform: [10, 20] as [number, number] }, 10, 20],
    [{ exponential: 5 }, 0, Number.MAX_VALUE],
  ])("a duration of %j is from %d to %d ms", (duration, least, most) => {
    const random = seededRandom(1);
    for (let n = 0; n < 1_000; n++) {
      const ms = draw(duration, random);
      expect(ms).toBeGreaterThanOrEqual(least);
      expect(ms).toBeLessThanOrEqual(most);
    }
  });

  test("shuffling keeps everything and leaves the original alone", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer(), (things, seed) => {
        const before = [...things];
        expect(shuffled(things, seededRandom(seed)).sort()).toEqual([...things].sort());
        expect(things).toEqual(before);
      }),
    );
  });
});
