import type { Call, Service } from "../../local/gateway/call";
import { ACCOUNT, REGION, ROLE } from "./program";

/** The calls of one survey, as the store function and its poller make them. */
export const CALLS: Record<string, (survey: number) => Call> = {
  "SQS ReceiveMessage": () => json("sqs", "ReceiveMessage", { QueueUrl: queueUrl }),
  // A key that no call had before.
  "S3 PutObject": (survey) => ({
    ...json("s3", "PutObject", {}),
    request: { method: "PUT", url: `/raw/${survey}.json`, headers: { host: "127.0.0.1:4566" }, body: nothing },
  }),
  "DynamoDB TransactWriteItems": (survey) =>
    json("dynamodb", "TransactWriteItems", {
      TransactItems: [
        { Put: { TableName: "submissions", Item: { submission: { S: String(survey) } } } },
        { Update: { TableName: "results", Key: { user_id: { S: "1" } } } },
      ],
    }),
  "SQS DeleteMessageBatch": () => json("sqs", "DeleteMessageBatch", { QueueUrl: queueUrl }),
};

const nothing = Buffer.alloc(0);
const queueUrl = `http://127.0.0.1:4566/${ACCOUNT}/queue`;

function json(service: Service, action: string, input: Record<string, unknown>): Call {
  return {
    service,
    action,
    principal: { kind: "role", roleArn: ROLE, sessionName: `store-${REGION}` },
    request: { method: "POST", url: "/", headers: { host: "127.0.0.1:4566" }, body: nothing },
    input,
  };
}
