import type { Graph, Violation } from "./graph";

export const FOLDER_RULE = "no-folder-cycle";

/**
 * Folders beside each other that import each other, directly or by way of others, in whatever depth the files lie.
 * dependency-cruiser's own folder scope compares a folder with the exact folder of the imported file and misses most.
 * Test folders don't count: they mirror the sources and share their helpers.
 */
export function folderCycles({ imports }: Pick<Graph, "imports">): Violation[] {
  const neighbours = new Map<string, Set<string>>();
  for (const [from, imported] of imports) {
    for (const to of imported) {
      const pair = isOurs(from) && isOurs(to) ? siblings(from, to) : undefined;
      if (pair) neighbours.set(pair[0], (neighbours.get(pair[0]) ?? new Set()).add(pair[1]));
    }
  }
  return [...neighbours].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => reaches(neighbours, to, from))
      .map((to): Violation => ({ rule: FOLDER_RULE, from, to })),
  );
}

function isOurs(path: string): boolean {
  return !/^test\/|(^|\/)node_modules\//.test(path);
}

/** The two folders at which the paths diverge; undefined if one file lies in the other's folder or below it. */
function siblings(from: string, to: string): [string, string] | undefined {
  const [a, b] = [from.split("/"), to.split("/")];
  const parting = a.findIndex((part, depth) => part !== b[depth]);
  if (parting < 0 || parting >= a.length - 1 || parting >= b.length - 1) return undefined;
  return [a.slice(0, parting + 1).join("/"), b.slice(0, parting + 1).join("/")];
}

function reaches(neighbours: ReadonlyMap<string, ReadonlySet<string>>, from: string, goal: string): boolean {
  const seen = new Set([from]);
  for (const folder of seen) for (const next of neighbours.get(folder) ?? []) seen.add(next);
  return seen.has(goal);
}
