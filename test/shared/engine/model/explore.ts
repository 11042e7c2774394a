/**
 * Explores what can happen: all of it, or a random path. A world that was reached before on any path is not explored again. So
 * a run covers every interleaving without walking through each one.
 */
import { type Action, actionsOf } from "./actions";
import { checkAlways, checkAtEnd } from "./invariants";
import { Violation } from "./steps";
import { initialWorld, jobOf, keyOf, needsResume, noTrouble, type Scenario, type World, withOperator } from "./world";

export interface Explored {
  /** Different worlds, and steps from one to another. */
  readonly worlds: number;
  readonly steps: number;
  /** Different sequences of these steps from the start to an end. */
  readonly interleavings: number;
  /** Steps of the longest sequence. */
  readonly longest: number;
}

/** More than operators and rescuers need. */
const MOST_EPOCHS = 10;

interface Below {
  readonly paths: number;
  readonly depth: number;
}

/** Explores all that can happen. @throws Violation with the path that led to it. */
export async function exploreAll(scenario: Scenario, most = Number.POSITIVE_INFINITY): Promise<Explored> {
  const seen = new Map<string, Below>();
  const path: string[] = [];
  let steps = 0;

  async function visit(world: World): Promise<Below> {
    const key = keyOf(world);
    const known = seen.get(key);
    if (known !== undefined) return known;
    if (seen.size >= most) throw new Error(`more than ${most} worlds`);
    checkAlways(world);
    let paths = 0;
    let depth = 0;
    for (const { name, run } of possible(world)) {
      path.push(name);
      steps++;
      const ran = run();
      const below = await visit(ran instanceof Promise ? await ran : ran);
      path.pop();
      paths += below.paths;
      depth = Math.max(depth, 1 + below.depth);
    }
    const found = { paths: Math.max(1, paths), depth };
    seen.set(key, found);
    return found;
  }

  const { paths, depth } = await told(path, async () => visit(await initialWorld(scenario)));
  return { worlds: seen.size, steps, interleavings: paths, longest: depth };
}

/** Follows `choices` as long as there are any, and then lets all actors go on without trouble. Returns the number of steps. */
export async function follow(scenario: Scenario, choices: readonly number[]): Promise<number> {
  const path: string[] = [];
  await told(path, async () => {
    let world = await initialWorld(scenario);
    for (;;) {
      checkAlways(world);
      const actions = possible(world);
      const wanted = choices[path.length];
      const action = wanted === undefined ? course(actions, path.length) : actions[wanted % actions.length];
      if (action === undefined) return;
      path.push(action.name);
      world = await action.run();
    }
  });
  return path.length;
}

/** What may happen next. If only trouble can happen, the promises for the end must hold. */
function possible(world: World): Action[] {
  const actions = actionsOf(world);
  if (actions.some(({ trouble }) => trouble === undefined)) return actions;
  if (!needsResume(world)) checkAtEnd(world);
  else if (jobOf(world).epoch >= MOST_EPOCHS) throw new Violation("resuming the job does not help");
  else actions.push({ name: "somebody resumes the job", run: () => rescued(world) });
  return actions;
}

/** Every actor that is alive goes on before time passes, so time comes last. */
function course(actions: readonly Action[], step: number): Action | undefined {
  const ways = actions.filter(({ trouble }) => trouble === undefined);
  const now = ways.filter(({ name }) => !name.startsWith("time"));
  return now.length > 0 ? now[step % now.length] : ways[0];
}

function rescued(world: World): Promise<World> {
  return withOperator({ ...world, left: noTrouble }, "rescuer", ["resume"]);
}

async function told<T>(path: readonly string[], run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Violation([error.message, ...path].join("\n  "));
  }
}
