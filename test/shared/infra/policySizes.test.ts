import * as pulumi from "@pulumi/pulumi";
import { allow, BoundedText, policyDocument, type Statement } from "../../../shared/infra/policy";
import { ENVELOPE_CHARACTERS } from "../../../shared/infra/policyPacking";
import { sizeOf, tableArn } from "../../../shared/infra/policySizes";

/** The size of a document with all these statements, by their sizes. */
function expectedCharacters(statements: Statement[]): number {
  const sizes = statements.map(sizeOf);
  const commas = sizes.reduce((sum, { resources }) => sum + Math.max(resources.length - 1, 0), sizes.length - 1);
  const all = sizes.reduce((sum, { frame, resources }) => sum + frame + resources.reduce((a, b) => a + b, 0), 0);
  return ENVELOPE_CHARACTERS + all + commas;
}

function text(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => output.apply(resolve));
}

const ARN = "arn:aws:dynamodb:us-east-1:111122223333:table/orders";

test("known statements have the size of their JSON", async () => {
  const statements: Statement[] = [
    allow("Read", ["dynamodb:Scan"], [ARN, `${ARN}/index/*`]),
    { ...allow("Odd", ["s3:GetObject"], ['arn:aws:s3:::b/"quoted" \\ é']), Effect: "Deny" },
    { ...allow("When", ["sqs:*"], ["*"]), Condition: { Bool: { "aws:SecureTransport": "false" } } },
  ];
  expect(expectedCharacters(statements)).toBe((await text(policyDocument(statements))).length);
});

test("a single resource that is not in a list counts as a list of one", () => {
  const one = sizeOf(allow("Read", ["dynamodb:Scan"], ARN));
  expect(one).toEqual({ ...sizeOf(allow("Read", ["dynamodb:Scan"], [ARN])), list: false });
});

test("a statement without resources has its own size only", () => {
  const trust: Statement = { Sid: "TakeOn", Effect: "Allow", Action: "sts:AssumeRole" };
  expect(sizeOf(trust)).toEqual({ frame: JSON.stringify(trust).length, resources: [], list: false });
});

describe("a table's ARN", () => {
  test.each(["orders", "x".repeat(255)])("has its size before the account is known", async (table) => {
    const { text: arn, longest } = tableArn("us-east-1", pulumi.output("111122223333"), table);
    expect(longest).toBe((await text(pulumi.output(arn))).length);
  });

  test("with its indexes is longer by the added characters", async () => {
    const indexes = tableArn("us-east-1", "111122223333", "orders").plus("/index/*");
    expect(await text(pulumi.output(indexes.text))).toBe(`${ARN}/index/*`);
    expect(indexes.longest).toBe(`${ARN}/index/*`.length);
    const { resources } = sizeOf(allow("Read", ["dynamodb:Scan"], [indexes]));
    expect(resources).toEqual([JSON.stringify(`${ARN}/index/*`).length]);
  });
});

describe("an unknown text counts as the longest that AWS allows", () => {
  const region = "ap-southeast-7";
  const longest: [action: string, arn: string][] = [
    ["sqs:SendMessage", `arn:aws-us-gov:sqs:${region}:111122223333:${"q".repeat(80)}`],
    ["s3:PutObject", `arn:aws-us-gov:s3:::${"b".repeat(63)}/${"k".repeat(1_024)}`],
    [
      "dynamodb:Query",
      `arn:aws-us-gov:dynamodb:${region}:111122223333:table/${"t".repeat(255)}/index/${"i".repeat(255)}`,
    ],
    [
      "logs:PutLogEvents",
      `arn:aws-us-gov:logs:${region}:111122223333:log-group:${"g".repeat(512)}:log-stream:${"s".repeat(512)}`,
    ],
    ["events:PutEvents", `arn:aws-us-gov:events:${region}:111122223333:event-bus/${"b".repeat(256)}`],
    ["kms:Decrypt", "a".repeat(2_048)],
  ];
  test.each(longest)("%s", (action, arn) => {
    const unknown = new Promise<string>(() => undefined);
    for (const Resource of [unknown, pulumi.output(unknown)]) {
      const [size = 0] = sizeOf(allow("Do", [action], Resource)).resources;
      expect(size).toBeGreaterThanOrEqual(JSON.stringify(arn).length);
      // The assumed name is not so long that little else would fit.
      expect(size).toBeLessThan(arn.length + 100);
    }
  });

  test("with several actions, the longest of them", () => {
    const size = (Action: string[]) => sizeOf(allow("Do", Action, pulumi.output(""))).resources[0]!;
    expect(size(["sqs:SendMessage", "events:PutEvents"])).toBe(size(["events:PutEvents"]));
    expect(size(["events:PutEvents", "sqs:SendMessage"])).toBe(size(["events:PutEvents"]));
  });

  test("in a condition", () => {
    const Condition = (account: pulumi.Input<string>) => ({ StringEquals: { "aws:PrincipalAccount": account } });
    const frame = (account: pulumi.Input<string>) =>
      sizeOf({ ...allow("Do", ["sqs:SendMessage"], "*"), Condition: Condition(account) }).frame;
    expect(frame(pulumi.output("1"))).toBe(frame("x".repeat(2_048)));
  });
});

test("a bounded text is written as its text", async () => {
  const document = await text(policyDocument([allow("Do", ["sqs:SendMessage"], new BoundedText(ARN, 900))]));
  expect(JSON.parse(document).Statement).toEqual([allow("Do", ["sqs:SendMessage"], ARN)]);
});
