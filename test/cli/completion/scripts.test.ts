import { execFileSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { wordsOf } from "../../../cli/completion/completionCommand";
import { completionScript } from "../../../cli/completion/scripts";
import { programOf } from "../../../cli/sluice";

const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
const commands = wordsOf(programOf(streams, () => {}));

/** What bash offers where these words were typed; the last one is incomplete. */
function offered(...typed: string[]): string[] {
  const script = completionScript("bash", commands, "/project's folder");
  const ask = `COMP_WORDS=(sluice "$@"); COMP_CWORD=$#; _sluice; printf "%s\\n" "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", `${script}\n${ask}`, "bash", ...typed], { encoding: "utf8" });
  return text.split("\n").filter((word) => word !== "");
}

test.each<[string[], string[]]>([
  [["ta"], ["tables"]],
  [
    ["jobs", "re"],
    ["resume", "redrive"],
  ],
  [["--stack", "dev", "jobs", "can"], ["cancel"]],
  [["intake", "dead", "redrive", "--max"], ["--max-per-second"]],
  [
    ["intake", "participants", "export", "--format", ""],
    ["csv", "jsonl"],
  ],
  [["jobs", "list", "--js"], ["--json"]],
  [
    ["jobs", "list", "--state", "c"],
    ["completed", "cancelled"],
  ],
  [["intake", "quarantine", "resend", "--reason", "too_q"], ["too_quick"]],
  // Another option than that of an export of the intake.
  [["start", "export", "surveys", "--format", ""], []],
  [["start", "count", "surveys", "--prices", ""], []],
])("bash completes %j to %j", (typed, words) => {
  expect(offered(...typed)).toEqual(words);
});

test("bash offers every command of the program", () => {
  expect(offered("").filter((word) => !word.startsWith("-"))).toEqual(commands[0]!.commands);
});

test("the scripts of the other shells have every command and option", () => {
  const [zsh, fish] = (["zsh", "fish"] as const).map((shell) => completionScript(shell, commands, "/project"));
  for (const { path, flags } of commands) {
    expect(zsh).toContain(`"${path.join(" ")}")`);
    for (const { flag } of flags) {
      expect(fish).toContain(`complete -c sluice -n '__sluice_at ${path.join(" ")}' -l ${flag.slice(2)}`);
    }
  }
});

test("the command runs the project's own CLI, in whatever folder the shell is", () => {
  const script = completionScript("bash", commands, "/project's folder");
  const stub = 'npm() { printf "%s|" "$@"; }';
  const ran = execFileSync("bash", ["-c", `${script}\n${stub}\nsluice jobs list`], { encoding: "utf8" });
  expect(ran).toBe("--prefix|/project's folder|run|--silent|sluice|--|jobs|list|");
});
