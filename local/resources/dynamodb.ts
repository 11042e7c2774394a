import { SluiceError } from "../../shared/errors";
import { jsonResponse } from "../gateway/message";
import type { Parts } from "../parts";
import { autoName, type Inputs, type ResourceType } from "./resourceType";

interface Attribute {
  name: string;
  type: string;
}

interface Ttl {
  attributeName?: string;
  enabled?: boolean;
}

interface Recovery {
  enabled?: boolean;
  recoveryPeriodInDays?: number;
}

export const table: ResourceType = {
  honours: [
    ...["name", "hashKey", "rangeKey", "attributes", "billingMode", "readCapacity", "writeCapacity", "ttl"],
    ...["pointInTimeRecovery", "globalSecondaryIndexes"],
  ],
  excuses: {
    deletionProtectionEnabled: "stopping the local cloud removes everything",
    tags: "nothing reads tags locally",
  },
  async create({ name, inputs }, parts) {
    const physical = String(inputs.name ?? autoName(name));
    const { attributeName, enabled } = (inputs.ttl ?? {}) as Ttl;
    if (enabled === true && !attributeName) {
      throw new SluiceError("INPUT_NOT_HONOURED", `${name}: ttl must name the attribute.`, { value: inputs.ttl });
    }
    await createTable(physical, inputs, parts);
    if (enabled === true) {
      const TimeToLiveSpecification = { AttributeName: attributeName, Enabled: true };
      await call("UpdateTimeToLive", { TableName: physical, TimeToLiveSpecification }, parts);
    }
    const recovery = (inputs.pointInTimeRecovery ?? {}) as Recovery;
    if (recovery.enabled === true) parts.pointInTimeRecovery.on(physical, Date.now(), recovery.recoveryPeriodInDays);
    const arn = `arn:aws:dynamodb:${parts.region}:${parts.accountId}:table/${physical}`;
    return { id: physical, state: { ...inputs, name: physical, arn } };
  },
};

async function createTable(TableName: string, inputs: Inputs, parts: Parts): Promise<void> {
  const attributes = (inputs.attributes as Attribute[]).map(({ name, type }) => ({
    AttributeName: name,
    AttributeType: type,
  }));
  const provisioned = inputs.billingMode !== "PAY_PER_REQUEST";
  const throughput = ({ readCapacity, writeCapacity }: Inputs) =>
    provisioned
      ? { ProvisionedThroughput: { ReadCapacityUnits: readCapacity, WriteCapacityUnits: writeCapacity } }
      : {};
  const indexes = ((inputs.globalSecondaryIndexes ?? []) as Inputs[]).map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: projection(index),
    ...throughput(index),
  }));
  const input = {
    TableName,
    KeySchema: keySchema(inputs),
    AttributeDefinitions: attributes,
    ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
    BillingMode: provisioned ? "PROVISIONED" : "PAY_PER_REQUEST",
    ...throughput(inputs),
  };
  await call("CreateTable", input, parts);
}

function keySchema({ hashKey, rangeKey }: Inputs) {
  return [
    { AttributeName: hashKey, KeyType: "HASH" },
    ...(rangeKey ? [{ AttributeName: rangeKey, KeyType: "RANGE" }] : []),
  ];
}

function projection({ projectionType, nonKeyAttributes }: Inputs) {
  return { ProjectionType: projectionType, ...(nonKeyAttributes ? { NonKeyAttributes: nonKeyAttributes } : {}) };
}

type Call = { TableName: string; [field: string]: unknown };

async function call(action: string, input: Call, { dynamodb, region }: Parts): Promise<void> {
  const { status, body } = await dynamodb.send({
    method: "POST",
    url: "/",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/20200101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: jsonResponse(200, input).body,
  });
  if (status !== 200) throw new Error(`DynamoDB ${action} ${input.TableName}: ${body.toString()}`);
}
