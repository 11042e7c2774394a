import { judgeBody } from "../../soak/judgeBody";

const survey = { user_id: "0001", timestamp: "092821120000", time_elapsed: 5, q1: 5, freetext: "fine" };
const SENT_AT = Date.UTC(2021, 8, 28, 12);
const judge = (changes: object) => judgeBody(JSON.stringify({ ...survey, ...changes }), SENT_AT);

test("an acceptable body gives participant, time and the attributes of the participant's item", () => {
  expect(judge({ app: "1.0" })).toEqual({
    id: "0001092821120000",
    userId: "0001",
    timestamp: "092821120000",
    at: Date.UTC(2021, 8, 28, 12),
    implausible: false,
    shown: { timestamp: "092821120000", time_elapsed: 5, q1: 5, freetext: "fine" },
  });
});

test.each([
  ["2021-09-28T14:00:00+02:00", Date.UTC(2021, 8, 28, 12)],
  ["2021-09-28T12:00:00Z", Date.UTC(2021, 8, 28, 12)],
  ["123121235959", Date.UTC(2021, 11, 31, 23, 59, 59)],
  ["022920000000", Date.UTC(2020, 1, 29)],
  ["2021-09-28T15:00:00+03", Date.UTC(2021, 8, 28, 12)],
  ["2021-09-28T08:30:00-0330", Date.UTC(2021, 8, 28, 12)],
  ["092872120000", Date.UTC(1972, 8, 28, 12)],
  ["092870120000", Date.UTC(2070, 8, 28, 12)],
])("%s is a moment", (timestamp, at) => {
  expect(judge({ timestamp })).toMatchObject({ at });
});

test.each([
  ["2021-09-29T14:00:00Z", false],
  ["2021-09-29T14:00:01Z", true],
  ["2564-09-28T12:00:00+07", true],
  ["092864120000", true],
  ["1970-01-01T00:00:00Z", false],
])("%s can't be true: %s", (timestamp, implausible) => {
  expect(judge({ timestamp })).toMatchObject({ implausible });
});

test.each(["022921120000", "123121240000", "2021-09-28T24:00:00Z", "2021-02-29T00:00:00Z", "tomorrow", 7, ""])(
  "%j is no timestamp, and the body has no id",
  (timestamp) => {
    expect(judge({ timestamp })).toEqual({ id: undefined, codes: ["invalid"] });
  },
);

test.each([
  ["too quick", { time_elapsed: 2.99 }, ["too_quick"]],
  ["negative time", { time_elapsed: -1 }, ["invalid"]],
  ["no free text", { freetext: undefined }, ["empty_freetext"]],
  ["blank free text", { freetext: " \n" }, ["empty_freetext"]],
  ["invisible free text", { freetext: "\u200b \u200d\0" }, ["empty_freetext"]],
  ["no answers", { q1: undefined }, ["too_few_answers"]],
  ["renamed questions", { q1: undefined, Q1: 5 }, ["not_a_question", "too_few_answers"]],
  ["nested answers", { q1: undefined, answers: { q1: 5 } }, ["not_a_question", "too_few_answers"]],
  ["one question by another name", { q02: 1 }, ["not_a_question"]],
  ["10,001 characters", { freetext: "x".repeat(10_001) }, ["invalid"]],
  ["an answer out of range", { q2: 6 }, ["invalid"]],
  ["half an answer", { q2: 2.5 }, ["invalid"]],
  ["several", { q2: 6, time_elapsed: 0, freetext: "" }, ["empty_freetext", "invalid", "too_quick"]],
])("%s", (_, changes, codes) => {
  expect(judge(changes)).toEqual({ id: "0001092821120000", codes });
});

test("a path in the user_id leaves no id", () => {
  expect(judge({ user_id: "../x" })).toEqual({ id: undefined, codes: ["invalid"] });
});

test.each([
  ["{", "not_json"],
  ["", "not_json"],
  ["[]", "not_an_object"],
  ["null", "not_an_object"],
  ["7", "not_an_object"],
])("%j is no survey at all", (text, code) => {
  expect(judgeBody(text, SENT_AT)).toEqual({ id: undefined, codes: [code] });
});
