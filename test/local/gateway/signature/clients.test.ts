/** Real clients against real buckets and queues, with every way of sending a body. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { describeWithPython, glueInterpreter } from "../../../support/gluePython";
import { SmallCloud } from "../../smallCloud";
import { presigned, request } from "../requests";

/** Python loads boto3 slowly on a busy machine. */
jest.setTimeout(120_000);

let cloud: SmallCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  s3 = new S3Client({ ...cloud.as(), forcePathStyle: true });
  await cloud.make("aws:s3/bucket:Bucket", "raw", { bucket: "raw" });
  await cloud.make("aws:sqs/queue:Queue", "inbox", { name: "inbox" });
  await cloud.make("aws:cloudwatch/logGroup:LogGroup", "talk", { name: "talk" });
});
afterAll(async () => {
  s3?.destroy();
  await cloud?.stop();
});

describe("the SDK for JavaScript", () => {
  const content = randomBytes(200_000);

  test.each<[string, Omit<PutObjectCommandInput, "Bucket" | "Key">]>([
    ["in one piece", { Body: content }],
    ["with a checksum of its choice", { Body: content, ChecksumAlgorithm: "SHA256" }],
    ["as a stream", { Body: Readable.from([content]), ContentLength: content.length }],
    [
      "as a stream, compressed",
      { Body: Readable.from([content]), ContentLength: content.length, ContentEncoding: "gzip" },
    ],
    ["of no bytes", { Body: Buffer.alloc(0) }],
  ])("puts an object %s", async (how, input) => {
    const where = { Bucket: "raw", Key: `js/${how} (ä+&=).bin` };
    await s3.send(new PutObjectCommand({ ...where, ...input }));
    const { Body, ContentEncoding } = await s3.send(new GetObjectCommand(where));
    const expected = how === "of no bytes" ? Buffer.alloc(0) : content;
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(expected)).toBe(true);
    expect(ContentEncoding).toBe(input.ContentEncoding);
  });

  test("presigns a request that anybody may then send", async () => {
    const { host } = new URL(cloud.endpoint);
    const asked = (method: string) => request({ method, url: "/raw/js/presigned.txt", headers: { host } });
    const put = await presigned(cloud.as().credentials, "s3", asked("PUT"));
    expect((await fetch(`${cloud.endpoint}${put.url}`, { method: "PUT", body: "hello" })).status).toBe(200);
    const get = await presigned(cloud.as().credentials, "s3", asked("GET"));
    expect(await (await fetch(`${cloud.endpoint}${get.url}`)).text()).toBe("hello");
    const refused = await fetch(`${cloud.endpoint}${get.url}`, { method: "DELETE" });
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining("SignatureDoesNotMatch")]);
  });
});

const SCRIPT = `
import datetime, io, json, sys, urllib.request
import boto3, botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError

given = json.loads(sys.argv[1])

def client(service, secret=given["secretAccessKey"], **config):
    return boto3.client(
        service, endpoint_url=given["endpoint"], region_name="eu-west-1", aws_access_key_id=given["accessKeyId"],
        aws_secret_access_key=secret, aws_session_token=given["sessionToken"],
        config=Config(retries={"total_max_attempts": 1}, **config))

def code(call):
    try:
        call()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]

content = bytes(range(256)) * 1000
s3 = client("s3", signature_version="s3v4")
ways = {"in one piece": content, "as a stream": io.BytesIO(content)}
for how, body in ways.items():
    s3.put_object(Bucket="raw", Key=f"py/{how} (ä+&=).bin", Body=body)
s3.upload_fileobj(io.BytesIO(content), "raw", "py/managed.bin")
read = [s3.get_object(Bucket="raw", Key=key)["Body"].read() == content
        for key in [*(f"py/{how} (ä+&=).bin" for how in ways), "py/managed.bin"]]
address = s3.generate_presigned_url("get_object", Params={"Bucket": "raw", "Key": "py/managed.bin"})
read.append(urllib.request.urlopen(address).read() == content)
listed = s3.list_objects_v2(Bucket="raw", Prefix="py/", Delimiter="/")["KeyCount"]

sqs = client("sqs")
queue = sqs.get_queue_url(QueueName="inbox")["QueueUrl"]
sqs.send_message(QueueUrl=queue, MessageBody="hällo")
message = sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"]
calls = {
    "s3": lambda c: c.list_buckets(), "sqs": lambda c: c.list_queues(), "sts": lambda c: c.get_caller_identity(),
    "logs": lambda c: c.describe_log_groups(), "cloudwatch": lambda c: c.list_metrics(),
}
sound = {service: code(lambda: call(client(service))) for service, call in calls.items()}
wrong = {service: code(lambda: call(client(service, secret="wrong"))) for service, call in calls.items()}
botocore.auth.get_current_datetime = lambda **_: (datetime.datetime.now(datetime.timezone.utc)
    - datetime.timedelta(minutes=16)).replace(tzinfo=None)
late = {service: code(lambda: call(client(service))) for service, call in calls.items()}
print(json.dumps({"read": read, "listed": listed, "message": message, "sound": sound, "wrong": wrong, "late": late}))
`;

describeWithPython("boto3", () => {
  test("puts, reads and presigns; refusals have AWS's codes", async () => {
    const { endpoint, credentials } = cloud.as();
    const given = JSON.stringify({ endpoint, ...credentials });
    const { stdout } = await promisify(execFile)(glueInterpreter(), ["-c", SCRIPT, given]);
    expect(JSON.parse(stdout)).toEqual({
      read: [true, true, true, true],
      listed: 3,
      message: "hällo",
      sound: { s3: null, sqs: null, sts: null, logs: null, cloudwatch: null },
      wrong: {
        s3: ["SignatureDoesNotMatch", 403],
        sqs: ["SignatureDoesNotMatch", 403],
        sts: ["SignatureDoesNotMatch", 403],
        logs: ["InvalidSignatureException", 400],
        cloudwatch: ["SignatureDoesNotMatch", 403],
      },
      late: {
        s3: ["RequestTimeTooSkewed", 403],
        sqs: ["SignatureDoesNotMatch", 403],
        sts: ["SignatureDoesNotMatch", 403],
        logs: ["InvalidSignatureException", 400],
        cloudwatch: ["SignatureDoesNotMatch", 403],
      },
    });
  });
});
