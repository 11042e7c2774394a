import { wrapLine, wrapPairs, wrapParagraphs } from "../../../cli/text/wrap";

test("a line is broken at spaces, and a longer word stays whole", () => {
  expect(wrapLine("one two three", 8, "  ")).toBe("one two\n  three");
  expect(wrapLine("a s3://bucket/long/key b", 10)).toBe("a\ns3://bucket/long/key\nb");
  expect(wrapLine("one two three", undefined)).toBe("one two three");
});

test("the text of a pair stays in its column; other lines are the terminal's to break", () => {
  const text = "Job    count over surveys, running\nTo watch it: npm run sluice -- jobs watch nightly";
  expect(wrapPairs(text, 24)).toBe(
    "Job    count over\n       surveys, running\nTo watch it: npm run sluice -- jobs watch nightly",
  );
});

test("a word that is wider than its column begins at the left edge, so that the terminal breaks it last", () => {
  const key = "participants/0001/5fea7756.json";
  expect(wrapLine(`  KEY ${key} open`, 32, "    ")).toBe(`  KEY\n${key}\n    open`);
  expect(wrapPairs(`Results   ${key}`, 34)).toBe(`Results\n  ${key}`);
  expect(wrapPairs(`Results   ${key} and more`, 31)).toBe(`Results\n${key}\n  and more`);
});

test("paragraphs are broken anew on a narrow terminal, and examples stay", () => {
  const text = "\nOne two three four\nfive.\n\nExamples:\n  a long example of a command";
  expect(wrapParagraphs(text, 80)).toBe(text);
  expect(wrapParagraphs(text, 15)).toBe("\nOne two three\nfour five.\n\nExamples:\n  a long example of a command");
});
