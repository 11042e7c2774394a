import { createHash } from "node:crypto";
import type { StoredMarker } from "../../local/ingestState";
import type { Found, QuarantineObject, Run } from "../../soak/evidence";
import { expectation } from "../../soak/expectation";
import { countsOf } from "../../soak/findings";
import { reconcile } from "../../soak/reconcile";

const survey = (changes: object) =>
  JSON.stringify({ user_id: "a", timestamp: "092821120000", time_elapsed: 5, q1: 5, freetext: "fine", ...changes });
const early = survey({ q1: 1, q2: 2 });
const late = survey({ timestamp: "092821130000", q1: 2 });
const other = survey({ timestamp: "092821130000", q1: 3 });
const quick = survey({ timestamp: "092821140000", time_elapsed: 1 });
const gone = survey({ user_id: "e" });
const texts = [late, early, other, quick, "{", early, "{", quick, gone];
const SENT_AT = Date.UTC(2021, 8, 29);

/** Each body's messages are m0, m1, … in this order. */
const run: Run = {
  expected: expectation(texts, SENT_AT),
  sent: texts,
  receipts: texts.map((text, index) => ({ messageId: `m${index}`, text })),
  expired: new Set(),
  beforeExpiry: texts.length,
  erased: new Set(["e"]),
};

const object = (text: string, messageId: string) => ({ bytes: Buffer.from(text), messageId });
const marker = (submission: string, text: string, messageId: string): StoredMarker => {
  return { submission, sha256: createHash("sha256").update(text).digest("base64"), messageId };
};
const kept = (folder: string, messageId: string, body: string, ...codes: string[]) =>
  [`${folder}/${messageId}.json`, { body, codes }] as [string, QuarantineObject];

/** The expected state, if `winner` came before its contradiction. */
function sound(winner: "late" | "other" = "late"): Found {
  const [won, by, lost, byOther] = winner === "late" ? [late, "m0", other, "m2"] : [other, "m2", late, "m0"];
  return {
    raw: new Map([
      ["a092821120000.json", object(early, "m1")],
      ["a092821130000.json", object(won, by)],
    ]),
    quarantine: new Map([
      kept("participants/a", byOther, lost, "conflict"),
      kept("participants/a", "m3", quick, "too_quick"),
      kept("participants/a", "m7", quick, "too_quick"),
      kept("unidentified", "m4", "{", "not_json"),
      kept("unidentified", "m6", "{", "not_json"),
    ]),
    markers: [marker("a092821120000", early, "m1"), marker("a092821130000", won, by)],
    items: {
      a: {
        num_submission: 2,
        timestamp: "092821130000",
        q1: winner === "late" ? 2 : 3,
        time_elapsed: 5,
        freetext: "fine",
        submitted_at: "2021-09-28T13:00:00.000000000Z",
        questions: "1",
      },
      e: { erased_at: "2021-09-29T00:00:00.000Z" },
    },
    dead: 0,
    left: 0,
  };
}

test("each distinct body is counted once, even if it was sent twice", () => {
  expect(run.expected.bodies).toBe(6);
});

test("nothing differs if all is as expected, whichever of two contradictions came first", () => {
  expect(reconcile(run, sound())).toEqual([]);
  expect(reconcile(run, sound("other"))).toEqual([]);
});

test("every message that the queue took has one fate", () => {
  expect(countsOf(run, sound())).toMatchObject({
    ...{ stored: 2, duplicates: 1, inQuarantine: 5, erased: 1, dead: 0 },
    ...{ rawObjects: 2, counted: 2, participants: 1 },
    reasons: { conflict: 1, too_quick: 2, not_json: 2 },
    events: { expired: 0, cameLater: 0, broughtBack: 0, erasedParticipants: 1 },
  });
});

test("a message whose answer got lost is taken twice, and each of the two has its fate", () => {
  const again = { ...run, receipts: [...run.receipts, { messageId: "m9", text: quick }] };
  expect(reconcile(again, sound())).toHaveLength(2);
  const both = quarantine((map) => map.set(...kept("participants/a", "m9", quick, "too_quick")));
  expect(reconcile(again, { ...sound(), ...both })).toEqual([]);
});

const expired: Run = { ...run, expired: new Set(["a092821120000.json"]), beforeExpiry: 4 };

test("an expired raw object may be missing, or may be there again for the message that was counted", () => {
  const missing = { ...sound(), ...raw([["a092821120000.json", undefined]]) };
  expect(reconcile(expired, missing)).toEqual([]);
  expect(countsOf(expired, missing).events).toMatchObject({ expired: 1, cameLater: 1, broughtBack: 0 });
  expect(reconcile(expired, sound())).toEqual([]);
  expect(countsOf(expired, sound()).events.broughtBack).toBe(1);
});

test.each<[what: string, object: ReturnType<typeof object>, difference: RegExp]>([
  ["a late duplicate brings it back", object(early, "m5"), /brought back by message m5/],
  ["it is there with another body", object(late, "m1"), /not the bytes that were counted/],
])("about an expired raw object it is reported when %s", (_, one, difference) => {
  const found = { ...sound(), raw: new Map([...sound().raw, ["a092821120000.json", one]]) };
  const differences = reconcile(expired, found);
  expect(differences).toHaveLength(1);
  expect(differences[0]).toMatch(difference);
});

function raw(changes: [string, string | undefined][]) {
  const map = new Map(sound().raw);
  for (const [key, text] of changes) text === undefined ? map.delete(key) : map.set(key, object(text, "m1"));
  return { raw: map };
}
function quarantine(change: (map: Map<string, QuarantineObject>) => void) {
  const map = new Map(sound().quarantine);
  change(map);
  return { quarantine: map };
}
const item = (changes: object) => ({ items: { ...sound().items, a: { ...sound().items.a, ...changes } } });
const markers = (...changed: StoredMarker[]) => ({ markers: changed });
const [first, second] = sound().markers as [StoredMarker, StoredMarker];
const SUM = /and the queue took 9/;

test.each<[what: string, changes: Partial<Found>, differences: RegExp[]]>([
  ["a raw object is lost", raw([["a092821120000.json", undefined]]), [/raw object a092821120000.json: lost/]],
  ["a raw object has other bytes", raw([["a092821120000.json", `${early} `]]), [/not the bytes/]],
  ["a raw object is the body that lost a conflict", raw([["a092821130000.json", other]]), [/not the bytes/]],
  ["a raw object belongs to nobody", raw([["b092821120000.json", early]]), [/b092821120000.json: nobody/]],
  ["a raw object belongs to an erased participant", raw([["e092821120000.json", gone]]), [/of an erased participant/]],
  [
    "the quarantine lost one message of a body that has several",
    quarantine((map) => map.delete("participants/a/m3.json")),
    [/quarantine participants\/a\/m3.json: lost/, SUM],
  ],
  [
    "the quarantine has a record too many",
    quarantine((map) => map.set("unidentified/0.json", { body: "[", codes: [] })),
    [/0.json: no message/, SUM],
  ],
  [
    "the quarantine has a body in another's folder",
    quarantine((map) => map.set(...kept("participants/b", "m3", quick, "too_quick"))),
    [/quarantine participants\/b\/.*no message/, SUM],
  ],
  [
    "the quarantine has a duplicate of what was counted",
    quarantine((map) => map.set(...kept("participants/a", "m5", early, "conflict"))),
    [/m5.json: no message/, SUM],
  ],
  [
    "the quarantine has a body of an erased participant",
    quarantine((map) => map.set(...kept("participants/e", "m8", gone, "conflict"))),
    [/m8.json: of an erased/, SUM],
  ],
  [
    "the quarantine gives another reason",
    quarantine((map) => map.set(...kept("participants/a", "m3", quick, "invalid"))),
    [/reasons invalid, should be too_quick/],
  ],
  [
    "the quarantine has another body under the key",
    quarantine((map) => map.set(...kept("unidentified", "m4", "}", "not_json"))),
    [/m4.json: the body of another message/],
  ],
  ["a marker is missing", markers(first), [/m2.json: no message/, /marker a092821130000: missing/, SUM]],
  ["a marker is too many", markers(first, second, marker("x", early, "m5")), [/marker x: nobody/]],
  [
    "a marker belongs to an erased participant",
    markers(first, second, marker("e092821120000", gone, "m8")),
    [/marker e092821120000: of an erased/, SUM],
  ],
  [
    "a marker names a body that nobody sent",
    markers(first, marker("a092821130000", "?", "m0")),
    [/m2.json: no message/, /marker a092821130000: of a body that nobody sent/],
  ],
  [
    "a marker names a message with another body",
    markers(marker("a092821120000", early, "m0"), second),
    [/marker a092821120000: of a message with another body/, SUM],
  ],
  ["a submission is counted twice", item({ num_submission: 3 }), [/num_submission is 3, should be 2/]],
  ["the answers are those of an earlier submission", item({ q1: 1 }), [/q1 is 1, should be 2/]],
  ["an answer of an earlier submission stayed", item({ q2: 2 }), [/q2 is 2, should be not there/]],
  ["an answer is gone", item({ q1: undefined }), [/q1 is not there, should be 2/]],
  [
    "a participant is lost",
    { items: { e: sound().items.e as object as Record<string, unknown> } },
    [/participant a: lost/],
  ],
  ["a participant is too many", { items: { ...sound().items, b: { num_submission: 1 } } }, [/participant b: never/]],
  [
    "an erased participant has no tombstone",
    { items: { a: sound().items.a as Record<string, unknown> } },
    [/no tombstone/],
  ],
  [
    "an erased participant counts again",
    { items: { ...sound().items, e: { num_submission: 1 } } },
    [/participant e: was erased, and has num_submission/],
  ],
  ["a message is dead", { dead: 1 }, [/1 message\(s\) in the dead-letter queue/, SUM]],
  ["a message is left", { left: 2 }, [/2 message\(s\) still in the queue/]],
])("it is reported when %s", (_, changes, differences) => {
  const found = reconcile(run, { ...sound(), ...changes });
  expect(found).toHaveLength(differences.length);
  for (const [index, difference] of differences.entries()) expect(found[index]).toMatch(difference);
});

test("a body that never reached the queue is reported", () => {
  const found = reconcile({ ...run, sent: [...texts, early] }, sound());
  expect(found).toEqual([expect.stringMatching(/^body .*: lost before the queue took it$/)]);
});
