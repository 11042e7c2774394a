/**
 * The model of a backfill. From others' writes to an item, and from the states in which they found and left it, it derives
 * what jobs must have done in between. Pure.
 *
 *   first ─?─► before, after ─?─► before, after ─?─► … ─?─► last
 *
 * Only jobs act where the question marks are. Each change there must follow from the state just before it, by a job's rule.
 * Otherwise an item came back, a newer value was overwritten, or a value was computed from attributes that the item didn't
 * have.
 */
import { isDeepStrictEqual } from "node:util";
import type { Item } from "../../shared/aws/itemSize";

/** Undefined: there is no item. */
export type State = Item | undefined;

/** The changes that one job may make to an item. */
export interface Rule {
  readonly job: string;
  /** The states that it may turn this one into; none: the job leaves the item alone. */
  makes(state: State): readonly State[];
}

/** Another writer's change, with the states right before and after it. */
export interface ForeignWrite {
  readonly before: State;
  readonly after: State;
}

export interface History {
  readonly first: State;
  /** In their order. */
  readonly writes: readonly ForeignWrite[];
  readonly last: State;
}

export interface Account {
  /** Changes that no rule explains, a sentence each. */
  readonly problems: string[];
  /** How often each job changed the item; jobs that didn't are left out. */
  readonly changes: Readonly<Record<string, number>>;
  /** All states that the item was in. */
  readonly states: readonly State[];
  /** Jobs that had to change it, and did not. */
  readonly undone: string[];
}

/** If others change an item this often during a job, every attempt may have been a conflict. */
const CONFLICT_WRITES = 4;

/** Accounts for all changes of an item. */
export function account({ first, writes, last }: History, rules: readonly Rule[]): Account {
  const problems: string[] = [];
  const changes: Record<string, number> = {};
  const states: State[] = [first];
  let state = first;
  for (const { before, after } of [...writes, { before: last, after: last }]) {
    const ways = explanations(state, before, rules);
    if (ways.length === 0) problems.push(unexplained(state, before));
    for (const { job } of ways[0] ?? []) changes[job] = (changes[job] ?? 0) + 1;
    states.push(...ways.flat().map((step) => step.state), before, after);
    state = after;
  }
  const isOpen = (rule: Rule) =>
    changes[rule.job] === undefined &&
    writes.length < CONFLICT_WRITES &&
    states.every((each) => rule.makes(each).length > 0);
  return { problems, changes, states, undone: rules.filter(isOpen).map(({ job }) => job) };
}

interface Step {
  readonly job: string;
  readonly state: State;
}

/** All ways from one state to another, in each of which a job acts at most once: it leaves what it has made as it is. */
function explanations(from: State, to: State, rules: readonly Rule[]): Step[][] {
  if (isDeepStrictEqual(from, to)) return [[]];
  return rules.flatMap((rule) => {
    const others = rules.filter((each) => each !== rule);
    return rule.makes(from).flatMap((state) => {
      const step = { job: rule.job, state };
      return explanations(state, to, others).map((rest) => [step, ...rest]);
    });
  });
}

function unexplained(from: State, to: State): string {
  if (from === undefined) return `it came back as ${shown(to)}`;
  if (to === undefined) return `it was deleted as ${shown(from)}`;
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const changed = names.filter((name) => !isDeepStrictEqual(from[name], to[name]));
  const parts = changed.map((name) => `${name} from ${shown(from[name])} to ${shown(to[name])}`);
  return `it changed ${parts.join(", ")}; it was ${shown(from)}`;
}

const SHOWN = 300;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
