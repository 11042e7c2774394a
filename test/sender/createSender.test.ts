import { createSender, type SenderOptions, type SenderOutput } from "../../sender/index";
import type { ResolvedOptions } from "../../sender/options";
import type { Queue } from "../../sender/queueUrl";
import type { Outgoing } from "../../sender/transport";
import { CREDENTIALS, FakeClock, QUEUE_URL, survey } from "./helpers";

const transports: { queue: Queue; options: ResolvedOptions; close: jest.Mock; bodies: string[] }[] = [];
let batchesAtOnce = 0;
jest.mock("../../sender/transport", () => ({
  sqsTransport: (queue: Queue, options: ResolvedOptions) => {
    const made = { queue, options, close: jest.fn(), bodies: [] as string[] };
    transports.push(made);
    let now = 0;
    return {
      async send({ text }: Outgoing) {
        made.bodies.push(text);
        return "m-1";
      },
      async sendBatch(letters: Outgoing[]) {
        batchesAtOnce = Math.max(batchesAtOnce, ++now);
        await new Promise(setImmediate);
        now--;
        made.bodies.push(...letters.map(({ text }) => text));
        return letters.map(({ text }) => ({ messageId: `m-${JSON.parse(text).user_id}` }));
      },
      close: made.close,
    };
  },
}));
beforeEach(() => {
  transports.length = 0;
  batchesAtOnce = 0;
});

const guest = { identityPoolId: "eu-central-1:1", guestRoleArn: "arn:aws:iam::123456789012:role/guest" };
const client = {} as never;

/** The settings of the transport for this output and these options. */
async function optionsFor(output: Partial<SenderOutput>, options: SenderOptions = {}) {
  const result = await createSender({ queueUrl: QUEUE_URL, ...output }, options).sendSurvey(survey());
  expect(result).toEqual({ statusCode: 200, submissionId: "0001092821120000", messageId: "m-1" });
  return transports[0]!;
}

test("the queue comes from the output", async () => {
  expect((await optionsFor({})).queue).toEqual({ url: QUEUE_URL, region: "eu-central-1" });
  expect(createSender({ queueUrl: QUEUE_URL }).queueUrl).toBe(QUEUE_URL);
});

test.each<[string, Partial<SenderOutput>, SenderOptions, object]>([
  ["the output's region", { region: "eu-west-1" }, {}, { region: "eu-west-1" }],
  [
    "the caller's region instead of the output's",
    { region: "eu-west-1" },
    { region: "eu-west-2" },
    { region: "eu-west-2" },
  ],
  ["the output's guests", guest, {}, { guest }],
  ["no guest access if the output has none", {}, {}, { guest: undefined }],
  ["the caller's credentials", guest, { credentials: CREDENTIALS }, { guest, credentials: CREDENTIALS }],
  [
    "nothing of the output if the caller has a client",
    { region: "x", ...guest },
    { client },
    { client, guest: undefined, region: undefined },
  ],
])("a sender has %s", async (_, output, options, expected) => {
  const { options: resolved } = await optionsFor(output, options);
  for (const [name, value] of Object.entries(expected)) expect([name, resolved[name as never]]).toEqual([name, value]);
});

test.each([{ identityPoolId: guest.identityPoolId }, { guestRoleArn: guest.guestRoleArn }])(
  "one of the two options of guests alone is refused, and the other one is named: %j",
  async (half) => {
    const result = await createSender({ queueUrl: QUEUE_URL, ...half }).sendSurvey(survey());
    const missing = "identityPoolId" in half ? "guestRoleArn" : "identityPoolId";
    expect(result.error).toMatchObject({ code: "BAD_OPTION", message: expect.stringContaining(`${missing} must be`) });
    expect(result.error?.message).not.toContain(`${"identityPoolId" in half ? "identityPoolId" : "guestRoleArn"} must`);
  },
);

test("all surveys share one transport; a closed sender opens another one", async () => {
  const sender = createSender({ queueUrl: QUEUE_URL });
  sender.close();
  for (let i = 0; i < 2; i++) await sender.sendSurvey(survey());
  await sender.sendSurveys([survey()]);
  expect(transports).toHaveLength(1);
  sender.close();
  sender.close();
  expect(transports[0]?.close).toHaveBeenCalledTimes(1);
  await sender.sendSurvey(survey());
  expect(transports).toHaveLength(2);
});

test("without an output every survey is refused", async () => {
  const sender = createSender(undefined as never);
  expect(await sender.sendSurvey(survey())).toMatchObject({ statusCode: 400, error: { code: "BAD_QUEUE_URL" } });
  expect(await sender.sendSurveys([survey()])).toMatchObject([{ statusCode: 400, error: { code: "BAD_QUEUE_URL" } }]);
});

const many = (count: number) => Array.from({ length: count }, (_, n) => survey({ user_id: `${n}` }));

test.each([
  [undefined, 4],
  [{}, 4],
  [{ concurrency: 1 }, 1],
  [{ concurrency: 50 }, 10],
])("with the options %j, %d batches of a hundred surveys are sent at the same time", async (options, expected) => {
  const clock = new FakeClock();
  const sender = createSender({ queueUrl: QUEUE_URL }, { clock });
  const results = await clock.run(sender.sendSurveys(many(100), options));
  expect(results.map(({ messageId }) => messageId)).toEqual(many(100).map(({ user_id }) => `m-${user_id}`));
  expect(batchesAtOnce).toBe(expected);
});

test.each([0, 51, 1.5, -1, "4", null])("a concurrency of %p is refused", async (concurrency) => {
  const sender = createSender({ queueUrl: QUEUE_URL });
  await expect(sender.deliver([], () => {}, { concurrency: concurrency as number })).rejects.toMatchObject({
    code: "BAD_OPTION",
    message: `concurrency must be a whole number from 1 to 50, got ${concurrency}.`,
    value: concurrency,
  });
});

test("each result is passed on as soon as it is known, with its index", async () => {
  const handed: [number, number][] = [];
  const onResult = ({ statusCode }: { statusCode: number }, index: number) => void handed.push([index, statusCode]);
  const results = await createSender({ queueUrl: QUEUE_URL }).sendSurveys([survey(), "/none.json", survey()], {
    onResult,
  });
  expect(results.map(({ statusCode }) => statusCode)).toEqual([200, 400, 200]);
  expect(handed.sort()).toEqual([
    [0, 200],
    [1, 400],
    [2, 200],
  ]);
});

test("a survey that cannot be sent is refused before anything is opened", async () => {
  const sender = createSender({ queueUrl: "nonsense" });
  expect(await sender.sendSurvey("/none.json")).toEqual({
    statusCode: 400,
    submissionId: "none.json",
    error: expect.objectContaining({ code: "FILE_NOT_FOUND" }),
  });
  expect(await sender.sendSurveys(["/none.json", survey()])).toMatchObject([
    { submissionId: "none.json", error: { code: "FILE_NOT_FOUND" } },
    { submissionId: "0001092821120000", error: { code: "BAD_QUEUE_URL" } },
  ]);
});

test("an error of the caller's onResult reaches the caller, even if it throws only once", async () => {
  const thrown = new Error("no room");
  let calls = 0;
  const onResult = () => {
    if (calls++ === 0) throw thrown;
  };
  await expect(createSender({ queueUrl: QUEUE_URL }).sendSurveys([survey()], { onResult })).rejects.toBe(thrown);
});

test("an abort reaches single surveys and batches", async () => {
  const sender = createSender({ queueUrl: QUEUE_URL });
  const signal = AbortSignal.abort();
  expect(await sender.sendSurvey(survey(), { signal })).toMatchObject({ error: { code: "ABORTED" } });
  expect(await sender.sendSurveys([survey()], { signal })).toMatchObject([{ error: { code: "ABORTED" } }]);
  expect(transports[0]?.bodies).toEqual([]);
});
