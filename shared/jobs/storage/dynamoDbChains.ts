/** Chains in the jobs table. */
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import type { Usage } from "../../cost/usage";
import type { Chain } from "../chain";
import type { ChainLease, ChainStore, ChainTakeRequest } from "../stores";
import { isKept } from "./isKept";
import { chainKey, fromAttributes } from "./jobsTable";
import { type JobsTableOptions, updateRecord } from "./updateRecord";

/** As `mayTakeChain` in stores.ts, for an item that may not exist yet. */
const MAY_TAKE =
  "attribute_not_exists(#pk) OR (#turn <= :turn AND (attribute_not_exists(#owner) OR #owner = :owner OR #leaseUntil < :now))";

const HOLDS = "#owner = :owner AND #turn = :turn";

export class DynamoDbChains implements ChainStore {
  constructor(private readonly options: JobsTableOptions) {}

  async take({ job, chain: number, owner, turn, now, until: leaseUntil, expiresAt }: ChainTakeRequest) {
    const parts = {
      condition: MAY_TAKE,
      values: { turn, owner, now },
      set: { number, turn, owner, leaseUntil, expiresAt },
      add: { attempts: 1 },
    };
    const { applied, item } = await updateRecord(this.options, chainKey(job, number), parts, "ALL_OLD");
    if (!applied) return { taken: false, chain: chainOf(item!) };
    const before = item && chainOf(item);
    const chain: Chain = { ...before, number, turn, owner, leaseUntil, attempts: (before?.attempts ?? 0) + 1 };
    // If the chain has this holder already, a call whose answer was lost may have created it.
    const mayBeNew = before === undefined || before.owner === owner;
    if (!mayBeNew || (await isKept(job, this.options))) return { taken: true, chain };
    const expired = { condition: HOLDS, values: { owner, turn }, set: { expiresAt: Math.floor(now / 1000) } };
    await updateRecord(this.options, chainKey(job, number), expired);
    return { taken: false, chain };
  }

  async release({ job, chain, owner, turn }: ChainLease, next: number, usage?: Usage): Promise<boolean> {
    const { applied } = await updateRecord(this.options, chainKey(job, chain), {
      condition: HOLDS,
      values: { owner, turn },
      set: { turn: next, owner: undefined, leaseUntil: undefined, attempts: undefined, ...(usage && { usage }) },
    });
    return applied;
  }

  async read(job: string, chain: number): Promise<Chain | undefined> {
    const { client, table: TableName, retry } = this.options;
    const get = new GetItemCommand({ TableName, Key: chainKey(job, chain), ConsistentRead: true });
    const { Item } = await retry(() => client.send(get));
    return Item === undefined ? undefined : chainOf(Item);
  }
}

function chainOf(item: Item): Chain {
  return fromAttributes<Chain>(item);
}
