/** The limiter in TypeScript and in Python, line by line: what each asks of the ledger and when each request starts. */
import { expectGolden, pythonGolden } from "../support/golden";
import { type LimiterScenario, type LimiterTrace, runScenario, type ThreadOfWork } from "./limiterScenario";

const cheap: ThreadOfWork = { units: [1], ms: [3, 7] };

function times<T>(count: number, each: T): T[] {
  return Array.from({ length: count }, () => each);
}

const scenarios: LimiterScenario[] = [
  {
    name: "one worker, one request after the other",
    limits: { table: 50 },
    workers: [{ threads: [cheap] }],
    end: 4_000,
  },
  {
    name: "many requests at once, the ledger far away, and the worker leaves",
    limits: { table: 300 },
    latencyMs: [15, 40],
    workers: [{ threads: times(16, { units: [1, 2, 3], ms: [3, 9] } as const) }],
    acts: [{ at: 2_500, do: "close", worker: 0 }],
    end: 2_700,
  },
  {
    name: "four workers that share little",
    limits: { table: 10 },
    workers: times(4, { threads: [cheap] }),
    end: 10_000,
  },
  {
    name: "four workers with skewed clocks, several threads each, and an index with a limit of its own",
    limits: { table: 120, indexes: { byDate: 60 } },
    workers: [-20, -5, 8, 24].map((skewMs, i) => ({
      skewMs,
      threads: times(3, {
        units: [{ table: 1, indexes: { byDate: 1, constructor: 2 } }, 1, { table: 1, indexes: { byDate: i } }],
        ms: [3, 12],
      } as const),
    })),
    end: 5_000,
  },
  {
    name: "requests that cost more than a second: debt is waited out",
    limits: { table: 10 },
    workers: times(3, { threads: [{ units: [12, 16, 13, 15, 14], ms: [30, 50] } as const] }),
    end: 30_000,
  },
  {
    name: "large requests, several at once, that cost now more and now less",
    limits: { table: 10 },
    workers: [
      { threads: [300, 600, 900].map((ms, i) => ({ units: [15, 4, 22, 1, 9 + i], ms: [ms, ms + 50] }) as const) },
    ],
    end: 40_000,
  },
  {
    name: "pages, beside a worker that makes small requests now and then",
    limits: { table: 40 },
    workers: [
      { threads: [{ units: [9, 10, 11], ms: [40, 80] }] },
      { threads: [{ ...cheap, pauseMs: [1_500, 2_500] }], pauseMs: 500 },
    ],
    end: 20_000,
  },
  {
    name: "work that ends and begins again, and a limiter that closes",
    limits: { table: 100 },
    workers: [{ threads: [0, 1_500, 1_900, 5_000].map((at) => ({ ...cheap, at, count: 12 })) }],
    acts: [{ at: 5_200, do: "close", worker: 0 }],
    end: 5_400,
  },
  {
    name: "attempts that consume nothing, and attempts that nobody knows of",
    limits: { table: 20 },
    workers: times(2, { threads: [{ ...cheap, ends: ["charge", "keep", "release"] } as const] }),
    end: 5_000,
  },
  {
    name: "throttles",
    limits: { table: 50 },
    workers: times(2, { threads: [cheap] }),
    acts: [1_500, 1_900, 2_600].map((at, i) => ({ at, do: "throttle", worker: i % 2 }) as const),
    end: 5_000,
  },
  ...(["wait", "reject"] as const).map(
    (whenPaused): LimiterScenario => ({
      name: `a pause, where requests ${whenPaused}`,
      limits: { table: 10 },
      whenPaused,
      workers: [
        { threads: [cheap, ...[4_100, 5_500, 7_700, 8_900].map((at) => ({ ...cheap, at, count: 3 }))] },
        {
          threads: [
            { ...cheap, at: 5_600, count: 2 },
            { ...cheap, at: 7_600 },
          ],
        },
      ],
      acts: [
        { at: 2_000, do: "pause" },
        { at: 7_000, do: "resume" },
      ],
      end: 10_000,
    }),
  ),
  {
    name: "limits that change",
    limits: { table: 20 },
    workers: times(2, { threads: [cheap] }),
    acts: [
      { at: 3_000, do: "configure", limits: { table: 100, indexes: { byDate: 10 } } },
      { at: 4_500, do: "configure", limits: { table: 5 } },
    ],
    end: 10_000,
  },
  {
    name: "a ledger out of reach, at first and for a while later",
    limits: { table: 50 },
    workers: [{ threads: [cheap, { ...cheap, at: 1_200 }] }],
    acts: [
      { at: 0, do: "break" },
      { at: 1_000, do: "mend" },
      { at: 2_500, do: "break" },
      { at: 5_000, do: "mend" },
    ],
    end: 6_000,
  },
  {
    name: "twelve workers of which ten crash, and their number corrected",
    limits: { table: 60 },
    workers: times(12, { threads: [cheap] }),
    acts: Array.from({ length: 10 }, (_, i) => ({ at: 2_000, do: "crash", worker: i + 2 }) as const),
    end: 12_000,
  },
  {
    name: "closing while joining, and while visits are under way",
    limits: { table: 100 },
    latencyMs: [60, 90],
    workers: times(6, { threads: [cheap] }),
    acts: [40, 120, 800, 830, 860, 890].map((at, worker) => ({ at, do: "close", worker }) as const),
    end: 1_100,
  },
  {
    name: "even pages, of which one costs much more",
    limits: { table: 10 },
    workers: [{ threads: [{ units: [...times(12, 3), 10.5], ms: [30, 50] }] }],
    end: 15_000,
  },
  {
    name: "workers that make no request for a moment now and then, and catch up",
    limits: { table: 200 },
    workers: [0, 3].map((at) => ({
      pauseMs: 1_000,
      threads: times(2, { at, units: [3, ...times(20, 1)], ms: [4, 9], pauseMs: [0, 40] } as const),
    })),
    end: 5_000,
  },
  {
    name: "a deadline",
    limits: { table: 5 },
    workers: [{ deadline: 2_000, threads: [...times(3, cheap), { ...cheap, at: 2_300 }] }],
    acts: [{ at: 2_400, do: "close", worker: 0 }],
    end: 2_500,
  },
  {
    name: "requests that are turned away where they would wait for long",
    limits: { table: 10 },
    workers: times(2, {
      longestWaitMs: 1_000,
      threads: [0, 900, 2_000, 3_000, 4_200, 6_000].map(
        (at) => ({ at, units: [4, 16, 2], ms: [20, 40], count: 5 }) as const,
      ),
    }),
    acts: [
      { at: 9_000, do: "close", worker: 0 },
      { at: 9_050, do: "close", worker: 1 },
    ],
    end: 9_500,
  },
];

test("the limiter still behaves as in the golden file, with which the Python limiter is compared", async () => {
  const traces = [];
  for (const scenario of scenarios) traces.push({ scenario, ...(await runScenario(scenario)) });
  expectGolden("limiter", JSON.parse(JSON.stringify(traces)));
});

describe("the Python limiter does the same as this one", () => {
  const traces = pythonGolden<readonly (LimiterTrace & { readonly scenario: LimiterScenario })[]>("limiter");
  test.each(traces.map((trace) => [trace.scenario.name, trace] as const))("%s", async (_, { scenario, ...trace }) => {
    expect(await runScenario(scenario)).toEqual(trace);
  });
});
