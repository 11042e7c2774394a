import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { SluiceError } from "../errors";
import { mayUseErrors } from "./clientErrors";
import { clientPlugins, type UsedOfClients } from "./clientPlugins";
import { keptBundle } from "./keptBundles";

/** The file in the archive, and the function in it that Lambda calls. */
export const BUNDLE_FILE = "index.mjs";
export const BUNDLE_HANDLER = "index.handler";

/** CommonJS packages inside an ES module bundle still call `require`. */
const REQUIRE_BANNER =
  'import{createRequire as topLevelCreateRequire}from"node:module";const require=topLevelCreateRequire(import.meta.url);';

const PROJECT = resolve(__dirname, "../..");

/** Packages and what takes their place in every bundle, by path from the root. */
const ALIASES = {
  "@aws-sdk/credential-provider-node": "shared/infra/environmentCredentials.ts",
} as const;

/**
 * Bundles a handler and all it imports into one minified ES module. The same sources give the same text on any machine
 * and under any path, because it depends on nothing else (tsconfig, paths, comments, time).
 * @param entry path of the handler, absolute or from the root.
 * @param replaced texts that replace files, by path from the root: a program generates them for its functions.
 * @param root the project's folder. Default: this checkout.
 * @throws esbuild's BuildFailure with file and line if the sources do not build; SluiceError NOT_IN_BUNDLE if a text is for a
 *   file that the handler does not import.
 */
export async function bundle(
  entry: string,
  replaced: Readonly<Record<string, string>> = {},
  root = PROJECT,
): Promise<string> {
  const make = () => newBundle(entry, replaced, root);
  return root === PROJECT ? keptBundle(entry, replaced, make) : make();
}

async function newBundle(entry: string, replaced: Readonly<Record<string, string>>, root: string): Promise<string> {
  const instead = { "@smithy/core/event-streams": NO_EVENT_STREAMS };
  const lean = await built(entry, { replaced, root, instead });
  const streams = mayStream(lean);
  const used = await usedBy(lean, { replaced, root }, streams);
  return (await built(entry, { replaced, root, instead: streams ? {} : instead, used })).text;
}

/** The replacement for event streams if nothing uses them. */
const NO_EVENT_STREAMS = "shared/infra/noEventStreams.ts";
/** Clients of Sluice's own functions. Only S3 has an operation that streams events. */
const OWN_CLIENTS = /@aws-sdk[\\/]client-(dynamodb|eventbridge|glue|s3|secrets-manager|sfn|sqs)[\\/]/;

interface Built {
  readonly text: string;
  /** Paths of its source files, from the root, and of those that are not wholly left out. */
  readonly inputs: readonly string[];
  readonly kept: readonly string[];
}

interface Sources {
  readonly replaced: Readonly<Record<string, string>>;
  readonly root: string;
}

interface BuildOptions extends Sources {
  /** Packages and their replacements, by path from the root. */
  readonly instead: Readonly<Record<string, string>>;
  /** Default: everything. */
  readonly used?: UsedOfClients;
}

/** A user's operation may stream events: with another client, or with S3's one operation. */
function mayStream({ text, inputs }: Built): boolean {
  const others = inputs.some((path) => /@aws-sdk[\\/]client-/.test(path) && !OWN_CLIENTS.test(path));
  return others || text.includes("SelectObjectContent");
}

/** Functions that make or take web streams. */
const WEB_STREAMS = ["ReadableStream", "Blob", "fetch", "toWeb", "transformToWebStream", "FetchHttpHandler"];

/** The parts of the SDK's clients that the handler may use, by the words in its sources: code, text and comments. */
async function usedBy({ kept }: Built, { replaced, root }: Sources, streams: boolean): Promise<UsedOfClients> {
  const own = new Set(Object.values(replaced).flatMap(wordsOf));
  const all = new Set(own);
  await Promise.all(
    kept.map(async (path) => {
      if (Object.hasOwn(replaced, path) || !mayUseErrors(path)) return;
      for (const word of wordsOf(await readFile(resolve(root, path), "utf8"))) {
        all.add(word);
        if (!/[\\/]node_modules[\\/]|^node_modules[\\/]/.test(path)) own.add(word);
      }
    }),
  );
  const names = (...words: readonly string[]) => words.some((word) => own.has(word));
  return {
    error: (name) => all.has(name),
    adaptiveRetries: names("adaptive", "ADAPTIVE"),
    customerKeys: names("SSECustomerKey", "CopySourceSSECustomerKey"),
    redirects: names("followRegionRedirects"),
    webStreams: streams || names(...WEB_STREAMS),
    eventSigning: streams || names("SignatureV4", "HeaderFormatter"),
  };
}

function wordsOf(text: string): string[] {
  return text.match(/\w+/g) ?? [];
}

async function built(entry: string, { replaced, root, instead, used }: BuildOptions): Promise<Built> {
  const left = new Set(Object.keys(replaced).map((path) => resolve(root, path)));
  const alias = Object.entries({ ...ALIASES, ...instead }).map(([name, path]) => [name, join(root, path)]);
  const result = await build({
    entryPoints: [resolve(root, entry)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    outfile: BUNDLE_FILE,
    platform: "node",
    target: "node24",
    format: "esm",
    minify: true,
    // Most packages ship smaller ES modules under `module`; esbuild's default for Node prefers `main`.
    mainFields: ["module", "main"],
    alias: Object.fromEntries(alias),
    banner: { js: REQUIRE_BANNER },
    define: { "process.env.NODE_ENV": '"production"' },
    tsconfigRaw: {},
    plugins: [
      ...clientPlugins(used),
      ...Object.entries(replaced).map(([path, contents]) =>
        replacing(resolve(root, path), contents, (file) => left.delete(file)),
      ),
    ],
    legalComments: "none",
    logLevel: "silent",
  });
  for (const file of left) {
    throw new SluiceError("NOT_IN_BUNDLE", `${entry} must import ${file}, for which there is a replacement.`, {
      value: file,
    });
  }
  const parts = Object.entries(result.metafile.outputs[BUNDLE_FILE]!.inputs);
  return {
    text: result.outputFiles[0]!.text,
    inputs: Object.keys(result.metafile.inputs),
    kept: parts.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  };
}

/** Gives a file other contents. Its imports are resolved as if they were in the file. */
function replacing(file: string, contents: string, onUse: (file: string) => void): Plugin {
  return {
    name: `replace ${file}`,
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path !== file) return undefined;
        onUse(file);
        return { contents, loader: "ts", resolveDir: dirname(file) };
      });
    },
  };
}
