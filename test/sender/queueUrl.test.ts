import { parseQueueUrl } from "../../sender/queueUrl";

const ACCOUNT = "123456789012";

describe("parseQueueUrl", () => {
  test.each([
    [`https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/q`, "eu-central-1"],
    [`https://sqs.us-gov-west-1.amazonaws.com/${ACCOUNT}/q`, "us-gov-west-1"],
    [`https://sqs.cn-north-1.amazonaws.com.cn/${ACCOUNT}/q`, "cn-north-1"],
    [`https://sqs-fips.us-east-2.amazonaws.com/${ACCOUNT}/q`, "us-east-2"],
    [`https://sqs.eu-west-1.api.aws/${ACCOUNT}/q`, "eu-west-1"],
    [`https://vpce-0a-1b.sqs.us-east-1.vpce.amazonaws.com/${ACCOUNT}/q`, "us-east-1"],
    [`https://ap-southeast-2.queue.amazonaws.com/${ACCOUNT}/q`, "ap-southeast-2"],
    [`https://queue.amazonaws.com/${ACCOUNT}/q`, undefined],
    [`https://SQS.EU-Central-1.AmazonAWS.com/${ACCOUNT}/q`, "eu-central-1"],
    [`https://sqs.eu-isoe-west-1.api.aws/${ACCOUNT}/q`, "eu-isoe-west-1"],
    [`https://sqs.cn-north-1.api.amazonwebservices.com.cn/${ACCOUNT}/q`, "cn-north-1"],
    [`https://eu-isoe-west-1.queue.amazonaws.com/${ACCOUNT}/q`, "eu-isoe-west-1"],
    // A region counts only in the place where AWS puts it.
    [`https://notsqs.eu-west-1.amazonaws.com/${ACCOUNT}/q`, undefined],
    [`https://sqsx.eu-west-1.amazonaws.com/${ACCOUNT}/q`, undefined],
    [`https://sqs.eu-west.amazonaws.com/${ACCOUNT}/q`, undefined],
    [`https://sqs.eu-west-12.amazonaws.com/${ACCOUNT}/q`, undefined],
    [`https://sqs.west-1.amazonaws.com/${ACCOUNT}/q`, undefined],
    [`https://x.eu-west-1.queue.amazonaws.com/${ACCOUNT}/q`, undefined],
    [`https://eu-west-1.queues.amazonaws.com/${ACCOUNT}/q`, undefined],
  ])("%s is at AWS, in %s", (url, region) => {
    expect(parseQueueUrl(url)).toEqual(region === undefined ? { url } : { url, region });
  });

  test.each([
    ["http://127.0.0.1:4566/000000000000/q", "http://127.0.0.1:4566", "us-east-1"],
    ["http://localhost/000000000000/q.fifo", "http://localhost", "us-east-1"],
    ["http://[::1]:4566/000000000000/q", "http://[::1]:4566", "us-east-1"],
    ["http://sqs.eu-west-1.localhost:4566/000000000000/q", "http://sqs.eu-west-1.localhost:4566", "eu-west-1"],
    ["http://localhost:4566/queue/us-east-1/000000000000/q", "http://localhost:4566", "us-east-1"],
    ["https://amazonaws.com.example.org/1/q", "https://amazonaws.com.example.org", "us-east-1"],
    ["https://notamazonaws.com/1/q", "https://notamazonaws.com", "us-east-1"],
    ["https://x.api.aws.org/1/q", "https://x.api.aws.org", "us-east-1"],
    ["https://x.amazonaws.com.de/1/q", "https://x.amazonaws.com.de", "us-east-1"],
    ["http://[::1]/1/q", "http://[::1]", "us-east-1"],
    ["http://[::ffff:127.0.0.1]:1/1/q", "http://[::ffff:127.0.0.1]:1", "us-east-1"],
    ["http://a-b.C9:65535/a/b/c/d_e-f.g", "http://a-b.C9:65535", "us-east-1"],
    ["http://a:0/1/q", "http://a:0", "us-east-1"],
  ])("%s is its own endpoint", (url, endpoint, region) => {
    expect(parseQueueUrl(url)).toEqual({ url, endpoint, region });
  });

  test.each([
    [undefined],
    [null],
    [5],
    [""],
    ["surveys"],
    ["arn:aws:sqs:eu-central-1:123456789012:surveys"],
    ["ftp://127.0.0.1/1/q"],
    ["https://sqs.eu-central-1.amazonaws.com"],
    ["https://sqs.eu-central-1.amazonaws.com/q"],
    ["http://127.0.0.1:99999/000000000000/q"],
    ["http://user:word@127.0.0.1/1/q"],
    ["http://127.0.0.1/1/q?x=1"],
    ["http://127.0.0.1/1/q\n"],
    ["http:///1/q"],
    ["http://127.0.0.1:65536/1/q"],
    ["http://127.0.0.1:100000/1/q"],
    ["http://127.0.0.1:/1/q"],
    ["http://127.0.0.1/1/q/"],
    ["http://127.0.0.1//q"],
    ["http://[::1/1/q"],
    ["http://[]/1/q"],
    ["http://[::g]/1/q"],
    ["http://a_b/1/q"],
    ["xhttp://a/1/q"],
    ["httpss://a/1/q"],
  ])("%j is refused", (url) => {
    expect(() => parseQueueUrl(url)).toThrow(
      expect.objectContaining({ code: "BAD_QUEUE_URL", value: url, retryable: false }),
    );
  });

  test.each([
    [undefined, "undefined"],
    [null, "object"],
    [5, "number"],
    ["x", '"x"'],
    ["x".repeat(201), `"${"x".repeat(199)}…"`],
  ])("the refusal of %j shows %s", (url, shown) => {
    const message = `queueUrl must be the URL of an SQS queue, got ${shown}.`;
    expect(() => parseQueueUrl(url)).toThrow(expect.objectContaining({ message }));
  });
});
