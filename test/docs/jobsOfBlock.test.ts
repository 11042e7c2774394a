import { jobsOf } from "./jobsOfBlock";

test.each<[string, [string, boolean][]]>([
  ["npm run sluice -- jobs list --stack dev # and show, watch", []],
  ["npm run sluice -- jobs show nightly-1 --all", [["nightly-1", false]]],
  [
    "npm run sluice -- jobs rate nightly-1 --read-rate 50\nnpm run sluice -- jobs watch nightly-1",
    [["nightly-1", true]],
  ],
  [
    "npm run sluice -- jobs watch a && npm run sluice -- jobs cancel b",
    [
      ["a", false],
      ["b", true],
    ],
  ],
])("%j is about these jobs, which have ended or not: %j", (text, jobs) => {
  expect([...jobsOf({ file: "a.md", line: 1, language: "sh", text })]).toEqual(jobs);
});
