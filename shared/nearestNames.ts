/** Names that a mistyped name may stand for. Pure. */

/** Most edits (characters inserted, left out or replaced) between a name and what was typed, and most names that are offered. */
const MOST_EDITS = 3;
const MOST_NAMES = 3;
/** From this many characters on, a mistyped name may be the beginning of a longer one. */
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

function goesOn(wanted: string, name: string): boolean {
  return wanted.length >= PREFIX_CHARACTERS && name.startsWith(wanted);
}

/** The Levenshtein distance, row by row. */
function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}
