import { PassThrough } from "node:stream";
import { waiting } from "../../cli/progress";

/** A clock that only the test moves. */
class StepClock {
  #now = 0;
  #sleepers: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake, reject) => {
      this.#sleepers.push({ at: this.#now + ms, wake });
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  }

  async pass(ms: number): Promise<void> {
    this.#now += ms;
    for (const { at, wake } of this.#sleepers) if (at <= this.#now) wake();
    await new Promise((settled) => setImmediate(settled));
  }
}

function screen(isTTY: boolean, columns = 80) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns });
  return { stream, shown: () => String(stream.read() ?? "") };
}

test("on a terminal one line counts the seconds, from the first moment to the end", async () => {
  const [{ stream, shown }, clock] = [screen(true), new StepClock()];
  const starting = waiting("Starting …", stream, clock);
  expect(shown()).toBe("Starting …");
  await clock.pass(1_000);
  await clock.pass(1_000);
  starting.stop();
  starting.stop();
  await clock.pass(1_000);
  expect(shown()).toBe("\rStarting … 1 s\rStarting … 2 s\n");
});

test("elsewhere a line follows every five seconds", async () => {
  const [{ stream, shown }, clock] = [screen(false), new StepClock()];
  const starting = waiting("Starting …", stream, clock);
  expect(shown()).toBe("Starting …\n");
  for (let second = 0; second < 11; second++) await clock.pass(1_000);
  starting.stop();
  expect(shown()).toBe("Starting … 5 s\nStarting … 10 s\n");
});

test("a line that the terminal would break is cut, so that each second replaces it", async () => {
  const [{ stream, shown }, clock] = [screen(true, 24), new StepClock()];
  const starting = waiting("Starting the local cloud …", stream, clock);
  await clock.pass(1_000);
  starting.stop();
  expect(shown()).toBe("Starting the local cl …\rStarting the loca … 1 s\n");
});

test("the next wait begins a new line and a new count", async () => {
  const [{ stream, shown }, clock] = [screen(true), new StepClock()];
  const doing = waiting("Starting …", stream, clock);
  await clock.pass(1_000);
  doing.next("Sending …");
  await clock.pass(1_000);
  doing.stop();
  doing.next("Stopping …");
  doing.stop();
  await clock.pass(1_000);
  expect(shown()).toBe("Starting …\rStarting … 1 s\nSending …\rSending … 1 s\nStopping …\n");
});
