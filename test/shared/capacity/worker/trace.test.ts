/**
 * The limiter's use of the ledger, line by line: every instant, span and condition. Properties and benchmarks show whether the
 * limiter is good; these lines show whether it is unchanged. After an intended change look at the difference and write the
 * lines anew with `npx jest trace -u`.
 */
import { Trace, type TraceOptions, type Work } from "./trace";

const cheap: Work = { units: 1, ms: 5 };

/** Several workers that make one request after the other. */
function crew(trace: Trace, count: number, work: Work) {
  return Array.from({ length: count }, () => {
    const worker = trace.worker();
    void trace.work(worker, work);
    return worker;
  });
}

const scenarios: [string, TraceOptions, number, (trace: Trace) => Promise<void>][] = [
  [
    "one worker, one request after the other, tens of milliseconds each",
    { limits: { table: 50 } },
    40,
    async (trace) => {
      crew(trace, 1, cheap);
      await trace.time.runUntil(6000);
    },
  ],
  [
    "one worker, many requests at once, the ledger far away",
    { limits: { table: 400 }, latencyMs: 20 },
    40,
    async (trace) => {
      const worker = trace.worker();
      for (let i = 0; i < 20; i++) void trace.work(worker, { ...cheap, units: (n) => 1 + (n % 3) });
      await trace.time.runUntil(4000);
      void worker.limiter.close();
      await trace.time.runUntil(4100);
    },
  ],
  [
    "one worker that cannot reach its limit",
    { limits: { table: 10_000 }, latencyMs: 6 },
    40,
    async (trace) => {
      crew(trace, 1, { units: 5, ms: 30 });
      await trace.time.runUntil(5000);
    },
  ],
  [
    "four workers that share little",
    { limits: { table: 10 }, latencyMs: 6 },
    60,
    async (trace) => {
      crew(trace, 4, cheap);
      await trace.time.runUntil(12_000);
    },
  ],
  [
    "requests that cost more than a second",
    { limits: { table: 10 }, latencyMs: 6 },
    60,
    async (trace) => {
      crew(trace, 3, { units: (n) => 12 + (n % 5), ms: 40 });
      await trace.time.runUntil(60_000);
    },
  ],
  [
    "requests that cost a tenth of a second and more, or less than the last time",
    { limits: { table: 10 }, latencyMs: 6 },
    60,
    async (trace) => {
      crew(trace, 3, { units: (n) => [1, 3, 0.5, 2][n % 4]!, ms: 15 });
      await trace.time.runUntil(30_000);
    },
  ],
  [
    "a hundred and twenty workers",
    { limits: { table: 2000 }, latencyMs: 6 },
    30,
    async (trace) => {
      crew(trace, 120, cheap);
      await trace.time.runUntil(5000);
    },
  ],
  [
    "eighty workers that share little",
    { limits: { table: 20 }, latencyMs: 6 },
    30,
    async (trace) => {
      crew(trace, 80, cheap);
      await trace.time.runUntil(20_000);
    },
  ],
  [
    "a worker with less to do than it may",
    { limits: { table: 100 } },
    40,
    async (trace) => {
      crew(trace, 1, { ...cheap, pauseMs: 300 });
      crew(trace, 1, { ...cheap, pauseMs: 2500 });
      await trace.time.runUntil(15_000);
    },
  ],
  [
    "work that ends and begins again, and a limiter that closes",
    { limits: { table: 100 }, latencyMs: 6 },
    60,
    async (trace) => {
      const worker = trace.worker();
      for (const at of [0, 3000, 3400, 9000]) {
        await trace.time.runUntil(at);
        void trace.work(worker, { ...cheap, count: 12 });
      }
      await trace.time.runUntil(9200);
      const closed = worker.limiter.close();
      await trace.time.runUntil(9500);
      await closed;
      trace.note("w0", "closed");
    },
  ],
  [
    "a large slice given back on leaving, or not, when others have reserved behind it",
    { limits: { table: 10 }, latencyMs: 6 },
    60,
    async (trace) => {
      const [one, two] = crew(trace, 2, { units: 3, ms: 5 });
      for (const [worker, at] of [
        [one!, 5000],
        [two!, 9000],
      ] as const) {
        await trace.time.runUntil(at);
        void worker.limiter.close();
      }
      await trace.time.runUntil(12_000);
    },
  ],
  [
    "attempts that consume nothing, and attempts that nobody knows of",
    { limits: { table: 20 } },
    50,
    async (trace) => {
      crew(trace, 2, { ...cheap, end: (n) => (["charge", "keep", "release"] as const)[n % 3]! });
      await trace.time.runUntil(6000);
    },
  ],
  [
    "one that works now and then beside one that always does",
    { limits: { table: 20 } },
    30,
    async (trace) => {
      crew(trace, 1, cheap);
      crew(trace, 1, { ...cheap, pauseMs: 2500 });
      await trace.time.runUntil(120_000);
    },
  ],
  [
    "leaving with requests of just 20 ms, while others reserve",
    { limits: { table: 50 }, latencyMs: 6 },
    10,
    async (trace) => {
      const [one, two] = crew(trace, 2, cheap);
      await trace.time.runUntil(5000);
      void one!.limiter.close();
      await trace.time.runUntil(5100);
      void two!.limiter.close();
      await trace.time.runUntil(6000);
    },
  ],
  [
    "a throttle",
    { limits: { table: 50 }, latencyMs: 6 },
    10,
    async (trace) => {
      const [worker] = crew(trace, 2, cheap);
      for (const at of [3000, 3500, 4200]) {
        await trace.time.runUntil(at);
        trace.note("w0", "throttled");
        worker!.limiter.throttled();
      }
      await trace.time.runUntil(9000);
    },
  ],
  ...(["wait", "reject"] as const).map((whenPaused): (typeof scenarios)[number] => [
    `a pause, where requests ${whenPaused}`,
    { limits: { table: 10 }, whenPaused },
    130,
    async (trace) => {
      const [worker] = crew(trace, 2, cheap);
      await trace.time.runUntil(3000);
      await trace.operator.pause(true);
      for (const at of [5050, 5100, 6500]) {
        await trace.time.runUntil(at);
        void trace.work(worker!, { ...cheap, count: 2 });
      }
      const late = trace.worker();
      void trace.work(late, { ...cheap, count: 2 });
      for (const at of [6600, 6900, 7100]) {
        await trace.time.runUntil(at);
        void trace.work(late, { ...cheap, count: 2 });
      }
      await trace.time.runUntil(8000);
      await trace.operator.pause(false);
      await trace.time.runUntil(8700);
      void trace.work(worker!, { ...cheap, count: 4 });
      await trace.time.runUntil(12_000);
    },
  ]),
  [
    "limits that change",
    { limits: { table: 20 }, latencyMs: 6 },
    10,
    async (trace) => {
      crew(trace, 2, cheap);
      await trace.time.runUntil(4000);
      await trace.operator.configure({ table: 100 }, trace.clock().now());
      await trace.time.runUntil(6000);
      await trace.operator.configure({ table: 5 }, trace.clock().now());
      await trace.time.runUntil(14_000);
    },
  ],
  [
    "a ledger out of reach for three seconds",
    { limits: { table: 50 } },
    30,
    async (trace) => {
      crew(trace, 1, cheap);
      await trace.time.runUntil(2000);
      trace.broken = true;
      await trace.time.runUntil(5100);
      trace.broken = false;
      await trace.time.runUntil(8000);
    },
  ],
  [
    "a ledger out of reach from the beginning, and a later request",
    { limits: { table: 50 } },
    30,
    async (trace) => {
      trace.broken = true;
      const worker = trace.worker();
      void trace.work(worker, cheap);
      await trace.time.runUntil(2000);
      trace.broken = false;
      void trace.work(worker, { ...cheap, count: 20 });
      await trace.time.runUntil(4000);
    },
  ],
  [
    "workers that crash, and their number corrected",
    { limits: { table: 200 }, latencyMs: 6 },
    10,
    async (trace) => {
      const crew = Array.from({ length: 12 }, () => trace.worker());
      for (const worker of crew) void trace.work(worker, cheap);
      await trace.time.runUntil(3000);
      for (const worker of crew.slice(2)) worker.clock.crash();
      await trace.time.runUntil(40_000);
    },
  ],
  [
    "sixty workers of which two are left",
    { limits: { table: 1000 }, latencyMs: 6 },
    10,
    async (trace) => {
      const crew = Array.from({ length: 60 }, () => trace.worker());
      for (const worker of crew) void trace.work(worker, cheap);
      await trace.time.runUntil(3000);
      for (const worker of crew.slice(2)) worker.clock.crash();
      await trace.time.runUntil(15_000);
    },
  ],
  [
    "requests that take seconds",
    { limits: { table: 1000 }, latencyMs: 6 },
    40,
    async (trace) => {
      crew(trace, 1, { units: 20, ms: 4300 });
      await trace.time.runUntil(20_000);
    },
  ],
  [
    "large requests, several at once, that cost now more and now less",
    { limits: { table: 10 }, latencyMs: 6 },
    60,
    async (trace) => {
      const worker = trace.worker();
      for (let i = 0; i < 4; i++) {
        void trace.work(worker, { units: (n) => [15, 4, 22, 1, 9][(n + i) % 5]!, ms: 300 * (i + 1) });
      }
      await trace.time.runUntil(60_000);
    },
  ],
  [
    "two workers, at once and one after the other, with pauses",
    { limits: { table: 40 }, latencyMs: 30 },
    60,
    async (trace) => {
      const [one, two] = [trace.worker(), trace.worker()];
      for (let i = 0; i < 6; i++) {
        void trace.work(one, { units: (n) => 1 + ((n * 7 + i) % 4), ms: 10 + 40 * i, pauseMs: 400 * (i % 3) });
      }
      void trace.work(two, { ...cheap, units: 2 });
      await trace.time.runUntil(15_000);
    },
  ],
  [
    "a deadline",
    { limits: { table: 5 } },
    30,
    async (trace) => {
      const worker = trace.worker({ deadline: 2000 });
      for (let i = 0; i < 3; i++) void trace.work(worker, cheap);
      await trace.time.runUntil(2500);
      void trace.work(worker, cheap);
      await trace.time.runUntil(3000);
      await worker.limiter.close();
    },
  ],
];

test.each(scenarios)(
  "%s",
  async (_, options, most, run) => {
    const trace = new Trace(options);
    await run(trace);
    expect(await trace.report(most)).toMatchSnapshot();
  },
  30_000,
);
