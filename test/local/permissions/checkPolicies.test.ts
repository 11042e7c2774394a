import { allow, document, variable } from "./policies";
import { TestGateway } from "./testGateway";

function gatewayWith(...statements: object[]): TestGateway {
  const gateway = new TestGateway();
  gateway.role("r", statements);
  return gateway;
}

const when = (key: string) => ({ Condition: { StringEquals: { [key]: "x" } } });

test.each([
  ["nothing special", allow("A", "s3:GetObject", "arn:aws:s3:::b/*")],
  ["a known condition key in any case", allow("A", "s3:ListBucket", "*", when("S3:Prefix"))],
  ["a variable", allow("A", "s3:GetObject", `arn:aws:s3:::b/${variable("aws:PrincipalAccount")}/*`)],
  ["a literal dollar", allow("A", "s3:GetObject", `arn:aws:s3:::b/${variable("$")}/*`)],
])("a policy with %s passes", async (_, statement) => {
  await gatewayWith(statement).permissions.check();
});

test.each([
  ["UNKNOWN_CONDITION_KEY", "a condition key without a value here", allow("A", "s3:*", "*", when("aws:SourceIp"))],
  ["UNKNOWN_CONDITION_KEY", "a tag", allow("A", "s3:*", `arn:aws:s3:::b/${variable("aws:PrincipalTag/team")}`)],
  ["INVALID_POLICY", "a misspelt element", { Effect: "Allow", Actions: "s3:*", Resource: "*" }],
])("%s where a policy has %s", async (code, _, statement) => {
  await expect(gatewayWith(statement).permissions.check()).rejects.toMatchObject({ code });
});

test("policies of queues and buckets, and trust policies, are checked too", async () => {
  const bucket = gatewayWith();
  const everybody = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" };
  bucket.roles.setResourcePolicy("arn:aws:s3:::b", document({ ...everybody, ...when("aws:SourceVpce") }));
  await expect(bucket.permissions.check()).rejects.toMatchObject({ code: "UNKNOWN_CONDITION_KEY" });
  const trust = new TestGateway();
  const service = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  trust.role("r", [], { trust: document({ ...service, ...when("sts:ExternalId") }) });
  await expect(trust.permissions.check()).rejects.toMatchObject({ code: "UNKNOWN_CONDITION_KEY" });
});
