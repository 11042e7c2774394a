import { readdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { classicFlow, type GuestCalls, guestCredentials } from "../../sender/guestCredentials";
import { createSender, folderStorage, type GuestStorage, SenderError } from "../../sender/index";
import { FakeClock, localSqs, scratchFolder, survey } from "./helpers";

const ACCESS = {
  identityPoolId: "eu-central-1:11111111-2222-3333-4444-555555555555",
  guestRoleArn: "arn:aws:iam::123456789012:role/guest",
};
const MINUTE = 60_000;

function setUp(overrides: Partial<GuestCalls> = {}, storage?: GuestStorage) {
  const clock = new FakeClock();
  const made: string[] = [];
  const calls: GuestCalls = {
    getId: async (pool) => `id-${made.push(`getId ${pool}`)}`,
    getOpenIdToken: async (id) => `token-${made.push(`getOpenIdToken ${id}`)}`,
    assumeRole: async (role, token, seconds) => {
      const accessKeyId = `key-${made.push(`assumeRole ${role} ${token} ${seconds}`)}`;
      return { accessKeyId, secretAccessKey: "s", sessionToken: "t" };
    },
    ...overrides,
  };
  return { clock, made, provide: guestCredentials(ACCESS, calls, clock, storage) };
}

describe("guestCredentials", () => {
  test("are fetched in the classic way: identity, token, role", async () => {
    const { made, provide, clock } = setUp();
    expect(await provide()).toEqual({
      accessKeyId: "key-3",
      secretAccessKey: "s",
      sessionToken: "t",
      expiration: new Date(clock.now() + 60 * MINUTE),
    });
    expect(made).toEqual([
      `getId ${ACCESS.identityPoolId}`,
      "getOpenIdToken id-1",
      `assumeRole ${ACCESS.guestRoleArn} token-2 3600`,
    ]);
  });

  test.each([
    [0, 3],
    [54, 3],
    [55, 5],
    [300, 5],
  ])("after %i minutes, %i calls have been made", async (minutes, calls) => {
    const { made, provide, clock } = setUp();
    await provide();
    clock.advance(minutes * MINUTE);
    await provide();
    expect(made).toHaveLength(calls);
    expect(made.filter((call) => call.startsWith("getId"))).toHaveLength(1);
  });

  test("are fetched once for all callers that ask at the same time", async () => {
    const { made, provide } = setUp();
    const [a, b] = await Promise.all([provide(), provide()]);
    expect(a).toBe(b);
    expect(made).toHaveLength(3);
  });

  test("are fetched again for the same identity, once they were forgotten", async () => {
    const { made, provide } = setUp();
    await provide();
    provide.forget();
    await provide();
    expect(made.map((call) => call.split(" ").slice(0, 2).join(" "))).toEqual([
      `getId ${ACCESS.identityPoolId}`,
      "getOpenIdToken id-1",
      `assumeRole ${ACCESS.guestRoleArn}`,
      "getOpenIdToken id-1",
      `assumeRole ${ACCESS.guestRoleArn}`,
    ]);
  });

  const refusal = (name: string, httpStatusCode: number) =>
    Object.assign(new Error("no"), { name, $metadata: { httpStatusCode } });
  test.each([
    ["a refused pool", refusal("ResourceNotFoundException", 400), "REQUEST_REFUSED", false],
    ["a refused guest", refusal("NotAuthorizedException", 400), "ACCESS_DENIED", false],
    [
      "an error that would be the content's fault for SQS",
      refusal("InvalidParameterValue", 400),
      "REQUEST_REFUSED",
      false,
    ],
    ["an error that would be a missing queue for SQS", refusal("QueueDoesNotExist", 400), "REQUEST_REFUSED", false],
    ["too many requests", refusal("TooManyRequestsException", 429), "THROTTLED", true],
    ["no network", Object.assign(new Error("x"), { code: "ENOTFOUND" }), "NETWORK", true],
  ])("report %s by its code, and work again afterwards", async (_, error, code, retryable) => {
    let failing = true;
    const { provide } = setUp({
      getOpenIdToken: async () => {
        if (failing) throw error;
        return "token";
      },
    });
    const failure = await provide().catch((thrown) => thrown);
    expect(failure).toMatchObject({ code, retryable, cause: error });
    expect(failure.message).toMatch(/^Guest access failed: .+: .+/);
    failing = false;
    await expect(provide()).resolves.toHaveProperty("accessKeyId");
  });
});

test("the sender itself caches credentials, and the SDK doesn't", () => expect(setUp().provide.memoized).toBe(true));

describe("the guest's identity", () => {
  const named = (name: string) => Object.assign(new Error("no"), { name, $metadata: { httpStatusCode: 400 } });

  function storageOf(kept: Record<string, string> = {}): GuestStorage & { kept: Record<string, string> } {
    return {
      kept,
      getItem: async (key) => kept[key] ?? null,
      async setItem(key, value) {
        kept[key] = value;
      },
    };
  }
  const KEY = `sluice.guest.${ACCESS.identityPoolId}`;

  test("outlives the app: its next start asks for no new identity", async () => {
    const storage = storageOf();
    const first = setUp({}, storage);
    await first.provide();
    expect(storage.kept).toEqual({ [KEY]: "id-1" });
    const second = setUp({}, storage);
    await second.provide();
    expect(second.made).toEqual(["getOpenIdToken id-1", expect.stringContaining("assumeRole")]);
  });

  test("is another one in another pool", async () => {
    const storage = storageOf({ "sluice.guest.eu-central-1:another": "id-of-another" });
    await setUp({}, storage).provide();
    expect(storage.kept).toEqual({ "sluice.guest.eu-central-1:another": "id-of-another", [KEY]: "id-1" });
  });

  test.each([
    ["was deleted", "ResourceNotFoundException"],
    ["is no id", "InvalidParameterException"],
    ["is of no known form", "ValidationException"],
  ])("that %s is replaced at once, and the new identity is kept", async (_, name) => {
    const storage = storageOf({ [KEY]: "old" });
    const asked: string[] = [];
    const { provide } = setUp(
      {
        getOpenIdToken: async (id) => {
          asked.push(id);
          if (id === "old") throw named(name);
          return "token";
        },
      },
      storage,
    );
    await expect(provide()).resolves.toHaveProperty("accessKeyId");
    expect(asked).toEqual(["old", "id-1"]);
    expect(storage.kept).toEqual({ [KEY]: "id-1" });
  });

  test("is kept if the pool is gone, and one survey never makes two identities", async () => {
    const storage = storageOf({ [KEY]: "old" });
    const getId = jest.fn(() => Promise.reject(named("ResourceNotFoundException")));
    const { provide } = setUp(
      { getId, getOpenIdToken: () => Promise.reject(named("ResourceNotFoundException")) },
      storage,
    );
    await expect(provide()).rejects.toMatchObject({ code: "REQUEST_REFUSED", retryable: false });
    expect(getId).toHaveBeenCalledTimes(1);
    expect(storage.kept).toEqual({ [KEY]: "old" });
  });

  test.each(["NotAuthorizedException", "TooManyRequestsException", "InternalErrorException", "TypeError"])(
    "is kept after %s",
    async (name) => {
      let calls = 0;
      const { made, provide } = setUp({
        getOpenIdToken: () => (calls++ === 0 ? Promise.reject(named(name)) : Promise.resolve("token")),
      });
      await expect(provide()).rejects.toBeInstanceOf(SenderError);
      await provide();
      expect(made.filter((call) => call.startsWith("getId"))).toHaveLength(1);
    },
  );

  test.each<[string, GuestStorage]>([
    ["cannot be read", { ...storageOf(), getItem: () => Promise.reject(new Error("no")) }],
    [
      "throws at reading",
      {
        ...storageOf(),
        getItem: () => {
          throw new Error("no");
        },
      },
    ],
    ["cannot be written", { ...storageOf(), setItem: () => Promise.reject(new Error("no")) }],
    ["has an empty text", storageOf({ [KEY]: "" })],
  ])("is a new one if the storage %s; the survey is sent nevertheless", async (_, storage) => {
    const { made, provide } = setUp({}, storage);
    await expect(provide()).resolves.toHaveProperty("accessKeyId");
    expect(made[0]).toMatch(/^getId/);
  });

  test("is kept in an outbox's folder beside the entries, and is not an entry", async () => {
    const folder = await scratchFolder();
    const storage = folderStorage(folder);
    await setUp({}, storage).provide();
    expect(await storage.names()).toEqual([]);
    expect(await folderStorage(folder).getItem(KEY)).toBe("id-1");
    expect(await readdir(folder)).toEqual([`.${KEY.replace(":", "_")}.value`]);
  });

  test("is the same for all calls that start at the same time in one sender", async () => {
    const storage = storageOf();
    const { made, provide } = setUp({}, storage);
    await Promise.all([provide(), provide(), provide()]);
    expect(made.filter((call) => call.startsWith("getId"))).toHaveLength(1);
  });
});

describe("the classic flow", () => {
  let answer: string;
  let server: Server;
  const asked: { target: string; credential: string | undefined }[] = [];
  const flow = () => classicFlow("eu-central-1:pool", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const target = request.headers["x-amz-target"] ?? `${body}`;
        asked.push({ target: String(target), credential: request.headers.authorization });
        response.setHeader("content-type", answer.startsWith("<") ? "text/xml" : "application/x-amz-json-1.1");
        response.end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const credentials = (...fields: string[]) => `<AssumeRoleWithWebIdentityResponse
    xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>${fields
      .map((field) => `<${field}>the ${field}</${field}>`)
      .join("")}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

  test("returns the credentials from the calls' answers", async () => {
    const { getId, getOpenIdToken, assumeRole } = flow();
    answer = JSON.stringify({ IdentityId: "id" });
    expect(await getId("pool")).toBe("id");
    answer = JSON.stringify({ Token: "token" });
    expect(await getOpenIdToken("id")).toBe("token");
    answer = credentials("AccessKeyId", "SecretAccessKey", "SessionToken");
    expect(await assumeRole("arn:role", "token", 60)).toEqual({
      accessKeyId: "the AccessKeyId",
      secretAccessKey: "the SecretAccessKey",
      sessionToken: "the SessionToken",
    });
    const request = new URLSearchParams(asked.at(-1)?.target);
    expect(Object.fromEntries(request)).toMatchObject({
      Action: "AssumeRoleWithWebIdentity",
      RoleArn: "arn:role",
      RoleSessionName: "sluice-sender",
      WebIdentityToken: "token",
      DurationSeconds: "60",
    });
    expect(asked.map(({ credential }) => credential)).toEqual([undefined, undefined, undefined]);
  });

  test.each<[string, string, (calls: GuestCalls) => Promise<unknown>, string]>([
    ["an identity", "{}", (calls) => calls.getId("pool"), "GetId"],
    ["a token", "{}", (calls) => calls.getOpenIdToken("id"), "GetOpenIdToken"],
    ...[
      ["AccessKeyId", credentials("SecretAccessKey", "SessionToken")],
      ["SecretAccessKey", credentials("AccessKeyId", "SessionToken")],
      ["SessionToken", credentials("AccessKeyId", "SecretAccessKey")],
    ].map(([what, text]): [string, string, (calls: GuestCalls) => Promise<unknown>, string] => [
      what as string,
      text as string,
      (calls) => calls.assumeRole("arn:role", "token", 60),
      "AssumeRoleWithWebIdentity",
    ]),
  ])("an answer without %s is an error", async (_, text, call, name) => {
    answer = text;
    await expect(call(flow())).rejects.toMatchObject({
      code: "BAD_ANSWER",
      message: `The answer of ${name} lacks a field that it must have.`,
      retryable: true,
    });
  });
});

describe("a sender with guest access, through the real SDKs", () => {
  const sqs = localSqs();
  let aws: Server;
  const asked: { what: string; signed: boolean }[] = [];
  let queueAtSqs: string;

  beforeAll(async () => {
    aws = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", async () => {
        const target = String(request.headers["x-amz-target"] ?? new URLSearchParams(body).get("Action"));
        if (target.startsWith("AmazonSQS.")) {
          const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
          const answer = await fetch(new URL(queueAtSqs).origin, { method: "POST", headers, body });
          response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
          response.end(await answer.text());
          return;
        }
        const what = target.split(".").pop() as string;
        asked.push({ what, signed: request.headers.authorization !== undefined });
        if (what === "GetId") response.end(JSON.stringify({ IdentityId: "eu-central-1:guest" }));
        else if (what === "GetOpenIdToken") response.end(JSON.stringify({ Token: "token" }));
        else {
          response.setHeader("content-type", "text/xml");
          response.end(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>GUESTKEY</AccessKeyId>
            <SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>
            <Expiration>2000-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>`);
        }
      });
    });
    await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    aws.closeAllConnections();
    return new Promise((resolve) => aws.close(resolve));
  });

  test("needs no credentials, asks once, and sends, even if the device's clock is wrong about the expiry", async () => {
    queueAtSqs = await sqs.queue("guest");
    // As in the local cloud, one endpoint answers for SQS, Cognito and STS.
    const queueUrl = `http://127.0.0.1:${(aws.address() as AddressInfo).port}${new URL(queueAtSqs).pathname}`;
    const sender = createSender({ queueUrl, region: "eu-central-1", ...ACCESS });
    for (const user_id of ["1", "2", "3"]) {
      expect(await sender.sendSurvey(survey({ user_id }))).toMatchObject({ statusCode: 200 });
    }
    expect(await sqs.bodies("guest")).toHaveLength(3);
    expect(asked).toEqual([
      { what: "GetId", signed: false },
      { what: "GetOpenIdToken", signed: false },
      { what: "AssumeRoleWithWebIdentity", signed: false },
    ]);
  });

  test("is the same guest at the next start of the app, if the app's storage has the identity", async () => {
    queueAtSqs = await sqs.queue("again");
    const queueUrl = `http://127.0.0.1:${(aws.address() as AddressInfo).port}${new URL(queueAtSqs).pathname}`;
    const guestStorage = folderStorage(await scratchFolder());
    for (const user_id of ["1", "2"]) {
      asked.length = 0;
      const sender = createSender({ queueUrl, region: "eu-central-1", ...ACCESS }, { guestStorage });
      expect(await sender.sendSurvey(survey({ user_id }))).toMatchObject({ statusCode: 200 });
      sender.close();
    }
    expect(asked.map(({ what }) => what)).toEqual(["GetOpenIdToken", "AssumeRoleWithWebIdentity"]);
  });
});
