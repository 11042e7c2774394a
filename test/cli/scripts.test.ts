import { execFile } from "node:child_process";
import { join } from "node:path";
import { scripts } from "../../package.json";

const ROOT = join(__dirname, "../..");
/** The npm scripts that run a program of this project, and how. */
const ours = Object.entries(scripts).flatMap(([name, script]) => {
  const [, args] = /^exec node (--import \.\/loader\.mjs .*)$/.exec(script) ?? [];
  return args === undefined ? [] : [[name, args.split(" ")] as const];
});

function run(args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((ended) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      ended({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test("the scripts to check are found", () => {
  expect(ours.map(([name]) => name)).toEqual(
    expect.arrayContaining(["start", "sluice", "glue:setup", "check:mutants"]),
  );
});

test.each(ours)(
  "npm run %s prints its help and does nothing else, and refuses an unknown option with exit code 2 and one sentence",
  async (_, args) => {
    const [help, refusal] = await Promise.all([run([...args, "--help"]), run([...args, "--nonsense"])]);
    expect(help).toEqual({ code: 0, stdout: expect.stringMatching(/^Usage: npm (start|run \S+) -- /), stderr: "" });
    const sentence = expect.stringMatching(/^([\w:]+: )?Unknown option '--nonsense'\.\n$/);
    expect(refusal).toEqual({ code: 2, stdout: "", stderr: sentence });
  },
  60_000,
);
