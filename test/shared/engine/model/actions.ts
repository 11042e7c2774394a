/** All that can happen next in a world: messages arrive, calls succeed or fail, programs stop, time passes. */
import { retryTask } from "./execution";
import { WATCH } from "./message";
import type { Answer, Call } from "./programs";
import { noteDisturbance, noteRead, perform, reads, withMessage } from "./steps";
import {
  type Actor,
  answered,
  JOB,
  jobOf,
  nextMoment,
  type Trouble,
  type World,
  withStarter,
  withWorker,
} from "./world";

export interface Action {
  readonly name: string;
  /** The kind of trouble that it uses up. Absent: it is no trouble. */
  readonly trouble?: keyof Trouble;
  readonly run: () => World | Promise<World>;
}

/** Actions that are no trouble come first. */
export function actionsOf(world: World): Action[] {
  const ways = [...world.actors.flatMap((actor) => steps(world, actor)), ...deliveries(world), ...passingOfTime(world)];
  const trouble = [
    ...world.actors.map((actor) => crash(world, actor)),
    ...duplicates(world),
    anew(world),
    ...fewer(world),
  ];
  const possible = [...ways, ...trouble].filter(({ trouble: kind }) => kind === undefined || world.left[kind] > 0);
  return possible.sort((a, b) => Number(a.trouble !== undefined) - Number(b.trouble !== undefined));
}

function steps(world: World, actor: Actor): Action[] {
  if (!("call" in actor.next)) return [];
  const { call } = actor.next;
  const { now } = world;
  const does = () => perform(world, call, actor);
  const step = (end: string, run: () => World | Promise<World>, trouble?: keyof Trouble): Action => ({
    name: `${actor.id} ${call.method} ${end}`,
    run,
    ...(trouble === undefined ? {} : { trouble }),
  });
  const succeeds = step("", () => {
    const { world: after, value } = does();
    return answered(after, learned(actor, call, value), { now, value });
  });
  const fails =
    (
      after: () => World,
      error: Omit<Answer & { error: string }, "now">,
      trouble: keyof Trouble,
      stretch: Actor["stretch"] = actor.stretch,
    ) =>
    () =>
      failed(spent(after(), trouble), { ...actor, stretch }, { now, ...error });
  const passing = { error: "it did not come through", passing: true };
  const lost = { error: "the answer was lost", passing: true };
  const refused = step(
    "fails",
    fails(() => world, passing, "lost"),
    "lost",
  );
  if (call.method === "delete") return [succeeds];
  if (call.method === "answer") return [succeeds, refused];
  if (call.method === "crew") return [succeeds, addsChain(world, actor)];
  if (reads.includes(call.method)) return [succeeds, refused];
  if (call.method !== "readPage")
    return [
      succeeds,
      refused,
      step(
        "is lost",
        fails(() => does().world, lost, "lost"),
        "lost",
      ),
    ];
  const says = (value: string, stretch: Actor["stretch"], trouble?: keyof Trouble) =>
    step(
      value,
      () => answered(trouble === undefined ? world : spent(world, trouble), { ...actor, stretch }, { now, value }),
      trouble,
    );
  const fatal = { error: "no page can be done", passing: false, fatal: true };
  const lasting = { error: "this page cannot be done", passing: false };
  return [
    succeeds,
    ...(world.tables.isPaused(JOB) ? [says("paused", "good order")] : []),
    says("waits", "good order", "deadline"),
    says("over", "time over", "over"),
    refused,
    step(
      "is refused for all units",
      fails(() => ({ ...world, notes: { ...world.notes, fatal: true } }), fatal, "fatal", "good order"),
      "fatal",
    ),
    step(
      "is refused by the operation",
      fails(() => readOf(world, call), lasting, "lasting", "lasting error"),
      "lasting",
    ),
  ];
}

/** What the world records about a worker whose call was answered. */
function learned(actor: Actor, { method }: Call, value: unknown): Actor {
  const taken = method === "units.take" && (value as { taken: boolean }).taken;
  if (taken) return { ...actor, stretch: undefined, taken: actor.taken + 1 };
  // A worker that finds another table, or retires, gives its attempt back.
  const back = (method === "identify" && value !== 0) || (method === "crew" && value === "retire");
  return back ? { ...actor, stretch: "good order" } : actor;
}

function addsChain(world: World, actor: Actor): Action {
  const { now } = world;
  const value = jobOf(world);
  const left = value.chains < value.units ? "more" : undefined;
  const run = () =>
    answered(left === undefined ? world : spent(world, left), actor, { now, value: left ? value : "go on" });
  return { name: `${actor.id} begins a chain`, trouble: "more", run };
}

/** One chain becomes enough for the job. */
function fewer(world: World): Action[] {
  if (world.tables.job(JOB) === undefined || jobOf(world).chains < 2) return [];
  const run = () => {
    const tables = world.tables.copy();
    tables.changeJob(JOB, { chains: 1 });
    return { ...spent(world, "fewer"), tables };
  };
  return [{ name: "one chain is enough", trouble: "fewer", run }];
}

function readOf(world: World, { args }: Call): World {
  const draft = { ...world };
  noteRead(draft, args[0] as number);
  return draft;
}

function failed(world: World, actor: Actor, answer: Answer): Promise<World> {
  return answered(disturbed(world, actor), { ...actor, disturbed: true }, answer);
}

/** Records that a worker was disturbed. */
function disturbed(world: World, actor: Actor): World {
  if (actor.chain === undefined) return world;
  const draft = { ...world };
  noteDisturbance(draft, actor);
  return draft;
}

function crash(world: World, actor: Actor): Action {
  return { name: `${actor.id} stops for good`, trouble: "crash", run: () => stopped(spent(world, "crash"), actor) };
}

function stopped(world: World, actor: Actor): World {
  const actors = world.actors.filter(({ id }) => id !== actor.id);
  const { start, late } = actor;
  // A state machine has repeated the task of a late worker already.
  const repeats = "worker" in start && start.workflow && !late;
  const messages = repeats ? retryTask(world.messages, start.receipt, world.now) : world.messages;
  return { ...disturbed(world, actor), actors, messages };
}

/** One of several equal messages, because it makes no difference which of them comes. */
function deliveries(world: World): Action[] {
  const working = world.actors.filter(({ chain }) => chain !== undefined).length;
  const starting = new Set(world.actors.map(({ start }) => ("starter" in start ? start.receipt : undefined)));
  const seen = new Set<string>();
  return world.messages.flatMap((message) => {
    const { chain, turn, visibleAt, id } = message;
    if (visibleAt === undefined || visibleAt > world.now || seen.has(`${chain}@${turn}`)) return [];
    if (chain === WATCH ? starting.has(id) : working >= world.scenario.workers) return [];
    seen.add(`${chain}@${turn}`);
    const comes = chain === WATCH ? withStarter : withWorker;
    return [{ name: `${id} arrives`, run: () => comes(world, message) }];
  });
}

function anew(world: World): Action {
  const run = () => ({ ...spent(world, "anew"), table: world.table + 1 });
  return { name: "the table is made anew", trouble: "anew", run };
}

/** Time passes to the next moment that makes a difference. A worker whose time is over then is stopped, unless it is late. */
function passingOfTime(world: World): Action[] {
  const now = nextMoment(world);
  if (now === undefined) return [];
  const over = world.actors.filter(({ until, late }) => until < now && !late);
  const later = { ...world, now };
  const name = `time passes to ${now}`;
  if (over.length === 0) return [{ name, run: () => later }];
  const all = (trouble: keyof Trouble, end: (world: World, actor: Actor) => World) => () =>
    over.reduce((before, actor) => end(spent(before, trouble), actor), later);
  const enough = (trouble: keyof Trouble) => world.left[trouble] >= over.length;
  const workers = over.every(({ chain }) => chain !== undefined);
  return [
    ...(enough("crash")
      ? [{ name: `${name}, workers are stopped`, trouble: "crash", run: all("crash", stopped) } as const]
      : []),
    ...(workers && enough("late")
      ? [{ name: `${name}, workers go on`, trouble: "late", run: all("late", goesOn) } as const]
      : []),
  ];
}

function goesOn(world: World, actor: Actor): World {
  const after = { ...actor, late: true, disturbed: true };
  const { actors } = world;
  return { ...disturbed(world, actor), actors: actors.map((each) => (each.id === actor.id ? after : each)) };
}

function duplicates(world: World): Action[] {
  const seen = new Set<string>();
  return world.messages.flatMap(({ chain, turn, unit, id }) => {
    if (seen.has(`${chain}@${turn}`)) return [];
    seen.add(`${chain}@${turn}`);
    const copied = () => withMessage(world.messages, { chain, turn, unit }, world.now);
    const run = () => ({ ...spent(world, "duplicate"), messages: copied() });
    return [{ name: `${id} is there twice`, trouble: "duplicate", run } as const];
  });
}

function spent(world: World, trouble: keyof Trouble): World {
  return { ...world, left: { ...world.left, [trouble]: world.left[trouble] - 1 } };
}
