import { expectation } from "../../soak/expectation";
import { type Found, reconcile } from "../../soak/reconcile";

const survey = (changes: object) =>
  JSON.stringify({ user_id: "a", timestamp: "092821120000", time_elapsed: 5, q1: 5, freetext: "fine", ...changes });
const early = survey({ q1: 1, q2: 2 });
const late = survey({ timestamp: "092821130000", q1: 2 });
const other = survey({ timestamp: "092821130000", q1: 3 });
const quick = survey({ timestamp: "092821140000", time_elapsed: 1 });
const texts = [late, early, other, quick, "{", early, "{", quick];
const SENT_AT = Date.UTC(2021, 8, 29);
const expected = expectation(texts, SENT_AT);

const kept = (folder: string, body: string, ...codes: string[]) =>
  [`${folder}/message of ${body}.json`, { body, codes }] as [string, { body: string; codes: string[] }];

/** What should be there, where `winner` came before its contradiction. */
function sound(winner = late, loser = other): Found {
  return {
    raw: new Map([
      ["a092821120000.json", Buffer.from(early)],
      ["a092821130000.json", Buffer.from(winner)],
    ]),
    quarantine: new Map([
      kept("participants/a", loser, "conflict"),
      kept("participants/a", quick, "too_quick"),
      kept("unidentified", "{", "not_json"),
    ]),
    markers: ["a092821120000", "a092821130000"],
    items: {
      a: {
        num_submission: 2,
        timestamp: "092821130000",
        q1: winner === late ? 2 : 3,
        time_elapsed: 5,
        freetext: "fine",
        submitted_at: "2021-09-28T13:00:00.000000000Z",
        questions: "1",
      },
    },
    dead: 0,
    left: 0,
  };
}

test("each distinct body is counted once, whatever was sent twice", () => {
  expect(expected.bodies).toBe(5);
});

test("nothing differs where all is as it should be, whichever of two contradictions came first", () => {
  expect(reconcile(expected, sound())).toEqual([]);
  expect(reconcile(expected, sound(other, late))).toEqual([]);
});

const raw = (changes: [string, string | undefined][]) => {
  const map = new Map(sound().raw);
  for (const [key, text] of changes) text === undefined ? map.delete(key) : map.set(key, Buffer.from(text));
  return { raw: map };
};
const quarantine = (change: (map: Map<string, { body: string; codes: string[] }>) => void) => {
  const map = new Map(sound().quarantine);
  change(map);
  return { quarantine: map };
};
const item = (changes: object) => ({ items: { a: { ...sound().items.a, ...changes } } });

test("a body may lie in quarantine once for each message that brought it", () => {
  const more = quarantine((map) => map.set("participants/a/another.json", { body: quick, codes: ["too_quick"] }));
  expect(reconcile(expected, { ...sound(), ...more })).toEqual([]);
});

test.each<[what: string, changes: Partial<Found>, differences: RegExp[]]>([
  ["a raw object is lost", raw([["a092821120000.json", undefined]]), [/raw object a092821120000.json: lost/]],
  [
    "a raw object has other bytes",
    raw([["a092821120000.json", `${early} `]]),
    [/not the bytes/, /quarantine .*: lost/],
  ],
  ["a raw object is of nobody", raw([["b092821120000.json", early]]), [/b092821120000.json: nobody/]],
  [
    "the quarantine lost one",
    quarantine((map) => map.delete([...map.keys()][0] as string)),
    [/quarantine participants\/a\/.*: lost/],
  ],
  [
    "the quarantine has one more",
    quarantine((map) => map.set("unidentified/0.json", { body: "[", codes: [] })),
    [/nobody/],
  ],
  [
    "the quarantine has a body in another's folder",
    quarantine((map) => map.set(...kept("participants/b", quick, "too_quick"))),
    [/quarantine participants\/b\/.*nobody/],
  ],
  [
    "the quarantine gives another reason",
    quarantine((map) => map.set(...kept("participants/a", quick, "invalid"))),
    [/reasons invalid, should be too_quick/],
  ],
  [
    "the quarantine has another body under the key",
    quarantine((map) => map.set(kept("unidentified", "{")[0], { body: "}", codes: ["not_json"] })),
    [/nobody/, /quarantine unidentified\/.*: lost/],
  ],
  ["a marker is missing", { markers: ["a092821120000"] }, [/marker a092821130000: missing/]],
  ["a marker is too many", { markers: [...sound().markers, "x"] }, [/marker x: nobody/]],
  ["one is counted twice", item({ num_submission: 3 }), [/num_submission is 3, should be 2/]],
  ["the answers are of an earlier one", item({ q1: 1 }), [/q1 is 1, should be 2/]],
  ["an answer of an earlier one stayed", item({ q2: 2 }), [/q2 is 2, should be not there/]],
  ["an answer is gone", item({ q1: undefined }), [/q1 is not there, should be 2/]],
  ["a participant is lost", { items: {} }, [/participant a: lost/]],
  ["a participant is too many", { items: { ...sound().items, b: { num_submission: 1 } } }, [/participant b: never/]],
  ["a message is dead", { dead: 1 }, [/1 message\(s\) in the dead-letter queue/]],
  ["a message is left", { left: 2 }, [/2 message\(s\) still in the queue/]],
])("it is told when %s", (_, changes, differences) => {
  const found = reconcile(expected, { ...sound(), ...changes });
  expect(found).toHaveLength(differences.length);
  for (const [index, difference] of differences.entries()) expect(found[index]).toMatch(difference);
});
