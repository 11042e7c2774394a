import { type Call, operationOf, type Service } from "../../../local/gateway/call";
import { Evaluator } from "../../../local/gateway/permissions/evaluation/evaluator";
import type { Place } from "../../../local/gateway/permissions/needs/need";
import { needsOf } from "../../../local/gateway/permissions/needs/needs";
import { taskHandle } from "../../../local/gateway/permissions/needs/taskHandle";
import { Roles } from "../../../local/roles";
import { ACCOUNT, QUEUE, REGION, TABLE } from "./policies";

const place: Place = { accountId: ACCOUNT, region: REGION, hashKeyOf: async () => "id" };
const QueueUrl = `http://127.0.0.1:1/${ACCOUNT}/q`;
const id = { S: "1" };

type Case = [action: string, input: object, needs: string[]];

const DYNAMODB: Case[] = [
  ["GetItem", { TableName: "t", Key: { id } }, [`dynamodb:GetItem ${TABLE}/t`]],
  ["PutItem", { TableName: "t", Item: { id } }, [`dynamodb:PutItem ${TABLE}/t`]],
  ["UpdateItem", { TableName: "t", Key: { id } }, [`dynamodb:UpdateItem ${TABLE}/t`]],
  ["DeleteItem", { TableName: `${TABLE}/t`, Key: { id } }, [`dynamodb:DeleteItem ${TABLE}/t`]],
  ["Query", { TableName: "t" }, [`dynamodb:Query ${TABLE}/t`]],
  ["Query", { TableName: "t", IndexName: "i" }, [`dynamodb:Query ${TABLE}/t/index/i`]],
  ["Scan", { TableName: "t" }, [`dynamodb:Scan ${TABLE}/t`]],
  ["Scan", { TableName: "t", IndexName: "i" }, [`dynamodb:Scan ${TABLE}/t/index/i`]],
  ["DescribeTable", { TableName: "t" }, [`dynamodb:DescribeTable ${TABLE}/t`]],
  ["ListTables", {}, ["dynamodb:ListTables *"]],
  ["ListExports", {}, ["dynamodb:ListExports *"]],
  ["DescribeExport", { ExportArn: `${TABLE}/t/export/1` }, [`dynamodb:DescribeExport ${TABLE}/t/export/1`]],
  ["DescribeContinuousBackups", { TableName: "t" }, [`dynamodb:DescribeContinuousBackups ${TABLE}/t`]],
  [
    "ExportTableToPointInTime",
    { TableArn: `${TABLE}/t`, S3Bucket: "b", S3Prefix: "p/" },
    [
      `dynamodb:ExportTableToPointInTime ${TABLE}/t`,
      "s3:PutObject arn:aws:s3:::b/p/AWSDynamoDB/_started",
      "s3:AbortMultipartUpload arn:aws:s3:::b/p/AWSDynamoDB/_started",
      "s3:PutObjectAcl arn:aws:s3:::b/p/AWSDynamoDB/_started",
    ],
  ],
  [
    "BatchGetItem",
    { RequestItems: { a: { Keys: [{ id }] }, b: { Keys: [{ id }] } } },
    [`dynamodb:BatchGetItem ${TABLE}/a`, `dynamodb:BatchGetItem ${TABLE}/b`],
  ],
  [
    "BatchWriteItem",
    { RequestItems: { a: [{ PutRequest: { Item: { id } } }, { DeleteRequest: { Key: { id } } }] } },
    [`dynamodb:BatchWriteItem ${TABLE}/a`],
  ],
  [
    "TransactWriteItems",
    {
      TransactItems: [
        { Put: { TableName: "a", Item: { id } } },
        { Update: { TableName: "b", Key: { id } } },
        { Delete: { TableName: "a", Key: { id } } },
        { ConditionCheck: { TableName: "b", Key: { id } } },
      ],
    },
    [
      `dynamodb:PutItem ${TABLE}/a`,
      `dynamodb:UpdateItem ${TABLE}/b`,
      `dynamodb:DeleteItem ${TABLE}/a`,
      `dynamodb:ConditionCheckItem ${TABLE}/b`,
    ],
  ],
  [
    "BatchExecuteStatement",
    {
      Statements: [
        { Statement: `UPDATE "a" SET q = 1 WHERE id = '1'` },
        { Statement: `DELETE FROM "b" WHERE id = '1'` },
        { Statement: "INSERT INTO a VALUE {'id': '1'}" },
      ],
    },
    [`dynamodb:PartiQLUpdate ${TABLE}/a`, `dynamodb:PartiQLDelete ${TABLE}/b`, `dynamodb:PartiQLInsert ${TABLE}/a`],
  ],
  ["ExecuteStatement", { Statement: "SELECT * FROM a.i" }, [`dynamodb:PartiQLSelect ${TABLE}/a/index/i`]],
  [
    "ExecuteTransaction",
    { TransactStatements: [{ Statement: "EXISTS(SELECT * FROM a WHERE id = '1' AND q = 1)" }] },
    [`dynamodb:PartiQLSelect ${TABLE}/a`],
  ],
  ["TransactGetItems", { TransactItems: [{ Get: { TableName: "a", Key: { id } } }] }, [`dynamodb:GetItem ${TABLE}/a`]],
];

const SQS: Case[] = [
  ["SendMessage", { QueueUrl }, [`sqs:SendMessage ${QUEUE}:q`]],
  ["SendMessageBatch", { QueueUrl }, [`sqs:SendMessage ${QUEUE}:q`]],
  ["ReceiveMessage", { QueueUrl }, [`sqs:ReceiveMessage ${QUEUE}:q`]],
  ["DeleteMessage", { QueueUrl }, [`sqs:DeleteMessage ${QUEUE}:q`]],
  ["DeleteMessageBatch", { QueueUrl }, [`sqs:DeleteMessage ${QUEUE}:q`]],
  ["ChangeMessageVisibilityBatch", { QueueUrl }, [`sqs:ChangeMessageVisibility ${QUEUE}:q`]],
  ["GetQueueAttributes", { QueueUrl }, [`sqs:GetQueueAttributes ${QUEUE}:q`]],
  ["GetQueueUrl", { QueueName: "q" }, [`sqs:GetQueueUrl ${QUEUE}:q`]],
  ["ListQueues", {}, ["sqs:ListQueues *"]],
  [
    "StartMessageMoveTask",
    { SourceArn: `${QUEUE}:dead`, DestinationArn: `${QUEUE}:q` },
    [
      `sqs:StartMessageMoveTask ${QUEUE}:dead`,
      `sqs:ReceiveMessage ${QUEUE}:dead`,
      `sqs:DeleteMessage ${QUEUE}:dead`,
      `sqs:GetQueueAttributes ${QUEUE}:dead`,
      `sqs:SendMessage ${QUEUE}:q`,
    ],
  ],
  [
    "CancelMessageMoveTask",
    { TaskHandle: taskHandle({ id: "1", sourceArn: `${QUEUE}:dead` }) },
    [`sqs:CancelMessageMoveTask ${QUEUE}:dead`],
  ],
];

type S3Case = [request: string, headers: Record<string, string>, needs: string[]];

const S3: S3Case[] = [
  ["GET /", {}, ["s3:ListAllMyBuckets *"]],
  ["GET /b?list-type=2&prefix=x", {}, ["s3:ListBucket arn:aws:s3:::b"]],
  ["HEAD /b", {}, ["s3:ListBucket arn:aws:s3:::b"]],
  ["GET /b?uploads", {}, ["s3:ListBucketMultipartUploads arn:aws:s3:::b"]],
  ["GET /b?location", {}, ["s3:GetBucketLocation arn:aws:s3:::b"]],
  ["GET /b/a/k%20y?x-id=GetObject", {}, ["s3:GetObject arn:aws:s3:::b/a/k y"]],
  ["GET /b/k?versionId=1", {}, ["s3:GetObjectVersion arn:aws:s3:::b/k"]],
  ["HEAD /b/k", {}, ["s3:GetObject arn:aws:s3:::b/k"]],
  ["PUT /b/k", {}, ["s3:PutObject arn:aws:s3:::b/k"]],
  ["PUT /b/k", { "x-amz-tagging": "a=b" }, ["s3:PutObject arn:aws:s3:::b/k", "s3:PutObjectTagging arn:aws:s3:::b/k"]],
  ["DELETE /b/k", {}, ["s3:DeleteObject arn:aws:s3:::b/k"]],
  ["DELETE /b/k?versionId=1", {}, ["s3:DeleteObjectVersion arn:aws:s3:::b/k"]],
  [
    "PUT /b/k",
    { "x-amz-copy-source": "/other/from%20here?versionId=1" },
    ["s3:GetObject arn:aws:s3:::other/from here", "s3:PutObject arn:aws:s3:::b/k"],
  ],
  ["POST /b/k?uploads", {}, ["s3:PutObject arn:aws:s3:::b/k"]],
  ["PUT /b/k?uploadId=u&partNumber=1", {}, ["s3:PutObject arn:aws:s3:::b/k"]],
  ["POST /b/k?uploadId=u", {}, ["s3:PutObject arn:aws:s3:::b/k"]],
  ["GET /b/k?uploadId=u", {}, ["s3:ListMultipartUploadParts arn:aws:s3:::b/k"]],
  ["DELETE /b/k?uploadId=u", {}, ["s3:AbortMultipartUpload arn:aws:s3:::b/k"]],
];

const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:m`;
const EXECUTION = `arn:aws:states:${REGION}:${ACCOUNT}:execution:m:e`;
const CHILD = `arn:aws:states:${REGION}:${ACCOUNT}:execution:m/units:e`;
const MAP_RUN = `arn:aws:states:${REGION}:${ACCOUNT}:mapRun:m/units:r`;
const STATES: Case[] = [
  ["StartExecution", { stateMachineArn: MACHINE }, [`states:StartExecution ${MACHINE}`]],
  ["StopExecution", { executionArn: EXECUTION }, [`states:StopExecution ${EXECUTION}`]],
  ["DescribeExecution", { executionArn: CHILD }, [`states:DescribeExecution ${CHILD}`]],
  ["DescribeStateMachine", { stateMachineArn: MACHINE }, [`states:DescribeStateMachine ${MACHINE}`]],
  ["GetExecutionHistory", { executionArn: EXECUTION }, [`states:GetExecutionHistory ${EXECUTION}`]],
  ["RedriveExecution", { executionArn: EXECUTION }, [`states:RedriveExecution ${EXECUTION}`]],
  ["DescribeMapRun", { mapRunArn: MAP_RUN }, [`states:DescribeMapRun ${MAP_RUN}`]],
  ["UpdateMapRun", { mapRunArn: MAP_RUN }, [`states:UpdateMapRun ${MAP_RUN}`]],
  ["ListMapRuns", { executionArn: EXECUTION }, [`states:ListMapRuns ${EXECUTION}`]],
  ["ListExecutions", { stateMachineArn: MACHINE }, [`states:ListExecutions ${MACHINE}`]],
  ["ListExecutions", { mapRunArn: MAP_RUN }, [`states:ListExecutions ${MAP_RUN}`]],
  // Step Functions itself refuses this call, before permissions matter.
  ["StopExecution", { executionArn: "nobody" }, []],
  ["SendTaskSuccess", { taskToken: "t" }, ["states:SendTaskSuccess *"]],
];

const GLUE_JOB = `arn:aws:glue:${REGION}:${ACCOUNT}:job/j`;
const GLUE: Case[] = [
  ...["StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun"].map((action): Case => {
    return [action, { JobName: "j", RunId: "jr_1" }, [`glue:${action} ${GLUE_JOB}`]];
  }),
  // Glue itself refuses this call.
  ["StartJobRun", {}, []],
];

test.each(DYNAMODB)("DynamoDB %s %j needs %j", (action, input, needs) => {
  expect(needed(call("dynamodb", action, input))).toEqual(needs);
});

test.each(SQS)("SQS %s %j needs %j", (action, input, needs) => {
  expect(needed(call("sqs", action, input))).toEqual(needs);
});

test.each(S3)("S3 %s %j needs %j", (line, headers, needs) => {
  expect(needed(s3Call(line, headers))).toEqual(needs);
});

test.each(STATES)("Step Functions %s %j needs %j", (action, input, needs) => {
  expect(needed(call("states", action, input))).toEqual(needs);
});

test.each(GLUE)("Glue %s %j needs %j", (action, input, needs) => {
  expect(needed(call("glue", action, input))).toEqual(needs);
});

const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:t`;

const EVENTS: Case[] = [
  [
    "PutEvents",
    { Entries: [{}, { EventBusName: "mine" }, { EventBusName: `${BUS}/other` }] },
    [`events:PutEvents ${BUS}/default`, `events:PutEvents ${BUS}/mine`, `events:PutEvents ${BUS}/other`],
  ],
  ["PutEvents", {}, []],
];

test.each(EVENTS)("EventBridge %s %j needs %j", (action, input, needs) => {
  expect(needed(call("events", action, input))).toEqual(needs);
});

const SNS: Case[] = [
  ["Publish", { TopicArn: TOPIC }, [`sns:Publish ${TOPIC}`]],
  ["Publish", { TargetArn: TOPIC }, [`sns:Publish ${TOPIC}`]],
  ["GetTopicAttributes", { TopicArn: TOPIC }, [`sns:GetTopicAttributes ${TOPIC}`]],
  ["ListSubscriptionsByTopic", { TopicArn: TOPIC }, [`sns:ListSubscriptionsByTopic ${TOPIC}`]],
  ["ListTopics", {}, ["sns:ListTopics *"]],
];

test.each(SNS)("SNS %s %j needs %j", (action, input, needs) => {
  expect(needed(call("sns", action, input))).toEqual(needs);
});

const LOG_GROUP = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:g`;

const LOGS: Case[] = [
  ["FilterLogEvents", { logGroupName: "g" }, [`logs:FilterLogEvents ${LOG_GROUP}:*`]],
  ["FilterLogEvents", { logGroupIdentifier: LOG_GROUP }, [`logs:FilterLogEvents ${LOG_GROUP}:*`]],
  ["DescribeLogGroups", {}, ["logs:DescribeLogGroups *"]],
];

test.each(LOGS)("CloudWatch Logs %s %j needs %j", (action, input, needs) => {
  expect(needed(call("logs", action, input))).toEqual(needs);
});

test("deleting many objects needs the action for each key", () => {
  const body = "<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c&#x41;</Key></Object></Delete>";
  expect(needed(s3Call("POST /b?delete", {}, body))).toEqual([
    "s3:DeleteObject arn:aws:s3:::b/a&b",
    "s3:DeleteObject arn:aws:s3:::b/cA",
  ]);
});

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;

const LAMBDA: [line: string, need: string][] = [
  ["POST /2015-03-31/functions/f/invocations", `lambda:InvokeFunction ${FUNCTION}`],
  ["POST /2015-03-31/functions/f/invocations?Qualifier=live", `lambda:InvokeFunction ${FUNCTION}:live`],
  ["POST /2015-03-31/functions/f:2/invocations", `lambda:InvokeFunction ${FUNCTION}:2`],
  [`POST /2015-03-31/functions/${encodeURIComponent(FUNCTION)}/invocations`, `lambda:InvokeFunction ${FUNCTION}`],
  [`POST /2015-03-31/functions/${ACCOUNT}:function:f/invocations`, `lambda:InvokeFunction ${FUNCTION}`],
  ["GET /2015-03-31/functions/f/configuration", `lambda:GetFunctionConfiguration ${FUNCTION}`],
  ["GET /2015-03-31/functions/f", `lambda:GetFunction ${FUNCTION}`],
];

test.each(LAMBDA)("Lambda %s needs %s", (line, need) => {
  expect(needed(lambdaCall(line))).toEqual([need]);
});

test("a call that is in no table has unknown needs", () => {
  expect(needsOf(call("dynamodb", "ExecuteStatement", {}), place)).toBeUndefined();
  expect(needsOf(s3Call("GET /b?versioning&unheard-of", {}), place)).toBeDefined();
  expect(needsOf(s3Call("POST /b?select", {}), place)).toBeUndefined();
  expect(needsOf(lambdaCall("GET /2015-03-31/functions"), place)).toBeUndefined();
  expect(needsOf(call("events", "PutRule", {}), place)).toBeUndefined();
  expect(needsOf(call("logs", "GetLogEvents", { logGroupName: "g" }), place)).toBeUndefined();
  expect(needsOf(call("sns", "Publish", { PhoneNumber: "+15550100" }), place)).toBeUndefined();
});

test("IAM knows every action and resource in the tables", async () => {
  const json = ([service, cases]: [string, Case[]]) => cases.map(([action, input]) => call(service, action, input));
  const calls = [
    ...(
      [
        ["dynamodb", DYNAMODB],
        ["sqs", SQS],
        ["states", STATES],
        ["events", EVENTS],
        ["sns", SNS],
        ["logs", LOGS],
      ] as [string, Case[]][]
    ).flatMap(json),
    ...S3.map(([line, headers]) => s3Call(line, headers)),
    ...LAMBDA.map(([line]) => lambdaCall(line)),
  ];
  const evaluator = new Evaluator(new Roles(), place);
  for (const need of calls.flatMap((each) => needsOf(each, place) ?? [])) {
    expect({ need, ...(await evaluator.decide({ kind: "administrator" }, need)) }).toMatchObject({ allowed: true });
  }
});

function needed(each: Call): string[] {
  return (needsOf(each, place) ?? []).map(({ action, resource }) => `${action} ${resource}`);
}

function call(service: string, action: string, input: object): Call {
  return {
    service: service as Service,
    action,
    principal: { kind: "administrator" },
    request: request("POST /", {}),
    input: input as Record<string, unknown>,
  };
}

function s3Call(line: string, headers: Record<string, string>, body = ""): Call {
  const made = request(line, headers, body);
  return { service: "s3", principal: { kind: "administrator" }, request: made, ...operationOf("s3", made) };
}

function lambdaCall(line: string): Call {
  const made = request(line, {});
  return { service: "lambda", principal: { kind: "administrator" }, request: made, ...operationOf("lambda", made) };
}

function request(line: string, headers: Record<string, string>, body = "") {
  const [method = "", url = ""] = line.split(" ");
  return { method, url, headers: { host: "127.0.0.1:1", ...headers }, body: Buffer.from(body) };
}
