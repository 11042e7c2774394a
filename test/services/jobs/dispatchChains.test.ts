import fc from "fast-check";
import { dispatchChains } from "../../../services/jobs/dispatchChains";
import { continueDispatch, resumeJob, type StartJobOptions, startJob } from "../../../services/jobs/startJob";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { firstTurn } from "../../../shared/engine/turns";
import { SluiceError } from "../../../shared/errors";
import { JobControl } from "../../../shared/jobs/control";
import type { DispatchRequest } from "../../../shared/jobs/startRequest";
import { sampleJob } from "../../support/sampleJob";
import { type StartGround, startGroundOnce } from "./startGround";

let ground: StartGround;
startGroundOnce((started) => {
  ground = started;
});

const CHAINS = 3;
const TIMEOUT_MS = 60_000;
/** A killed invocation's message comes again a little after its end. */
const REDELIVERY_MS = 5_000;

class Kill extends Error {}

interface Message {
  readonly request: DispatchRequest;
  readonly dueAt: number;
}

/** The writes that make or resume the job, and that record that it runs. */
const WRITES = new Set(["TransactWriteItemsCommand", "UpdateItemCommand"]);

/** The start function with its queue, on a clock of its own. Invocations may be killed. */
class StartFunction {
  now = 0;
  readonly messages: Message[] = [];
  readonly sent: (readonly ChainTurn[])[] = [];
  kills = 0;
  /** Called before chains are dispatched. */
  meanwhile: () => Promise<void> = async () => undefined;
  #left = Number.POSITIVE_INFINITY;

  /**
   * @param lives how many moments (one before and one after each effect) each invocation lives, the first one first; the
   *   ones after that are not killed.
   */
  constructor(private readonly lives: number[] = []) {}

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
      return WRITES.has(command.constructor.name) ? this.effect(call) : call();
    };
    return {
      ...options,
      dynamodb: { send } as never,
      clock: { now: () => this.now },
      driver: () => ({
        dispatch: (turns) =>
          this.effect(async () => {
            await this.meanwhile();
            this.sent.push(turns);
          }),
      }),
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
}

let next = 0;
const newId = () => `job-${next++}`;
const start = (id: string) => (options: StartJobOptions) =>
  startJob(ground.request({ segments: 100, readRate: 1_000 }), id, options);
const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);
/** The messages of all chains in an epoch of the job. */
const turns = (job: string, epoch = 0) =>
  Array.from({ length: CHAINS }, (_, chain) => ({ job, chain, turn: firstTurn(epoch) }));

test("all chains go out at once, for any number of units, and then the job runs", async () => {
  const id = newId();
  const states: unknown[] = [];
  const fn = new StartFunction();
  fn.meanwhile = async () => void states.push((await ground.job(id))?.state);
  expect(await fn.invoke(start(id))).toBe(true);
  expect(fn.sent).toEqual([turns(id)]);
  expect(states).toEqual(["starting"]);
  expect(await ground.job(id)).toMatchObject({ state: "running", units: 100, chains: CHAINS });
});

test("a watching message is sent before the job is made, and comes after the invocation is over", async () => {
  const id = newId();
  const happened: string[] = [];
  const { options } = ground;
  const continueLater: StartJobOptions["continueLater"] = async (request, delaySeconds) => {
    happened.push(`${JSON.stringify(request)} after ${delaySeconds} s`);
    expect(await ground.job(id)).toBeUndefined();
  };
  await start(id)({ ...options, continueLater });
  expect(happened).toEqual([`{"dispatch":"${id}","epoch":0} after 60 s`]);
});

test("if two dispatch at once, each sends all chains, and the job runs", async () => {
  const id = newId();
  const fn = new StartFunction();
  let begun = false;
  fn.meanwhile = async () => {
    if (begun) return;
    begun = true;
    await fn.invoke(start(id));
    expect(await ground.job(id)).toMatchObject({ state: "running" });
  };
  await fn.invoke(start(id));
  expect(fn.sent).toEqual([turns(id), turns(id)]);
  expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 0 });
});

test("a job that was deleted while its chains were sent is reported as gone", async () => {
  const { options } = ground;
  const gone = new SluiceError("NO_SUCH_JOB", "There is no job gone.", { value: "gone" });
  const missing = { started: async () => false, read: async () => Promise.reject(gone) };
  const dispatched = dispatchChains(sampleJob({ id: "gone", chains: 2 }), missing, options.driver(sampleJob()));
  await expect(dispatched).rejects.toBe(gone);
});

test("a job that is paused while its chains are sent stays paused, and a resume sends them again", async () => {
  const id = newId();
  const fn = new StartFunction();
  fn.meanwhile = async () => void (await control().pause(id));
  await fn.invoke(start(id));
  fn.meanwhile = async () => undefined;
  expect(await ground.job(id)).toMatchObject({ state: "paused" });
  await fn.invoke((options) => resumeJob(id, options));
  await fn.drain();
  expect(fn.sent).toEqual([turns(id), turns(id, 1)]);
  expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 1 });
});

test("a job that is resumed while its chains are sent is left to the new epoch's dispatch", async () => {
  const id = newId();
  const fn = new StartFunction();
  let resumed = false;
  fn.meanwhile = async () => {
    if (resumed) return;
    resumed = true;
    await control().pause(id);
    await control().resume(id, CHAINS);
  };
  await fn.invoke(start(id));
  // Nobody has dispatched the new epoch, so the job must not count as running.
  expect(fn.sent).toEqual([turns(id)]);
  expect(await ground.job(id)).toMatchObject({ state: "starting", epoch: 1 });
});

describe("whenever an invocation is killed, no chain is lost", () => {
  /** A start that is not killed passes these: watch, create, dispatch, running; each before and after. */
  const MOMENTS = 2 * (1 + 1 + 1 + 1);

  test("the number of moments at which a start can be killed", async () => {
    const alive = new StartFunction([MOMENTS]);
    expect(await alive.invoke(start(newId()))).toBe(true);
    const killed = new StartFunction([MOMENTS - 1]);
    expect(await killed.invoke(start(newId()))).toBe(false);
  });

  test.each(Array.from({ length: MOMENTS }, (_, moment) => moment))("a start killed at moment %d", async (moment) => {
    const id = newId();
    const fn = new StartFunction([moment]);
    expect(await fn.invoke(start(id))).toBe(false);
    await fn.drain();
    const job = await ground.job(id);
    // Nothing has begun before the job is made. Moment 2 is just before that, and moment 3 just after.
    expect(job === undefined).toBe(moment < 3);
    if (job === undefined) return expect(fn.sent).toEqual([]);
    expect(job).toMatchObject({ state: "running", epoch: 0 });
    // They go out twice only if the kill comes between the dispatch and the record that the job runs.
    expect(fn.sent).toEqual(moment === 5 || moment === 6 ? [turns(id), turns(id)] : [turns(id)]);
  });

  test.each(Array.from({ length: MOMENTS }, (_, moment) => moment))("a resume killed at moment %d", async (moment) => {
    const id = newId();
    await start(id)(ground.options);
    await control().pause(id);
    const fn = new StartFunction([moment]);
    expect(await fn.invoke((options) => resumeJob(id, options))).toBe(false);
    await fn.drain();
    const { state, epoch } = (await ground.job(id))!;
    expect({ state, epoch }).toEqual(moment < 3 ? { state: "paused", epoch: 0 } : { state: "running", epoch: 1 });
    if (moment < 3) return expect(fn.sent).toEqual([]);
    expect(fn.sent).toEqual(moment === 5 || moment === 6 ? [turns(id, 1), turns(id, 1)] : [turns(id, 1)]);
  });

  test("any number of kills, of any invocations", async () => {
    const lives = fc.array(fc.integer({ min: 3, max: 7 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lives, async (given) => {
        const id = newId();
        const fn = new StartFunction([...given]);
        await fn.invoke(start(id));
        await fn.drain();
        expect(await ground.job(id)).toMatchObject({ state: "running" });
        expect(fn.sent.length).toBeGreaterThanOrEqual(1);
        expect(fn.sent.length).toBeLessThanOrEqual(fn.kills + 1);
        for (const sent of fn.sent) expect(sent).toEqual(turns(id));
      }),
      { numRuns: 25 },
    );
  });
});

describe("a watching message does nothing", () => {
  const request = (dispatch: string, epoch = 0) => ({ dispatch, epoch });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ["for a job that is running", async () => undefined],
    ["for a paused job", (id) => control().pause(id)],
    ["for a cancelled job", (id) => control().cancel(id)],
  ])("%s", async (_, change) => {
    const id = newId();
    await start(id)(ground.options);
    await change(id);
    ground.forget();
    await continueDispatch(request(id), ground.options);
    expect(ground.sent).toEqual([]);
    expect(ground.later).toEqual([]);
  });

  test("for a missing job, or one whose epoch has not begun", async () => {
    const id = newId();
    await start(id)(ground.options);
    await control().pause(id);
    await control().resume(id, CHAINS);
    ground.forget();
    await continueDispatch(request("nobody"), ground.options);
    await continueDispatch(request(id, 2), ground.options);
    expect(ground.sent).toEqual([]);
    expect(ground.later).toEqual([]);
  });

  test("and fails if the table fails", async () => {
    ground.failing = { Query: new Error("no answer") };
    await expect(continueDispatch(request("nobody"), ground.options)).rejects.toThrow("no answer");
  });
});

test("a job that somebody else resumed meanwhile continues in its newest epoch", async () => {
  const id = newId();
  await start(id)(ground.options);
  await control().pause(id);
  ground.forget();
  const { options } = ground;
  const requests: DispatchRequest[] = [];
  const continueLater: StartJobOptions["continueLater"] = async (request) => {
    requests.push(request);
    await control().resume(id, CHAINS);
  };
  ground.failing = { send: new Error("killed") };
  await expect(resumeJob(id, { ...options, continueLater })).rejects.toThrow("killed");
  ground.failing = {};
  expect(await ground.job(id)).toMatchObject({ state: "starting", epoch: 2 });
  expect(requests).toEqual([{ dispatch: id, epoch: 1 }]);
  await continueDispatch(requests[0]!, options);
  expect(ground.sent).toEqual([turns(id, 2)]);
  expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 2 });
});
