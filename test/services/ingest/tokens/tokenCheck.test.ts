import { participantToken, type StudySecrets } from "../../../../services/ingest/tokens/participantToken";
import { TokenCheck } from "../../../../services/ingest/tokens/tokenCheck";

const secret = (byte: number) => Buffer.alloc(32, byte).toString("base64url");
const [FIRST, SECOND] = [secret(1), secret(2)];
const { signal } = new AbortController();
const SECOND_MS = 1_000;

let now: number;
let stored: StudySecrets | undefined;
let read: jest.Mock<Promise<StudySecrets | undefined>, [AbortSignal]>;
let check: TokenCheck;
beforeEach(() => {
  now = 1_700_000_000_000;
  stored = { current: FIRST };
  read = jest.fn(async (_: AbortSignal) => stored);
  check = new TokenCheck({ read, now: () => now });
});

/** @param sentAgo milliseconds before now. */
const isProven = (token: string | undefined, sentAgo = 0) =>
  check.isProven({ token, userId: "0001", sentAt: now - sentAgo }, signal);
const right = participantToken(FIRST, "0001");
const wrong = participantToken(secret(9), "0001");

test("the secrets are read for the first token, and once a minute while tokens come", async () => {
  for (let second = 0; second < 120; second++) {
    expect(await isProven(right)).toBe(true);
    now += SECOND_MS;
  }
  expect(read.mock.calls).toEqual([[signal], [signal]]);
});

test("several tokens at once share one reading", async () => {
  expect(await Promise.all([isProven(right), isProven(right), isProven(wrong)])).toEqual([true, true, false]);
  expect(read).toHaveBeenCalledTimes(1);
});

test.each([undefined, "", "no token", wrong.slice(1)])(
  "a value that is not a token proves nothing, and costs no reading: %j",
  async (token) => {
    expect(await isProven(token)).toBe(false);
    expect(read).not.toHaveBeenCalled();
  },
);

test("a token of a new secret is valid at once if the secrets were read more than a minute ago", async () => {
  await isProven(right);
  stored = { current: SECOND, previous: FIRST };
  now += 60 * SECOND_MS;
  expect(await isProven(participantToken(SECOND, "0001"))).toBe(true);
  expect(await isProven(right)).toBe(true);
  expect(read).toHaveBeenCalledTimes(2);
});

test("within that minute the token's message has to come again, and is then proven", async () => {
  await isProven(right);
  stored = { current: SECOND, previous: FIRST };
  now += 30 * SECOND_MS;
  const sentAt = now;
  const presented = { token: participantToken(SECOND, "0001"), userId: "0001", sentAt };
  await expect(check.isProven(presented, signal)).rejects.toMatchObject({ code: "SECRETS_TOO_OLD", retryable: true });
  now += 30 * SECOND_MS;
  expect(await check.isProven(presented, signal)).toBe(true);
  expect(read).toHaveBeenCalledTimes(2);
});

test("a wrong token is refused if the secrets were read after its message was sent", async () => {
  await isProven(right);
  now += SECOND_MS;
  expect(await isProven(wrong, 11 * SECOND_MS)).toBe(false);
  // Clocks differ, so ten seconds don't prove the order.
  await expect(isProven(wrong, 10.9 * SECOND_MS)).rejects.toMatchObject({ code: "SECRETS_TOO_OLD" });
  expect(read).toHaveBeenCalledTimes(1);
});

test("wrong tokens, however many, cause one reading a minute", async () => {
  for (let second = 0; second < 180; second++) {
    await isProven(wrong).catch(() => undefined);
    now += SECOND_MS;
  }
  expect(read).toHaveBeenCalledTimes(3);
});

test("a reading that another message has caused meanwhile is used", async () => {
  await isProven(right);
  stored = { current: SECOND };
  now += 60 * SECOND_MS;
  const token = participantToken(SECOND, "0001");
  expect(await Promise.all([isProven(token), isProven(token), isProven(wrong)])).toEqual([true, true, false]);
  expect(read).toHaveBeenCalledTimes(2);
});

test("without a secret nobody was enrolled, so no token is valid", async () => {
  stored = undefined;
  expect(await isProven(right)).toBe(false);
  stored = { current: FIRST };
  now += 60 * SECOND_MS;
  expect(await isProven(right)).toBe(true);
});

test.each([
  ["the previous secret", { current: SECOND, previous: FIRST }],
  ["the current one", { current: FIRST }],
])("a retired secret that was known as %s ends within a minute", async (_, before) => {
  stored = before;
  expect(await isProven(right)).toBe(true);
  stored = { current: SECOND };
  now += 59 * SECOND_MS;
  expect(await isProven(right)).toBe(true);
  now += SECOND_MS;
  expect(await isProven(right)).toBe(false);
});

test("a reading that fails decides nothing, and the next token reads again", async () => {
  read.mockRejectedValueOnce(new Error("down"));
  await expect(isProven(right)).rejects.toThrow("down");
  expect(await isProven(right)).toBe(true);
});
