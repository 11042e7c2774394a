import { failureIn } from "../../../local/glue/runs/failure";

const TRACE = 'Traceback (most recent call last):\n  File "/x/main.py", line 9, in <module>\n    work()\n';
const JAVA = "java.io.IOException: closed\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n";

test.each([
  [`begun\n${TRACE}ValueError: no such thing\n`, "ValueError: no such thing"],
  [
    `${TRACE}ValueError: first\n\nDuring handling, another occurred:\n\n${TRACE}KeyError: 'second'\n`,
    "KeyError: 'second'",
  ],
  [`${TRACE}ValueError: no such thing\n${JAVA}`, "ValueError: no such thing"],
  ["begun\nThere is no job x.\n", "There is no job x."],
  ["There is no job x.\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n", "There is no job x."],
  ["", "Command failed with exit code 137"],
])("%j: the reason is %j", (output, expected) => {
  expect(failureIn(output, 137)).toBe(expected);
});
