/** The graph of a definition: each level (the machine, and each Map's processor) separately. */
import type { State, StateMachine, States } from "../../../services/shuffle/states";

/** Every level, with a name. */
export function levelsOf(machine: StateMachine): [name: string, level: States][] {
  const maps = Object.entries(machine.States).flatMap(([name, state]): [string, States][] =>
    state.Type === "Map" ? [[name, state.ItemProcessor]] : [],
  );
  return [["the machine", machine], ...maps];
}

/** All states of all levels. */
export function statesOf(machine: StateMachine): [name: string, state: State][] {
  return levelsOf(machine).flatMap(([, { States }]) => Object.entries(States));
}

/** Where a state can lead to. */
export function nextsOf(state: State): string[] {
  const caught = "Catch" in state ? state.Catch.map(({ Next }) => Next) : [];
  if (state.Type === "Choice") return [...state.Choices.map(({ Next }) => Next), state.Default];
  return "Next" in state ? [state.Next, ...caught] : caught;
}

export function reachable({ StartAt, States }: States): Set<string> {
  const seen = new Set<string>();
  const open = [StartAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...nextsOf(States[name]!));
  }
  return seen;
}

/** Every cycle that passes no state twice, each once, beginning with its first state in the definition. */
export function cyclesOf({ States }: States): string[][] {
  const order = Object.keys(States);
  const cycles: string[][] = [];
  const extend = (path: string[]) => {
    for (const next of new Set(nextsOf(States[path.at(-1)!]!))) {
      if (next === path[0]) cycles.push(path);
      else if (!path.includes(next) && order.indexOf(next) > order.indexOf(path[0]!)) extend([...path, next]);
    }
  };
  for (const name of order) extend([name]);
  return cycles;
}
