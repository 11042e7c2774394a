/**
 * What an operation that changes items records, keeps and reports. For writes themselves see test/shared/writing and
 * test/integration.
 */
import { gunzipSync } from "node:zlib";
import type { Item } from "../../../shared/aws/itemSize";
import { changeItems, type WritingResult } from "../../../shared/operations/changeItems";
import type { FinishedJob, Page, Tools, UnitResult } from "../../../shared/operations/operation";
import type { Decide } from "../../../shared/writing/conditionalWrite";
import type { Settled } from "../../../shared/writing/settleItems";
import type { Written } from "../../../shared/writing/written";

const target = { name: "orders", keys: ["id"], keyTypes: { id: "S" }, indexes: [] } as const;
const item = (id: string): Item => ({ id: { S: id } });

/** Items settle as their ids say: `failed-1` fails. */
function settledAs(given: Item): Settled {
  const outcome = given.id!.S!.split("-")[0] as Settled["outcome"];
  const failure = { code: "ITEM_TOO_LARGE", reason: "It would be too large.", attempts: 2 };
  return { item: given, key: { id: given.id! }, outcome, ...(outcome === "failed" && { failure }) };
}

const decide: Decide = ({ id }) =>
  id!.S!.startsWith("failed")
    ? { do: "fail", code: "ITEM_TOO_LARGE", reason: "It would be too large." }
    : { do: "write", write: { key: { id: id! }, change: { kind: "delete" }, seen: [] } };

class Ground {
  readonly objects = new Map<string, Buffer>();
  consumed = 0;
  failing = false;
  readonly operation = changeItems({
    decider: () => decide,
    settler: () => async (items) => {
      this.consumed += items.length;
      return items.map(settledAs);
    },
  });
  readonly tools = {
    s3: {
      send: async ({ input }: { input: { Key: string; Body?: Buffer | string } }) => {
        if (this.failing) throw new Error("S3 is down");
        if (input.Body === undefined) this.objects.delete(input.Key);
        else this.objects.set(input.Key, Buffer.from(input.Body));
        return {};
      },
    },
    bucket: "results",
    prefix: "update/job-1/",
    consumed: () => ({ table: this.consumed }),
    limits: () => undefined,
    retry: (call: () => Promise<unknown>) => call(),
    signal: new AbortController().signal,
  } as unknown as Tools;

  page(ids: string[], soFar?: Written, more: Partial<Page> = {}): Promise<Written> {
    const page = {
      ...{ items: ids.map(item), scannedItems: ids.length, scannedBytes: 0, rcu: 0, last: false },
      ...{ position: { job: "job-1", unit: 3, page: 0 }, table: "orders", params: {}, target, ...more },
    };
    return this.operation.page(page as Page, soFar, this.tools) as Promise<Written>;
  }

  flush(result: Written): Promise<Written> {
    return this.operation.flush!(result, this.tools);
  }

  lines(key: string): object[] {
    const text = gunzipSync(this.objects.get(`update/job-1/failures/${key}`)!).toString();
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as object]));
  }

  finish(results: Written[], job: Partial<FinishedJob> = {}): Promise<WritingResult> {
    async function* all(): AsyncGenerator<UnitResult<Written>> {
      for (const [unit, result] of results.entries()) yield { unit, result };
    }
    const finished = { id: "job-1", createdAt: 0, params: {}, table: { name: "orders" }, scope: {}, ...job };
    return this.operation.finish!(finished, all(), this.tools) as Promise<WritingResult>;
  }
}

test("every item has one outcome: keys without an item are gone, and lines without a key failed", async () => {
  const ground = new Ground();
  const unreadable = [{ line: "?", reason: "It is no JSON." }];
  const first = await ground.page(["updated-1", "already-1", "failed-1"], undefined, {
    missing: [item("x")],
    unreadable,
  });
  const both = await ground.page(["updated-2", "conflict-1", "skipped-1"], first);
  expect(both.outcomes).toEqual({ updated: 2, already: 1, skipped: 1, conflict: 1, gone: 1, failed: 2 });
  expect(both.consumed).toEqual({ table: 6 });
  expect(both.failures).toEqual({ ITEM_TOO_LARGE: 1, UNREADABLE_LINE: 1, CONFLICT: 1 });
  expect(ground.operation.failures!(both)).toBe(2);
});

test("a flush puts the failures of all pages since the last one, as one object", async () => {
  const ground = new Ground();
  const pages = await ground.page(["failed-2"], await ground.page(["failed-1", "updated-1"]));
  const flushed = await ground.flush(pages);
  expect(flushed.failureObjects).toBe(1);
  expect(ground.lines("0000003/0000000.jsonl.gz")).toEqual([
    { key: { id: { S: "failed-1" } }, code: "ITEM_TOO_LARGE", reason: "It would be too large.", attempts: 2 },
    { key: { id: { S: "failed-2" } }, code: "ITEM_TOO_LARGE", reason: "It would be too large.", attempts: 2 },
  ]);
  const next = await ground.flush(await ground.page(["conflict-1"], flushed, { params: { keepItems: true } }));
  expect(next.failureObjects).toBe(2);
  expect(ground.lines("0000003/0000001.jsonl.gz")).toMatchObject([{ code: "CONFLICT", item: item("conflict-1") }]);
});

test("a flush without failures puts nothing; at the unit's end it removes objects that an attempt left", async () => {
  const ground = new Ground();
  ground.objects.set("update/job-1/failures/0000003/0000000.jsonl.gz", Buffer.from("left"));
  const first = await ground.flush(await ground.page(["updated-1"]));
  expect([first.failureObjects, ground.objects.size]).toEqual([0, 1]);
  await ground.flush(await ground.page(["updated-2"], first, { last: true }));
  expect(ground.objects.size).toBe(0);
});

test("a repeated page overwrites the objects of its first attempt", async () => {
  const ground = new Ground();
  await ground.flush(await ground.page(["failed-1"]));
  const again = await ground.flush(await ground.page(["failed-1", "failed-2"]));
  expect(again.failureObjects).toBe(1);
  expect(ground.lines("0000003/0000000.jsonl.gz")).toHaveLength(2);
});

test("a flush that fails can be repeated", async () => {
  const ground = new Ground();
  const page = await ground.page(["failed-1"]);
  ground.failing = true;
  await expect(ground.flush(page)).rejects.toThrow("S3 is down");
  ground.failing = false;
  expect((await ground.flush(page)).failureObjects).toBe(1);
});

test("the end of the job adds everything up, and lists the objects that count in a manifest", async () => {
  const ground = new Ground();
  const unit = await ground.flush(await ground.page(["failed-1", "updated-1"]));
  const clean = await ground.page(["updated-2"]);
  expect(await ground.finish([clean, unit])).toEqual({
    dryRun: false,
    outcomes: { updated: 2, already: 0, skipped: 0, conflict: 0, gone: 0, failed: 1 },
    consumed: { table: 3 },
    failures: { ITEM_TOO_LARGE: 1 },
    failureObjects: 1,
    beforeObjects: 0,
    failureManifest: { bucket: "results", key: "update/job-1/failures/manifest.json" },
  });
  expect(JSON.parse(String(ground.objects.get("update/job-1/failures/manifest.json")))).toEqual({
    job: "job-1",
    total: 1,
    codes: { ITEM_TOO_LARGE: 1 },
    objects: ["update/job-1/failures/0000001/0000000.jsonl.gz"],
  });
});

test("without a failure there is no manifest", async () => {
  const ground = new Ground();
  expect(await ground.finish([await ground.page(["updated-1"])])).not.toHaveProperty("failureManifest");
  expect(ground.objects.size).toBe(0);
});

test("a dry run decides and writes nothing", async () => {
  const ground = new Ground();
  const params = { dryRun: true };
  const result = await ground.page(["updated-1", "failed-1"], undefined, { params });
  expect(result).toMatchObject({
    outcomes: { updated: 1, failed: 1 },
    consumed: { table: 1 },
    examples: [{ before: { id: { S: "updated-1" } } }],
  });
  expect(ground.consumed).toBe(0);
  expect(await ground.finish([result], { params })).toMatchObject({ dryRun: true });
});

test("a sample estimates the outcomes of all items", async () => {
  const ground = new Ground();
  const result = await ground.page(["updated-1", "updated-2"]);
  const { sample } = await ground.finish([result], { sample: { share: 0.1 } });
  expect(sample).toMatchObject({ share: 0.1, totals: { updated: { about: 20 } } });
});
