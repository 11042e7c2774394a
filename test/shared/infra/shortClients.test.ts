import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import * as serde from "@smithy/core/serde";
import { build, type Plugin } from "esbuild";
import { Sha256 } from "../../../shared/aws/sha256";
import { bundle } from "../../../shared/infra/bundle";
import { clientPlugins } from "../../../shared/infra/clientPlugins";
import { withoutDescriptions } from "../../../shared/infra/shortClients";

type Signed = { readonly headers: Readonly<Record<string, string>> };
type SignerClass = new (options: object) => { sign(request: object, options: object): Promise<Signed> };

const packages = resolve(__dirname, "../../../node_modules/@aws-sdk");

/** The exports of a file of the SDK, bundled with the plug-ins. */
async function exportsOf(file: string, plugins: Plugin[]): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    ...{ entryPoints: [join(packages, file)], bundle: true, write: false as const, plugins },
    ...{ platform: "node", format: "cjs", mainFields: ["module", "main"] },
  });
  const made = { exports: {} };
  new Function("module", "require", outputFiles[0]!.text)(made, createRequire(__filename));
  return made.exports;
}

/** All schemas of a file as text. They name the schemas that they refer to. */
function schemasIn(exported: Record<string, unknown>): string {
  const named = (_: string, value: unknown) => (typeof value === "function" ? String(value()?.[2]) : value);
  return JSON.stringify(
    Object.entries(exported).filter(([, schema]) => Array.isArray(schema)),
    named,
  );
}

test.each(["s3", "dynamodb", "sqs", "eventbridge"])("the schemas of %s are the same", async (client) => {
  const file = `client-${client}/dist-es/schemas/schemas_0.js`;
  const [short, whole] = await Promise.all([exportsOf(file, clientPlugins()), exportsOf(file, [])]);
  expect(schemasIn(short).length).toBeGreaterThan(1000);
  expect(schemasIn(short)).toBe(schemasIn(whole));
});

test("only the descriptions of regions are left out", () => {
  const file = join(packages, "core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js");
  const read = (source: string) => new Function(source.replace("export const partitionsInfo =", "return"))();
  const source = readFileSync(file, "utf8");
  const expected = JSON.parse(
    JSON.stringify(read(source), (key, value) => (key === "description" ? undefined : value)),
  );
  expect(read(withoutDescriptions(source))).toEqual(expected);
  expect(withoutDescriptions(source)).not.toContain("description");
});

test.each([
  ["Rfc7231DateTime", "Thu, 26 Nov 2026 20:00:59 GMT"],
  ["Rfc7231DateTime", "Thu Nov  6 20:00:59 2026"],
  ["Rfc3339DateTimeWithOffset", "2026-11-26T20:00:59.125Z"],
  ["Rfc3339DateTimeWithOffset", "2026-11-26T20:00:59+02:30"],
  ["EpochTimestamp", 1_795_000_000.25],
  ["EpochTimestamp", "1795000000"],
] as const)("the common parser reads %s %s like the one that is left out", (kind, value) => {
  const parsers = serde as unknown as Record<string, (value: unknown) => Date>;
  const common = parsers[`_parse${kind}`]!;
  expect(common(value)).toEqual(parsers[`parse${kind}`]!(value));
  expect(common(undefined)).toBeUndefined();
  expect(() => common("not a date")).toThrow(TypeError);
});

test("a bundle has each parser of dates once", async () => {
  const worker = await bundle("services/backfill/handlers/work.ts");
  expect(worker).toContain("Invalid RFC7231 date-time value");
  expect(worker).not.toContain("RFC-7231");
});

describe("the signer of S3's requests", () => {
  const file = "signature-v4-multi-region/dist-es/index.js";
  const request = () => ({
    ...{ method: "GET", protocol: "https:", hostname: "b.s3.eu-central-1.amazonaws.com", path: "/a%20key" },
    ...{ headers: { host: "b.s3.eu-central-1.amazonaws.com" }, query: {} },
  });
  const options = {
    ...{ credentials: { accessKeyId: "id", secretAccessKey: "key", sessionToken: "token" }, service: "s3" },
    ...{ region: "eu-central-1", sha256: Sha256, uriEscapePath: false, applyChecksum: true, runtime: "node" },
  };
  const signed = async (plugins: Plugin[], signingRegion: string) => {
    const { SignatureV4MultiRegion } = (await exportsOf(file, plugins)) as { SignatureV4MultiRegion: SignerClass };
    return new SignatureV4MultiRegion(options).sign(request(), { signingDate: new Date(0), signingRegion });
  };

  test("signs for one region like the SDK's", async () => {
    const [short, whole] = [await signed(clientPlugins(), "eu-west-1"), await signed([], "eu-west-1")];
    expect(short.headers.authorization).toContain("/eu-west-1/s3/");
    expect(short.headers).toEqual(whole.headers);
  });

  test("refuses several regions, like the SDK's", async () => {
    await expect(signed([], "*")).rejects.toThrow("SigV4a");
    await expect(signed(clientPlugins(), "*")).rejects.toThrow("This bundle has no signatures for several regions");
  });
});
