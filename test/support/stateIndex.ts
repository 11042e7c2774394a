import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** A table of items by `id`, with a global index `byState` on their `state`. */
export function withStateIndex(ProjectionType: "ALL" | "KEYS_ONLY"): Partial<CreateTableCommandInput> {
  return {
    AttributeDefinitions: [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "state", AttributeType: "S" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "byState",
        KeySchema: [{ AttributeName: "state", KeyType: "HASH" }],
        Projection: { ProjectionType },
      },
    ],
  };
}
