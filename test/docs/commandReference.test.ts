import { cliDocument } from "./commandReference";

/** Tables in the document are padded. */
const unpadded = (text: string) => text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");

test("docs/cli.md has every command, argument and option, as their help does", () => {
  const { is, shouldBe } = cliDocument();
  expect(unpadded(is)).toBe(unpadded(shouldBe));
});
