/** Stores in memory behind a network: each call takes a while, and the meter counts what it would consume of the jobs table. */
import type { LedgerChange, LedgerItem, LedgerStore } from "../../../shared/capacity/ledger/ledgerItem";
import type { Clock } from "../../../shared/clock";
import { latencyMs, type Random } from "../../../test/support/simulation/chance";

/** Capacity units of one call. */
export interface CallCost {
  readonly write?: number;
  readonly read?: number;
}

/** Derives a call's consumption from its arguments and its answer. */
// biome-ignore lint/suspicious/noExplicitAny: each method has arguments and an answer of its own
export type CostOf = (args: readonly any[], answer: any) => CallCost;

/** Counts capacity units, and calls by store and method. */
export class JobsTableMeter {
  writeUnits = 0;
  readUnits = 0;
  readonly calls = new Map<string, number>();

  constructor(private readonly random: Random) {}

  /** One call over the network: median 6 ms, 99 % under 25 ms. */
  async call<T>(name: string, cost: (answer: T) => CallCost, clock: Clock, call: () => Promise<T>): Promise<T> {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    const half = latencyMs(this.random, 6, 0.6, 300) / 2;
    await clock.sleep(half);
    const answer = await call();
    const { write = 0, read = 0 } = cost(answer);
    this.writeUnits += write;
    this.readUnits += read;
    await clock.sleep(half);
    return answer;
  }

  /** A store whose methods are such calls. @param costs by method. */
  store<S extends object>(name: string, store: S, costs: Readonly<Record<keyof S, CostOf>>, clock: Clock): S {
    return new Proxy(store, {
      get: (target, method, receiver) => {
        const value: unknown = Reflect.get(target, method, receiver);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) =>
          this.call(
            `${name}.${String(method)}`,
            (answer: unknown) => costs[method as keyof S](args, answer),
            clock,
            async () => value.apply(target, args),
          );
      },
    });
  }

  /** The ledger's item behind the same network. */
  ledger(store: LedgerStore, clock: Clock): LedgerStore {
    const write = () => ({ write: 1 });
    const update = (change: LedgerChange) => this.call("ledger.update", write, clock, () => store.update(change));
    return {
      create: (item: LedgerItem) => this.call("ledger.create", write, clock, () => store.create(item)),
      read: () =>
        this.call(
          "ledger.read",
          () => ({ read: 1 }),
          clock,
          () => store.read(),
        ),
      update,
    };
  }
}
