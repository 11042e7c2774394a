import { createHash } from "node:crypto";
import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { seededRandom, shuffled } from "../../../local/faults/random";
import type { Call } from "../../../local/gateway/call";
import { awsError } from "../../../local/gateway/errors";
import { brokenConnection } from "../../../local/gateway/message";
import { sha256Of } from "../../../services/ingest/objectVersions";
import type { Storage } from "../../../services/ingest/storage";
import { type StoreOutcome, type SubmissionMessage, storeSubmission } from "../../../services/ingest/storeSubmission";
import { submissionParser } from "../../../services/ingest/submission";
import { Ground, items, keys, putResult, quarantined, resultOf, textOf, versionsOf } from "./ground";
import { body, POLICY, questions, SENT_AT } from "./submissions";

let ground: Ground;
let storage: Storage;
beforeAll(async () => {
  ground = await Ground.start();
});
afterAll(() => ground?.stop());
beforeEach(async () => {
  ground.stage = (_, next) => next();
  storage = await ground.storage();
});

const parse = submissionParser({ ...POLICY, minAnswers: 0 });
const sha = (text: string) => createHash("sha256").update(text).digest("base64").replaceAll("/", "-");
const soon = () => AbortSignal.timeout(120_000);

/** @param endedBefore default: all deliveries that wrote before have ended. */
function store(
  text: string,
  {
    signal = soon(),
    messageId = "m-1",
    sentAt = SENT_AT,
    endedBefore = Number.POSITIVE_INFINITY,
    ...more
  }: Partial<SubmissionMessage & { signal: AbortSignal }> = {},
): Promise<StoreOutcome> {
  return storeSubmission(storage, parse, { body: text, messageId, sentAt, endedBefore, ...more }, signal);
}

/** All state that a delivery may leave behind. */
async function state() {
  const raw = await keys(storage, storage.rawBucket);
  const markers = await items(storage, storage.submissionsTable);
  return {
    raw: Object.fromEntries(
      await Promise.all(raw.map(async (key) => [key, await textOf(storage, storage.rawBucket, key)])),
    ),
    quarantine: (await quarantined(storage)).map(({ reasons, body }) => [body, reasons.map(({ code }) => code)]),
    markers: markers.map(({ submission }) => submission?.S).sort(),
    results: await items(storage, storage.resultsTable),
  };
}

describe("a submission", () => {
  test("its body is kept character for character under user and timestamp", async () => {
    const text = ` ${body({ freetext: "ä😀\n\u0000", unknown: { kept: true } })}\r\n`;
    expect(await store(text)).toEqual({ kind: "stored", id: "0001092821120000", implausibleTime: false });
    expect((await state()).raw).toEqual({ "0001092821120000.json": text });
  });

  test("with an RFC 3339 timestamp it is found under this timestamp", async () => {
    const text = body({ timestamp: "2021-09-28T12:00:00.5+02:00" });
    expect(await store(text)).toMatchObject({ kind: "stored" });
    expect(await store(text)).toMatchObject({ kind: "duplicate" });
    expect(Object.keys((await state()).raw)).toEqual(["00012021-09-28T12:00:00.5+02:00.json"]);
  });

  test("with an implausible time it counts and its body is kept, but the latest answers stay", async () => {
    const text = body({ timestamp: "2564-09-28T21:12:00Z", q1: 5 });
    await store(body());
    expect(await store(text)).toEqual({ kind: "stored", id: "00012564-09-28T21:12:00Z", implausibleTime: true });
    expect(await store(text)).toEqual({ kind: "duplicate", id: "00012564-09-28T21:12:00Z" });
    const { raw, results } = await state();
    expect(raw["00012564-09-28T21:12:00Z.json"]).toBe(text);
    expect(results).toMatchObject([{ num_submission: { N: "2" }, num_implausible_time: { N: "1" }, q1: { N: "1" } }]);
  });

  test.each([
    ["not true", "true", SENT_AT, Date.UTC(2022, 8, 28), true],
    ["true", "not true", Date.UTC(2022, 8, 28), SENT_AT, false],
  ])(
    "counted with a time that was %s, it stays like that when a later message makes the time %s",
    async (_, _then, sent, again, wrong) => {
      const text = body({ timestamp: "2022-09-28T12:00:00Z" });
      expect(await store(text, { sentAt: sent })).toMatchObject({ kind: "stored", implausibleTime: wrong });
      const before = await state();
      expect(await store(text, { sentAt: again })).toMatchObject({ kind: "duplicate" });
      expect(await state()).toEqual(before);
    },
  );

  test("days after its raw object has expired it is still a duplicate", async () => {
    await store(body());
    const object = { Bucket: storage.rawBucket, Key: "0001092821120000.json" };
    await storage.s3.send(new DeleteObjectCommand(object));
    expect(await store(body())).toEqual({ kind: "duplicate", id: "0001092821120000" });
    expect((await resultOf(storage, "0001"))?.num_submission).toEqual({ N: "1" });
  });

  test("that has no room in its item is only in quarantine, and counts once there is room", async () => {
    await putResult(storage, { user_id: { S: "0001" }, note: { S: "x".repeat(409_000) } });
    const text = body({ freetext: "x".repeat(5_000) });
    expect(await store(text)).toMatchObject({ kind: "quarantined", reasons: [{ code: "item_too_large" }] });
    expect(await versionsOf(storage, storage.rawBucket)).toEqual({});
    await putResult(storage, { user_id: { S: "0001" } });
    expect(await store(text)).toMatchObject({ kind: "stored" });
  });
});

describe("if proof is required", () => {
  const isProven = async (userId: string) => userId === "0001";
  const nobody = async () => false;

  test("a proven submission counts", async () => {
    expect(await store(body(), { isProven })).toMatchObject({ kind: "stored" });
  });

  test("an unproven submission is in quarantine, and leaves nothing that could block the true one", async () => {
    const forged = body({ q1: 5 });
    const outcome = await store(forged, { isProven: nobody, messageId: "forged" });
    expect(outcome).toMatchObject({ kind: "quarantined", id: "0001092821120000", reasons: [{ code: "unproven" }] });
    expect(await state()).toMatchObject({ raw: {}, markers: [], results: [], quarantine: [[forged, ["unproven"]]] });
    expect(await versionsOf(storage, storage.rawBucket)).toEqual({});

    expect(await store(body(), { isProven })).toMatchObject({ kind: "stored" });
    expect(await store(forged, { isProven: nobody, messageId: "forged" })).toMatchObject({ kind: "quarantined" });
    const { raw, results } = await state();
    expect(raw).toEqual({ "0001092821120000.json": body() });
    expect(results).toMatchObject([{ num_submission: { N: "1" }, q1: { N: "1" } }]);
  });

  test("an unproven body with other problems has all its reasons", async () => {
    const outcome = await store(body({ time_elapsed: 1 }), { isProven: nobody });
    expect((outcome as { reasons: { code: string }[] }).reasons.map(({ code }) => code)).toEqual([
      "unproven",
      "too_quick",
    ]);
    expect(await keys(storage, storage.quarantineBucket)).toEqual(["participants/0001/m-1.json"]);
  });

  test.each(["not json", body({ user_id: "a b" }), body({ user_id: undefined })])(
    "a body that names no participant keeps its own reasons, and needs no proof: %s",
    async (text) => {
      const ask = jest.fn(nobody);
      const outcome = await store(text, { isProven: ask });
      expect(outcome).toMatchObject({ kind: "quarantined" });
      expect(JSON.stringify(outcome)).not.toContain("unproven");
      expect(ask).not.toHaveBeenCalled();
    },
  );

  test("if the proof can't be checked now, nothing is kept and the message comes again", async () => {
    const failing = () => Promise.reject(new Error("no secrets"));
    await expect(store(body(), { isProven: failing })).rejects.toThrow("no secrets");
    expect(await state()).toEqual({ raw: {}, quarantine: [], markers: [], results: [] });
  });

  test("an unproven message in an erased participant's name is kept nowhere", async () => {
    await putResult(storage, { user_id: { S: "0001" }, erased_at: { S: "2021-09-29T00:00:00Z" } });
    expect(await store(body(), { isProven: nobody })).toEqual({ kind: "erased" });
    expect(await versionsOf(storage, storage.quarantineBucket)).toEqual({});
  });
});

describe("a body that is refused", () => {
  test("is kept character for character with all reasons, under its participant and its message", async () => {
    const text = body({ time_elapsed: 1, q1: 9 });
    const outcome = await store(text);
    expect(outcome).toMatchObject({ kind: "quarantined", id: "0001092821120000" });
    expect(await keys(storage, storage.quarantineBucket)).toEqual(["participants/0001/m-1.json"]);
    expect(await quarantined(storage)).toEqual([
      {
        reasons: (outcome as { reasons: unknown }).reasons,
        sentAt: "2021-09-28T12:00:00.000Z",
        messageId: "m-1",
        body: text,
      },
    ]);
    expect(await state()).toMatchObject({ raw: {}, markers: [], results: [] });
  });

  test("is there twice if it was sent twice, but once if it was delivered twice", async () => {
    await store("not json");
    expect(await store("not json")).toMatchObject({ kind: "quarantined" });
    await store("not json", { messageId: "m-2" });
    const one = ["not json", ["not_json"]];
    expect((await state()).quarantine).toEqual([one, one]);
    expect(Object.values(await versionsOf(storage, storage.quarantineBucket))).toEqual([1, 1]);
  });

  test("with a malformed time lies with its participant", async () => {
    expect(await store(body({ timestamp: "yesterday" }))).toMatchObject({ kind: "quarantined", id: undefined });
    expect(await keys(storage, storage.quarantineBucket)).toEqual(["participants/0001/m-1.json"]);
  });

  test("and then resolved stays resolved when it is delivered once more, unless its reasons have changed", async () => {
    await store(body({ q1: 9 }));
    const [record] = await quarantined(storage);
    const resolution = { at: "2026-01-01T00:00:00Z", how: "resolved" as const };
    const object = { Bucket: storage.quarantineBucket, Key: "participants/0001/m-1.json" };
    await storage.s3.send(new PutObjectCommand({ ...object, Body: JSON.stringify({ ...record, resolution }) }));
    await store(body({ q1: 9 }));
    expect(await quarantined(storage)).toEqual([{ ...record, resolution }]);
    await store(body({ time_elapsed: 0 }));
    expect(await quarantined(storage)).toMatchObject([{ reasons: [{ code: "too_quick" }] }]);
  });

  test("for one reason, and later conflicts, has a record of each", async () => {
    const text = body({ q1: 5 });
    const strict = submissionParser({ ...POLICY, answerMax: 4 });
    const message = { body: text, messageId: "m-1", sentAt: SENT_AT, endedBefore: 0 };
    await storeSubmission(storage, strict, message, soon());
    await store(body({ q1: 1 }), { messageId: "m-2" });
    await store(text, { messageId: "m-3" });
    expect((await state()).quarantine).toEqual([
      [text, ["invalid"]],
      [text, ["conflict"]],
    ]);
  });

  test.each([
    ["a user_id with a path", body({ user_id: "../../x" })],
    ["a byte order mark", `\ufeff${body()}`],
    ["a NUL", "\0"],
    ["a mebibyte of quotes", '"'.repeat(1_048_576)],
  ])("with %s lies among the unidentified bodies", async (_, text) => {
    expect(await store(text)).toMatchObject({ kind: "quarantined", id: undefined });
    expect(await keys(storage, storage.quarantineBucket)).toEqual(["unidentified/m-1.json"]);
    expect((await quarantined(storage))[0]?.body).toBe(text);
  });
});

describe("other content under the same key", () => {
  const [one, other] = [body({ q1: 1 }), body({ q1: 5 })];

  test("both bodies are kept, the first counts", async () => {
    await store(one);
    expect(await store(other)).toMatchObject({ kind: "quarantined", reasons: [{ code: "conflict" }] });
    const { raw, quarantine, results } = await state();
    expect([Object.values(raw), quarantine]).toEqual([[one], [[other, ["conflict"]]]]);
    expect(results).toMatchObject([{ num_submission: { N: "1" }, q1: { N: "1" } }]);
  });

  test("of two bodies at the same time, one counts and the other is in quarantine", async () => {
    const outcomes = await Promise.all(
      [one, other, one, other].map((text, index) => store(text, { messageId: `m-${index}` })),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["duplicate", "quarantined", "quarantined", "stored"]);
    const { raw, quarantine, results } = await state();
    const losers = quarantine.map(([text]) => text);
    expect(new Set([...Object.values(raw), ...losers])).toEqual(new Set([one, other]));
    expect(losers).toHaveLength(2);
    const counted = JSON.parse(Object.values(raw)[0] as string) as { q1: number };
    expect(results).toMatchObject([{ num_submission: { N: "1" }, q1: { N: String(counted.q1) } }]);
  });

  test("the marker shows the conflict once the raw object has expired", async () => {
    await store(one);
    await storage.s3.send(new DeleteObjectCommand({ Bucket: storage.rawBucket, Key: "0001092821120000.json" }));
    expect(await store(other, { messageId: "m-2" })).toMatchObject({ reasons: [{ code: "conflict" }] });
    expect(await store(one, { messageId: "m-3" })).toMatchObject({ kind: "duplicate" });
    expect((await state()).raw).toEqual({});
    expect((await state()).results).toMatchObject([{ num_submission: { N: "1" }, q1: { N: "1" } }]);
  });

  test.each([
    ["without the checksum it was given", (Key: string) => put(Key)],
    ["by copying it back", (Key: string) => copied(Key)],
  ])("an object that somebody restored %s is the same content, not a conflict", async (_, restore) => {
    await store(one);
    await restore("0001092821120000.json");
    expect(await store(one)).toMatchObject({ kind: "duplicate" });
    expect(await store(other)).toMatchObject({ kind: "quarantined" });
  });

  test("the checksum of an object in parts doesn't show its content, so the content is read", async () => {
    const send = async () => ({ Body: { transformToByteArray: async () => Buffer.from(one) } });
    const s3 = { send } as unknown as Storage["s3"];
    const object = { bucket: "raw", key: "key", versionId: "1", etag: "e", messageId: undefined, writtenAt: 0 };
    expect(await sha256Of({ s3 }, { ...object, sha256: `${"A".repeat(43)}=-2` }, soon())).toBe(
      createHash("sha256").update(one).digest("base64"),
    );
  });

  async function put(Key: string): Promise<void> {
    const object = { Bucket: storage.rawBucket, Key };
    await storage.s3.send(new PutObjectCommand({ ...object, Body: one, ChecksumAlgorithm: "CRC32" }));
  }

  async function copied(Key: string): Promise<void> {
    const [Bucket, CopySource] = [storage.rawBucket, `${storage.rawBucket}/aside`];
    await put("aside");
    await storage.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await storage.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    await storage.s3.send(new DeleteObjectCommand({ Bucket, Key: "aside" }));
  }
});

describe("a participant who was erased", () => {
  const tombstone = { user_id: { S: "0001" }, erased_at: { S: "2026-01-01T00:00:00Z" } };

  test.each([
    ["an accepted submission", body()],
    ["a submission of 600 questions, which is written as a whole item", body(questions(600))],
    ["a refused submission", body({ q1: 9 })],
    ["a submission with a malformed time", body({ timestamp: "yesterday" })],
  ])("is not brought back by %s, and nothing of that is kept", async (_, text) => {
    await putResult(storage, tombstone);
    expect(await store(text)).toEqual({ kind: "erased" });
    expect(await state()).toEqual({ raw: {}, quarantine: [], markers: [], results: [tombstone] });
    expect(await versionsOf(storage, storage.rawBucket)).toEqual({});
    expect(await versionsOf(storage, storage.quarantineBucket)).toEqual({});
  });

  test("is not brought back by a conflict while the marker still exists", async () => {
    await store(body(), { messageId: "m-0" });
    await putResult(storage, tombstone);
    expect(await store(body({ q1: 5 }))).toEqual({ kind: "erased" });
    expect((await state()).quarantine).toEqual([]);
  });

  test("in the middle of a delivery is not brought back by that delivery", async () => {
    await store(body({ timestamp: "092721120000", q9: 1 }), { messageId: "m-0" });
    let writes = 0;
    ground.stage = async ({ action }, next) => {
      const answer = await next();
      // The first write meets other questions. Meanwhile the participant is erased.
      if (action === "TransactWriteItems" && ++writes === 1) await putResult(storage, tombstone);
      return answer;
    };
    expect(await store(body())).toEqual({ kind: "erased" });
    expect((await state()).results).toEqual([tombstone]);
  });
});

test("the version of a delivery that may still be at work stays, and the message comes again", async () => {
  await putResult(storage, { user_id: { S: "0001" }, note: { S: "x".repeat(409_000) } });
  const text = body({ freetext: "x".repeat(5_000) });
  const object = { Bucket: storage.rawBucket, Key: "0001092821120000.json" };
  await storage.s3.send(new PutObjectCommand({ ...object, Body: text, Metadata: { message: "m-1" } }));
  await expect(store(text, { endedBefore: 0 })).rejects.toMatchObject({ code: "IN_WORK", retryable: true });
  expect(Object.keys((await state()).raw)).toEqual(["0001092821120000.json"]);
  expect(await store(text)).toMatchObject({ kind: "quarantined" });
  expect(await versionsOf(storage, storage.rawBucket)).toEqual({});
});

test.each<[string, () => Promise<unknown>, string[]]>([
  ["a first submission", async () => undefined, ["PutObject", "TransactWriteItems"]],
  ["a duplicate", () => store(body(), { messageId: "m-0" }), ["PutObject", "GetItem", "HeadObject"]],
])("%s costs only the necessary requests", async (_, arrange, expected) => {
  await arrange();
  const actions: string[] = [];
  ground.stage = (call, next) => {
    actions.push(call.action);
    return next();
  };
  await store(body());
  expect(actions).toEqual(expected);
});

describe("ended at any call and delivered again", () => {
  const text = body();
  const wide = body(questions(600));
  const expire = () =>
    storage.s3.send(new DeleteObjectCommand({ Bucket: storage.rawBucket, Key: "0001092821120000.json" }));
  const fill = () => putResult(storage, { user_id: { S: "0001" }, note: { S: "x".repeat(409_000) } });
  const bury = () => putResult(storage, { user_id: { S: "0001" }, erased_at: { S: "2026-01-01T00:00:00Z" } });
  const cases: [what: string, before: (string | (() => Promise<unknown>))[], delivery: string][] = [
    ["a first submission", [], text],
    ["one that was counted before", [text], text],
    ["a later one about other questions", [body({ timestamp: "092721120000", q9: 1 })], text],
    ["an older one", [body({ timestamp: "092921120000" })], text],
    ["a submission of 600 questions, which is written as a whole item", [body({ timestamp: "092721120000" })], wide],
    ["one whose time can't be true", [body({ timestamp: "092721120000" })], body({ timestamp: "092864120000" })],
    ["a participant's first, whose time can't be true", [], body({ timestamp: "092864120000" })],
    ["a first one after those whose time can't be true", [body({ timestamp: "092864120000" })], text],
    ["a conflict", [body({ q1: 5 })], text],
    ["one that is refused", [], body({ q1: 9 })],
    ["a late duplicate of what has expired", [text, expire], text],
    ["a conflict with what has expired", [body({ q1: 5 }), expire], text],
    ["one for which there is no room", [fill], body({ freetext: "x".repeat(5_000) })],
    ["one of an erased participant", [bury], text],
    ["one of an erased participant that is refused", [bury], body({ q1: 9 })],
  ];
  /** The fate of the call: it never arrives, or its answer never does. In either case the function is gone. */
  const ends = ["before", "after"] as const;
  const CALLS_MAX = 7;

  test.each(cases)("%s ends as if nothing had happened", async (_, before, delivery) => {
    const settle = async () => {
      storage = await ground.storage();
      ground.stage = (_call, next) => next();
      for (const [index, earlier] of before.entries()) {
        await (typeof earlier === "string" ? store(earlier, { messageId: `earlier-${index}` }) : earlier());
      }
    };
    await settle();
    const calls = await countCalls(() => store(delivery));
    expect(calls).toBeLessThanOrEqual(CALLS_MAX);
    const expected = await state();
    for (let call = 1; call <= calls; call++) {
      for (const end of ends) {
        await settle();
        await killed(call, end, delivery);
        await store(delivery);
        await store(delivery);
        expect({ call, end, ...(await state()) }).toEqual({ call, end, ...expected });
      }
    }
  });

  async function countCalls(run: () => Promise<unknown>): Promise<number> {
    let calls = 0;
    ground.stage = (_, next) => {
      calls++;
      return next();
    };
    await run();
    ground.stage = (_, next) => next();
    return calls;
  }

  async function killed(at: number, end: (typeof ends)[number], delivery: string): Promise<void> {
    const gone = new AbortController();
    let calls = 0;
    ground.stage = async (_, next) => {
      if (++calls !== at) return next();
      if (end === "after") await next();
      gone.abort();
      return brokenConnection;
    };
    await expect(store(delivery, { signal: gone.signal })).rejects.toThrow();
    ground.stage = (_, next) => next();
  }
});

describe("any deliveries, in any order, several at a time, repeated and disturbed", () => {
  const SURVEYS = 24;
  const CONCURRENCY = 6;

  interface Stored {
    num_submission: number;
    num_implausible_time: number;
    latest: string;
    answers: string;
  }

  /** The results that a model without any storage has for the same submissions. */
  function model(bodies: string[]) {
    const participants: Record<string, Stored> = {};
    for (const text of new Set(bodies)) {
      const parsed = parse(text, SENT_AT);
      if (!("submission" in parsed)) throw new Error("the surveys of this test are accepted");
      const { userId, submittedAt, timestamp, implausibleTime, answers } = parsed.submission;
      const latest = submittedAt + timestamp;
      const known = participants[userId] ?? { num_submission: 0, num_implausible_time: 0, latest: "", answers: "[]" };
      const newer = !implausibleTime && latest > known.latest;
      participants[userId] = {
        num_submission: known.num_submission + 1,
        num_implausible_time: known.num_implausible_time + Number(implausibleTime),
        latest: newer ? latest : known.latest,
        answers: newer ? JSON.stringify([...answers]) : known.answers,
      };
    }
    return participants;
  }

  async function stored() {
    const entries = (await items(storage, storage.resultsTable)).map((item) => {
      const answers = Object.entries(item).filter(([name]) => /^q\d/.test(name));
      const byNumber = answers.sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
      const participant = {
        num_submission: Number(item.num_submission?.N),
        num_implausible_time: Number(item.num_implausible_time?.N ?? 0),
        latest: `${item.submitted_at?.S ?? ""}${item.timestamp?.S ?? ""}`,
        answers: JSON.stringify(byNumber.map(([name, { N }]) => [name, Number(N)])),
      };
      return [item.user_id?.S, participant];
    });
    return Object.fromEntries(entries);
  }

  /**
   * Surveys of three participants, with few, other, or very many questions. Some have the same moment in another form, or a
   * wrong clock.
   */
  function surveys(random: () => number): string[] {
    const pick = <T>(things: readonly T[]) => things[Math.floor(random() * things.length)] as T;
    const bodies = new Map<string, string>();
    while (bodies.size < SURVEYS) {
      const user_id = pick(["a", "b", "c"]);
      const day = String(1 + Math.floor(random() * 28)).padStart(2, "0");
      const year = pick([2021, 2021, 2021, 2564]);
      const moments = [`2021-09-${day}T12:00:00Z`, `${year}-09-${day}T13:00:00+01:00`, `${year}-09-${day}T13:00:00+01`];
      const timestamp = pick([`09${day}${year % 100}120000`, ...moments]);
      const asked = questions(pick([0, 1, 3, 3, 600]), pick([1, 1, 2]));
      const answers = Object.fromEntries(
        Object.keys(asked).map((question) => [question, 1 + Math.floor(random() * 5)]),
      );
      bodies.set(
        user_id + timestamp,
        JSON.stringify({ user_id, timestamp, time_elapsed: 5, freetext: "x", ...answers }),
      );
    }
    return [...bodies.values()];
  }

  /** Disturbs one call in six: it never arrives, its answer is lost, or the service refuses it for now. */
  function disturb(random: () => number) {
    return async ({ service }: Call, next: () => Promise<typeof brokenConnection>) => {
      const fate = random();
      if (fate < 0.05) return brokenConnection;
      if (fate < 0.1) return awsError(service, 503, service === "s3" ? "SlowDown" : "ServiceUnavailable", "later");
      const answer = await next();
      return fate > 0.93 ? brokenConnection : answer;
    };
  }

  test.each([1, 2, 3, 4])("counts are exact and the latest by time stay (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const bodies = surveys(random);
    const repeated = bodies.filter(() => random() < 0.3);
    const waiting = shuffled([...bodies, ...repeated], random);
    ground.stage = disturb(random);
    // A delivery is cut off after a moment and comes again, until it is done.
    const deliver = async () => {
      for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
        const again = text;
        const signal = AbortSignal.timeout(100 + Math.floor(400 * random()));
        await store(text, { signal, messageId: sha(text) }).catch(() => waiting.push(again));
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, deliver));
    ground.stage = (_, next) => next();

    expect(await stored()).toEqual(model(bodies));
    const { raw, quarantine, markers } = await state();
    expect(Object.values(raw).sort()).toEqual([...bodies].sort());
    expect(markers).toHaveLength(bodies.length);
    expect(quarantine).toEqual([]);
  });
});
