import { relative } from "node:path";
import type { MutantResult, MutantStatus } from "@stryker-mutator/api/core";

/** Faults of a file: found by a test, and survived. Faults that no run could judge count as neither. */
export interface FileScore {
  file: string;
  found: number;
  survived: number;
}

const FOUND: readonly MutantStatus[] = ["Killed", "Timeout"];
const SURVIVED: readonly MutantStatus[] = ["Survived", "NoCoverage"];

/** One score for each file, in the order of the files' names, which are relative to `root`. */
export function fileScores(mutants: readonly Pick<MutantResult, "fileName" | "status">[], root: string): FileScore[] {
  const scores = new Map<string, FileScore>();
  for (const { fileName, status } of mutants) {
    const file = relative(root, fileName);
    const score = scores.get(file) ?? { file, found: 0, survived: 0 };
    scores.set(file, score);
    if (FOUND.includes(status)) score.found++;
    if (SURVIVED.includes(status)) score.survived++;
  }
  return [...scores.values()].sort((a, b) => a.file.localeCompare(b.file));
}

/** A table of scores with the sum below it. */
export function renderScores(scores: readonly FileScore[]): string {
  const sum = { file: "all", found: 0, survived: 0 };
  for (const { found, survived } of scores) {
    sum.found += found;
    sum.survived += survived;
  }
  return [...scores, sum].map(renderScore).join("\n");
}

function renderScore({ file, found, survived }: FileScore): string {
  const all = found + survived;
  const percent = all === 0 ? "-" : `${((100 * found) / all).toFixed(1)} %`;
  return `${percent.padStart(8)}  ${String(survived).padStart(4)} of ${String(all).padStart(4)} survived  ${file}`;
}
