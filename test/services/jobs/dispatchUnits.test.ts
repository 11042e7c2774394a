import fc from "fast-check";
import { continueDispatch, resumeJob, type StartJobOptions, startJob } from "../../../services/jobs/startJob";
import { shuffledUnits } from "../../../shared/drivers/shuffle";
import { JobControl } from "../../../shared/jobs/control";
import type { DispatchRequest } from "../../../shared/jobs/startRequest";
import { StartGround } from "./startGround";

jest.setTimeout(120_000);

let ground: StartGround;
beforeAll(async () => {
  ground = await StartGround.start();
});
afterAll(() => ground?.stop());
beforeEach(async () => {
  await ground.endJobs();
  ground.forget();
});

/** Three portions. */
const UNITS = 2_500;
const TIMEOUT_MS = 60_000;
/** A killed invocation's message comes again a little after its end. */
const REDELIVERY_MS = 5_000;

class Kill extends Error {}

interface Message {
  readonly request: DispatchRequest;
  readonly dueAt: number;
}

/** The start function with its queue, on a clock of its own. Each portion takes some time; invocations may be killed. */
class StartFunction {
  now = 0;
  readonly messages: Message[] = [];
  readonly sent: { unit: number; turn: number }[] = [];
  kills = 0;
  /** Called in the middle of a portion. */
  meanwhile: () => Promise<void> = async () => undefined;
  #left = Number.POSITIVE_INFINITY;

  /**
   * @param lives how many moments (one before and one after each effect) each invocation lives, the first one first; the
   *   ones after that are not killed.
   */
  constructor(
    readonly portionMs = 1_000,
    private readonly lives: number[] = [],
  ) {}

  /** The moment before and after an effect, at each of which the invocation may be killed. */
  private async effect<T>(act: () => Promise<T>): Promise<T> {
    this.moment();
    const result = await act();
    this.moment();
    return result;
  }

  private moment(): void {
    if (this.#left-- <= 0) throw new Kill();
  }

  private options(): StartJobOptions {
    const { dynamodb, ...options } = ground.options;
    const send = (command: { constructor: { name: string } }) => {
      const call = () => dynamodb.send(command as never);
      return command.constructor.name === "TransactWriteItemsCommand" ? this.effect(call) : call();
    };
    return {
      ...options,
      dynamodb: { send } as never,
      clock: { now: () => this.now },
      stopAt: this.now + TIMEOUT_MS - 15_000,
      driver: {
        dispatch: (turns) =>
          this.effect(async () => {
            this.now += this.portionMs;
            await this.meanwhile();
            this.sent.push(...turns);
          }),
      },
      continueLater: (request, delaySeconds) =>
        this.effect(async () => {
          this.messages.push({ request, dueAt: this.now + 1_000 * delaySeconds });
        }),
    };
  }

  /** One invocation. False: it was killed. */
  async invoke(work: (options: StartJobOptions) => Promise<unknown>): Promise<boolean> {
    this.#left = this.lives.shift() ?? Number.POSITIVE_INFINITY;
    try {
      await work(this.options());
      return true;
    } catch (error) {
      if (!(error instanceof Kill)) throw error;
      this.kills++;
      return false;
    } finally {
      this.#left = Number.POSITIVE_INFINITY;
    }
  }

  /** Delivers messages until none is left. */
  async drain(): Promise<void> {
    while (this.messages.length > 0) {
      this.messages.sort((a, b) => a.dueAt - b.dueAt);
      const message = this.messages.shift()!;
      this.now = Math.max(this.now, message.dueAt);
      const begunAt = this.now;
      const done = await this.invoke((options) => continueDispatch(message.request, options));
      if (!done) this.messages.push({ ...message, dueAt: begunAt + TIMEOUT_MS + REDELIVERY_MS });
    }
  }

  get units(): number[] {
    return this.sent.map(({ unit }) => unit);
  }
}

let next = 0;
const newId = () => `job-${next++}`;
const start =
  (id: string, units = UNITS) =>
  (options: StartJobOptions) =>
    startJob(ground.request({ segments: units }), id, options);
const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);
const order = (id: string, epoch = 0, units = UNITS) => shuffledUnits(units, `${id}/${epoch}`);

/** The units in the order in which each was dispatched first. */
const firsts = ({ units }: StartFunction) => [...new Set(units)];

test("units go out in portions of 1,000, in the order that job and epoch give them", async () => {
  const id = newId();
  const portions: number[] = [];
  const { options } = ground;
  const driver = { dispatch: async (turns: readonly unknown[]) => void portions.push(turns.length) };
  expect(await start(id)({ ...options, driver })).toMatchObject({ state: "running", units: UNITS });
  expect(portions).toEqual([1_000, 1_000, 500]);
  const noted = ground.inputs.flatMap(({ name, input }) =>
    name === "TransactWriteItems" ? [JSON.stringify(input)] : [],
  );
  expect(noted.filter((text) => text.includes('"dispatched"')).length).toBeGreaterThanOrEqual(2);
  expect(await ground.job(id)).toMatchObject({ state: "running", dispatched: 2_000 });
});

test("a message that goes on is sent before the job is made, and comes after the invocation is over", async () => {
  const id = newId();
  const happened: string[] = [];
  const { options } = ground;
  const continueLater: StartJobOptions["continueLater"] = async (request, delaySeconds) => {
    happened.push(`${JSON.stringify(request)} after ${delaySeconds} s`);
    expect(await ground.job(id)).toBeUndefined();
  };
  await start(id, 3)({ ...options, continueLater });
  expect(happened).toEqual([`{"dispatch":"${id}","epoch":0,"from":0} after 60 s`]);
});

test("where time is short another invocation goes on, and each unit goes out once", async () => {
  const id = newId();
  const fn = new StartFunction(44_999);
  expect(await fn.invoke(start(id))).toBe(true);
  // The first portion ends a millisecond too early, so a second one is begun, and none after that.
  expect(fn.units).toEqual(order(id).slice(0, 2_000));
  expect(await ground.job(id)).toMatchObject({ state: "starting", dispatched: 2_000 });
  expect(fn.messages.map(({ request }) => request)).toEqual([
    { dispatch: id, epoch: 0, from: 0 },
    { dispatch: id, epoch: 0, from: 2_000 },
  ]);
  await fn.drain();
  expect(fn.units).toEqual(order(id));
  expect(await ground.job(id)).toMatchObject({ state: "running" });
});

test("no portion is begun once the time for it is over, to the millisecond", async () => {
  const id = newId();
  const fn = new StartFunction(45_000);
  await fn.invoke(start(id));
  expect(fn.units).toEqual(order(id).slice(0, 1_000));
});

test("a message that comes while another invocation is at it watches on, and dispatches nothing", async () => {
  const id = newId();
  const fn = new StartFunction(30_000);
  await fn.invoke(start(id, 5_000));
  expect(fn.units).toHaveLength(2_000);
  const [watch, goOn] = fn.messages.splice(0);
  expect(goOn!.dueAt).toBe(60_000);
  let watched = false;
  fn.meanwhile = async () => {
    if (watched) return;
    watched = true;
    const { now } = fn;
    const dispatched = fn.units.length;
    await fn.invoke((options) => continueDispatch(watch!.request, options));
    expect(fn.units.length).toBe(dispatched);
    expect(fn.messages).toEqual([{ request: { dispatch: id, epoch: 0, from: 2_000 }, dueAt: now + 60_000 }]);
  };
  await fn.invoke((options) => continueDispatch(goOn!.request, options));
  fn.meanwhile = async () => undefined;
  await fn.drain();
  expect(fn.units).toEqual(order(id, 0, 5_000));
});

test("of two that go on at once the second gives way after one portion", async () => {
  const id = newId();
  const fn = new StartFunction();
  let begun = false;
  fn.meanwhile = async () => {
    if (begun) return;
    begun = true;
    await fn.invoke(start(id));
  };
  await fn.invoke(start(id));
  const once = order(id);
  expect(fn.units).toEqual([...once, ...once.slice(0, 1_000)]);
  expect(await ground.job(id)).toMatchObject({ state: "running" });
});

describe("whenever an invocation is killed, no unit is lost", () => {
  /** A start that takes one invocation passes these: watch, create, three portions, two notes, running; each before and after. */
  const MOMENTS = 2 * (1 + 1 + 3 + 2 + 1);

  test("a start has so many moments", async () => {
    const alive = new StartFunction(1_000, [MOMENTS]);
    expect(await alive.invoke(start(newId()))).toBe(true);
    const killed = new StartFunction(1_000, [MOMENTS - 1]);
    expect(await killed.invoke(start(newId()))).toBe(false);
  });

  test.each(Array.from({ length: MOMENTS }, (_, moment) => moment))("a start killed at moment %d", async (moment) => {
    const id = newId();
    const fn = new StartFunction(1_000, [moment]);
    await fn.invoke(start(id));
    await fn.drain();
    const job = await ground.job(id);
    // Before the job is made nothing was begun: moment 2 is the one before that, moment 3 the one after.
    expect(job === undefined).toBe(moment < 3);
    if (job === undefined) return;
    expect(job).toMatchObject({ state: "running", epoch: 0 });
    expect(firsts(fn)).toEqual(order(id));
    // No more than the portion under way goes out again.
    expect(fn.units.length).toBeLessThanOrEqual(UNITS + 1_000);
  });

  test.each(Array.from({ length: MOMENTS }, (_, moment) => moment))("a resume killed at moment %d", async (moment) => {
    const id = newId();
    await start(id)(ground.options);
    await control().pause(id);
    const done = [3, 1_400, 2_499];
    for (const unit of done) await ground.leaveUnit(id, unit, "done");
    await ground.leaveUnit(id, 5, "failed");
    const fn = new StartFunction(1_000, [moment]);
    await fn.invoke((options) => resumeJob(id, options));
    await fn.drain();
    const job = await ground.job(id);
    expect(job!.state).toBe(moment < 3 ? "paused" : "running");
    if (job!.state === "paused") return;
    expect(firsts(fn)).toEqual(order(id, 1).filter((unit) => !done.includes(unit)));
    expect(new Set(fn.sent.map(({ turn }) => turn))).toEqual(new Set([1_000_000]));
  });

  test("any number of kills, of any invocations, at any pace", async () => {
    const lives = fc.array(fc.integer({ min: 3, max: 20 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lives, fc.integer({ min: 1, max: 50_000 }), async (given, portionMs) => {
        const id = newId();
        const fn = new StartFunction(portionMs, [...given]);
        await fn.invoke(start(id));
        await fn.drain();
        expect(await ground.job(id)).toMatchObject({ state: "running" });
        expect(firsts(fn)).toEqual(order(id));
        if (fn.kills === 0) expect(fn.units).toHaveLength(UNITS);
      }),
      { numRuns: 25 },
    );
  });
});

describe("a message that goes on does nothing", () => {
  const request = (dispatch: string, epoch = 0, from = 0) => ({ dispatch, epoch, from });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ["for a job that is running", async () => undefined],
    ["for one that is paused", (id) => control().pause(id)],
    ["for one that was cancelled", (id) => control().cancel(id)],
  ])("%s", async (_, change) => {
    const id = newId();
    await start(id, 3)(ground.options);
    await change(id);
    ground.forget();
    await continueDispatch(request(id), ground.options);
    expect(ground.sent).toEqual([]);
    expect(ground.later).toEqual([]);
  });

  test("for one that is not there, or whose epoch has not begun", async () => {
    const id = newId();
    await start(id, 3)(ground.options);
    await control().pause(id);
    await control().resume(id);
    ground.forget();
    await continueDispatch(request("nobody"), ground.options);
    await continueDispatch(request(id, 2), ground.options);
    expect(ground.sent).toEqual([]);
    expect(ground.later).toEqual([]);
  });

  test("and fails where the table fails", async () => {
    ground.failing = { Query: new Error("no answer") };
    await expect(continueDispatch(request("nobody"), ground.options)).rejects.toThrow("no answer");
  });
});

test("a job that somebody else resumed meanwhile is gone on with in its newest epoch", async () => {
  const id = newId();
  await start(id, 3)(ground.options);
  await control().pause(id);
  ground.forget();
  const { options } = ground;
  const requests: DispatchRequest[] = [];
  const continueLater: StartJobOptions["continueLater"] = async (request) => {
    requests.push(request);
    await control().resume(id);
  };
  ground.failing = { send: new Error("killed") };
  await expect(resumeJob(id, { ...options, continueLater })).rejects.toThrow("killed");
  ground.failing = {};
  expect(await ground.job(id)).toMatchObject({ state: "starting", epoch: 2 });
  expect(requests).toEqual([{ dispatch: id, epoch: 1, from: 0 }]);
  await continueDispatch(requests[0]!, options);
  expect(ground.sent.flat().map(({ turn }) => turn)).toEqual([2_000_000, 2_000_000, 2_000_000]);
  expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 2 });
});
