import { expectation, expectedItems } from "../../soak/expectation";

const SENT_AT = Date.UTC(2021, 8, 28, 12);
const survey = (timestamp: string, q1: number, user_id = "a") =>
  JSON.stringify({ user_id, timestamp, time_elapsed: 5, q1, freetext: "fine" });

test("a submission with an implausible time counts, also as implausible, and its answers don't show", () => {
  const texts = [survey("092821120000", 1), survey("092864120000", 2), survey("2564-09-28T12:00:00Z", 3)];
  expect(expectedItems(expectation(texts, SENT_AT), () => undefined)).toEqual(
    new Map([
      [
        "a",
        {
          num_submission: 3,
          num_implausible_time: 2,
          timestamp: "092821120000",
          time_elapsed: 5,
          q1: 1,
          freetext: "fine",
        },
      ],
    ]),
  );
});

test("a participant with only such submissions has counts and no answers", () => {
  const items = expectedItems(expectation([survey("092864120000", 2)], SENT_AT), () => undefined);
  expect(items).toEqual(new Map([["a", { num_submission: 1, num_implausible_time: 1 }]]));
});
