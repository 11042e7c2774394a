/** Brings each item of a page to its outcome. */
import type { Item } from "../aws/itemSize";
import type { ConditionalWrite, ConditionalWriter, Decide, Refusal, Verdict, WriteAnswer } from "./conditionalWrite";
import { keyText } from "./keyText";
import type { Outcome } from "./outcomes";

export interface Settled {
  /** As it was met last. */
  readonly item: Item;
  /** The key attributes of the input item. */
  readonly key: Item;
  readonly outcome: Outcome;
  /** With `failed`: the reason. No attempts: the write was never sent. */
  readonly failure?: Refusal & { readonly attempts: number };
  /** With `updated`: the write, and the item that it was decided on. */
  readonly written?: { readonly before: Item; readonly write: ConditionalWrite };
}

export interface SettleOptions {
  /** How often an item is decided on before it counts as a conflict, 1 or more. Default 4. */
  readonly mostEvaluations?: number;
}

type WriteVerdict = Extract<Verdict, { do: "write" }>;

/** An item without an outcome. */
interface Open {
  /** Position among the items. */
  readonly at: number;
  readonly key: Item;
  readonly id: string;
  /** As it was met last. */
  item: Item;
  decide: Decide;
  /** How often a write was decided on. */
  evaluations: number;
}

/**
 * Decides on each item, writes, and decides again on those whose write was refused, with the item as it is now. The result has
 * the order of the items. Items of the same key are written one after the other.
 *
 * @throws what the writer does, once nothing is under way any more.
 */
export async function settleItems(
  items: readonly Item[],
  decide: Decide,
  keysOf: (item: Item) => Item,
  writer: ConditionalWriter,
  { mostEvaluations = 4 }: SettleOptions = {},
): Promise<Settled[]> {
  const settled: Settled[] = new Array(items.length);
  let open = items.map((item, at): Open => {
    const key = keysOf(item);
    return { at, key, id: keyText(key), item, decide, evaluations: 0 };
  });
  while (open.length > 0) {
    const { first, again } = firstOfEachKey(open);
    const { writing, verdicts } = decideOn(first, settled, mostEvaluations);
    const answers = writing.length === 0 ? [] : await writer.write(verdicts.map(({ write }) => write));
    const refused = writing.filter((each, i) => {
      const outcome = afterWrite(each, verdicts[i]!, answers[i]!);
      if (outcome !== undefined) settled[each.at] = outcome;
      return outcome === undefined;
    });
    open = [...refused, ...again];
  }
  return settled;
}

/**
 * Settles the items that need no write, and those that others have changed too often. @returns the others, each with its
 * write.
 */
function decideOn(
  open: readonly Open[],
  settled: Settled[],
  mostEvaluations: number,
): { writing: Open[]; verdicts: WriteVerdict[] } {
  const writing: Open[] = [];
  const verdicts: WriteVerdict[] = [];
  for (const each of open) {
    const verdict = each.decide(each.item);
    if (verdict.do === "write" && each.evaluations >= mostEvaluations) {
      settled[each.at] = { item: each.item, key: each.key, outcome: "conflict" };
    } else if (verdict.do === "write") {
      each.evaluations++;
      writing.push(each);
      verdicts.push(verdict);
    } else settled[each.at] = withoutWrite(each, verdict);
  }
  return { writing, verdicts };
}

/** Separates the items whose key occurs for the first time from those that have to wait for them. */
function firstOfEachKey(open: readonly Open[]): { first: readonly Open[]; again: readonly Open[] } {
  const seen = new Set<string>();
  const again: Open[] = [];
  const first = open.filter((each) => {
    if (!seen.has(each.id)) return seen.add(each.id);
    again.push(each);
    return false;
  });
  return { first, again };
}

function withoutWrite({ item, key, evaluations }: Open, verdict: Exclude<Verdict, WriteVerdict>): Settled {
  if (verdict.do === "count") return { item, key, outcome: verdict.outcome };
  const { code, reason } = verdict;
  return { item, key, outcome: "failed", failure: { code, reason, attempts: evaluations } };
}

/** The outcome; undefined: the item has to be decided on again. */
function afterWrite(open: Open, { write, met }: WriteVerdict, answer: WriteAnswer): Settled | undefined {
  const { item, key } = open;
  if (answer.end === "written") return { item, key, outcome: "updated", written: { before: item, write } };
  if (answer.end === "failed") {
    const { code, reason, attempts } = answer;
    return { item, key, outcome: "failed", failure: { code, reason, attempts } };
  }
  if (answer.item === undefined) return { item, key, outcome: "gone" };
  open.item = answer.item;
  open.decide = met ?? open.decide;
  return undefined;
}
