/** The ledger item in this process's memory: for tests, for the simulation, and for a job with a single worker. */
import type { LedgerAmounts, LedgerChange, LedgerItem, LedgerStore } from "../../shared/capacity/ledger/ledgerItem";

export class MemoryLedger implements LedgerStore {
  private item: LedgerItem | undefined;

  async create(item: LedgerItem): Promise<boolean> {
    if (this.item !== undefined) return false;
    this.item = item;
    return true;
  }

  async read(): Promise<LedgerItem | undefined> {
    return this.item;
  }

  async update(change: LedgerChange): Promise<{ applied: boolean; item: LedgerItem | undefined }> {
    if (this.item === undefined || !holds(this.item, change.require)) return { applied: false, item: this.item };
    const item = { ...this.item, ...change.set };
    for (const [name, amount] of Object.entries(change.add ?? {})) item[name as keyof LedgerAmounts] += amount;
    this.item = withMember(item, change.member);
    return { applied: true, item: this.item };
  }
}

function withMember({ pausedMembers = [], ...item }: LedgerItem, member: LedgerChange["member"]): LedgerItem {
  const others = pausedMembers.filter((name) => name !== member?.name);
  const paused = member === undefined ? pausedMembers : member.paused ? [...others, member.name] : others;
  return paused.length === 0 ? item : { ...item, pausedMembers: paused };
}

function holds(item: LedgerItem, require: LedgerChange["require"]): boolean {
  if (require === undefined) return true;
  return (
    (require.untilFrom === undefined || item.until >= require.untilFrom) &&
    (require.untilTo === undefined || item.until <= require.untilTo) &&
    (require.untilBefore === undefined || item.until < require.untilBefore) &&
    (require.unpaused === undefined || !item.paused) &&
    (require.memberUnpaused === undefined || !item.pausedMembers?.includes(require.memberUnpaused)) &&
    (require.costKnown === undefined || item.costCount > 0 === require.costKnown) &&
    (require.factorAtTo === undefined || item.factorAt <= require.factorAtTo)
  );
}
