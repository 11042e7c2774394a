import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { LogWriter } from "../../../local/gateway/permissions/callers/logWriter";
import { renderReport } from "../../../local/gateway/permissions/usage/renderReport";
import { allow, TABLE } from "./policies";
import { refusalBy, TestGateway } from "./testGateway";

const LOGS = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";
const gateway = new TestGateway();

beforeAll(() => gateway.listen());
afterAll(() => gateway.close());

function reportOf(role: string) {
  return gateway.permissions.report().roles.find((each) => each.role === role);
}

test("the report distinguishes used, unused and refused permissions, by statement and action", async () => {
  const arn = gateway.role("worker", [
    allow("Read", ["dynamodb:Get*", "dynamodb:Query"], `${TABLE}/t`),
    allow("Write", "dynamodb:PutItem", `${TABLE}/t`),
    { Effect: "Deny", Action: "dynamodb:DeleteTable", Resource: "*" },
  ]);
  const client = new DynamoDBClient(gateway.as(arn));
  const get = (TableName: string) => client.send(new GetItemCommand({ TableName, Key: { id: { S: "1" } } }));
  await get("t");
  await get("t");
  await refusalBy(get("u"));
  const grant = { policy: "worker-policy", resources: [`${TABLE}/t`] };
  expect(reportOf("worker")).toEqual({
    role: "worker",
    arn,
    used: [{ ...grant, sid: "Read", action: "dynamodb:Get*", times: 2 }],
    unused: [
      { ...grant, sid: "Read", action: "dynamodb:Query" },
      { ...grant, sid: "Write", action: "dynamodb:PutItem" },
    ],
    refused: [
      {
        action: "dynamodb:GetItem",
        resource: `${TABLE}/u`,
        reason: "because no identity-based policy allows the dynamodb:GetItem action",
        missing: { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: `${TABLE}/u` },
        times: 1,
      },
    ],
  });
  const table = renderReport(gateway.permissions.report());
  for (const text of ["used 2 ×", "never used", "REFUSED 1 ×", "worker lacks {"]) expect(table).toContain(text);
});

test("attached policies count like inline ones", async () => {
  gateway.role("attached");
  gateway.roles.attach("attached", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
  const unused = reportOf("attached")?.unused.map(({ policy, sid, action }) => `${policy} ${sid} ${action}`);
  expect(unused).toEqual([
    "AWSLambdaBasicExecutionRole 1 logs:CreateLogGroup",
    "AWSLambdaBasicExecutionRole 1 logs:CreateLogStream",
    "AWSLambdaBasicExecutionRole 1 logs:PutLogEvents",
  ]);
  expect(() => gateway.roles.attach("attached", "arn:aws:iam::aws:policy/Unheard")).toThrow(
    expect.objectContaining({ code: "UNKNOWN_MANAGED_POLICY" }),
  );
});

test("logs are written with the role's permissions, in order, and lost without them", async () => {
  const written: string[] = [];
  const logs = new LogWriter(gateway.permissions, (group, _, text) => written.push(`${group} ${text}`));
  const roleArn = gateway.role("logger", [allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], LOGS)]);
  const logger = { name: "f", roleArn, logGroup: "g" };
  logs.write(logger, "1");
  logs.write(logger, "2");
  logs.write({ name: "mute", roleArn: gateway.role("mute"), logGroup: "g" }, "3");
  await logs.written();
  expect(written).toEqual(["g 1", "g 2"]);
  expect(reportOf("logger")?.used).toMatchObject([{ action: "logs:CreateLogStream", times: 1 }, { times: 2 }]);
  expect(reportOf("mute")?.refused).toMatchObject([{ action: "logs:CreateLogStream" }]);
});
