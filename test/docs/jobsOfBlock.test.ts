import { jobsOf, type Needs } from "./jobsOfBlock";

const ENDED = { unfinished: false, changed: false };
const UNFINISHED = { unfinished: true, changed: false };
const CHANGED = { unfinished: false, changed: true };

test.each<[string, [string, Needs][]]>([
  ["npm run sluice -- jobs list --stack dev # and show, watch", []],
  ["npm run sluice -- jobs show nightly-1 --all", [["nightly-1", ENDED]]],
  [
    "npm run sluice -- jobs rate nightly-1 --read-rate 50\nnpm run sluice -- jobs watch nightly-1",
    [["nightly-1", UNFINISHED]],
  ],
  [
    "npm run sluice -- jobs watch a && npm run sluice -- jobs cancel b",
    [
      ["a", ENDED],
      ["b", UNFINISHED],
    ],
  ],
  ["npm run sluice -- jobs failures a --json\nnpm run sluice -- jobs show a", [["a", CHANGED]]],
  ["npm run sluice -- jobs undo add-key --yes --job-id undo-add-key", [["add-key", CHANGED]]],
  ["npm run sluice -- start count orders --job-id a --watch\nnpm run sluice -- jobs show a", []],
])("%j names these jobs, and needs them in these states: %j", (text, jobs) => {
  expect([...jobsOf({ file: "a.md", line: 1, language: "sh", text })]).toEqual(jobs);
});
