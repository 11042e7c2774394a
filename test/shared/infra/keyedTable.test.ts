import { type KeyedTableArgs, keyedTable } from "../../../shared/infra/keyedTable";
import { deploy } from "./deploy";

const least: KeyedTableArgs = { hashKey: "pk", pointInTimeRecovery: false, deletionProtection: false };

async function inputsOf(args: Partial<KeyedTableArgs> = {}) {
  const deployment = await deploy(() => keyedTable("jobs", { ...least, ...args }, {}));
  return deployment.ofType("dynamodb/table:Table").jobs;
}

const string = (name: string) => ({ name, type: "S" });

test("a table has a hash key and pays by request, and has nothing that was not requested", async () => {
  expect(await inputsOf()).toEqual({
    hashKey: "pk",
    attributes: [string("pk")],
    billingMode: "PAY_PER_REQUEST",
    pointInTimeRecovery: { enabled: false },
    deletionProtectionEnabled: false,
    tags: {},
  });
});

test.each<[string, Partial<KeyedTableArgs>, object]>([
  ["expiry", { expiryAttribute: "expiresAt" }, { ttl: { attributeName: "expiresAt", enabled: true } }],
  ["a range key", { rangeKey: "sk" }, { rangeKey: "sk", attributes: [string("pk"), string("sk")] }],
  [
    "an index, with the capacity of the table",
    {
      index: { name: "byOwner", hashKey: "owner", rangeKey: "pk" },
      provisioned: { readCapacity: 5, writeCapacity: 2 },
    },
    {
      attributes: [string("pk"), string("owner")],
      globalSecondaryIndexes: [
        {
          ...{ name: "byOwner", hashKey: "owner", rangeKey: "pk", projectionType: "KEYS_ONLY" },
          readCapacity: 5,
          writeCapacity: 2,
        },
      ],
    },
  ],
  [
    "capacity",
    { provisioned: { readCapacity: 5, writeCapacity: 2 } },
    { billingMode: "PROVISIONED", readCapacity: 5, writeCapacity: 2 },
  ],
  [
    "protection",
    { pointInTimeRecovery: true, deletionProtection: true },
    { pointInTimeRecovery: { enabled: true }, deletionProtectionEnabled: true },
  ],
])("a table gets %s if requested", async (_, args, inputs) => {
  expect(await inputsOf(args)).toMatchObject(inputs);
});
