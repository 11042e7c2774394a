/**
 * `node --import ./loader.mjs FILE.ts` runs a file of the project by tsx, and packages as Node itself runs them. tsx alone
 * would search all code of every package for the syntax of ES modules. That took a fifth of a command's CPU.
 */
import Module from "node:module";

const byNode = Module._extensions[".js"];
await import("tsx");
const byTsx = Module._extensions[".js"];
const PACKAGE = /[\\/]node_modules[\\/]/;
Module._extensions[".js"] = (module, file) => (PACKAGE.test(file) ? byNode : byTsx)(module, file);
