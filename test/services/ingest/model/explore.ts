/** Everything that can happen next in a world, in every order. */
import { hash } from "node:crypto";
import { problemsOf } from "./invariants";
import { type Answer, type Call, next } from "./programs";
import { type Actor, initialWorld, perform, RAW, type Scenario, type Trouble, type Version, type World } from "./world";

/** The same for all worlds in which the same can happen. */
function keyOf(world: World): string {
  const { waiting, actors, notes, ...rest } = world;
  const sorted = (list: readonly unknown[]) => list.map((each) => JSON.stringify(each)).sort();
  const done = [...new Set(sorted(notes.done))];
  return hash("sha1", JSON.stringify([rest, { ...notes, done }, sorted(waiting), sorted(actors)]));
}

interface Action {
  readonly name: string;
  readonly run: () => Promise<World>;
}

/** The steps of an erasure after it has written the tombstone. */
const ERASURE = ["marker", "raw", "quarantine"] as const;

/**
 * Explores every world that a scenario can lead to.
 * @returns the number of worlds.
 * @throws Error with the problem, and the steps that led to it.
 */
export async function exploreAll(scenario: Scenario): Promise<number> {
  const seen = new Set<string>();
  const stack: { world: World; path: readonly string[] }[] = [{ world: initialWorld(scenario), path: [] }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { world, path } = top;
    const key = keyOf(world);
    if (seen.has(key)) continue;
    seen.add(key);
    const problems = problemsOf(world);
    if (problems.length > 0) throw new Error([...problems, ...path, JSON.stringify(world, null, 1)].join("\n"));
    for (const { name, run } of await actionsOf(world)) stack.push({ world: await run(), path: [...path, name] });
  }
  return seen.size;
}

async function actionsOf(world: World): Promise<Action[]> {
  const ofActors = await Promise.all(world.actors.map((actor) => actionsOfActor(world, actor)));
  return [...ofActors.flat(), ...deliveries(world), ...others(world)];
}

async function actionsOfActor(world: World, actor: Actor): Promise<Action[]> {
  const step = await next(actor.message, actor.answers);
  // A delivery ends as soon as it has nothing more to call.
  if (!("call" in step)) throw new Error("an actor that has ended is gone");
  const { call } = step;
  const is = `${actor.id} ${call.name}`;
  const done = () => perform(world, actor, call);
  const answered = (before: World, answer: Answer) => withAnswer(before, actor, answer);
  const actions: Action[] = [{ name: is, run: () => answered(done().world, done().answer) }];
  if (world.left.crash > 0) {
    actions.push({ name: `${is}, ended before`, run: async () => ended(spend(world, "crash"), actor) });
    actions.push({ name: `${is}, ended after`, run: async () => ended(spend(done().world, "crash"), actor) });
  }
  if (world.left.lost > 0 && call.name === "PutObject") {
    actions.push({ name: `${is}, its answer lost`, run: () => repeated(spend(done().world, "lost"), actor, call) });
  }
  return actions;
}

function repeated(world: World, actor: Actor, call: Call): Promise<World> {
  const { world: after, answer } = perform(world, actor, call);
  return withAnswer(after, actor, answer);
}

async function withAnswer(world: World, actor: Actor, answer: Answer): Promise<World> {
  const after = { ...actor, answers: [...actor.answers, answer] };
  const step = await next(after.message, after.answers);
  if ("error" in step) return ended(world, actor);
  if ("call" in step) return { ...world, actors: world.actors.map((each) => (each.id === actor.id ? after : each)) };
  const { message } = actor;
  const done = [...world.notes.done, { message, kind: step.outcome.kind }];
  return { ...without(world, actor), notes: { ...world.notes, done } };
}

function without(world: World, { id }: Actor): World {
  return { ...world, actors: world.actors.filter((actor) => actor.id !== id) };
}

/** The delivery is over, and its message waits to come again. */
function ended(world: World, actor: Actor): World {
  return { ...without(world, actor), waiting: [...world.waiting, actor.message] };
}

function spend(world: World, kind: keyof Trouble): World {
  return { ...world, left: { ...world.left, [kind]: world.left[kind] - 1 } };
}

function deliveries(world: World): Action[] {
  const start = (before: World, message: Actor["message"]): World => ({
    ...before,
    actors: [...before.actors, { id: freeName(before, message), message, answers: [], old: oldOf(before) }],
  });
  const waiting = world.waiting.map((message, at) => ({
    name: `${message.id} comes`,
    run: async () => start({ ...world, waiting: world.waiting.toSpliced(at, 1) }, message),
  }));
  if (world.left.duplicate === 0) return waiting;
  const again = [...world.actors.map(({ message }) => message), ...world.notes.done.map(({ message }) => message)];
  const distinct = [...new Map(again.map((message) => [message.id, message])).values()];
  const repeated = distinct.map((message) => ({
    name: `${message.id} comes once more`,
    run: async () => start(spend(world, "duplicate"), message),
  }));
  return [...waiting, ...repeated];
}

/** Versions of the raw object whose writers have ended. */
function oldOf({ actors, objects }: World): string[] {
  const versions = (objects[RAW] ?? []).filter((version) => "writer" in version);
  return versions.filter(({ writer }) => !actors.some(({ id }) => id === writer)).map(({ id }) => id);
}

/** The first name that no actor has, knows, or has left on an object. */
function freeName({ actors, objects }: World, { id }: Actor["message"]): string {
  const versions = Object.values(objects).flat();
  const used = new Set([
    ...actors.flatMap((actor) => [actor.id, ...actor.old.map((version) => version.split(".")[0])]),
    ...versions.map((version) => ("writer" in version ? version.writer : "")),
  ]);
  for (let number = 1; ; number++) {
    const name = `${id}#${number}`;
    if (!used.has(name)) return name;
  }
}

function others(world: World): Action[] {
  const [current, ...below] = world.objects[RAW] ?? [];
  const writers = [current, ...below].flatMap((version) => (version && "writer" in version ? version.writer : []));
  // A version that a delivery still at work has written is far too young.
  const fresh = world.actors.some(({ id }) => writers.includes(id));
  const expires = world.left.expiry > 0 && current !== undefined && "text" in current && !fresh;
  return [
    ...(expires ? [{ name: "the raw object expires", run: async () => expired(world) }] : []),
    ...(world.left.room > 0 && world.full
      ? [{ name: "there is room", run: async () => ({ ...spend(world, "room"), full: false }) }]
      : []),
    ...(world.left.erasure > 0 ? [{ name: "tombstone", run: async () => tombstone(world) }] : []),
    ...(world.erasing?.length ? [{ name: `erases ${world.erasing[0]}`, run: async () => erase(world) }] : []),
  ];
}

function expired(world: World): World {
  const versions: readonly Version[] = [{ id: "mark" }, ...(world.objects[RAW] ?? [])];
  const notes = { ...world.notes, expired: world.notes.expired || world.marker !== undefined };
  return { ...spend(world, "expiry"), objects: { ...world.objects, [RAW]: versions }, notes };
}

function tombstone(world: World): World {
  return { ...spend(world, "erasure"), erased: true, count: 0, erasing: ERASURE };
}

function erase(world: World): World {
  const [step, ...erasing] = world.erasing ?? [];
  if (step === "marker") return { ...world, erasing, marker: undefined };
  const kept = Object.entries(world.objects).filter(([place]) => !place.startsWith(step as string));
  return { ...world, erasing, objects: Object.fromEntries(kept) };
}
