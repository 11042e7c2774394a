/**
 * A job that keeps former values, on a table in memory: killed between any two steps, while others change items. Then it is
 * undone, with kills as well.
 */
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { revived } from "../../../../shared/aws/dynamoJson";
import { sameItem } from "../../../../shared/aws/expressions/sameValue";
import type { Item } from "../../../../shared/aws/itemSize";
import { undoVerdict } from "../../../../shared/operations/undo/undoVerdict";
import type { TableSchema } from "../../../../shared/tables/schema";
import { isAsLeft, recordIn } from "../../../../shared/writing/before/beforeRecord";
import { BeforeJournal, beforePrefix } from "../../../../shared/writing/before/journal";
import { listUnitObjects } from "../../../../shared/writing/before/manifest";
import { recordingWriter } from "../../../../shared/writing/before/recordingWriter";
import type { ConditionalWriter, Decide } from "../../../../shared/writing/conditionalWrite";
import { attributePaths, seenIn } from "../../../../shared/writing/decideBy";
import { settleItems } from "../../../../shared/writing/settleItems";
import { MemoryResults } from "./memoryResults";
import { MemoryTable } from "./memoryTable";

const schema: TableSchema = { name: "orders", keys: ["id"], keyTypes: { id: "S" }, indexes: [] };
const keysOf = ({ id }: Item): Item => ({ id: id! });
const PREFIX = "update/j/";
const IDS = ["a", "b", "c", "d", "e", "f", "g"];
const PAGE = 3;
/** A random number at which nothing happens. */
const QUIET = 4;

type Kind = "update" | "delete" | "put";

/** The job's change of an item. `put` makes copies of the source's items, which the table doesn't have yet. */
const deciders: Record<Kind, Decide> = {
  update: (item) => {
    if (item.v?.S === "new" && item.old === undefined) return { do: "count", outcome: "already" };
    if (item.status?.S === "closed") return { do: "count", outcome: "skipped" };
    const set = { v: { S: "new" } };
    const remove = item.old === undefined ? [] : ["old"];
    const seen = seenIn(item, [["v"], ["old"], ["status"]], schema);
    return { do: "write", write: { key: keysOf(item), change: { kind: "update", set, remove }, seen } };
  },
  delete: (item) => {
    if (item.status?.S === "closed") return { do: "count", outcome: "skipped" };
    const seen = seenIn(item, attributePaths(item), schema);
    return { do: "write", write: { key: keysOf(item), change: { kind: "delete", before: item }, seen } };
  },
  put: (item) => {
    const met = (there: Item) => ({ do: "count", outcome: sameItem(there, item) ? "already" : "skipped" }) as const;
    return { do: "write", write: { key: keysOf(item), change: { kind: "put", item }, seen: [] }, met };
  },
};

class Killed extends Error {}

/** Everything besides the job: kills, lost answers and others' changes. A list of numbers determines them. */
class World {
  readonly results = new MemoryResults(() => this.moment());
  readonly table = new MemoryTable({ moment: () => this.moment(), isLost: () => this.draw() % 11 === 0 });
  /** Items that others have changed or deleted. */
  readonly touched = new Set<string>();
  kills = 0;
  private at = 0;
  private calm = false;

  constructor(
    private readonly draws: readonly number[],
    private readonly others: boolean,
  ) {}

  /** From now on there are no kills, lost answers or changes by others. */
  rest(): void {
    this.calm = true;
  }

  moment(): void {
    if (this.calm) return;
    const draw = this.draw();
    if (this.others && draw % 5 === 1) this.interfere(draw);
    if (draw % 7 === 2 && this.kills < 12) {
      this.kills += 1;
      throw new Killed();
    }
  }

  interfere(draw: number): void {
    const id = IDS[draw % IDS.length]!;
    const item = this.table.items.get(id);
    this.touched.add(id);
    if (draw % 3 === 0) this.table.items.delete(id);
    else this.table.items.set(id, { ...(item ?? { id: { S: id } }), v: { S: `theirs-${draw}` } });
  }

  private draw(): number {
    if (this.calm || this.at >= this.draws.length) return QUIET;
    return this.draws[this.at++]!;
  }
}

interface Checkpoint {
  readonly after: string;
  readonly beforeObjects: number;
}

/**
 * Works on the unit's pages, and after each kill again from its checkpoint. `abandoned`: the job is cancelled at the first
 * kill.
 */
async function work(world: World, kind: Kind, source: () => readonly Item[], abandoned: boolean): Promise<void> {
  let checkpoint: Checkpoint = { after: "", beforeObjects: 0 };
  for (;;) {
    try {
      const journal = await BeforeJournal.open(world.results.store, PREFIX, 0, checkpoint.beforeObjects);
      const writer = recordingWriter(world.table, journal);
      for (;;) {
        const page = source()
          .filter(({ id }) => id!.S! > checkpoint.after)
          .slice(0, PAGE);
        if (page.length === 0) return;
        await settleItems(page, deciders[kind], keysOf, writer);
        world.moment();
        checkpoint = { after: page.at(-1)!.id!.S!, beforeObjects: journal.objects };
        world.moment();
      }
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      if (abandoned) return;
    }
  }
}

/** Undoes object after object, the newest first. After a kill the object is undone again. @returns ids by outcome */
async function undoAll(world: World, writer: ConditionalWriter = world.table): Promise<Map<string, Set<string>>> {
  const listed = new Map<string, Set<string>>();
  for (const { objects } of await listUnitObjects(world.results.store, PREFIX)) {
    for (const name of objects) {
      const text = gunzipSync(world.results.objects.get(beforePrefix(PREFIX) + name)!).toString();
      const records = text.split("\n").flatMap((line) => (line === "" ? [] : [revived(JSON.parse(line))]));
      for (const { key, outcome } of await undoPage(world, records, writer)) {
        listed.set(outcome, (listed.get(outcome) ?? new Set()).add(key.id!.S!));
      }
    }
  }
  return listed;
}

async function undoPage(world: World, records: readonly Item[], writer: ConditionalWriter) {
  const decide: Decide = (record) => {
    const read = recordIn(record);
    return undoVerdict(read, schema, world.table.items.get(read.key.id!.S!));
  };
  for (;;) {
    try {
      return await settleItems(records, decide, (record) => recordIn(record).key, writer);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}

const anItem = (id: string) =>
  fc.record({ v: fc.constantFrom("1", "2", "new"), old: fc.boolean(), status: fc.constantFrom("open", "closed") }).map(
    ({ v, old, status }): Item => ({
      ...{ id: { S: id }, v: { S: v }, status: { S: status }, b: { B: Buffer.from(id) } },
      ...(old && { old: { L: [{ N: "1" }] } }),
    }),
  );
const items = fc.tuple(...IDS.map(anItem));
const draws = fc.array(fc.nat(10_000), { maxLength: 120 });
const kinds = fc.constantFrom<Kind>("update", "delete", "put");

async function afterJob(
  kind: Kind,
  given: readonly Item[],
  world: World,
  abandoned: boolean,
): Promise<Map<string, Item>> {
  if (kind !== "put") for (const item of given) world.table.items.set(item.id!.S!, item);
  const before = new Map(world.table.items);
  const scan = () => [...world.table.items.values()].sort((a, b) => (a.id!.S! < b.id!.S! ? -1 : 1));
  await work(world, kind, kind === "put" ? () => given : scan, abandoned);
  return before;
}

test("killed anywhere and undone, every item that others didn't change is as it was before", async () => {
  let kills = 0;
  await fc.assert(
    fc.asyncProperty(
      kinds,
      items,
      draws,
      fc.boolean(),
      fc.boolean(),
      async (kind, given, numbers, others, abandoned) => {
        const world = new World(numbers, others);
        const before = await afterJob(kind, given, world, abandoned);
        await undoAll(world);
        kills += world.kills;
        for (const id of IDS) if (!world.touched.has(id)) expect(world.table.items.get(id)).toEqual(before.get(id));
      },
    ),
    { numRuns: 1_500 },
  );
  expect(kills).toBeGreaterThan(100);
});

test("others' changes after the job stay, and count as conflict or gone", async () => {
  await fc.assert(
    fc.asyncProperty(
      kinds,
      items,
      draws,
      fc.array(fc.nat(10_000), { maxLength: 6 }),
      async (kind, given, numbers, later) => {
        const world = new World(numbers, false);
        const before = await afterJob(kind, given, world, false);
        world.rest();
        const left = new Map(world.table.items);
        const changed = new Set(IDS.filter((id) => left.get(id) !== before.get(id)));
        for (const draw of later) world.interfere(draw);
        const theirs = new Map(world.table.items);
        const listed = await undoAll(world);
        for (const id of world.touched) {
          if (theirs.get(id) === left.get(id)) continue;
          expect(world.table.items.get(id)).toEqual(theirs.get(id));
          if (!changed.has(id)) continue;
          const outcome = theirs.get(id) === undefined ? "gone" : "conflict";
          expect([...(listed.get(outcome) ?? [])]).toContain(id);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("an item is put back only if it was as a write of the job left it", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, items, draws, async (kind, given, numbers) => {
      const world = new World(numbers, true);
      await afterJob(kind, given, world, false);
      world.rest();
      const records = [...world.results.objects].flatMap(([, object]) =>
        gunzipSync(object)
          .toString()
          .split("\n")
          .filter(Boolean)
          .map((line) => recordIn(revived(JSON.parse(line)))),
      );
      const theirs = new Map(world.table.items);
      await undoAll(world);
      for (const id of IDS) {
        const there = theirs.get(id);
        if (world.table.items.get(id) === there) continue;
        expect(records.some((record) => record.key.id!.S === id && isAsLeft(record, there))).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("an undo that keeps former values can be undone as well", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, items, async (kind, given) => {
      const world = new World([], false);
      await afterJob(kind, given, world, false);
      const left = new Map(world.table.items);
      const second = new World([], false);
      for (const [id, item] of left) second.table.items.set(id, item);
      second.results.objects.clear();
      const journal = await BeforeJournal.open(second.results.store, PREFIX, 0, 0);
      for (const [key, object] of world.results.objects) {
        const records = gunzipSync(object)
          .toString()
          .split("\n")
          .filter(Boolean)
          .map((line) => revived(JSON.parse(line)));
        expect(key).toContain("before/");
        await undoPage(second, records, recordingWriter(second.table, journal));
      }
      await undoAll(second);
      expect(second.table.items).toEqual(left);
    }),
    { numRuns: 200 },
  );
});
