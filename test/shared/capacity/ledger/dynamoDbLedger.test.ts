import { createTable, stringKeys } from "../../../../local/fillTable";
import { DynamoDbLedger } from "../../../../shared/capacity/ledger/dynamoDbLedger";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";
import { ledgerSuite } from "./ledgerSuite";

describe("a ledger in DynamoDB", () => {
  let local: DynamoDbLocal;
  let ledgers = 0;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await createTable(local.client, "jobs", stringKeys("pk", "sk"));
  });

  afterAll(() => local?.stop());

  ledgerSuite(() => {
    const key = { pk: { S: `job-${ledgers++}` }, sk: { S: "ledger#write" } };
    return new DynamoDbLedger({ client: local.client, table: "jobs", key });
  }, 15);
});
