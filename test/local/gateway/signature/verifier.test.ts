import { createHash, createHmac } from "node:crypto";
import type { BackendRequest } from "../../../../local/gateway/message";
import { Principals } from "../../../../local/gateway/principals";
import { signatureOf } from "../../../../local/gateway/signature/signature";
import { type Verification, Verifier } from "../../../../local/gateway/signature/verifier";
import { presigned, request, signed } from "../requests";

const NOW = Date.UTC(2026, 10, 26, 12);
const MINUTE = 60_000;

const principals = new Principals();
const administrator = principals.issue({ kind: "administrator" });
const role = principals.issue({ kind: "role", roleArn: "arn:aws:iam::000000000000:role/r", sessionName: "s" });
const verifier = new Verifier(principals, { now: () => NOW, sleep: async () => undefined });

async function verify(asked: BackendRequest): Promise<Verification> {
  const signature = signatureOf(asked);
  if (!signature) throw new Error("the request is not signed");
  return verifier.verify(asked, signature);
}
const rejectionOf = async (asked: BackendRequest) => {
  const verification = await verify(asked);
  return "rejection" in verification ? verification.rejection.kind : undefined;
};
const at = (minutes: number) => new Date(NOW + minutes * MINUTE);
const post = (body = "{}") => request({ method: "POST", headers: { "x-amz-target": "A.B" }, body });

describe("a signed request", () => {
  test.each<[string, string, BackendRequest]>([
    ["with a body", "dynamodb", post()],
    ["with a path of S3", "s3", request({ url: "/raw/a%20b/%C3%A4//c%2Bd.json" })],
    ["with a path of Lambda", "lambda", request({ url: "/2015-03-31/functions/arn%3Aaws%3Alambda/configuration" })],
    ["with a query", "s3", request({ url: "/raw?prefix=a%20b%2F&list-type=2&delimiter=%2F&empty=" })],
    ["with headers of many blanks", "s3", request({ headers: { "x-amz-meta-a": " a   b " } })],
  ])("%s is taken", async (_, service, asked) => {
    for (const credentials of [administrator, role]) {
      expect(await rejectionOf(await signed(credentials, service, asked, at(0)))).toBeUndefined();
    }
  });

  test.each<[string, Partial<BackendRequest>]>([
    ["another method", { method: "PUT" }],
    ["another path", { url: "/raw/b?x=1" }],
    ["another query", { url: "/raw/a?x=2" }],
    ["a further parameter", { url: "/raw/a?x=1&y=1" }],
  ])("with %s is refused", async (_, change) => {
    const asked = await signed(administrator, "s3", request({ url: "/raw/a?x=1" }), at(0));
    expect(await rejectionOf({ ...asked, ...change })).toBe("wrongSignature");
  });

  test("with another header that is signed, or another body, is refused", async () => {
    const asked = await signed(administrator, "dynamodb", post(), at(0));
    expect(await rejectionOf({ ...asked, headers: { ...asked.headers, "x-amz-target": "A.C" } })).toBe(
      "wrongSignature",
    );
    expect(await rejectionOf({ ...asked, body: Buffer.from("{} ") })).toBe("wrongSignature");
    const put = await signed(administrator, "s3", request({ method: "PUT", url: "/raw/a", body: "a" }), at(0));
    expect(await rejectionOf({ ...put, body: Buffer.from("b") })).toBe("otherBody");
  });

  test("may have further headers on the way", async () => {
    const asked = await signed(administrator, "dynamodb", post(), at(0));
    expect(await rejectionOf({ ...asked, headers: { ...asked.headers, via: "1.1 proxy" } })).toBeUndefined();
  });

  test.each([
    [-15, undefined],
    [-15.02, "tooOld"],
    [15, undefined],
    [15.02, "tooNew"],
  ])("that is %d minutes off the clock: %s", async (minutes, rejection) => {
    expect(await rejectionOf(await signed(administrator, "dynamodb", post(), at(minutes)))).toBe(rejection);
  });

  test("of a role needs the role's session token", async () => {
    const { sessionToken: _, ...withoutToken } = role;
    expect(await rejectionOf(await signed(withoutToken, "s3", request(), at(0)))).toBe("wrongToken");
    const others = { ...role, sessionToken: administrator.sessionToken };
    expect(await rejectionOf(await signed(others, "s3", request(), at(0)))).toBe("wrongToken");
  });

  test("without the time, for another day, or without the host is incomplete", async () => {
    const { "x-amz-date": _, ...undated } = (await signed(administrator, "dynamodb", post(), at(0))).headers;
    expect(await rejectionOf({ ...post(), headers: undated })).toBe("incomplete");
    const asked = await signed(administrator, "dynamodb", post(), at(0));
    for (const [from, to] of [
      ["/20261126/", "/20261125/"],
      ["host;", ""],
    ] as const) {
      const authorization = String(asked.headers.authorization).replace(from, to);
      expect(await rejectionOf({ ...asked, headers: { ...asked.headers, authorization } })).toBe("incomplete");
    }
  });

  test("of S3 must state its body", async () => {
    const { "x-amz-content-sha256": _, ...stated } = (await signed(administrator, "s3", request(), at(0))).headers;
    expect(await rejectionOf({ ...request(), headers: stated })).toBe("wrongSignature");
    const unsigned = request({ method: "PUT", headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }, body: "any" });
    expect(await rejectionOf(await signed(administrator, "s3", unsigned, at(0)))).toBeUndefined();
  });
});

describe("a presigned request", () => {
  const options = (minutes: number) => ({ signingDate: at(minutes), expiresIn: 600 });

  test.each<[string, number, string | undefined]>([
    ["is taken", 0, undefined],
    ["is accepted until it expires", -10, undefined],
    ["is refused afterwards", -10.02, "expired"],
    ["is refused if its time is in the future", 16, "tooNew"],
  ])("%s", async (_, minutes, rejection) => {
    const asked = await presigned(
      role,
      "s3",
      request({ method: "PUT", url: "/raw/a%20b", body: "any" }),
      options(minutes),
    );
    expect(await rejectionOf(asked)).toBe(rejection);
  });

  test("with another object is refused", async () => {
    const asked = await presigned(role, "s3", request({ url: "/raw/a" }), options(0));
    expect(await rejectionOf({ ...asked, url: asked.url.replace("/raw/a?", "/raw/b?") })).toBe("wrongSignature");
    expect(await rejectionOf({ ...asked, method: "DELETE" })).toBe("wrongSignature");
  });

  test("of another service states its body by its hash", async () => {
    const asked = await presigned(role, "sts", request({ url: "/?Action=GetCallerIdentity" }), options(0));
    expect(await rejectionOf(asked)).toBeUndefined();
  });
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const CHUNKS = ["a".repeat(70), "b".repeat(5), ""];
const LENGTH = String(CHUNKS.join("").length);

describe("a body in chunks", () => {
  const kind = (name: string, more: object = {}) =>
    request({
      method: "PUT",
      url: "/raw/a",
      headers: {
        ...{ "x-amz-content-sha256": `STREAMING-${name}`, "x-amz-decoded-content-length": LENGTH },
        ...{ "content-encoding": "gzip,aws-chunked", ...more },
      },
    });

  /** The chunks in the form that the guide of S3 describes. */
  async function signedChunks(asked: BackendRequest, trailer?: string): Promise<BackendRequest> {
    const head = await signed(administrator, "s3", asked, at(0));
    const derive = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
    const scope = ["20261126", "us-east-1", "s3", "aws4_request"];
    const key = scope.reduce<string | Buffer>(derive, `AWS4${administrator.secretAccessKey}`) as Buffer;
    let before = /Signature=(\w+)/.exec(String(head.headers.authorization))?.[1] ?? "";
    const sign = (algorithm: string, hashes: string[]) => {
      before = derive(key, [algorithm, "20261126T120000Z", scope.join("/"), before, ...hashes].join("\n")).toString(
        "hex",
      );
      return before;
    };
    const chunks = CHUNKS.map((data) => {
      const signature = sign("AWS4-HMAC-SHA256-PAYLOAD", [sha256(""), sha256(data)]);
      return `${data.length.toString(16)};chunk-signature=${signature}\r\n${data}${data === "" ? "" : "\r\n"}`;
    });
    const end = trailer
      ? `${trailer}\r\nx-amz-trailer-signature:${sign("AWS4-HMAC-SHA256-TRAILER", [sha256(`${trailer}\n`)])}\r\n`
      : "";
    return { ...head, body: Buffer.from(`${chunks.join("")}${end}\r\n`) };
  }

  const changed = (asked: BackendRequest, from: string | RegExp, to: string) => ({
    ...asked,
    body: Buffer.from(asked.body.toString().replace(from, to)),
  });

  test("arrives in one piece", async () => {
    const asked = await signedChunks(kind("AWS4-HMAC-SHA256-PAYLOAD"));
    const verified = await verify(asked);
    expect(verified).toMatchObject({
      request: {
        body: Buffer.from(CHUNKS.join("")),
        headers: { "content-encoding": "gzip", "content-length": LENGTH },
      },
    });
    expect(verified).not.toHaveProperty(["request", "headers", "x-amz-decoded-content-length"]);
  });

  test("brings its trailing headers along, signed or not", async () => {
    const asked = await signedChunks(kind("AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), "x-amz-checksum-crc32:AAAAAA==");
    const open = await signed(administrator, "s3", kind("UNSIGNED-PAYLOAD-TRAILER"), at(0));
    const chunks = CHUNKS.map((data) => `${data.length.toString(16)}\r\n${data}${data === "" ? "" : "\r\n"}`).join("");
    const body = Buffer.from(`${chunks}x-amz-checksum-crc32:AAAAAA==\r\n\r\n`);
    for (const each of [asked, { ...open, body }]) {
      expect(await verify(each)).toMatchObject({
        request: { body: Buffer.from(CHUNKS.join("")), headers: { "x-amz-checksum-crc32": "AAAAAA==" } },
      });
    }
  });

  test.each<[string, string | RegExp, string, string]>([
    ["another content", "aaa", "aab", "wrongSignature"],
    ["another signature", /chunk-signature=\w/, "chunk-signature=g", "wrongSignature"],
    ["no signature", /;chunk-signature=\w+/, "", "wrongSignature"],
    ["another trailer", "AAAAAA==", "AAAAAB==", "wrongSignature"],
    ["no signature of the trailer", /x-amz-trailer-signature:\w+/, "", "wrongSignature"],
    ["a malformed length", /^46;/, "x;", "incompleteBody"],
    ["a missing end", /0;chunk-signature.*$/s, "", "incompleteBody"],
    ["a chunk that is too short", /bbbbb.*$/s, "bb", "incompleteBody"],
  ])("with %s is refused", async (_, from, to, rejection) => {
    const asked = await signedChunks(kind("AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), "x-amz-checksum-crc32:AAAAAA==");
    expect(await rejectionOf(changed(asked, from, to))).toBe(rejection);
  });

  test("of another length than stated is refused", async () => {
    const asked = await signedChunks(kind("AWS4-HMAC-SHA256-PAYLOAD", { "x-amz-decoded-content-length": "74" }));
    expect(await rejectionOf(asked)).toBe("incompleteBody");
  });
});
