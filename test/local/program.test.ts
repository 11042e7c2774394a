import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const LOADER = resolve(__dirname, "../../loader.mjs");

interface Run {
  outputs?: Record<string, unknown>;
  error?: { name: string; code?: string; value?: unknown; message: string };
  /** Queues that were made. */
  queues: { QueueName: string; Attributes: Record<string, string> }[];
}

async function run(program: string): Promise<Run> {
  const script = join(__dirname, "programs", "run.ts");
  const run = promisify(execFile)(process.execPath, ["--import", LOADER, script, program]);
  // If resources were left waiting, Pulumi replaces the exit code of the process.
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Run;
}

test("a program makes its resources, reads its config, and returns its resolved outputs", async () => {
  const { outputs, queues } = await run("sound");
  const url = expect.stringMatching(/^http:\/\/127.0.0.1:4566\/000000000000\/jobs-[0-9a-f]{7}$/);
  expect(outputs).toEqual({
    stack: "dev",
    greeting: "hello",
    queueUrl: url,
    nested: { urls: [url], secret: "kept", group: "made" },
  });
  expect(queues).toEqual([{ QueueName: expect.stringMatching(/^jobs-/), Attributes: { DelaySeconds: "5" } }]);
});

test.each([
  [
    "a resource of a type that the local cloud does not have",
    "unknownType",
    { code: "UNKNOWN_RESOURCE_TYPE", value: "aws:kinesis/stream:Stream", message: expect.stringMatching(/^clicks: /) },
  ],
  [
    "a resource with inputs that would be lost, all of them listed",
    "inputLost",
    {
      code: "INPUT_NOT_HONOURED",
      value: ["fifoQueue", "kmsMasterKeyId"],
      message: expect.stringMatching(/^aws:sqs\/queue:Queue jobs: /),
    },
  ],
  [
    "the first of several resources, without waiting for those that depend on it",
    "twoWrong",
    { code: "INPUT_NOT_HONOURED", message: expect.stringMatching(/^aws:sqs\/queue:Queue first: /) },
  ],
  [
    "a question to AWS that the local cloud does not answer",
    "unknownCall",
    { code: "UNKNOWN_CALL", value: "aws:index/getAvailabilityZones:getAvailabilityZones" },
  ],
  ["a message of its own to the user", "refuses", { code: "PROGRAM_REFUSED", message: "set ingestMinSeconds" }],
  ["a mistake of its own", "throws", { name: "RangeError", message: "the program's own mistake" }],
])("a program fails for %s, and nothing is made", async (_, program, expected) => {
  const { error, queues } = await run(program);
  expect(error).toMatchObject(expected);
  expect(queues).toEqual([]);
});
