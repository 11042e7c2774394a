import { generateBodies } from "../../soak/generateBodies";
import { judgeBody } from "../../soak/judgeBody";

const bodies = generateBodies({ surveys: 5_000, participants: 200, seed: 3 });
const SENT_AT = Date.UTC(2026, 0, 1);
const judged = bodies.map((body) => ({ ...body, verdict: judgeBody(body.text, SENT_AT) }));
const of = (...kinds: string[]) => judged.filter(({ kind }) => kinds.includes(kind));

test("the same seed gives the same bodies, another seed others", () => {
  expect(generateBodies({ surveys: 5_000, participants: 200, seed: 3 })).toEqual(bodies);
  expect(generateBodies({ surveys: 5_000, participants: 200, seed: 4 })).not.toEqual(bodies);
});

test.each([
  ["valid", 70],
  ["repeat", 10],
  ["late", 6],
  ["clock", 4],
  ["policy", 4],
  ["conflict", 3],
  ["garbage", 3],
])("%s bodies are %i of a hundred, give or take one", (kind, share) => {
  expect(Math.abs((100 * of(kind).length) / bodies.length - share)).toBeLessThan(1);
});

describe("the model recognizes the kind of each body from its text alone", () => {
  test("valid, late, misdated and conflicting bodies can be accepted", () => {
    expect(of("valid", "late", "clock", "conflict").filter(({ verdict }) => "codes" in verdict)).toEqual([]);
  });

  test("policy is named as the only reason if a body breaks only the policy", () => {
    const codes = of("policy").map(({ verdict }) => ("codes" in verdict ? verdict.codes.join() : "accepted"));
    expect([...new Set(codes)].sort()).toEqual(["empty_freetext", "empty_freetext,too_quick", "too_quick"]);
  });

  test("garbage is refused", () => {
    const codes = of("garbage").map(({ verdict }) => ("codes" in verdict ? verdict.codes.join() : "accepted"));
    expect([...new Set(codes)].sort()).toEqual([
      "empty_freetext,invalid,too_few_answers",
      "invalid",
      "not_a_question",
      "not_a_question,too_few_answers",
      "not_an_object",
      "not_json",
      "too_few_answers",
    ]);
  });

  test("only a wrong clock shows implausible times, in both forms; some of its times are only long ago", () => {
    const implausible = judged.filter(({ verdict }) => "at" in verdict && verdict.implausible);
    expect(new Set(implausible.map(({ kind }) => kind))).toEqual(new Set(["clock", "repeat"]));
    const timestamps = implausible.map(({ verdict }) => ("at" in verdict ? verdict.timestamp : ""));
    expect(timestamps.filter((one) => /^\d{4}6[45]/.test(one)).length).toBeGreaterThan(10);
    expect(timestamps.filter((one) => /^256[45]-/.test(one)).length).toBeGreaterThan(5);
    expect(of("clock").filter(({ verdict }) => "at" in verdict && !verdict.implausible).length).toBeGreaterThan(5);
  });
});

test("valid bodies never share a key; late bodies have earlier times than bodies sent before; conflicts share a key", () => {
  const ids = of("valid", "late").map(({ verdict }) => verdict.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { verdict } of of("conflict")) expect(ids).toContain(verdict.id);
  const newest = new Map<string, number>();
  for (const { kind, verdict } of of("valid", "late")) {
    if ("codes" in verdict) continue;
    const before = newest.get(verdict.userId) ?? Number.POSITIVE_INFINITY;
    if (kind === "late") expect(verdict.at).toBeLessThan(before);
    newest.set(verdict.userId, Math.max(verdict.at, newest.get(verdict.userId) ?? 0));
  }
});

test("bodies have both forms of timestamps, both years, and only characters that SQS carries", () => {
  const timestamps = of("valid").map(({ verdict }) => ("codes" in verdict ? "" : verdict.timestamp));
  expect(timestamps.filter((one) => /^\d{12}$/.test(one)).length).toBeGreaterThan(1_000);
  expect(timestamps.filter((one) => /^2021-.*\+0\d(:?00)?$/.test(one)).length).toBeGreaterThan(100);
  expect(timestamps.filter((one) => /^\d{4}22/.test(one)).length).toBeGreaterThan(100);
  expect(bodies.filter(({ text }) => text === "" || !text.isWellFormed())).toEqual([]);
});
