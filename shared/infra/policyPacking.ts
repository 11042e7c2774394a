/**
 * How a role's statements are spread over its policies, by size alone. The order is fixed: first the statements on one
 * resource, then the lists, row by row (the first resource of every list, the second of every list, …). Each policy is
 * filled before the next is begun. So a resource at the end of the lists changes the last policies only.
 */

/** Characters that AWS allows in all inline policies of a role together (IAM User Guide, IAM and STS character quotas). */
export const INLINE_CHARACTERS_MAX = 10_240;
/** Characters that AWS allows in one managed policy (same page). */
export const MANAGED_CHARACTERS_MAX = 6_144;
/** Managed policies that a role may have by default (same page; the quota can be raised to 25). */
export const MANAGED_POLICIES_MAX = 10;

/** Characters a role's policies may have: its inline policy first, then the managed ones. IAM does not count white space. */
export const ROLE_POLICY_ROOMS: readonly number[] = [
  INLINE_CHARACTERS_MAX,
  ...Array<number>(MANAGED_POLICIES_MAX).fill(MANAGED_CHARACTERS_MAX),
];

/** Characters around the statements. */
export const ENVELOPE_CHARACTERS = '{"Version":"2012-10-17","Statement":[]}'.length;

/** A statement by its size. */
export interface SizedStatement {
  /** Characters of the statement with an empty list of resources. */
  frame: number;
  /** Characters of each resource, quotation marks included. */
  resources: readonly number[];
  /** True if the resources are a list, which may be divided over several policies. */
  list: boolean;
}

/** The part of a statement that one policy holds. */
export interface StatementPart {
  /** Position of the statement. */
  statement: number;
  /** Positions of its resources, ascending. */
  resources: readonly number[];
}

export interface Packing {
  /** What each policy holds, in the order of the statements; as many policies as needed, one at least. */
  policies: readonly (readonly StatementPart[])[];
  /** Number of rows of the lists that fit completely: the length of the longest list if everything fits. */
  rows: number;
  /** True if everything fits. */
  whole: boolean;
}

interface Entry {
  statement: number;
  resources: readonly number[];
  characters: number;
  /** Row of the lists; -1 for a statement that is not divided. */
  row: number;
}

/** Spreads statements over policies with the given rooms, in characters. */
export function packStatements(statements: readonly SizedStatement[], rooms = ROLE_POLICY_ROOMS): Packing {
  const entries = entriesOf(statements);
  const policies = [new Policy(rooms[0] ?? 0)];
  for (const entry of entries) {
    const frame = statements[entry.statement]?.frame ?? 0;
    while (!policies.at(-1)?.take(entry, frame)) {
      const room = rooms[policies.length];
      if (room === undefined) return packed(policies, Math.max(entry.row, 0), false);
      policies.push(new Policy(room));
    }
  }
  return packed(policies, (entries.at(-1)?.row ?? -1) + 1, true);
}

function packed(policies: readonly Policy[], rows: number, whole: boolean): Packing {
  return { policies: policies.map((policy) => policy.parts()), rows, whole };
}

/** The entries that are placed as a whole, in the order in which they are placed. */
function entriesOf(statements: readonly SizedStatement[]): Entry[] {
  const entries = statements.flatMap(({ resources, list }, statement): Entry[] => {
    if (list && resources.length > 0)
      return resources.map((characters, row) => ({ statement, resources: [row], characters, row }));
    return [{ statement, resources: resources.map((_, at) => at), characters: listed(resources), row: -1 }];
  });
  return entries.sort((a, b) => a.row - b.row || a.statement - b.statement);
}

/** Characters of the elements of a list, commas included. */
function listed(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0) + Math.max(sizes.length - 1, 0);
}

class Policy {
  #left: number;
  readonly #held = new Map<number, number[]>();

  constructor(room: number) {
    this.#left = room - ENVELOPE_CHARACTERS;
  }

  /** Adds the entry, with the frame of its statement if that is new in this policy. @returns false if there is no room. */
  take({ statement, resources, characters }: Entry, frame: number): boolean {
    const held = this.#held.get(statement);
    // A comma separates a resource from the previous one, and a statement from the previous one.
    const comma = held || this.#held.size > 0 ? 1 : 0;
    const needed = characters + comma + (held ? 0 : frame);
    if (needed > this.#left) return false;
    this.#left -= needed;
    this.#held.set(statement, [...(held ?? []), ...resources]);
    return true;
  }

  parts(): StatementPart[] {
    return [...this.#held].sort(([a], [b]) => a - b).map(([statement, resources]) => ({ statement, resources }));
  }
}
