import { type AttributeValue, BatchWriteItemCommand, CreateTableCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { parseCondition } from "../../../../shared/aws/expressions/condition";
import { unusedIn } from "../../../../shared/aws/expressions/references";
import type { Item } from "../../../../shared/aws/itemSize";
import { SluiceError } from "../../../../shared/errors";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";
import { arbitraryCondition, arbitraryItem, names } from "./arbitraryConditions";
import { cases, item, placeholders, usedOf, values } from "./conditionCases";

const TABLE = "conditions";
const REFUSED = "refused";

describe("conditions on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let items: Item[];

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await local.client.send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [{ AttributeName: "k", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "k", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    const random = fc.sample(arbitraryItem, 48).map((rest, i) => ({ ...rest, k: { S: `random ${i}` } }));
    for (const some of [[item, ...random.slice(0, 24)], random.slice(24)]) {
      const RequestItems = { [TABLE]: some.map((Item) => ({ PutRequest: { Item } })) };
      await local.client.send(new BatchWriteItemCommand({ RequestItems }));
    }
    items = (await local.client.send(new ScanCommand({ TableName: TABLE }))).Items!;
  });

  afterAll(() => local?.stop());

  type Answer = string[] | typeof REFUSED;

  /** Keys of the items for which the condition is true in DynamoDB Local. */
  async function asked(
    text: string,
    used: Record<string, AttributeValue>,
    named: Record<string, string>,
  ): Promise<Answer> {
    const scan = new ScanCommand({
      TableName: TABLE,
      FilterExpression: text,
      ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
      ...(Object.keys(named).length > 0 && { ExpressionAttributeNames: named }),
    });
    try {
      return keysOf((await local.client.send(scan)).Items!);
    } catch (error) {
      expect(error).toMatchObject({ name: "ValidationException" });
      return REFUSED;
    }
  }

  function evaluated(text: string, used: Record<string, AttributeValue>, named: Record<string, string>): Answer {
    try {
      const condition = parseCondition(text, { names: named, values: used });
      expect(unusedIn({ names: named, values: used }, [condition.used])).toEqual([]);
      return keysOf(items.filter(condition.holds));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      expect(error.code).toBe("INVALID_EXPRESSION");
      return REFUSED;
    }
  }

  function keysOf(found: readonly Item[]): string[] {
    return found.map(({ k }) => k!.S!).sort();
  }

  test.each(cases.map((text) => [text.slice(0, 80), text] as const))(
    "%j is answered as DynamoDB does",
    async (_, text) => {
      const [used, named] = [usedOf(text, values), usedOf(text, placeholders)];
      expect(evaluated(text, used, named)).toEqual(await asked(text, used, named));
    },
  );

  test("any condition is answered as DynamoDB does", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCondition, async ({ text, values: used }) => {
        const named = usedOf(text, names);
        expect(evaluated(text, used, named)).toEqual(await asked(text, used, named));
      }),
      { numRuns: 600 },
    );
  });
});
