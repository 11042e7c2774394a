import { createHmac } from "node:crypto";
import { isToken, participantToken, provesParticipant } from "../../../../services/ingest/tokens/participantToken";

const timingSafeEqual = jest.fn();
jest.mock("node:crypto", () => {
  const crypto = jest.requireActual("node:crypto");
  return {
    ...crypto,
    timingSafeEqual: (a: Buffer, b: Buffer) => timingSafeEqual(a, b) ?? crypto.timingSafeEqual(a, b),
  };
});
beforeEach(() => timingSafeEqual.mockReset());

const CURRENT = Buffer.alloc(32, 1).toString("base64url");
const PREVIOUS = Buffer.alloc(32, 2).toString("base64url");
const OTHER = Buffer.alloc(32, 3).toString("base64url");

test.each([
  // RFC 4231, test case 1: the key is 20 bytes of 0x0b.
  [
    Buffer.alloc(20, 0x0b).toString("base64url"),
    "Hi There",
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  // Test case 2: a key shorter than the hash.
  [
    Buffer.from("Jefe").toString("base64url"),
    "what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
])("a token is the HMAC-SHA-256 of the user_id: vectors of RFC 4231", (secret, userId, hex) => {
  expect(participantToken(secret, userId)).toBe(`v1.${Buffer.from(hex, "hex").toString("base64url")}`);
});

test("it is 46 characters of base64url, for any participant", () => {
  for (const userId of ["a", "0001", "x".repeat(64)]) {
    const token = participantToken(CURRENT, userId);
    expect(token).toMatch(/^v1\.[A-Za-z0-9_-]{43}$/);
    expect(isToken(token)).toBe(true);
  }
});

const secrets = { current: CURRENT, previous: PREVIOUS };

test.each([
  ["of the current secret", participantToken(CURRENT, "0001"), true],
  ["of the previous one", participantToken(PREVIOUS, "0001"), true],
  ["of a secret that was retired", participantToken(OTHER, "0001"), false],
  ["another participant's", participantToken(CURRENT, "00010"), false],
  ["without its version", participantToken(CURRENT, "0001").slice(3), false],
  ["of another version", participantToken(CURRENT, "0001").replace("v1", "v2"), false],
  ["cut off", participantToken(CURRENT, "0001").slice(0, -1), false],
  ["with a line break", `${participantToken(CURRENT, "0001")}\n`, false],
  ["in hexadecimal", createHmac("sha256", Buffer.from(CURRENT, "base64url")).update("0001").digest("hex"), false],
  ["the empty text", "", false],
])("a token %s", (_, token, proves) => {
  expect(provesParticipant(token, "0001", secrets)).toBe(proves);
});

test("without a previous secret, tokens of that secret prove nothing", () => {
  expect(provesParticipant(participantToken(PREVIOUS, "0001"), "0001", { current: CURRENT })).toBe(false);
});

test("every comparison takes constant time, and all are made even if the first one matches", () => {
  const token = participantToken(CURRENT, "0001");
  expect(provesParticipant(token, "0001", secrets)).toBe(true);
  expect(timingSafeEqual.mock.calls).toEqual(
    [CURRENT, PREVIOUS].map((secret) => [Buffer.from(token), Buffer.from(participantToken(secret, "0001"))]),
  );
});

test("the result of the comparison decides", () => {
  timingSafeEqual.mockReturnValue(false);
  expect(provesParticipant(participantToken(CURRENT, "0001"), "0001", secrets)).toBe(false);
});
