/** Writers whose requests hang: DynamoDB that never answers. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { retryTransient } from "../../../shared/aws/transient";
import { BatchPutter } from "../../../shared/writing/batchPut";
import type { ConditionalWrite } from "../../../shared/writing/conditionalWrite";
import { ItemWriter } from "../../../shared/writing/itemWriter";
import { writerOf } from "../../../shared/writing/writerOf";

let server: Server;
let client: DynamoDBClient;
let arrived: () => void;
let closed: Promise<void>;

beforeEach(async () => {
  closed = new Promise((done) => {
    server = createServer(({ socket }) => {
      socket.once("close", () => done());
      arrived();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-central-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const key = { id: { S: "a" } };
const deletion: ConditionalWrite = { key, change: { kind: "delete" }, seen: [] };

test.each([
  ["statements", (options: Options) => writerOf("t", options).write([deletion])],
  ["single requests", (options: Options) => new ItemWriter("t", options).write([deletion])],
  ["puts", (options: Options) => new BatchPutter({ ...options, table: "t", keys: ["id"] }).put([key])],
])("%s under way are broken off when the time for work is over", async (_, write) => {
  const time = new AbortController();
  const { signal } = time;
  arrived = () => time.abort();
  const retry: Options["retry"] = (call) => retryTransient(call, signal);
  const writing = write({ client, retry, limits: () => undefined, signal });
  await expect(writing).rejects.toMatchObject({ code: "OUT_OF_TIME" });
  await closed;
});

type Options = Parameters<typeof writerOf>[1];
