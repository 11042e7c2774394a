import { createHash, createHmac } from "node:crypto";
import { Sha256 } from "../../../shared/aws/sha256";

const bytes = new TextEncoder().encode("canonical request, é");
/** A view into the middle of a larger buffer, like some of the SDK's views. */
const view = new Uint8Array(Uint8Array.from([0, ...bytes, 0]).buffer, 1, bytes.length);
const hex = (digest: Uint8Array) => Buffer.from(digest).toString("hex");

async function digestOf(data: string | ArrayBuffer | Uint8Array, secret?: string | ArrayBuffer | Uint8Array) {
  const hash = new Sha256(secret);
  hash.update(data);
  return hex(await hash.digest());
}

test.each([
  ["a text", "canonical request, é"],
  ["bytes", bytes],
  ["a view", view],
  ["a buffer", bytes.slice().buffer],
])("hashes %s", async (_, data) => {
  expect(await digestOf(data)).toBe(createHash("sha256").update(bytes).digest("hex"));
});

test.each([
  ["a text", "canonical request, é"],
  ["bytes", bytes],
  ["a view", view],
  ["a buffer", bytes.slice().buffer],
])("computes the HMAC with %s as secret, once and again", async (_, secret) => {
  const expected = createHmac("sha256", bytes).update("text").digest("hex");
  expect(await digestOf("text", secret)).toBe(expected);
  expect(await digestOf("text", secret)).toBe(expected);
});

test("accepts data in parts, and begins again after a reset", async () => {
  const hash = new Sha256("secret");
  hash.update("another");
  hash.reset();
  for (const part of ["te", "xt"]) hash.update(part);
  expect(hex(await hash.digest())).toBe(createHmac("sha256", "secret").update("text").digest("hex"));
});
