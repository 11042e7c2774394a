/**
 * The page's files, bundled when the server starts. The server serves everything; the page fetches nothing from elsewhere.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const FOLDER = join(__dirname, "page");

export interface PageFile {
  /** Media type. */
  readonly type: string;
  readonly plain: Uint8Array;
  readonly gzip: Uint8Array;
}

/** By path: the page, its script and its styles. */
export async function pageFiles(): Promise<Map<string, PageFile>> {
  const [html, icon, bundle] = await Promise.all([
    readFile(join(FOLDER, "index.html")),
    readFile(join(FOLDER, "icon.svg")),
    build({
      entryPoints: [join(FOLDER, "main.tsx"), join(FOLDER, "main.css")],
      outdir: "/",
      bundle: true,
      write: false,
      minify: true,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      jsxImportSource: "preact",
      legalComments: "none",
      logLevel: "silent",
    }),
  ]);
  const output = (name: string) => bundle.outputFiles.find(({ path }) => path.endsWith(name))!.contents;
  return new Map([
    ["/", fileOf("text/html; charset=utf-8", html)],
    ["/icon.svg", fileOf("image/svg+xml", icon)],
    ["/main.js", fileOf("text/javascript; charset=utf-8", output("main.js"))],
    ["/main.css", fileOf("text/css; charset=utf-8", output("main.css"))],
  ]);
}

function fileOf(type: string, plain: Uint8Array): PageFile {
  return { type, plain, gzip: gzipSync(plain, { level: 9 }) };
}
