/** All that can happen next in a world: messages arrive, calls come through or fail, programs stop, time passes. */
import type { Answer, Call } from "./programs";
import { noteDisturbance, noteRead, perform, reads, withMessage } from "./steps";
import {
  type Actor,
  answered,
  JOB,
  nextMoment,
  type Trouble,
  WATCH,
  type World,
  withStarter,
  withWorker,
} from "./world";

export interface Action {
  readonly name: string;
  /** What it takes of the trouble that is left. Absent: it is the way of the world. */
  readonly trouble?: keyof Trouble;
  readonly run: () => World | Promise<World>;
}

/** Actions that are no trouble come first. */
export function actionsOf(world: World): Action[] {
  const ways = [...world.actors.flatMap((actor) => steps(world, actor)), ...deliveries(world), ...passingOfTime(world)];
  const trouble = [...world.actors.map((actor) => crash(world, actor)), ...duplicates(world), anew(world)];
  const possible = [...ways, ...trouble].filter(({ trouble: kind }) => kind === undefined || world.left[kind] > 0);
  return possible.sort((a, b) => Number(a.trouble !== undefined) - Number(b.trouble !== undefined));
}

function steps(world: World, actor: Actor): Action[] {
  if (!("call" in actor.next)) return [];
  const { call } = actor.next;
  const { now } = world;
  const does = () => perform(world, call);
  const step = (end: string, run: () => World | Promise<World>, trouble?: keyof Trouble): Action => ({
    name: `${actor.id} ${call.method} ${end}`,
    run,
    ...(trouble === undefined ? {} : { trouble }),
  });
  const succeeds = step("", () => {
    const { world: after, value } = does();
    // A worker that stops the job gives its attempt back.
    return answered(after, call.method === "jobs.stop" ? ({ ...actor, stretch: "good order" } as const) : actor, {
      now,
      value,
    });
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

function readOf(world: World, { args }: Call): World {
  const draft = { ...world };
  noteRead(draft, args[0] as number);
  return draft;
}

function failed(world: World, actor: Actor, answer: Answer): Promise<World> {
  return answered(disturbed(world, actor), { ...actor, disturbed: true }, answer);
}

/** Notes, once for each worker, that the holder of a unit was disturbed. */
function disturbed(world: World, { disturbed: before, unit, id }: Actor): World {
  if (before || unit === undefined || world.notes.holders[unit]?.owner !== id) return world;
  const draft = { ...world };
  noteDisturbance(draft, unit);
  return draft;
}

function crash(world: World, actor: Actor): Action {
  return { name: `${actor.id} stops for good`, trouble: "crash", run: () => stopped(spent(world, "crash"), actor) };
}

function stopped(world: World, actor: Actor): World {
  return { ...disturbed(world, actor), actors: world.actors.filter(({ id }) => id !== actor.id) };
}

/** Of messages that are alike only one: which of them comes makes no difference. */
function deliveries(world: World): Action[] {
  const working = world.actors.filter(({ unit }) => unit !== undefined).length;
  const starting = new Set(world.actors.map(({ start }) => ("starter" in start ? start.receipt : undefined)));
  const seen = new Set<string>();
  return world.messages.flatMap((message) => {
    const { unit, turn, visibleAt, id } = message;
    if (visibleAt === undefined || visibleAt > world.now || seen.has(`${unit}@${turn}`)) return [];
    if (unit === WATCH ? starting.has(id) : working >= world.scenario.workers) return [];
    seen.add(`${unit}@${turn}`);
    const comes = unit === WATCH ? withStarter : withWorker;
    return [{ name: `${id} arrives`, run: () => comes(world, message) }];
  });
}

function anew(world: World): Action {
  const run = () => ({ ...spent(world, "anew"), table: world.table + 1 });
  return { name: "the table is made anew", trouble: "anew", run };
}

/** To the next moment that makes a difference. A worker whose time is then over is stopped, unless it is late. */
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
  const workers = over.every(({ unit }) => unit !== undefined);
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
  const holds = world.notes.holders[actor.unit!]?.owner === actor.id;
  const after = { ...actor, late: true, disturbed: actor.disturbed || holds };
  const { actors } = world;
  return { ...disturbed(world, actor), actors: actors.map((each) => (each.id === actor.id ? after : each)) };
}

function duplicates(world: World): Action[] {
  const seen = new Set<string>();
  return world.messages.flatMap(({ unit, turn, id }) => {
    if (seen.has(`${unit}@${turn}`)) return [];
    seen.add(`${unit}@${turn}`);
    const copied = () => withMessage(world.messages, unit, turn, world.now);
    const run = () => ({ ...spent(world, "duplicate"), messages: copied() });
    return [{ name: `${id} is there twice`, trouble: "duplicate", run } as const];
  });
}

function spent(world: World, trouble: keyof Trouble): World {
  return { ...world, left: { ...world.left, [trouble]: world.left[trouble] - 1 } };
}
