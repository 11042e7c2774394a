/** Accounts for each item of the table and of its copy. Pure. */

import type { Records } from "./foreignWriters";
import { account, type State } from "./history";
import { copyRule, type JobName, rulesFor } from "./jobs";

/** Items by id. */
export type Items = ReadonlyMap<string, NonNullable<State>>;

export interface Found {
  /** The items that first filled the table; all of these are in the export. */
  readonly first: Items;
  readonly last: Items;
  readonly lastCopy: Items;
  readonly writes: Records;
  readonly copyWrites: Records;
}

export interface Accounts {
  /** Changes of items by job, each by its own count. */
  changes: Record<JobName, number>;
  /** Everything that no rule can explain, a sentence each. */
  problems: string[];
}

export function accountForAll({ first, last, lastCopy, writes, copyWrites }: Found): Accounts {
  const changes = { rekey: 0, label: 0, expire: 0, copy: 0 };
  const problems: string[] = [];
  const add = (id: string, where: string, account: ReturnType<typeof accountOf>, isWhole = true) => {
    for (const [job, count] of Object.entries(account.changes)) changes[job as JobName] += count;
    problems.push(...account.problems.map((problem) => `${id} in ${where}: ${problem}`));
    if (isWhole) problems.push(...account.undone.map((job) => `${id} in ${where}: ${job} left it as it was`));
  };
  const ids = new Set([first, last, lastCopy, writes, copyWrites].flatMap((each) => [...each.keys()]));
  for (const id of ids) {
    const source = accountOf(id, first.get(id), last.get(id), writes, rulesFor(first.has(id)));
    const rule = copyRule(source.states);
    // An item that did not exist all the time need not have been read, by this job or by the other jobs that read the
    // table.
    const stayed = first.has(id);
    const stayedForCopy = stayed && source.states.every((state) => state !== undefined);
    add(id, "the table", source, stayed);
    add(id, "the copy", accountOf(id, undefined, lastCopy.get(id), copyWrites, [rule]), stayedForCopy);
  }
  return { changes, problems };
}

function accountOf(id: string, first: State, last: State, writes: Records, rules: Parameters<typeof account>[1]) {
  return account({ first, writes: writes.get(id) ?? [], last }, rules);
}
