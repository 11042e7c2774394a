import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { createSender, type OutboxStorage, openOutbox, type RejectReason } from "../../sender/index";
import { CREDENTIALS, survey } from "./helpers";

/** How a proxy, or SQS behind it, answers a request with a letter that it rejects. */
type Refusal = (response: ServerResponse, request: IncomingMessage) => void;
const says =
  (status: number, contentType: string, body: string): Refusal =>
  (response) =>
    response.writeHead(status, { "content-type": contentType }).end(body);
const json = (status: number, body: unknown) => says(status, "application/x-amz-json-1.0", JSON.stringify(body));

/** Refusals after which the letter is set aside. */
const REFUSALS: [string, Refusal][] = [
  ["an HTML 403", says(403, "text/html", "<html>Blocked by policy</html>")],
  ["a 403 in words", says(403, "text/plain", "Forbidden")],
  ["a 403 of a gateway", says(403, "application/json", '{"message":"Forbidden"}')],
  ["an empty 400", says(400, "text/plain", "")],
  ["a SerializationException", json(400, { __type: "com.amazon.coral.service#SerializationException" })],
  ["a ValidationException", json(400, { __type: "com.amazon.coral.validate#ValidationException", message: "no" })],
  ["an InvalidMessageContents", json(400, { __type: "com.amazonaws.sqs#InvalidMessageContents", message: "no" })],
  ["a 413", says(413, "text/html", "<html>Request Entity Too Large</html>")],
  ["an empty 413", says(413, "text/plain", "")],
];
/** Failures after which the letter waits, because they may pass. */
const FAILURES: [string, Refusal][] = [
  ["a connection reset", (_, request) => request.socket.destroy()],
  ["a 502 page", says(502, "text/html", "<html>Bad gateway</html>")],
  ["an InternalFailure", json(500, { __type: "com.amazonaws.sqs#InternalFailure" })],
  ["a login page", says(200, "text/html", "<html>Log in</html>")],
  ["a wrong signature", json(403, { __type: "com.amazonaws.sqs#InvalidSignatureException" })],
];

let server: Server;
let refuses: (body: string, bytes: number) => Refusal | undefined;
let taken: string[];
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      requests++;
      const text = Buffer.concat(chunks).toString();
      const entries: { Id: string; MessageBody: string }[] = JSON.parse(text).Entries;
      const refusal = refuses(text, Buffer.byteLength(text));
      if (refusal !== undefined) return refusal(response, request);
      taken.push(...entries.map(({ MessageBody }) => JSON.parse(MessageBody).user_id));
      const Successful = entries.map(({ Id, MessageBody }) => {
        const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
        return { Id, MessageId: `m-${Id}`, MD5OfMessageBody };
      });
      json(200, { Successful, Failed: [] })(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  taken = [];
  requests = 0;
});

/** An outbox in memory, with so many surveys in it, that sends through the proxy. */
async function outboxOf(surveys: object[], concurrency: number) {
  const entries = new Map<string, string | Uint8Array>();
  const aside = new Map<string, RejectReason>();
  const storage: OutboxStorage = {
    names: async () => [...entries.keys()],
    read: async (name) => entries.get(name),
    save: async (name, content) => void entries.set(name, content),
    remove: async (name) => void entries.delete(name),
    async setAside(name, reason) {
      if (entries.delete(name)) aside.set(reason.submissionId, reason);
    },
  };
  const queueUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/surveys`;
  const retry = { attempts: 3, baseDelayMs: 0 };
  const sender = createSender({ queueUrl }, { credentials: CREDENTIALS, retry });
  const outbox = openOutbox(storage, sender);
  for (const one of surveys) await outbox.save(one);
  return { entries, aside, sender, flush: () => outbox.flush({ concurrency }) };
}

const idOf = (user: string) => `${user}092821120000`;
const users = (count: number) => Array.from({ length: count }, (_, n) => `u${String(n).padStart(3, "0")}`);
const surveys = (names: string[]) => names.map((user_id) => survey({ user_id }));
const mark = (user: string) => `\\"user_id\\":\\"${user}\\"`;

describe.each([
  ...REFUSALS.map(([what, refusal]) => [what, refusal, true] as const),
  ...FAILURES.map(([what, refusal]) => [what, refusal, false] as const),
])("a proxy that answers one letter with %s", (_, refusal, setAside) => {
  test.each([
    ["first", 0],
    ["in the middle", 13],
    ["last", 24],
  ])("all other letters get through in one flush, each once, if that letter is the %s", async (_, position) => {
    const names = users(25);
    const bad = names[position] as string;
    refuses = (text) => (text.includes(mark(bad)) ? refusal : undefined);
    const { entries, aside, sender, flush } = await outboxOf(surveys(names), 1);
    const report = await flush();
    sender.close();
    expect(taken.sort()).toEqual(names.filter((name) => name !== bad));
    expect(report.sent).toHaveLength(24);
    expect(entries.size).toBe(setAside ? 0 : 1);
    const kept = setAside ? report.refused : report.waiting;
    expect(kept).toMatchObject([{ submissionId: idOf(bad) }]);
    if (setAside) expect(aside.get(idOf(bad))).toMatchObject({ code: "CONTENT_REFUSED", retryable: false });
  });
});

test.each([...REFUSALS.filter(([what]) => !what.includes("InvalidMessageContents")), ...FAILURES])(
  "if every request gets %s, nothing is set aside, and the flush ends after two batches",
  async (_, refusal) => {
    refuses = () => refusal;
    const { entries, aside, sender, flush } = await outboxOf(surveys(users(45)), 1);
    const report = await flush();
    expect([entries.size, aside.size, report.sent.length, report.refused.length]).toEqual([45, 0, 0, 0]);
    expect(report.waiting.filter(({ error }) => error?.code === "NOT_TRIED")).toHaveLength(25);
    refuses = () => undefined;
    await flush();
    sender.close();
    expect(taken.sort()).toEqual(users(45));
  },
);

test("a proxy's limit for requests holds up only a letter that exceeds it by itself", async () => {
  const names = users(12);
  const quotes = '"'.repeat(60_000); // 120,000 bytes in the survey, 240,000 in the request
  const all = names.map((user_id) => survey({ user_id, freetext: user_id === "u005" ? quotes : "x".repeat(20_000) }));
  refuses = (_, bytes) => (bytes > 150_000 ? says(413, "text/html", "<html>too large</html>") : undefined);
  const { aside, sender, flush } = await outboxOf(all, 2);
  const report = await flush();
  sender.close();
  expect(taken.sort()).toEqual(names.filter((name) => name !== "u005"));
  expect([...aside.keys()]).toEqual([idOf("u005")]);
  expect(report.waiting).toEqual([]);
});

test("no request is over 1 MiB on the wire, however much JSON lengthens the bodies", async () => {
  const all = users(30).map((user_id) => survey({ user_id, freetext: '"\\'.repeat(40_000) }));
  let most = 0;
  refuses = (_, bytes) => {
    most = Math.max(most, bytes);
    return undefined;
  };
  const { entries, sender, flush } = await outboxOf(all, 2);
  await flush();
  sender.close();
  expect(entries.size).toBe(0);
  expect(most).toBeGreaterThan(600_000);
  expect(most).toBeLessThanOrEqual(1_048_576);
});

test("whatever bad letters cause, all other letters get through within some flushes: none twice, and none is lost", async () => {
  const answers = fc.constantFrom(...[...REFUSALS, ...FAILURES].map(([, refusal]) => refusal));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 45 }),
      fc.dictionary(fc.nat(44).map(String), answers, { minKeys: 1, maxKeys: 25 }),
      fc.integer({ min: 1, max: 3 }),
      async (count, badly, concurrency) => {
        taken = [];
        const names = users(count);
        const bad = new Map(Object.entries(badly).flatMap(([n, answer]) => (names[+n] ? [[names[+n], answer]] : [])));
        refuses = (text) => bad.get(names.find((name) => bad.has(name) && text.includes(mark(name))));
        const { entries, aside, sender, flush } = await outboxOf(surveys(names), concurrency);
        const good = names.filter((name) => !bad.has(name));
        const left = () => [...entries.values()].map((text) => JSON.parse(String(text)).user_id);
        for (let flushes = 0; flushes < 60 && left().some((name) => good.includes(name)); flushes++) await flush();
        sender.close();
        expect([...taken].sort()).toEqual(good);
        const kept = [...left(), ...[...aside.keys()].map((id) => id.slice(0, 4))];
        expect(kept.sort()).toEqual(names.filter((name) => bad.has(name)));
      },
    ),
    { numRuns: 25 },
  );
  expect(requests).toBeGreaterThan(0);
});
