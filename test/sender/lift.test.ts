import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const SENDER = join(__dirname, "../../sender");
const files = readdirSync(SENDER).filter((name) => name.endsWith(".ts"));
const PACKAGES = ["@aws-sdk/client-sqs", "@smithy/core/checksum", "@smithy/signature-v4"];

describe("the sender's files can be copied into an app", () => {
  test.each(files)("%s imports only the sender itself and the AWS SDK, and Node only if a path is used", (name) => {
    const source = readFileSync(join(SENDER, name), "utf8");
    const imported = [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] as string);
    const foreign = imported.filter((from) => !/^\.\/\w+$/.test(from) && !PACKAGES.includes(from));
    const allowed = name === "nodeFs.ts" ? ["node:fs/promises"] : [];
    if (name === "index.ts") allowed.push("@sluice/sender", "./sender-output.json"); // in the example
    expect(foreign).toEqual(allowed);
  });

  test.each([
    ["a browser-like platform", { platform: "browser" as const }, "node:fs/promises"],
    [
      "React Native",
      {
        platform: "browser" as const,
        mainFields: ["react-native", "browser", "module", "main"],
        // Without .native.js: an SDK file of that kind lacks an export. Metro accepts that, but esbuild doesn't.
        resolveExtensions: [".native.ts", ".ts", ".js", ".json"],
        conditions: ["react-native"],
      },
      undefined,
    ],
  ])("bundles for %s", async (_, options, external) => {
    const bundle = await build({
      entryPoints: [join(SENDER, "index.ts")],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      logLevel: "silent",
      ...options,
    });
    const imports = bundle.metafile.outputs["<stdout>"] ?? Object.values(bundle.metafile.outputs)[0];
    expect(imports?.imports.map(({ path }) => path)).toEqual(external === undefined ? [] : [external]);
  });
});
