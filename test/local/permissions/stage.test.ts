import {
  BatchWriteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DeleteMessageBatchCommand, PurgeQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ACCOUNT, allow, guard, QUEUE, TABLE } from "./policies";
import { refusalBy, TestGateway } from "./testGateway";

const gateway = new TestGateway();
const QueueUrl = () => `${gateway.endpoint}/${ACCOUNT}/q`;
const id = { S: "1" };

beforeAll(() => gateway.listen());
afterAll(() => gateway.close());
beforeEach(() => void gateway.reached.splice(0));

describe("DynamoDB", () => {
  test("a missing permission is AccessDeniedException, in AWS's words", async () => {
    const client = new DynamoDBClient(gateway.as(gateway.role("no-get")));
    expect(await refusalBy(client.send(new GetItemCommand({ TableName: "t", Key: { id } })))).toEqual({
      name: "AccessDeniedException",
      status: 400,
      message:
        `User: arn:aws:sts::${ACCOUNT}:assumed-role/no-get/session is not authorized to perform: dynamodb:GetItem ` +
        `on resource: ${TABLE}/t because no identity-based policy allows the dynamodb:GetItem action`,
    });
    expect(gateway.reached).toEqual([]);
  });

  test("a transaction is refused if one of its parts is not allowed, and passes if all are", async () => {
    const arn = gateway.role("transact", [
      allow("Mark", "dynamodb:PutItem", `${TABLE}/markers`),
      allow("Count", "dynamodb:UpdateItem", `${TABLE}/results`),
    ]);
    const client = new DynamoDBClient(gateway.as(arn));
    const Put = { TableName: "markers", Item: { id } };
    const Update = { TableName: "results", Key: { id }, UpdateExpression: "ADD n :one" };
    await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Update }] }));
    const check = { ConditionCheck: { TableName: "results", Key: { id }, ConditionExpression: "a = b" } };
    const refusal = await refusalBy(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, check] })));
    expect(refusal).toMatchObject({ name: "AccessDeniedException" });
    expect(refusal.message).toContain("dynamodb:ConditionCheckItem");
  });

  test("a batch is refused as a whole if one of its tables is not allowed", async () => {
    const client = new DynamoDBClient(
      gateway.as(gateway.role("batch", [allow("Write", "dynamodb:BatchWriteItem", `${TABLE}/a`)])),
    );
    const write = [{ PutRequest: { Item: { id } } }];
    await client.send(new BatchWriteItemCommand({ RequestItems: { a: write } }));
    const both = client.send(new BatchWriteItemCommand({ RequestItems: { a: write, b: write } }));
    expect(await refusalBy(both)).toMatchObject({ name: "AccessDeniedException" });
    expect(gateway.reached).toHaveLength(1);
  });

  test("a call that is in no table is refused for roles, and passes for the administrator", async () => {
    const command = new ExecuteStatementCommand({ Statement: "FROM t WHERE id = '1' SET q = 1" });
    const role = new DynamoDBClient(gateway.as(gateway.role("partiql", [allow("All", "*", "*")])));
    expect(await refusalBy(role.send(command))).toMatchObject({ name: "NotImplemented", status: 501 });
    await new DynamoDBClient(gateway.as("administrator")).send(command);
  });
});

describe("SQS", () => {
  test("a batch needs the permission for one message, and is AccessDenied without it", async () => {
    const command = new DeleteMessageBatchCommand({ QueueUrl: QueueUrl(), Entries: [{ Id: "1", ReceiptHandle: "r" }] });
    const deleter = new SQSClient(
      gateway.as(gateway.role("deleter", [allow("Delete", "sqs:DeleteMessage", `${QUEUE}:q`)])),
    );
    await deleter.send(command);
    const other = new SQSClient(
      gateway.as(gateway.role("other", [allow("Delete", "sqs:DeleteMessage", `${QUEUE}:p`)])),
    );
    expect(await refusalBy(other.send(command))).toEqual({
      name: "AccessDenied",
      status: 403,
      message:
        `User: arn:aws:sts::${ACCOUNT}:assumed-role/other/session is not authorized to perform: sqs:deletemessage ` +
        `on resource: ${QUEUE}:q because no identity-based policy allows the sqs:deletemessage action`,
    });
  });

  test("the guards of a queue let its own account in", async () => {
    gateway.roles.setResourcePolicy(`${QUEUE}:q`, guard("sqs:*", [`${QUEUE}:q`]));
    const purger = gateway.role("purger", [allow("Purge", "sqs:PurgeQueue", `${QUEUE}:q`)]);
    await new SQSClient(gateway.as(purger)).send(new PurgeQueueCommand({ QueueUrl: QueueUrl() }));
    await new SQSClient(gateway.as("administrator")).send(new PurgeQueueCommand({ QueueUrl: QueueUrl() }));
  });
});

describe("S3", () => {
  test("a missing permission is AccessDenied, in AWS's words", async () => {
    const client = new S3Client(gateway.as(gateway.role("reader", [allow("Get", "s3:GetObject", "arn:aws:s3:::b/*")])));
    expect(await refusalBy(client.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "x" })))).toEqual({
      name: "AccessDenied",
      status: 403,
      message:
        `User: arn:aws:sts::${ACCOUNT}:assumed-role/reader/session is not authorized to perform: s3:PutObject ` +
        `on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:PutObject action`,
    });
  });

  test("the owner condition of a bucket keeps out roles of other accounts, whatever their own policies allow", async () => {
    gateway.roles.setResourcePolicy(
      "arn:aws:s3:::owned",
      guard("s3:*", ["arn:aws:s3:::owned", "arn:aws:s3:::owned/*"]),
    );
    const statements = [allow("All", "s3:*", "*")];
    const owner = new S3Client(gateway.as(gateway.role("owner", statements)));
    const stranger = new S3Client(gateway.as(gateway.role("stranger", statements, { account: "111111111111" })));
    const command = new ListObjectsV2Command({ Bucket: "owned" });
    await owner.send(command);
    const refusal = await refusalBy(stranger.send(command));
    expect(refusal).toMatchObject({ name: "AccessDenied", status: 403 });
    expect(refusal.message).toMatch(/with an explicit deny in a resource-based policy$/);
  });

  test("a Deny of a resource holds for the administrator too", async () => {
    gateway.roles.setResourcePolicy("arn:aws:s3:::foreign", guard("s3:*", ["arn:aws:s3:::foreign"], "222222222222"));
    const client = new S3Client(gateway.as("administrator"));
    await client.send(new ListObjectsV2Command({ Bucket: "b" }));
    expect(await refusalBy(client.send(new ListObjectsV2Command({ Bucket: "foreign" })))).toMatchObject({
      status: 403,
    });
  });

  test("a missing key is a 404 for callers who may list the bucket, and a 403 for others", async () => {
    gateway.missingKeys.add("gone");
    const get = allow("Get", "s3:GetObject", "arn:aws:s3:::b/*");
    const blind = new S3Client(gateway.as(gateway.role("blind", [get])));
    const seeing = new S3Client(
      gateway.as(gateway.role("seeing", [get, allow("List", "s3:ListBucket", "arn:aws:s3:::b")])),
    );
    const gone = { Bucket: "b", Key: "gone" };
    const refusal = await refusalBy(blind.send(new GetObjectCommand(gone)));
    expect(refusal).toMatchObject({ name: "AccessDenied", status: 403 });
    expect(refusal.message).toContain('s3:ListBucket on resource: "arn:aws:s3:::b"');
    expect(await refusalBy(blind.send(new HeadObjectCommand(gone)))).toMatchObject({ status: 403 });
    expect(await refusalBy(seeing.send(new GetObjectCommand(gone)))).toMatchObject({ name: "NoSuchKey", status: 404 });
    expect(await refusalBy(seeing.send(new HeadObjectCommand(gone)))).toMatchObject({ name: "NotFound", status: 404 });
  });

  test("deleting many objects deletes the allowed ones and reports the others, key by key", async () => {
    const client = new S3Client(
      gateway.as(gateway.role("cleaner", [allow("Clean", "s3:DeleteObject", "arn:aws:s3:::b/tmp/*")])),
    );
    const remove = (...keys: string[]) =>
      client.send(new DeleteObjectsCommand({ Bucket: "b", Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    const some = await remove("tmp/1", "kept&safe", "tmp/2");
    expect(some.Deleted?.map(({ Key }) => Key)).toEqual(["tmp/1", "tmp/2"]);
    expect(some.Errors).toMatchObject([{ Key: "kept&safe", Code: "AccessDenied" }]);
    const none = await remove("kept");
    expect(none.Deleted).toBeUndefined();
    expect(none.Errors).toMatchObject([{ Key: "kept", Code: "AccessDenied" }]);
    expect(gateway.reached).toHaveLength(1);
  });

  test("permission to delete objects doesn't include permission to delete their versions", async () => {
    const arn = gateway.role("marker", [allow("Mark", "s3:DeleteObject", "arn:aws:s3:::b/*")]);
    const Objects = [{ Key: "k", VersionId: "1" }, { Key: "k" }];
    const remove = new DeleteObjectsCommand({ Bucket: "b", Delete: { Objects } });
    const { Deleted, Errors } = await new S3Client(gateway.as(arn)).send(remove);
    expect(Deleted?.map(({ Key }) => Key)).toEqual(["k"]);
    expect(Errors).toMatchObject([{ Key: "k", VersionId: "1", Code: "AccessDenied" }]);
  });

  test("a copy needs to read the source as well as to write the target", async () => {
    const arn = gateway.role("copier", [allow("Put", "s3:PutObject", "arn:aws:s3:::b/*")]);
    const copy = new S3Client(gateway.as(arn)).send(
      new CopyObjectCommand({ Bucket: "b", Key: "k", CopySource: "other/k" }),
    );
    expect((await refusalBy(copy)).message).toContain('s3:GetObject on resource: "arn:aws:s3:::other/k"');
  });

  test("only the program can change policies", async () => {
    const command = new PutBucketPolicyCommand({ Bucket: "b", Policy: "{}" });
    expect(await refusalBy(new S3Client(gateway.as("administrator")).send(command))).toMatchObject({ status: 501 });
  });
});

test("the log says which statement is missing, once", async () => {
  const client = new DynamoDBClient(gateway.as(gateway.role("advised")));
  const command = new GetItemCommand({ TableName: "advice", Key: { id } });
  gateway.refusals.splice(0);
  await refusalBy(client.send(command));
  await refusalBy(client.send(command));
  const missing = { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: `${TABLE}/advice` };
  expect(gateway.refusals).toMatchObject([{ code: "ACCESS_DENIED", value: { role: "advised", missing } }]);
  expect(gateway.refusals[0]?.message).toContain(JSON.stringify(missing));
});
