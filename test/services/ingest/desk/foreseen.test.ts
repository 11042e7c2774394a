import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { differences, type Foreseen, foresee } from "../../../../services/ingest/desk/foreseen";
import type { KeptParticipant } from "../../../../services/ingest/desk/participant";
import { latestAnswers } from "../../../../services/ingest/resultItem";
import { ROOT } from "../../../docs/codeBlocks";
import { POLICY } from "../submissions";

const FIXTURES = join(ROOT, "test/fixtures");
const files = readdirSync(join(FIXTURES, "surveys")).sort();
const samples = files.map((file) => readFileSync(join(FIXTURES, "surveys", file), "utf8"));
const expected = JSON.parse(readFileSync(join(FIXTURES, "expected.json"), "utf8"));
const NOW = Date.UTC(2026, 0, 1);

test("it predicts the known outcomes of the samples", () => {
  const foreseen = [...foresee(samples, POLICY, NOW)];
  const counts = foreseen.map(([id, { accepted }]) => [id, accepted.length]);
  const known = Object.entries<{ num_submission: number }>(expected.participants);
  expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(known.map(([id, item]) => [id, item.num_submission])));
  const raw = foreseen.flatMap(([, { accepted }]) => accepted.map(({ id }) => `${id}.json`));
  expect(raw.sort()).toEqual(expected.rawKeys);
  const refused = foreseen.flatMap(([participant, { quarantined }]) =>
    quarantined.map((codes) => ({ participant, reasons: [codes] })),
  );
  expect(refused.sort((a, b) => (a.participant < b.participant ? -1 : 1))).toEqual(expected.quarantined);
});

test("other rules lead to other outcomes", () => {
  const lenient = [...foresee(samples, { ...POLICY, minSeconds: 0, requireFreetext: false }, NOW).values()];
  expect(lenient.flatMap(({ quarantined }) => quarantined)).toEqual([]);
  const strict = [...foresee(samples, { ...POLICY, answerMax: 2 }, NOW).values()];
  expect(strict.flatMap(({ quarantined }) => quarantined).length).toBeGreaterThan(3);
});

test("a body without a participant is refused as a sample", () => {
  expect(() => foresee(["{}"], POLICY, NOW)).toThrow("names no participant");
});

describe("what is kept", () => {
  const [participant, foreseen] = [...foresee(samples, POLICY, NOW)].find(([id]) => id === "0002") as [
    string,
    Foreseen,
  ];
  const [accepted] = foreseen.accepted;
  const kept = {
    participant,
    item: { user_id: { S: "0002" }, num_submission: { N: "1" }, ...latestAnswers(accepted!), more: { S: "others'" } },
    markers: [{ submission: "0002092821120000" }],
    raw: ["0002092821120000.json"],
    quarantined: [{ codes: ["too_quick"] }],
    versions: { raw: 1, quarantine: 1 },
  } as unknown as KeptParticipant;

  test("is as predicted, even with others' attributes on the item", () => {
    expect(differences(foreseen, kept)).toEqual([]);
  });

  test.each<[string, Partial<KeptParticipant>, string]>([
    ["no item", { item: undefined }, 'num_submission of 0002 should be "1", got "0"'],
    ["another count", { item: { ...kept.item, num_submission: { N: "2" } } }, 'should be "1", got "2"'],
    ["another answer", { item: { ...kept.item, q1: { N: "9" } } }, 'q1 of 0002 should be {"N":"4"}, got {"N":"9"}'],
    ["no marker", { markers: [] }, 'markers of 0002 should be ["0002092821120000"], got []'],
    ["no raw object", { raw: [] }, 'raw objects of 0002 should be ["0002092821120000.json"], got []'],
    ["nothing in quarantine", { quarantined: [] }, 'reasons in quarantine of 0002 should be ["too_quick"], got []'],
  ])("with %s is not", (_, change, sentence) => {
    expect(differences(foreseen, { ...kept, ...change })[0]).toContain(sentence);
  });
});
