import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { SluiceError } from "../errors";
import { mayUseErrors } from "./clientErrors";
import { clientPlugins } from "./clientPlugins";

/** The file in the archive, and what Lambda calls in it. */
export const BUNDLE_FILE = "index.mjs";
export const BUNDLE_HANDLER = "index.handler";

/** CommonJS packages inside an ES module bundle still call `require`. */
const REQUIRE_BANNER =
  'import{createRequire as topLevelCreateRequire}from"node:module";const require=topLevelCreateRequire(import.meta.url);';

/** Packages and what takes their place in every bundle, by path from the root. */
const ALIASES = {
  "@aws-sdk/credential-provider-node": "shared/infra/environmentCredentials.ts",
  "mnemonist/lru-cache": "shared/infra/endpointLru.ts",
} as const;

/**
 * Bundles a handler and all it imports into one minified ES module. The same sources give the same text on any machine
 * and under any path: nothing of the surroundings (tsconfig, paths, comments, time) gets in.
 * @param entry path of the handler, absolute or from the root.
 * @param replaced texts that take the place of files, by path from the root: what a program generates for its functions.
 * @param root the project's folder. Default: this checkout.
 * @throws esbuild's BuildFailure with file and line where the sources do not build; SluiceError NOT_IN_BUNDLE where a text is
 *   for a file that the handler does not import.
 */
export async function bundle(
  entry: string,
  replaced: Readonly<Record<string, string>> = {},
  root = resolve(__dirname, "../.."),
): Promise<string> {
  const instead = { "@smithy/core/event-streams": NO_EVENT_STREAMS };
  const lean = await built(entry, { replaced, root, instead });
  const streams = mayStream(lean);
  const isNamed = await namesIn(lean, { replaced, root });
  return (await built(entry, { replaced, root, instead: streams ? {} : instead, isNamed })).text;
}

/** What takes the place of event streams where nothing uses them. */
const NO_EVENT_STREAMS = "shared/infra/noEventStreams.ts";
/** Clients of Sluice's own functions. Only S3 has an operation that streams events. */
const OWN_CLIENTS = /@aws-sdk[\\/]client-(dynamodb|eventbridge|s3|sqs)[\\/]/;

interface Built {
  readonly text: string;
  /** Paths of the files that it was made of, from the root, and of those of them that something is left of. */
  readonly inputs: readonly string[];
  readonly kept: readonly string[];
}

interface Sources {
  readonly replaced: Readonly<Record<string, string>>;
  readonly root: string;
}

interface BuildOptions extends Sources {
  /** Packages and what takes their place, by path from the root. */
  readonly instead: Readonly<Record<string, string>>;
  /** Whether the handler may name an error of an SDK client. Default: all. */
  readonly isNamed?: (error: string) => boolean;
}

/** An operation that a user wrote may stream events: with another client, or by the one operation of S3. */
function mayStream({ text, inputs }: Built): boolean {
  const others = inputs.some((path) => /@aws-sdk[\\/]client-/.test(path) && !OWN_CLIENTS.test(path));
  return others || text.includes("SelectObjectContent");
}

/** Tells of a word whether one of the files names it, as code, as text or in a comment. */
async function namesIn({ kept }: Built, { replaced, root }: Sources): Promise<(word: string) => boolean> {
  const files = kept.filter((path) => mayUseErrors(path) && !Object.hasOwn(replaced, path));
  const texts = await Promise.all(files.map((path) => readFile(resolve(root, path), "utf8")));
  const words = new Set([...texts, ...Object.values(replaced)].flatMap((text) => text.match(/\w+/g) ?? []));
  return (word) => words.has(word);
}

async function built(entry: string, { replaced, root, instead, isNamed }: BuildOptions): Promise<Built> {
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
      ...clientPlugins(isNamed),
      ...Object.entries(replaced).map(([path, contents]) =>
        replacing(resolve(root, path), contents, (file) => left.delete(file)),
      ),
    ],
    legalComments: "none",
    logLevel: "silent",
  });
  for (const file of left) {
    throw new SluiceError("NOT_IN_BUNDLE", `${entry} does not import ${file}, which was to be replaced.`, {
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

/** Gives a file other contents. Its imports are looked for where they would be in the file. */
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
