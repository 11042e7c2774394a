import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDbStore } from "../../../shared/capacity/dynamoDbStore";
import { type DynamoDbLocal, startDynamoDbLocal } from "./dynamoDbLocal";
import { ledgerSuite } from "./ledgerSuite";

describe("a ledger in DynamoDB", () => {
  let local: DynamoDbLocal;
  let ledgers = 0;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await local.client.send(
      new CreateTableCommand({
        TableName: "jobs",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  }, 60_000);

  afterAll(() => local.stop());

  ledgerSuite(() => {
    const key = { pk: { S: `job-${ledgers++}` }, sk: { S: "ledger#write" } };
    return new DynamoDbStore({ client: local.client, table: "jobs", key });
  }, 15);
});
