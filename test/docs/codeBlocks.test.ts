import { commandLines, fencedBlocks } from "./codeBlocks";

const document = [
  "# Title",
  "```sh",
  "a && b # and c",
  "```",
  "> ~~~ts",
  "> x",
  "> ~~~",
  "````",
  "```",
  "````",
  "",
].join("\n");

test("finds every fenced block with its line and language, in quotes and with longer fences too", () => {
  expect(fencedBlocks("a.md", document)).toEqual([
    { file: "a.md", line: 2, language: "sh", text: "a && b # and c\n" },
    { file: "a.md", line: 5, language: "ts", text: "x\n" },
    { file: "a.md", line: 8, language: "", text: "```\n" },
  ]);
});

test("refuses a block that nothing closes", () => {
  expect(() => fencedBlocks("a.md", "text\n```sh\nls\n")).toThrow("a.md:2: nothing closes this code block.");
});

test("the lines of a here-document stay with its command, as they are", () => {
  const text = "cat > a <<'END' # why\n# in it\n  x\n\nEND\nls\n";
  const block = { file: "a.md", line: 1, language: "sh", text };
  expect(commandLines(block)).toEqual(["cat > a <<'END'\n# in it\n  x\n\nEND", "ls"]);
  expect(() => commandLines({ ...block, text: "cat <<'END'\n" })).toThrow("Nothing closes the here-document 'END'.");
});

test("command lines are without comments, and joined if a backslash ends them", () => {
  const text = "# first\na --b \\\n  c   # why\n\nd '#e'\n";
  expect(commandLines({ file: "a.md", line: 1, language: "sh", text })).toEqual(["a --b    c", "d '#e'"]);
});
