/** The cost of a whole pass over a segment, with pages by PageSize, compared with a pass with full pages. */
import { PageSize } from "../../../../shared/sources/table/pageSize";

/** Numbers from 0 up to 1 that are the same in each run. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sizes of a segment's items, bytes. `of` gives the next one; the segment has this many bytes. */
function itemsOf(of: (random: () => number, number: number) => number, bytes: number): number[] {
  const random = randoms(7);
  const sizes: number[] = [];
  for (let sum = 0; sum < bytes; sum += sizes.at(-1)!) sizes.push(Math.round(of(random, sizes.length)));
  return sizes;
}

const KB = 1024;
const MB = KB * KB;

const distributions: Record<string, (random: () => number, number: number) => number> = {
  "400 bytes": () => 400,
  "60 to 2,000 bytes": (random) => 60 + 1_940 * random(),
  "any size, exponential around 4 KB": (random) => Math.min(400 * KB, 50 - 4_096 * Math.log(1 - random())),
  "300 KB": () => 300 * KB,
  "200 to 400 KB": (random) => (200 + 200 * random()) * KB,
  "400 bytes, and one in 200 of 300 KB": (random) => (random() < 1 / 200 ? 300 * KB : 400),
  "400 bytes, and one in 10 of 300 KB": (random) => (random() < 1 / 10 ? 300 * KB : 400),
  "half of each": (random) => (random() < 0.5 ? 300 * KB : 400),
  "small ones for 8 MB, then large ones": (_, number) => (number < 20_000 ? 400 : 100 * KB),
};

interface Pass {
  readonly rcu: number;
  readonly pages: number;
}

/** Reads all items, in pages that `limit` allows and that have at most 1 MB, like Scan's. */
function pass(
  sizes: readonly number[],
  strength: number,
  limit: () => number,
  seen: (items: number, rcu: number) => void = () => undefined,
): Pass {
  let [at, total, pages] = [0, 0, 0];
  while (at < sizes.length) {
    const most = limit();
    let [items, bytes] = [0, 0];
    while (at < sizes.length && items < most && bytes < MB) {
      bytes += sizes[at]!;
      at += 1;
      items += 1;
    }
    const rcu = (Math.ceil(bytes / 4096) * strength) / 2;
    seen(items, rcu);
    [total, pages] = [total + rcu, pages + 1];
  }
  return { rcu: total, pages };
}

const unlimited = () => Number.POSITIVE_INFINITY;

interface Way {
  readonly averageBytes?: number;
  /** A worker reads so many pages of the segment. The next worker begins with the checkpoint. Default: all pages. */
  readonly pagesEach?: number;
}

function ratio(
  sizes: readonly number[],
  rate: number,
  strength: number,
  { averageBytes, pagesEach = 1e9 }: Way,
): number {
  const budget = { perSecond: () => rate, mostItems: () => undefined };
  const options = { budget, consistentRead: strength === 2, averageBytes };
  let size = new PageSize(options);
  let [items, rcu, pages] = [0, 0, 0];
  const { rcu: consumed } = pass(
    sizes,
    strength,
    () => size.items() ?? Number.POSITIVE_INFINITY,
    (pageItems, pageCost) => {
      size.observe(pageItems, pageCost);
      [items, rcu, pages] = [items + pageItems, rcu + pageCost, pages + 1];
      if (pages % pagesEach === 0)
        size = new PageSize({ ...options, before: { pages, scannedItems: items, items, rcu } });
    },
  );
  return consumed / pass(sizes, strength, unlimited).rcu;
}

const all = Object.entries(distributions).flatMap(([name, of]) =>
  [1, 2].map((strength) => [name, strength === 1 ? "eventually" : "strongly", of, strength] as const),
);

/**
 * An item that by itself costs more than a page may is a page of its own (300 KB are 37.5 RCU, more than a page at 100 RCU/s).
 * Small items between such items may be pages of their own, too, at half a unit each. Nevertheless the figures hold.
 */
describe.each(all)("%s, %s consistent: a segment of 24 MB", (_name, _, of, strength) => {
  const sizes = itemsOf(of, 24 * MB);
  const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;

  test.each([5, 20, 100, 400, 1_000].map((rate) => [rate, rate < 100 ? 1.05 : 1.02]))(
    "costs at %d RCU/s at most %d times as much as full pages",
    (rate, most) => {
      const found = {
        known: ratio(sizes, rate, strength, { averageBytes: average }),
        unknown: ratio(sizes, rate, strength, {}),
        "ten times too large": ratio(sizes, rate, strength, { averageBytes: Math.min(400 * KB, 10 * average) }),
        "ten times too small": ratio(sizes, rate, strength, { averageBytes: average / 10 }),
        // If a page lasts for seconds, each page has its own invocation.
        "many workers": ratio(sizes, rate, strength, { pagesEach: rate < 15 ? 1 : 50 }),
      };
      expect(Object.entries(found).filter(([, each]) => each > most)).toEqual([]);
    },
  );
});
