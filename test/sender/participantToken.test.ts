import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packBatches } from "../../sender/batches";
import { createSender, openOutbox, type SenderOptions } from "../../sender/index";
import { FakeClock, QUEUE_URL, type StubRequest, stubClient, survey } from "./helpers";

const TOKEN = `v1.${"x".repeat(43)}`;

type Entry = { Id?: string; MessageBody: string; MessageAttributes?: Record<string, { StringValue: string }> };

/** A sender whose messages SQS all takes, and those messages. */
function senderWith(participantToken: SenderOptions["participantToken"]) {
  const { client, requests } = stubClient(({ input }) => {
    const entries = (input.Entries ?? []) as Entry[];
    return {
      status: 200,
      body: { MessageId: "m-0", Successful: entries.map(({ Id }) => ({ Id, MessageId: `m-${Id}` })) },
    };
  });
  const clock = new FakeClock();
  const sender = createSender({ queueUrl: QUEUE_URL }, { client, clock, participantToken });
  return { sender, clock, requests, tokens: () => requests.flatMap(tokensIn) };
}

function tokensIn({ input }: StubRequest): (string | undefined)[] {
  const entries = (input.Entries ?? [input]) as Entry[];
  return entries.map(({ MessageAttributes }) => MessageAttributes?.participant_token?.StringValue);
}

test("without the option surveys go without a token", async () => {
  const { sender, requests, tokens } = senderWith(undefined);
  await sender.sendSurvey(survey());
  expect(tokens()).toEqual([undefined]);
  expect(requests[0]!.input).not.toHaveProperty("MessageAttributes");
});

test("if the stack requires tokens, a sender without the option refuses each survey at once", async () => {
  const output = { queueUrl: QUEUE_URL, rules: { participantTokens: true } };
  const { client, requests } = stubClient(() => ({ status: 200, body: { MessageId: "m-0" } }));
  const without = createSender(output, { client });
  const reason = { code: "unproven", field: "user_id", message: expect.stringContaining("option participantToken") };
  expect(await without.sendSurvey(survey())).toMatchObject({
    statusCode: 400,
    error: { code: "AGAINST_RULES", reasons: [reason] },
  });
  expect(requests).toEqual([]);
  const tokens = createSender(output, { client, participantToken: TOKEN });
  expect(await tokens.sendSurvey(survey())).toMatchObject({ statusCode: 200 });
  expect(await createSender(output, { client, rules: false }).sendSurvey(survey())).toMatchObject({ statusCode: 200 });
});

test("a token goes with each survey, and the body stays as it is", async () => {
  const { sender, requests, tokens } = senderWith(TOKEN);
  await sender.sendSurvey(survey());
  await sender.sendSurveys([survey({ q1: 1 }), survey({ q1: 2 })]);
  expect(tokens()).toEqual([TOKEN, TOKEN, TOKEN]);
  expect(requests[0]!.input.MessageBody).toBe(JSON.stringify(survey()));
});

test("a function is asked for the token of each survey's participant", async () => {
  const { sender, tokens } = senderWith(async (userId) => `token-of-${userId}`);
  await sender.sendSurvey(survey({ user_id: "a" }));
  await sender.sendSurveys(["b", "c"].map((user_id) => survey({ user_id })));
  expect(tokens()).toEqual(["token-of-a", "token-of-b", "token-of-c"]);
});

test("a survey without a participant goes without a token, and is refused for the missing participant", async () => {
  const ask = jest.fn(() => TOKEN);
  const { sender, tokens } = senderWith(ask);
  expect(await sender.sendSurvey(survey({ user_id: 7 }))).toMatchObject({ statusCode: 200 });
  expect(tokens()).toEqual([undefined]);
  expect(ask).not.toHaveBeenCalled();
});

test.each<[string, SenderOptions["participantToken"]]>([
  [
    "throws",
    () => {
      throw new Error(`locked ${TOKEN}`);
    },
  ],
  ["rejects", () => Promise.reject(new Error("locked"))],
  ["returns nothing", () => undefined as unknown as string],
  ["returns the empty text", () => ""],
  ["returns something else than a token", () => "a token, or not"],
])("if the function %s, the survey is not sent, and may be sent later", async (_, participantToken) => {
  const { sender, requests } = senderWith(participantToken);
  const [one, many] = [await sender.sendSurvey(survey()), await sender.sendSurveys([survey(), survey()])];
  for (const result of [one, ...many]) {
    expect(result).toMatchObject({ statusCode: 400, error: { code: "NO_TOKEN", retryable: true } });
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  }
  expect(requests).toEqual([]);
});

test("a survey for which there is no token doesn't hold up the others", async () => {
  const { sender, tokens } = senderWith((userId) => (userId === "b" ? "" : userId));
  const results = await sender.sendSurveys(["a", "b", "c"].map((user_id) => survey({ user_id })));
  expect(results.map(({ statusCode }) => statusCode)).toEqual([200, 400, 200]);
  expect(tokens()).toEqual(["a", "c"]);
});

test.each(["", "two words", "v1.é", "x".repeat(257), 7 as unknown as string])(
  "%j is no token: the option is refused, and not quoted",
  async (participantToken) => {
    const { sender } = senderWith(participantToken);
    const { error } = await sender.sendSurvey(survey());
    expect(error).toMatchObject({ code: "BAD_OPTION" });
    expect(error?.message).toBe(
      "participantToken must be a token as `intake enroll` prints it, or a function that gets one.",
    );
  },
);

describe("an outbox", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "outbox-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("never holds the token, which is added when a survey is sent", async () => {
    const { sender, clock, tokens } = senderWith(TOKEN);
    const outbox = openOutbox(folder, sender, { clock });
    await outbox.save(survey());
    for (const name of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (name.isFile())
        expect(await readFile(join(name.parentPath, name.name), "utf8")).toBe(JSON.stringify(survey()));
    }
    expect((await clock.run(outbox.flush())).sent).toHaveLength(1);
    expect(tokens()).toEqual([TOKEN]);
  });

  test("keeps letters for which it gets no token, and sends them later with the token that is valid then", async () => {
    let token = "";
    const { sender, clock, tokens } = senderWith(() => token);
    const outbox = openOutbox(folder, sender, { clock });
    await outbox.save(survey());
    expect((await clock.run(outbox.flush())).waiting).toMatchObject([{ error: { code: "NO_TOKEN" } }]);
    token = TOKEN;
    expect((await clock.run(outbox.flush())).sent).toHaveLength(1);
    expect(tokens()).toEqual([TOKEN]);
  });
});

test("the bytes of tokens count when batches are packed", async () => {
  const fits = { text: "x".repeat(500_000), token: "t".repeat(100) };
  const sizes = async (...letters: { text: string; token?: string }[]) => {
    const found: number[] = [];
    for await (const batch of packBatches(letters)) found.push(batch.length);
    return found;
  };
  const rest = 1_048_576 - 2_048 - 2 * (28 + fits.text.length);
  expect(await sizes({ text: fits.text }, { text: `${fits.text}${"x".repeat(rest)}` })).toEqual([2]);
  expect(await sizes(fits, { text: `${fits.text}${"x".repeat(rest)}` })).toEqual([1, 1]);
});
