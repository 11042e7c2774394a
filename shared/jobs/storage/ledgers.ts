/** The ledgers of a job in the jobs table. */
import type { DynamoDBClient, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { DynamoDbLedger } from "../../capacity/ledger/dynamoDbLedger";
import { Ledger } from "../../capacity/ledger/ledger";
import { pauseUpdate } from "../../capacity/ledger/pauseChange";
import type { JobHead, JobLimit } from "../job";
import { ledgerOwner } from "../limits";
import { ledgerKey, toAttributes } from "./jobsTable";

type Owned = Pick<JobHead, "id" | "limits" | "limitGroup" | "expiresAt">;

/** The ledger of one of a job's limits. In a group's ledger the job is a member, so that it can be paused by itself. */
export function ledgerOf(client: DynamoDBClient, table: string, job: Owned, limit: JobLimit): Ledger {
  const item = new DynamoDbLedger({ client, table, key: ledgerKey(ledgerOwner(job), limit), extra: expiryOf(job) });
  return job.limitGroup === undefined ? new Ledger(item) : new Ledger(item, { member: job.id });
}

/** A group's ledger outlives the jobs in it; a job's own expires with the job's other records. */
function expiryOf({ limitGroup, expiresAt }: Owned) {
  return limitGroup === undefined ? toAttributes({ expiresAt }) : {};
}

/** The parts of a transaction that pause or resume the job in all its ledgers. */
export function pauseLedgers(table: string, job: Owned, paused: boolean): TransactWriteItem[] {
  const member = job.limitGroup === undefined ? undefined : job.id;
  return job.limits.map((limit) => ({
    Update: pauseUpdate({ table, key: ledgerKey(ledgerOwner(job), limit) }, paused, member),
  }));
}
