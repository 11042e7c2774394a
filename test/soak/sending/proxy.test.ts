import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SenderProxy } from "../../../soak/sending/proxy";
import type { Receipt } from "../../../soak/sending/receipts";
import { Refusals } from "../../../soak/sending/refusals";

let queue: Server;
let answer: { status: number; body: object } | "reset";
let came: { url: string | undefined; target: unknown; host: unknown }[];
let proxies: SenderProxy[];

beforeEach(async () => {
  came = [];
  proxies = [];
  answer = { status: 200, body: { Successful: [{ Id: "1", MessageId: "m" }], Failed: [{ Id: "0" }] } };
  queue = createServer((request, response) => {
    came.push({ url: request.url, target: request.headers["x-amz-target"], host: request.headers.host });
    if (answer === "reset") request.socket.destroy();
    else response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((listening) => queue.listen(0, "127.0.0.1", listening));
});
afterEach(async () => {
  for (const proxy of proxies) await proxy.close();
  queue.closeAllConnections();
  await new Promise((closed) => queue.close(closed));
});

/** A proxy before the queue. @param draw its random number */
async function proxyThat(draw: number, refusals?: Refusals) {
  const endpoint = `http://127.0.0.1:${(queue.address() as AddressInfo).port}`;
  const receipts: Receipt[] = [];
  const proxy = await SenderProxy.start({ endpoint, random: () => draw, receipts, ...(refusals && { refusals }) });
  proxies.push(proxy);
  return { proxy, receipts, post: (body: object) => post(proxy.url, body) };
}

function post(url: string, body: object): Promise<Response> {
  const headers = { "x-amz-target": "AmazonSQS.SendMessageBatch" };
  return fetch(`${url}/1/surveys`, { method: "POST", headers, body: JSON.stringify(body) });
}

const batch = {
  Entries: [
    { Id: "0", MessageBody: "a" },
    { Id: "1", MessageBody: "b" },
  ],
};

test("messages go on to the queue, and the messages that the queue took get a receipt", async () => {
  const { proxy, receipts, post: send } = await proxyThat(0.5);
  expect(await (await send(batch)).json()).toEqual(answer !== "reset" && answer.body);
  answer = { status: 200, body: { MessageId: "n" } };
  await send({ MessageBody: "c" });
  answer = { status: 400, body: { __type: "ThrottlingException" } };
  expect((await send(batch)).status).toBe(400);
  expect(receipts).toEqual([
    { messageId: "m", text: "b" },
    { messageId: "n", text: "c" },
  ]);
  const { host } = new URL(proxy.url);
  expect(came[0]).toEqual({ url: "/1/surveys", target: "AmazonSQS.SendMessageBatch", host });
  expect(proxy.answers).toEqual({ matched: 3, struck: 0 });
});

test("a lost answer leaves its receipts", async () => {
  const { proxy, receipts, post: send } = await proxyThat(0);
  await expect(send(batch)).rejects.toThrow("fetch failed");
  expect(receipts).toEqual([{ messageId: "m", text: "b" }]);
  expect(proxy.answers).toEqual({ matched: 1, struck: 1 });
});

test("if the connection behind the proxy breaks, the client's connection breaks, too", async () => {
  const { receipts, post: send } = await proxyThat(0.5);
  answer = "reset";
  await expect(send(batch)).rejects.toThrow("fetch failed");
  expect(receipts).toEqual([]);
});

test("a batch that the proxy refuses never reaches the queue; a single message always does", async () => {
  const { receipts, post: send } = await proxyThat(0.5, new Refusals(() => 0));
  const page = await send(batch);
  expect([page.status, page.headers.get("content-type")]).toEqual([403, "text/html"]);
  expect(came).toEqual([]);
  await send({ Entries: [{ Id: "1", MessageBody: "b" }] });
  expect(receipts).toHaveLength(1);
});
