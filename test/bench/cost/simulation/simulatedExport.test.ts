/** The simulated export makes the requests of the real one. */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type StoreUse, simulatedExport } from "../../../../bench/cost/simulation/simulatedExport";
import { itemLines } from "../../../../shared/exports/itemLines";
import { exportItems } from "../../../../shared/operations/export/exportItems";
import type { Operation, Page, Tools } from "../../../../shared/operations/operation";
import { objectBytes } from "../../../../shared/results/openObject";

const items = Array.from({ length: 20 }, (_, n) => ({ id: { S: `item-${n}` } }));
const scannedBytes = Buffer.byteLength(itemLines(items, "dynamodb-json"));

function pageOf(page: number, last: boolean): Page {
  const position = { job: "job", unit: 0, page };
  return { items, scannedItems: 20, scannedBytes, rcu: 1, position, table: "orders", params: {}, last };
}

/** Works on so many pages, flushes after each `flushEvery`, and goes on in another invocation after each `restartEvery` flushes. */
async function work(operation: Operation, tools: Tools, pages: number, flushEvery: number, restartEvery: number) {
  let [result, flushes]: [unknown, number] = [undefined, 0];
  for (let page = 0; page < pages; page++) {
    const last = page === pages - 1;
    result = await operation.page(pageOf(page, last), result, tools);
    if (!last && (page + 1) % flushEvery !== 0) continue;
    result = await operation.flush!(result, tools);
    flushes += 1;
    // Another worker reads a copy of the record from the checkpoint, not the record in this worker's memory.
    if (flushes % restartEvery === 0) result = structuredClone(result);
  }
  return result as { readonly objects: number };
}

/** Counts what the real export puts, gets, and writes to the jobs table. */
async function real(pages: number, flushEvery: number, restartEvery: number) {
  const objects = new Map<string, Uint8Array>();
  const used = { puts: 0, gets: 0, entries: 0 };
  const send = async (command: object) => {
    if (command instanceof PutObjectCommand) {
      used.puts += 1;
      objects.set(command.input.Key!, command.input.Body as Uint8Array);
      return { ETag: '"tag"' };
    }
    if (command instanceof GetObjectCommand) {
      used.gets += 1;
      const body = objects.get(command.input.Key!)!;
      return { Body: { transformToByteArray: async () => body }, ContentLength: body.length };
    }
    expect(command).toBeInstanceOf(DeleteObjectCommand);
    return {};
  };
  const entries = { put: async () => void used.entries++ };
  const retry = <T>(call: () => Promise<T>) => call();
  const signal = new AbortController().signal;
  const tools = { s3: { send }, bucket: "results", prefix: "job/", entries, retry, signal } as unknown as Tools;
  const { objects: complete } = await work(exportItems as Operation, tools, pages, flushEvery, restartEvery);
  return { ...used, complete };
}

async function simulated(pages: number, flushEvery: number, restartEvery: number) {
  const use: StoreUse = { puts: 0, gets: 0 };
  let entries = 0;
  const ground = { use, sleep: async () => undefined, putEntry: async () => void entries++ };
  const operation = simulatedExport(ground) as Operation;
  const { objects: complete } = await work(operation, {} as Tools, pages, flushEvery, restartEvery);
  return { ...use, entries, complete };
}

test.each([
  ["a unit of one page", 1, 1, 99],
  ["a unit flushed with each page", 10, 1, 99],
  ["a unit flushed now and then", 50, 7, 99],
  ["a unit that several invocations work on", 50, 3, 2],
])("%s has as many puts, gets and entries", async (_, pages, flushEvery, restartEvery) => {
  expect(await simulated(pages, flushEvery, restartEvery)).toEqual(await real(pages, flushEvery, restartEvery));
});

test("a unit of several objects has as many puts, gets and entries", async () => {
  const before = { ...objectBytes };
  Object.assign(objectBytes, { enough: 5.5 * scannedBytes });
  try {
    const all = await simulated(50, 3, 99);
    expect(all).toEqual(await real(50, 3, 99));
    expect(all.complete).toBeGreaterThan(5);
  } finally {
    Object.assign(objectBytes, before);
  }
});
