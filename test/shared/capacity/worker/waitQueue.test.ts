import { WaitQueue } from "../../../../shared/capacity/worker/waitQueue";

/** A queue, and the fates of the requests that waited in it. */
function world() {
  const queue = new WaitQueue<number>();
  const ended: string[] = [];
  const wait = (name: string, signal?: AbortSignal) =>
    void queue.wait(signal).then(
      (value) => void ended.push(`${name}=${value}`),
      (reason: unknown) => void ended.push(`${name}: ${String(reason)}`),
    );
  return { queue, ended, wait, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}

test("first come, first served", async () => {
  const { queue, ended, wait, settled } = world();
  queue.next(0);
  for (const name of ["a", "b", "c"]) wait(name);
  expect(queue.size).toBe(3);
  queue.next(1);
  queue.next(2);
  expect(queue.size).toBe(1);
  await settled();
  expect(ended).toEqual(["a=1", "b=2"]);
});

test("each request can give up once, and the others move up", async () => {
  const { queue, ended, wait, settled } = world();
  const abort = new AbortController();
  wait("a", abort.signal);
  wait("b");
  abort.abort("tired");
  expect(queue.size).toBe(1);
  queue.next(1);
  expect(queue.size).toBe(0);
  await settled();
  expect(ended).toEqual(["a: tired", "b=1"]);
});

test("a request whose signal has aborted before does not wait at all", async () => {
  const { queue, ended, wait, settled } = world();
  wait("a", AbortSignal.abort("early"));
  expect(queue.size).toBe(0);
  await settled();
  expect(ended).toEqual(["a: early"]);
});

test("an abort after the turn changes nothing, and no listener stays behind", async () => {
  const { queue, ended, wait, settled } = world();
  const abort = new AbortController();
  const removed = jest.spyOn(abort.signal, "removeEventListener");
  wait("a", abort.signal);
  wait("b");
  queue.next(1);
  expect(removed).toHaveBeenCalledTimes(1);
  abort.abort("late");
  expect(queue.size).toBe(1);
  await settled();
  expect(ended).toEqual(["a=1"]);
});

test("turns everyone away", async () => {
  const { queue, ended, wait, settled } = world();
  for (const name of ["a", "b"]) wait(name);
  queue.rejectAll("closed");
  expect(queue.size).toBe(0);
  await settled();
  expect(ended).toEqual(["a: closed", "b: closed"]);
});

test("keeps the order and the count over thousands that come, go and give up", async () => {
  const { queue, ended, wait, settled } = world();
  const expected: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const abort = new AbortController();
    wait(`${i}`, abort.signal);
    if (i % 7 === 3) {
      abort.abort("x");
      expected.push(`${i}: x`);
    }
    if (i % 3 !== 0) queue.next(i);
    await settled();
  }
  const waiting = queue.size;
  const served = ended.filter((each) => each.includes("="));
  expect(served.length + waiting).toBe(3000 - expected.length);
  expect(served.map((each) => Number(each.split("=")[0]))).toEqual(
    Array.from({ length: 3000 }, (_, i) => i)
      .filter((i) => i % 7 !== 3)
      .slice(0, served.length),
  );
  // Finished requests are dropped: the list holds at most twice as many as wait, or a few.
  const { waiters } = queue as unknown as { waiters: unknown[] };
  expect(waiters.length).toBeLessThanOrEqual(2 * (waiting * (7 / 6)) + 64 + 7);
});
