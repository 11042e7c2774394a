import fc from "fast-check";
import { splitSubmissionId } from "../../../services/ingest/submissionId";

const TIMESTAMPS = [
  "092821120000",
  "2021-09-28T12:00:00Z",
  "2021-09-28t12:00:00z",
  "2021-09-28T12:00:00.5+02:00",
  "2021-09-28T12:00:00.12345678901234567890Z",
  "2021-09-28T12:00:00.123-0330",
  "2021-09-28T12:00:00+03",
];

test.each(TIMESTAMPS)("an id is split before the timestamp %s, for any participant", (timestamp) => {
  const userId = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    fc.stringMatching(/^[0-9-]{1,64}$/),
    fc.constantFrom("0001", "00010", "2021-09-28T12", "092821120000", "-", "T"),
  );
  fc.assert(
    fc.property(userId, (userId) => {
      expect(splitSubmissionId(userId + timestamp)).toEqual({ userId, timestamp });
    }),
  );
});

test("participants whose ids begin alike stay separate", () => {
  const ids = ["0001092821120000", "00010092821120000", "00012021-09-28T12:00:00Z", "000102021-09-28T12:00:00Z"];
  expect(ids.map((id) => splitSubmissionId(id)?.userId)).toEqual(["0001", "00010", "0001", "00010"]);
});

test.each([
  ["nothing", ""],
  ["a timestamp alone", "092821120000"],
  ["a user_id alone", "0001"],
  ["a user_id of 65 characters", `${"x".repeat(65)}092821120000`],
  ["a user_id with a path", "../0001092821120000"],
  ["the key of a raw object", "0001092821120000.json"],
  ["a timestamp without a time zone", "00012021-09-28T12:00:00"],
  ["a line feed at its end", "0001092821120000\n"],
])("what is %s isn't an id", (_, text) => {
  expect(splitSubmissionId(text)).toBeUndefined();
});
