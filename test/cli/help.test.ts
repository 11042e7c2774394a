import { PassThrough } from "node:stream";
import { main as send } from "../../cli/send";
import { sluice } from "./operatorStack";

const run = (...args: string[]) => sluice("/", args);

test.each<[string[], string]>([
  [["--help"], "npm run sluice -- [options] [command]"],
  [["help"], "npm run sluice -- [options] [command]"],
  [["help", "help"], "npm run sluice -- [options] [command]"],
  [["help", "jobs"], "npm run sluice -- jobs [options] [command]"],
  [["help", "jobs", "rate"], "npm run sluice -- jobs rate [options] <id>"],
  [["jobs", "help", "rate"], "npm run sluice -- jobs rate [options] <id>"],
  [["jobs", "rate", "--help"], "npm run sluice -- jobs rate [options] <id>"],
])("%j prints the help of that command, with --json as one document", async (args, usage) => {
  const text = await run(...args);
  expect(text).toEqual({ code: 0, stdout: expect.stringContaining(`Usage: ${usage}\n`), stderr: "" });
  const json = await run(...args, "--json");
  expect(json).toEqual({ code: 0, stdout: expect.any(String), stderr: "" });
  expect(JSON.parse(json.stdout)).toEqual({ help: text.stdout.trimEnd() });
});

const noCommand = "Name a command; --help lists them.";

test.each<[string[], string]>([
  [[], noCommand],
  [["jobs"], noCommand],
  [["help", "nonsense"], "Unknown command 'nonsense'."],
  [["help", "jobs", "lits"], "Unknown command 'lits' (Did you mean list?)."],
  [["nonsense"], "Unknown command 'nonsense'."],
])("%j is wrong usage, with --json as one document and nothing else", async (args, message) => {
  const text = await run(...args);
  expect(text).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(`${message}\n`) });
  const json = await run(...args, "--json");
  expect(json).toEqual({ code: 2, stdout: expect.any(String), stderr: "" });
  expect(JSON.parse(json.stdout).error).toEqual({ code: "USAGE", message, problems: [message] });
});

test("`npm run send` prints its help as one document too", async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  expect(await send(["--json", "--help"], { stdout, stderr, root: "/", cwd: "/" })).toBe(0);
  expect(JSON.parse(String(stdout.read())).help).toMatch(/^Usage: npm run send -- /);
});
