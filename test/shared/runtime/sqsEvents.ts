import type { Context, SQSEvent, SQSRecord } from "aws-lambda";

/** A record as Lambda hands it over. */
export function record(messageId: string, fields: { body?: string; receives?: number } = {}): SQSRecord {
  const { body = "{}", receives = 1 } = fields;
  return {
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: "1632830400000",
      SenderId: "sender",
      ApproximateFirstReceiveTimestamp: "1632830400000",
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:queue",
    awsRegion: "us-east-1",
  };
}

export function sqsEvent(...ids: string[]): SQSEvent {
  return { Records: ids.map((id) => record(id)) };
}

/** A context whose invocation ends so many milliseconds from now. */
export function contextFor(remainingMs: number): Context {
  const deadline = Date.now() + remainingMs;
  return {
    functionName: "store",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:store",
    memoryLimitInMB: "512",
    awsRequestId: "request",
    logGroupName: "group",
    logStreamName: "stream",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  } as Context;
}
