/** Chains in the jobs table. */
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import type { Usage } from "../../cost/usage";
import type { Chain } from "../chain";
import type { ChainLease, ChainStore, ChainTakeRequest } from "../stores";
import { chainKey, fromAttributes } from "./jobsTable";
import { type JobsTableOptions, updateRecord } from "./updateRecord";

/** As `mayTakeChain` in stores.ts, for an item that may not be there yet. */
const MAY_TAKE =
  "attribute_not_exists(#pk) OR (#turn <= :turn AND (attribute_not_exists(#owner) OR #owner = :owner OR #leaseUntil < :now))";

const HOLDS = "#owner = :owner AND #turn = :turn";

export class DynamoDbChains implements ChainStore {
  constructor(private readonly options: JobsTableOptions) {}

  async take({ job, chain, owner, turn, now, until, expiresAt }: ChainTakeRequest) {
    const { applied, item } = await updateRecord(this.options, chainKey(job, chain), {
      condition: MAY_TAKE,
      values: { turn, owner, now },
      set: { number: chain, turn, owner, leaseUntil: until, expiresAt },
    });
    return { taken: applied, chain: chainOf(item!) };
  }

  async release({ job, chain, owner, turn }: ChainLease, next: number, usage?: Usage): Promise<boolean> {
    const { applied } = await updateRecord(this.options, chainKey(job, chain), {
      condition: HOLDS,
      values: { owner, turn },
      set: { turn: next, owner: undefined, leaseUntil: undefined, ...(usage && { usage }) },
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
