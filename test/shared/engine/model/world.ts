/** The state of the modelled world, and all that can happen in it next. */
import { hash } from "node:crypto";
import { finalStates, isActive, type Job } from "../../../../shared/jobs/job";
import { unitOf } from "../../../../shared/jobs/storage/dynamoDbUnits";
import { MemoryTables } from "../../../support/memoryStores";
import { sampleJob } from "../../../support/sampleJob";
import { type Answer, type Next, next, type Start, type Verb } from "./programs";

export const JOB = "job";
/**
 * How long a worker may work, and how long its message stays out of sight. With these all leases end, and all messages
 * come again, at multiples of the latter: time passes only when nobody works, or with the trouble that a worker outlasts.
 */
const LEASE = 10;
const VISIBILITY = LEASE + 1;

/** How often each kind of trouble may happen. */
export interface Trouble {
  /** A program stops for good where it is, or its invocation is stopped when its time is over. */
  readonly crash: number;
  /** A call fails: before it had its effect, or after. */
  readonly lost: number;
  /** A message comes once more, in flight or deleted as it may be. */
  readonly duplicate: number;
  /** A worker's time is nearly over before the next page. */
  readonly deadline: number;
  /** The operation refuses a page. */
  readonly lasting: number;
  /** A worker goes on although its time, and with it its lease, is over. */
  readonly late: number;
}

export interface Scenario {
  readonly units: number;
  /** Pages of each unit. */
  readonly pages: number;
  /** Workers at the same time. */
  readonly workers: number;
  /** What operators do: each list in its order, the lists beside one another. */
  readonly operators: readonly (readonly Verb[])[];
  readonly trouble: Trouble;
  /** Attempts that every unit has behind it. Default 0. */
  readonly attempts?: number;
}

export interface Message {
  readonly id: string;
  readonly unit: number;
  readonly turn: number;
  /** When it can be received; undefined: deleted. */
  readonly visibleAt: number | undefined;
}

export interface Actor {
  readonly id: string;
  readonly start: Start;
  readonly answers: readonly Answer[];
  /** Tells its start and answers, but not their times: programs read the clock only to say when they ask. */
  readonly key: string;
  readonly askedAt: number;
  readonly next: Next;
  /** Its unit; undefined: an operator. */
  readonly unit: number | undefined;
  /** When its invocation is stopped. */
  readonly until: number;
  readonly late: boolean;
  /** Crashed, or had a call that failed. */
  readonly disturbed: boolean;
}

/** What an observer notes who sees every step. */
export interface Notes {
  /** Who took a unit last and did not put it down since. */
  readonly holders: readonly ({ readonly owner: string; readonly until: number } | undefined)[];
  /** Times a page of the unit was read, less the times its holder was disturbed. */
  readonly undisturbedReads: readonly number[];
  /** Times a message was sent that had been sent before, less the times the unit's holder was disturbed. */
  readonly undisturbedRepeats: readonly number[];
  /** Epoch in which the unit failed. */
  readonly failedIn: readonly (number | undefined)[];
  /** Newest epoch whose messages were all sent. */
  readonly sent: number;
  /** State and epoch of the ends that were announced. */
  readonly told: readonly string[];
}

export interface World {
  readonly scenario: Scenario;
  readonly now: number;
  readonly tables: MemoryTables;
  readonly ledgerPaused: boolean;
  readonly messages: readonly Message[];
  readonly actors: readonly Actor[];
  readonly left: Trouble;
  readonly notes: Notes;
}

export const jobOf = (world: World): Job => world.tables.job(JOB)!;
export const unitNumbers = ({ scenario }: World): number[] => Array.from({ length: scenario.units }, (_, unit) => unit);

export async function initialWorld(scenario: Scenario): Promise<World> {
  const numbers = Array.from({ length: scenario.units }, (_, unit) => unit);
  const { attempts = 0 } = scenario;
  const tables = MemoryTables.with(sampleJob({ id: JOB, units: scenario.units }));
  if (attempts > 0) for (const number of numbers) tables.putUnit(JOB, { ...unitOf(undefined), number, attempts });
  const none = numbers.map(() => undefined);
  const zero = numbers.map(() => 0);
  const world: World = {
    scenario,
    now: 0,
    tables,
    ledgerPaused: false,
    messages: numbers.map((unit) => ({ id: `u${unit}t0`, unit, turn: 0, visibleAt: 0 })),
    actors: [],
    left: scenario.trouble,
    notes: { holders: none, undisturbedReads: zero, undisturbedRepeats: zero, failedIn: none, sent: 0, told: [] },
  };
  return scenario.operators.reduce(
    async (before, verbs, index) => withOperator(await before, `operator${index}`, verbs),
    Promise.resolve(world),
  );
}

export async function withOperator(world: World, id: string, verbs: readonly Verb[]): Promise<World> {
  const start: Start = { operator: id, verbs, job: JOB, now: world.now };
  return withActor(world, { id, start, unit: undefined, until: Number.POSITIVE_INFINITY });
}

export async function withWorker(world: World, message: Message): Promise<World> {
  const { id: receipt, unit, turn } = message;
  const id = freeName(world, receipt);
  const until = world.now + LEASE;
  const { pages } = world.scenario;
  const start: Start = { worker: id, message: { job: JOB, unit, turn }, receipt, now: world.now, until, pages };
  const received = { ...message, visibleAt: world.now + VISIBILITY };
  const messages = world.messages.map((other) => (other.id === receipt ? received : other));
  return withActor({ ...world, messages }, { id, start, unit, until });
}

/** The first name that nobody answers to any more. */
function freeName(world: World, receipt: string): string {
  const owners = unitNumbers(world).map((unit) => world.tables.unit({ job: JOB, unit })?.owner);
  const used = new Set([...owners, ...world.actors.map(({ id }) => id)]);
  for (let number = 1; ; number++) {
    const name = `${receipt}#${number}`;
    if (!used.has(name)) return name;
  }
}

async function withActor(world: World, actor: Pick<Actor, "id" | "start" | "unit" | "until">): Promise<World> {
  const { now: askedAt } = world;
  const key = digest(JSON.stringify({ ...actor.start, now: 0, until: 0 }));
  const first = await next(`${key}@${askedAt}@${actor.until}`, actor.start, []);
  const whole: Actor = { ...actor, answers: [], key, askedAt, next: first, late: false, disturbed: false };
  return { ...world, actors: [...world.actors, whole] };
}

/** The actor after one more answer; gone once its program has ended. */
export async function answered(world: World, actor: Actor, answer: Answer): Promise<World> {
  const answers = [...actor.answers, answer];
  const key = digest(actor.key + timeless(answer));
  const found = next(`${key}@${answer.now}@${actor.until}`, actor.start, answers);
  const point = found instanceof Promise ? await found : found;
  const { notes } = world;
  if (!("call" in point)) return { ...world, actors: world.actors.filter(({ id }) => id !== actor.id) };
  const sent = point.call.method === "started" ? Math.max(notes.sent, point.call.args[0] as number) : notes.sent;
  const after = { ...actor, answers, key, askedAt: answer.now, next: point };
  const actors = world.actors.map((other) => (other.id === actor.id ? after : other));
  return { ...world, actors, notes: sent === notes.sent ? notes : { ...notes, sent } };
}

/** The next moment at which a lease is over or a message comes into sight. */
export function nextMoment(world: World): number | undefined {
  const moments: number[] = [];
  for (const unit of unitNumbers(world)) {
    const { state, leaseUntil = -1 } = world.tables.unit({ job: JOB, unit }) ?? unitOf(undefined);
    if (state === "active" && leaseUntil >= world.now) moments.push(leaseUntil + 1);
  }
  for (const { visibleAt = -1 } of world.messages) if (visibleAt > world.now) moments.push(visibleAt);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** Whether somebody has to resume the job so that it goes on: it is paused, or a resumption broke off. */
export function needsResume(world: World): boolean {
  const job = jobOf(world);
  return !finalStates.includes(job.state) && (!isActive(job) || world.notes.sent < job.epoch);
}

/** Equal for worlds in which the same can happen: times count from now, and what is past is past. */
export function keyOf({ now, tables, ledgerPaused, messages, actors, left, notes }: World): string {
  const from = (time: number | undefined, least: number) => (time === undefined ? "-" : Math.max(least, time - now));
  const units = notes.holders.map((holder, unit) => {
    const record = tables.unit({ job: JOB, unit });
    return `${timeless(record ?? null)}${from(record?.leaseUntil, -1)}|${holder?.owner}${from(holder?.until, -1)}`;
  });
  const waiting = messages.map(({ id, visibleAt }) => `${id}@${from(visibleAt, 0)}`).sort();
  const running = actors.map(
    ({ key, askedAt, until, late, disturbed }) => `${key}@${askedAt - now},${from(until, -1)}${late}${disturbed}`,
  );
  const { holders: _, ...rest } = notes;
  const seen = JSON.stringify([rest, left]);
  return digest([timeless(tables.job(JOB)!), ...units, ledgerPaused, ...waiting, ...running.sort(), seen].join());
}

/** Records are never changed in place, so each is written out once. */
const texts = new WeakMap<object, string>();
const times = new Set(["now", "leaseUntil", "updatedAt", "endedAt"]);

function timeless(record: object | null): string {
  if (record === null) return "";
  let found = texts.get(record);
  if (found === undefined) {
    found = JSON.stringify(record, (name, value) => (times.has(name) ? undefined : value));
    texts.set(record, found);
  }
  return found;
}

const digest = (input: string): string => hash("sha1", input, "base64");
