import { CliCommand } from "../../cli/command";
import { configOption } from "../../local/configOption";

const command = () => new CliCommand("local").addOption(configOption());

test("--config may be given several times", () => {
  const given = command().parse(["--config", "a=1", "--config", "b=2"], { from: "user" }).check();
  expect(given.opts()).toEqual({ config: { a: "1", b: "2" } });
});

test("its help shows no default", () => {
  expect(command().helpInformation()).not.toContain("default");
});
