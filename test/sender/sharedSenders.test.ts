import { type SenderOptions, sendSurvey } from "../../sender/index";

const made: [output: unknown, options: unknown][] = [];
const asked: [sender: number, survey: unknown, options: unknown][] = [];
jest.mock("../../sender/createSender", () => ({
  createSender: (output: unknown, options: unknown) => {
    const number = made.push([output, options]);
    return { sendSurvey: async (survey: unknown, given: unknown) => void asked.push([number, survey, given]) };
  },
}));
beforeEach(() => {
  asked.length = 0;
});

let queues = 0;
const newQueue = () => `https://queue/${queues++}`;

/** Numbers of the senders that these options get, one after the other. */
async function senders(...each: [queueUrl: string, options?: SenderOptions][]): Promise<number[]> {
  for (const [queueUrl, options] of each) await sendSurvey({}, queueUrl, options);
  return asked.map(([number]) => number);
}

test("the survey and the signal belong to the call; the queue and the other options belong to the sender", async () => {
  const { signal } = new AbortController();
  const queueUrl = newQueue();
  await sendSurvey({ a: 1 }, queueUrl, { signal, region: "eu-west-1" });
  expect(made.at(-1)).toEqual([{ queueUrl }, { region: "eu-west-1" }]);
  expect(asked).toEqual([[made.length, { a: 1 }, { signal }]]);
});

const random = () => 0.5;
const date = new Date(0);
test.each<[string, SenderOptions, SenderOptions]>([
  ["no options", {}, {}],
  ["the same text", { region: "eu-west-1" }, { region: "eu-west-1" }],
  [
    "the same plain data",
    { retry: { attempts: 2, baseDelayMs: Number.NaN } },
    { retry: { baseDelayMs: Number.NaN, attempts: 2 } },
  ],
  ["an option that is undefined and one that is missing", { region: undefined }, {}],
  ["the same function", { random }, { random }],
  ["the same object of a class", { clock: date as never }, { clock: date as never }],
])("%s share a sender", async (_, first, second) => {
  const queueUrl = newQueue();
  const [one, other] = await senders([queueUrl, first], [queueUrl, second]);
  expect(other).toBe(one);
});

test.each<[string, SenderOptions, SenderOptions]>([
  ["another text", { region: "eu-west-1" }, { region: "eu-west-2" }],
  ["one more option", { region: "eu-west-1" }, { region: "eu-west-1", endpoint: "http://127.0.0.1" }],
  ["one option less", { region: "eu-west-1", endpoint: "http://127.0.0.1" }, { region: "eu-west-1" }],
  ["other data deep inside", { retry: { attempts: 2 } }, { retry: { attempts: 3 } }],
  ["another function", { random: () => 0.5 }, { random: () => 0.5 }],
  ["another object of a class", { clock: new Date(0) as never }, { clock: new Date(0) as never }],
  ["null in place of data", { retry: null as never }, { retry: {} }],
  ["data in place of null", { retry: {} }, { retry: null as never }],
  ["an array in place of data", { retry: [] as never }, { retry: {} }],
])("%s has a sender of its own", async (_, first, second) => {
  const queueUrl = newQueue();
  const [one, other] = await senders([queueUrl, first], [queueUrl, second]);
  expect(other).not.toBe(one);
});

test("another queue has a separate sender", async () => {
  const [one, other] = await senders([newQueue()], [newQueue()]);
  expect(other).not.toBe(one);
});

test("sixteen senders are kept, and the oldest is dropped first", async () => {
  const urls = Array.from({ length: 17 }, newQueue);
  const numbers = await senders(...urls.slice(0, 16).map((url): [string] => [url]));
  asked.length = 0;
  expect(await senders([urls[0] as string])).toEqual([numbers[0]]);
  asked.length = 0;
  const [newest, second, first] = await senders([urls[16] as string], [urls[1] as string], [urls[0] as string]);
  expect([newest, second]).toEqual([made.length - 1, numbers[1]]);
  expect(first).toBe(made.length);
});

test("options that are null count as missing", async () => {
  await sendSurvey({}, newQueue(), null as never);
  expect(made.at(-1)?.[1]).toEqual({});
});
