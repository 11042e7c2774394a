/** Invocations that follow one another: each is a session of the limiter that knows nothing of the pages before it. */
import { Ledger } from "../../../../shared/capacity/ledger/ledger";
import { CapacityLimiter } from "../../../../shared/capacity/worker/limiter";
import { MemoryLedger } from "../../../support/memoryLedger";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

interface Page {
  readonly at: number;
  readonly units: number;
}

/** Pages of so many units at `rate`, in sessions of `sessionMs`. A page that would wait for 2 s is turned away. */
async function read(rate: number, sizes: (page: number) => number, sessionMs: number, endMs: number): Promise<Page[]> {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const ledger = new Ledger(new MemoryLedger());
  await ledger.create({ table: rate }, clock.now());
  const pages: Page[] = [];
  const session = async () => {
    const limiter = new CapacityLimiter({ ledger, clock, random: () => 0.5, longestWaitMs: 2_000 });
    const until = time.now + sessionMs;
    limiter.open();
    try {
      while (time.now < until) {
        const units = sizes(pages.length);
        const permit = await limiter.acquire();
        pages.push({ at: time.now, units });
        await clock.sleep(40);
        permit.charge({ table: units });
      }
      return 60;
    } catch (error) {
      return (error as { value: number }).value - clock.now() - 500;
    } finally {
      await limiter.close();
    }
  };
  const invocations = async () => {
    for (;;) await clock.sleep(Math.max(20, await session()));
  };
  invocations().catch(() => undefined);
  await time.runUntil(endMs);
  return pages;
}

const sum = (pages: readonly Page[]) => pages.reduce((all, { units }) => all + units, 0);

/** The most units that start within this time. */
function worst(pages: readonly Page[], windowMs: number): number {
  return Math.max(...pages.map(({ at }) => sum(pages.filter((each) => each.at >= at && each.at < at + windowMs))));
}

/** Units a second from the first page to the last. The last page and its time are left out. */
function mean(pages: readonly Page[]): number {
  return (1_000 * sum(pages.slice(0, -1))) / (pages.at(-1)!.at - pages[0]!.at);
}

test("the first page of a session keeps its distance from the last of the one before", async () => {
  const pages = await read(20, (page) => (page % 41 === 40 ? 0.5 : 10.5), 7_000, 120_000);
  expect(worst(pages, 1_000)).toBeLessThanOrEqual(1.1 * 20);
  expect(mean(pages)).toBeGreaterThan(0.98 * 20);
  expect(mean(pages)).toBeLessThanOrEqual(20.01);
});

test("a page that costs seconds keeps its distance after a smaller page, too", async () => {
  const pages = await read(10, (page) => (page % 9 === 8 ? 20 : 40), 60_000, 300_000);
  const gaps = pages.slice(1).map(({ at }, i) => (at - pages[i]!.at) / (100 * pages[i]!.units));
  expect(Math.min(...gaps.slice(1))).toBeGreaterThan(0.97);
  expect(mean(pages)).toBeGreaterThan(0.98 * 10);
  expect(mean(pages)).toBeLessThanOrEqual(10.01);
});
