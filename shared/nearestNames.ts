/** Names that a mistyped name may stand for. Pure. */

/** Most edits between a name and what was typed: characters inserted, left out, replaced, or swapped with their neighbour. */
const MOST_EDITS = 3;
/** Most names that are offered. */
const MOST_NAMES = 3;
/** From this many characters on, a mistyped name may be the beginning or the last words of a longer one. */
const PREFIX_CHARACTERS = 3;

/** ` Did you mean "orders" or "orders-copy"?`, to follow a sentence. Empty: no name is like it. */
export function didYouMean(typed: string, names: Iterable<string>): string {
  const near = nearestNames(typed, names).map((name) => `"${name}"`);
  if (near.length === 0) return "";
  const last = near.pop();
  return ` Did you mean ${near.length === 0 ? last : `${near.join(", ")} or ${last}`}?`;
}

/** The nearest name first. Upper and lower case make no difference. */
export function nearestNames(typed: string, names: Iterable<string>): string[] {
  const wanted = typed.toLowerCase();
  const most = Math.min(MOST_EDITS, Math.ceil(wanted.length / 3));
  return [...new Set(names)]
    .filter((name) => name !== typed)
    .map((name) => ({ name, edits: editsBetween(wanted, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= most || goesOn(wanted, name.toLowerCase()))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MOST_NAMES)
    .map(({ name }) => name);
}

/** `orders` in `orders-copy` or `test-orders`. */
function goesOn(wanted: string, name: string): boolean {
  return wanted.length >= PREFIX_CHARACTERS && (name.startsWith(wanted) || name.endsWith(`-${wanted}`));
}

/** The optimal string alignment distance, row by row. */
function editsBetween(a: string, b: string): number {
  let [twoAbove, above] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = j > 1 && i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? twoAbove[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, above[j]! + 1, row[j - 1]! + 1));
    }
    [twoAbove, above] = [above, row];
  }
  return above[b.length]!;
}
