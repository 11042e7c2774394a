/** The state of the modelled world, and all that can happen in it next. */
import { finalStates, isActive, type Job } from "../../../../shared/jobs/job";
import { unitOf } from "../../../../shared/jobs/storage/reading";
import { MemoryTables } from "../../../support/memoryStores";
import { sampleJob } from "../../../support/sampleJob";
import { startExecution } from "./execution";
import { idOf, type Message } from "./message";
import { type Answer, type Next, next, type Start, type Verb } from "./programs";

export const JOB = "job";
/**
 * How long a worker may work, and how long its message stays hidden. With these numbers all leases end, and all messages come
 * again, at multiples of the time that a message stays hidden. So time passes only when nobody works, or when the trouble is a
 * worker that outlasts its time.
 */
const LEASE = 10;
export const VISIBILITY = LEASE + 1;

/** How often each kind of trouble may happen. */
export interface Trouble {
  /** A program stops for good where it is, or its invocation is stopped when its time is over. */
  readonly crash: number;
  /** A call fails, before or after it has its effect. */
  readonly lost: number;
  /** A message comes once more, even if it is in flight or deleted. */
  readonly duplicate: number;
  /** A worker waits for capacity before the next page until its time is nearly over. */
  readonly deadline: number;
  /** A worker's time is nearly over before the next page. */
  readonly over: number;
  /** The operation refuses a page. */
  readonly lasting: number;
  /** A page is refused for a reason that holds for all units. */
  readonly fatal: number;
  /** The table is deleted and made anew. */
  readonly anew: number;
  /** A worker goes on although its time and its lease are over. */
  readonly late: number;
  /** One chain becomes enough for the job. */
  readonly fewer: number;
  /** A worker begins one more chain. */
  readonly more: number;
}

const kinds = [
  ...(["crash", "lost", "duplicate", "deadline", "over"] as const),
  ...(["lasting", "fatal", "anew", "late", "fewer", "more"] as const),
];
export const noTrouble = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<
  keyof Trouble,
  0
> satisfies Trouble;

export interface Scenario {
  readonly units: number;
  /** Pages of each unit. */
  readonly pages: number;
  /** Workers at the same time. */
  readonly workers: number;
  /** The operators' commands: each list in its order, and the lists in parallel. */
  readonly operators: readonly (readonly Verb[])[];
  readonly trouble: Trouble;
  /** Attempts that every unit has had already. Default 0. */
  readonly attempts?: number;
  /** The job is not made yet: an operator starts it. Default: it is running. */
  readonly unmade?: boolean;
  /**
   * The start function sends a message that goes on if it is killed. Default: an operator repeats a resume until it succeeds.
   */
  readonly watched?: boolean;
  /** How long a unit waits for its next attempt. Default 0. */
  readonly backoff?: number;
  /** Chains to begin with. Default 1. */
  readonly chains?: number;
  /** The driver is a state machine that goes over numbers. Default: a queue of messages. */
  readonly workflow?: boolean;
}

export interface Actor {
  readonly id: string;
  readonly start: Start;
  readonly answers: readonly Answer[];
  /** The number of its start and answers. Of times it holds only whether they were over, because programs use nothing else. */
  readonly key: number;
  readonly askedAt: number;
  readonly next: Next;
  /** The chain of its message; undefined: an operator. */
  readonly chain: number | undefined;
  /** How many units it has taken. */
  readonly taken: number;
  /** When its invocation is stopped. */
  readonly until: number;
  readonly late: boolean;
  /** It crashed, or one of its calls failed. */
  readonly disturbed: boolean;
  /** How its work on the unit ended, as the world knows it. */
  readonly stretch: "good order" | "time over" | "lasting error" | undefined;
}

/** The notes of an observer who sees every step. */
export interface Notes {
  /** The worker that took a unit last and has not put it down since. */
  readonly holders: readonly ({ readonly owner: string; readonly until: number } | undefined)[];
  /** The same for chains. */
  readonly chainHolders: readonly ({ readonly owner: string; readonly until: number } | undefined)[];
  /** How often pages of the unit were read, less how often its holder was disturbed. */
  readonly undisturbedReads: readonly number[];
  /** How often a message of a chain was sent again, less how often its worker was disturbed. */
  readonly undisturbedRepeats: readonly number[];
  /** The epoch in which the unit failed last. */
  readonly failedIn: readonly (number | undefined)[];
  /** Newest epoch whose messages were all sent. */
  readonly sent: number;
  /** State and epoch of the ends that were announced. */
  readonly told: readonly string[];
  /** A page was refused for a reason that holds for all units. */
  readonly fatal: boolean;
}

export interface World {
  readonly scenario: Scenario;
  readonly now: number;
  readonly tables: MemoryTables;
  /** How often the table was made anew. */
  readonly table: number;
  readonly messages: readonly Message[];
  readonly actors: readonly Actor[];
  readonly left: Trouble;
  readonly notes: Notes;
}

export const jobOf = (world: World): Job => world.tables.job(JOB)!;
/** Chains that may have a record: those of all units, and that of a summary. */
const chainNumbers = ({ scenario }: World): number[] => Array.from({ length: scenario.units + 1 }, (_, chain) => chain);
export const unitNumbers = ({ scenario }: World): number[] => Array.from({ length: scenario.units }, (_, unit) => unit);

export async function initialWorld(scenario: Scenario): Promise<World> {
  const numbers = Array.from({ length: scenario.units }, (_, unit) => unit);
  const { attempts = 0 } = scenario;
  const tables = scenario.unmade ? MemoryTables.with() : MemoryTables.with(newJob(scenario, "running"));
  if (attempts > 0) for (const number of numbers) tables.putUnit(JOB, { ...unitOf(undefined), number, attempts });
  const none = numbers.map(() => undefined);
  const zero = numbers.map(() => 0);
  const world: World = {
    scenario,
    now: 0,
    tables,
    table: 0,
    messages: scenario.unmade ? [] : firstMessages(scenario),
    actors: [],
    left: scenario.trouble,
    notes: {
      ...{ holders: none, chainHolders: none, undisturbedReads: zero, undisturbedRepeats: zero, failedIn: none },
      ...{ sent: scenario.unmade ? -1 : 0, told: [], fatal: false },
    },
  };
  return scenario.operators.reduce(
    async (before, verbs, index) => withOperator(await before, `operator${index}`, verbs),
    Promise.resolve(world),
  );
}

function firstMessages({ workflow = false, chains = 1 }: Scenario): Message[] {
  if (workflow) return startExecution([], 0, 0);
  return Array.from({ length: chains }, (_, chain) => ({
    ...{ id: idOf(chain, 0), chain, turn: 0, unit: undefined, visibleAt: 0 },
  }));
}

export function newJob({ units, chains = 1 }: Scenario, state: "starting" | "running"): Job {
  return sampleJob({ id: JOB, units, chains, state });
}

/** The table can become another one. */
const changing = ({ trouble }: Scenario): boolean => trouble.anew > 0;
/** The number of chains can change. */
const crewOf = ({ trouble }: Scenario): boolean => trouble.fewer + trouble.more > 0;

export async function withOperator(world: World, id: string, verbs: readonly Verb[]): Promise<World> {
  const { scenario, now } = world;
  const watched = scenario.watched === true;
  const start: Start = { operator: id, verbs, job: JOB, now, watched, changing: changing(scenario) };
  // The message that goes on with a start comes when the invocation that sent it has certainly ended.
  const until = scenario.watched === true ? now + LEASE : Number.POSITIVE_INFINITY;
  return withActor(world, { id, start, chain: undefined, until });
}

/** An invocation of the start function that goes on with the job. Its message stays in flight while it lives. */
export async function withStarter(world: World, { id: receipt, turn: epoch }: Message): Promise<World> {
  const { now } = world;
  const id = `${receipt}#starter`;
  const start: Start = { starter: id, job: JOB, epoch, receipt, now };
  return withActor(world, { id, start, chain: undefined, until: now + LEASE });
}

export async function withWorker(world: World, message: Message): Promise<World> {
  const { id: receipt, chain, unit, turn } = message;
  const id = freeName(world, receipt);
  const until = world.now + LEASE;
  const { scenario, now } = world;
  const turnOf = { job: JOB, chain, turn, ...(unit === undefined ? {} : { unit }) };
  const { pages, units, backoff = 0, workflow = false } = scenario;
  const about = { pages, units, backoff, workflow, crew: crewOf(scenario), changing: changing(scenario) };
  const start: Start = { worker: id, message: turnOf, receipt, ...about, now, until };
  const received = { ...message, visibleAt: now + VISIBILITY };
  const messages = world.messages.map((other) => (other.id === receipt ? received : other));
  return withActor({ ...world, messages }, { id, start, chain, until });
}

/** The first name that no actor has. */
function freeName(world: World, receipt: string): string {
  const owners = chainNumbers(world).flatMap((number) => [
    world.tables.unit({ job: JOB, unit: number })?.owner,
    world.tables.chain(JOB, number)?.owner,
  ]);
  const used = new Set([...owners, ...world.actors.map(({ id }) => id)]);
  for (let number = 1; ; number++) {
    const name = `${receipt}#${number}`;
    if (!used.has(name)) return name;
  }
}

async function withActor(world: World, actor: Pick<Actor, "id" | "start" | "chain" | "until">): Promise<World> {
  const { now: askedAt } = world;
  const key = numberOf(JSON.stringify({ ...actor.start, now: 0, until: 0 }));
  const first = await next(`${key}@${askedAt}@${actor.until}`, actor.start, []);
  const calm = { late: false, disturbed: false, stretch: undefined, taken: 0 } as const;
  const whole: Actor = { ...actor, answers: [], key, askedAt, next: first, ...calm };
  return { ...world, actors: [...world.actors, whole] };
}

/** The actor after one more answer; removed once its program has ended. */
export async function answered(world: World, actor: Actor, answer: Answer): Promise<World> {
  const answers = [...actor.answers, answer];
  const key = numberOf(`${actor.key}+${asFound(answer)}`);
  const found = next(`${key}@${answer.now}@${actor.until}`, actor.start, answers);
  const point = found instanceof Promise ? await found : found;
  const { notes } = world;
  if (!("call" in point)) return { ...world, actors: world.actors.filter(({ id }) => id !== actor.id) };
  const sent = point.call.method === "started" ? Math.max(notes.sent, point.call.args[0] as number) : notes.sent;
  const after = { ...actor, answers, key, askedAt: answer.now, next: point };
  const actors = world.actors.map((other) => (other.id === actor.id ? after : other));
  return { ...world, actors, notes: sent === notes.sent ? notes : { ...notes, sent } };
}

/** The next moment at which a lease ends or a message becomes visible. */
export function nextMoment(world: World): number | undefined {
  const moments: number[] = [];
  for (const unit of unitNumbers(world)) {
    const { state, leaseUntil = -1, retryAt = -1 } = world.tables.unit({ job: JOB, unit }) ?? unitOf(undefined);
    if (state === "active" && leaseUntil >= world.now) moments.push(leaseUntil + 1);
    if (state === "active" && retryAt > world.now) moments.push(retryAt);
  }
  for (const number of chainNumbers(world)) {
    const chain = world.tables.chain(JOB, number);
    if (chain?.leaseUntil !== undefined && chain.leaseUntil >= world.now) moments.push(chain.leaseUntil + 1);
  }
  for (const { visibleAt = -1 } of world.messages) if (visibleAt > world.now) moments.push(visibleAt);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/**
 * Whether the job goes on only if somebody resumes it: it is paused, or a resumption broke off and nothing continues it. Nobody
 * can resume a job whose table is another one.
 */
export function needsResume(world: World): boolean {
  const { tables, table, notes, scenario } = world;
  const job = tables.job(JOB);
  if (job === undefined || finalStates.includes(job.state) || table > 0) return false;
  return !isActive(job) || (notes.sent < job.epoch && scenario.watched !== true);
}

/** Equal for worlds in which the same can happen: times count from now, and all past times are the same. */
export function keyOf({ now, tables, table, messages, actors, left, notes }: World): string {
  const from = (time: number | undefined, least: number) => (time === undefined ? "-" : Math.max(least, time - now));
  const units = notes.holders.map((holder, unit) => {
    const record = tables.unit({ job: JOB, unit });
    const waits = `${from(record?.leaseUntil, -1)},${from(record?.retryAt, 0)}`;
    return `${recordNumber(record)},${waits},${holder?.owner},${from(holder?.until, -1)}`;
  });
  const chains = notes.chainHolders.map((holder, number) => {
    const record = tables.chain(JOB, number);
    return `${recordNumber(record)},${from(record?.leaseUntil, -1)},${holder?.owner},${from(holder?.until, -1)}`;
  });
  const waiting = messages.map(({ id, visibleAt }) => `${id}@${from(visibleAt, 0)}`).sort();
  const running = actors.map(
    ({ key, askedAt, until, late, disturbed, taken, stretch }) =>
      `${key}@${askedAt - now},${from(until, -1)}${late}${disturbed}${taken}${stretch}`,
  );
  const job = `${recordNumber(tables.job(JOB))},${tables.isPaused(JOB)},${table}`;
  const seen = `${notesNumber(notes)},${troubleNumber(left)}`;
  return [job, ...units, ...chains, ...waiting, ...running.sort(), seen].join("|");
}

/** Equal texts have the same number. Keys made of numbers are short. */
const numbers = new Map<string, number>();

function numberOf(text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}

/** Numbers objects by their text. They are never changed in place, so each is written out once. */
function numbered<T extends object>(textOf: (from: T) => string): (of: T | undefined) => number {
  const known = new WeakMap<T, number>();
  return (of) => {
    if (of === undefined) return -1;
    let found = known.get(of);
    if (found === undefined) {
      found = numberOf(textOf(of));
      known.set(of, found);
    }
    return found;
  };
}

const times = new Set(["now", "leaseUntil", "updatedAt", "endedAt", "retryAt"]);
const recordNumber = numbered((record) =>
  JSON.stringify(record, (name, value) => (times.has(name) ? undefined : value)),
);
const notesNumber = numbered(({ holders: _, chainHolders: __, ...rest }: Notes) => JSON.stringify(rest));
const troubleNumber = numbered((left: Trouble) => JSON.stringify(left));

/** A worker that looks at units uses only which leases are over and which attempts are due. */
const ahead = new Set(["leaseUntil", "retryAt"]);

interface Seen {
  /** The number of all but the times. */
  readonly number: number;
  /** The times in {@link ahead}. */
  readonly moments: readonly (number | undefined)[];
}

/** Objects are never changed in place, so each is read once. */
const seen = new WeakMap<object, Seen>();

function seenOf(value: object): Seen {
  const found = seen.get(value);
  if (found !== undefined) return found;
  const moments: (number | undefined)[] = [];
  const text = JSON.stringify(value, (name, part) => {
    if (!ahead.has(name)) return times.has(name) ? undefined : part;
    moments.push(part);
    return true;
  });
  const made = { number: numberOf(text), moments };
  seen.set(value, made);
  return made;
}

/** What a program uses of an answer. */
function asFound(answer: Answer): string {
  const { now, passing, fatal } = answer;
  return `${passing}${fatal}${"error" in answer ? `!${answer.error}` : valueAsFound(answer.value, now)}`;
}

function valueAsFound(value: unknown, now: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "-";
  const { number, moments } = seenOf(value);
  return `#${number}${moments.map((moment) => moment !== undefined && moment >= now)}`;
}
