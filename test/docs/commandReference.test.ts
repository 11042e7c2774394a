import { cliDocument } from "./commandReference";

test("docs/cli.md has every command, argument and option, as their help does", () => {
  const { is, shouldBe } = cliDocument();
  expect(is).toBe(shouldBe);
});
