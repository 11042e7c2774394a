import { CreateTableCommand, DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import pLimit from "p-limit";
import { DynamoDbLocal } from "../../local/backends/dynamodbLocal";
import { ChildCloud } from "../../local/childCloud";
import { markerWrite } from "../../services/ingest/countSubmission";
import { resultWrite } from "../../services/ingest/resultItem";
import { submissionParser } from "../../services/ingest/submission";
import { retryTransient } from "../../shared/aws/transient";

import { median } from "./median";

/** Transactions in flight against DynamoDB Local, as many as the store functions have together. */
const IN_FLIGHT = 40;
const PARTICIPANTS = 500;
const WARM_UP_ROUNDS = 3;
const ROUNDS = 8;
const CREDENTIALS = { accessKeyId: "BENCH", secretAccessKey: "bench" };
const NEVER = new AbortController().signal;

export interface Throughput {
  /** Surveys a round. */
  surveys: number;
  /** Surveys/s from the first send until the last one is stored, the median of the rounds. */
  throughLocalCloud: number;
  /** The same transactions/s sent straight to a DynamoDB Local of its own, the median of the rounds. */
  dynamodbLocalAlone: number;
  /** The first by the second, the median of the rounds' ratios. */
  ratio: number;
  rounds: { throughLocalCloud: number; dynamodbLocalAlone: number }[];
}

/**
 * Sends surveys through the local cloud and, in turn, their transactions straight to a second DynamoDB Local, so that
 * both see the same machine at the same time. The first rounds warm Java up and do not count.
 */
export async function measureThroughput(surveys: number, progress: (line: string) => void): Promise<Throughput> {
  const cloud = await ChildCloud.start();
  const database = await DynamoDbLocal.start();
  try {
    const client = new DynamoDBClient({ endpoint: database.endpoint, region: "us-east-1", credentials: CREDENTIALS });
    await createTables(client);
    const rounds: Throughput["rounds"] = [];
    for (let round = 1 - WARM_UP_ROUNDS; round <= ROUNDS; round++) {
      const bodies = surveysOf(round, surveys);
      const alone = await perSecond(surveys, () => transactAll(client, bodies));
      const through = await perSecond(surveys, () => sendAll(cloud, bodies));
      progress(
        `round ${round}: ${through.toFixed(0)} surveys/s through the local cloud, ${alone.toFixed(0)}/s by DynamoDB Local alone`,
      );
      if (round > 0) rounds.push({ throughLocalCloud: through, dynamodbLocalAlone: alone });
    }
    return {
      surveys,
      throughLocalCloud: median(rounds.map((round) => round.throughLocalCloud)),
      dynamodbLocalAlone: median(rounds.map((round) => round.dynamodbLocalAlone)),
      ratio: median(rounds.map((round) => round.throughLocalCloud / round.dynamodbLocalAlone)),
      rounds,
    };
  } finally {
    await Promise.all([cloud.stop(), database.stop()]);
  }
}

type Body = { user_id: string; timestamp: string; time_elapsed: number; freetext: string } & Record<string, unknown>;

async function sendAll({ sender, reader }: ChildCloud, bodies: Body[]): Promise<void> {
  const results = await sender.sendSurveys(bodies);
  const refused = results.find(({ error }) => error);
  if (refused) throw new Error(refused.error?.message);
  await reader.drained(120_000);
}

const SUBMISSIONS = "submissions";
const RESULTS = "results";

async function createTables(client: DynamoDBClient): Promise<void> {
  for (const [TableName, key] of Object.entries({ [SUBMISSIONS]: "submission", [RESULTS]: "user_id" })) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: key, AttributeType: "S" }],
      }),
    );
  }
}

const COUNTED = { sha256: "0", messageId: "0" };

async function transactAll(client: DynamoDBClient, bodies: Body[]): Promise<void> {
  const parse = submissionParser({ minSeconds: 3, requireFreetext: true, answerMin: 1, answerMax: 5, minAnswers: 1 });
  const limit = pLimit(IN_FLIGHT);
  await Promise.all(
    bodies.map((body) =>
      limit(async () => {
        const parsed = parse(JSON.stringify(body), Date.now());
        if (!("submission" in parsed)) throw new Error("the benchmark made a bad survey");
        const { submission } = parsed;
        const TransactItems = [
          markerWrite(SUBMISSIONS, submission, COUNTED),
          resultWrite(RESULTS, submission, undefined),
        ];
        await retryTransient(() => client.send(new TransactWriteItemsCommand({ TransactItems })), NEVER);
      }),
    ),
  );
}

function surveysOf(round: number, count: number): Body[] {
  return Array.from({ length: count }, (_, index) => ({
    user_id: `p${index % PARTICIPANTS}`,
    timestamp: new Date(Date.UTC(2021, 8, 1 + round) + index * 1_000).toISOString(),
    time_elapsed: 5,
    freetext: "Long day of classes, but a good one",
    ...{ q1: 5, q2: 1, q3: 2, q4: 1, q5: 3 },
  }));
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return count / ((performance.now() - started) / 1000);
}
