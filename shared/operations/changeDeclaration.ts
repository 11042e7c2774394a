/** The declaration of operations that change tables: the options and checks that they share, and their own. */
import type { Path } from "../aws/expressions/path";
import type { RequestOptions } from "../requestOption";
import { failureBound, type WritingParams, writingOptions, writingProblems } from "../writing/options";
import type { Changed, CheckedAgainst, OperationDeclaration, Params } from "./operation";

export interface DeclaredChange {
  /** Options in addition to those of all such operations. */
  readonly options: RequestOptions;
  /** The problems of the params, a sentence each. */
  readonly check: (params: Params, against: CheckedAgainst) => string[];
  /** Name of the table that is changed. Default: the job's. */
  readonly changes?: (params: Params, table: string) => string | undefined;
  /** Default: the operation needs whole items. */
  readonly needsItems?: (params: Params) => boolean;
  /** The kind of source that it accepts. Default: any but `records`. */
  readonly source?: string;
  /** Whether a dry run looks into the table that it would change. Default: it doesn't. */
  readonly lookups?: (params: Params) => boolean;
  /** See OperationDeclaration. */
  readonly puts?: boolean;
  /** The paths on which decisions depend; see `reads` of OperationDeclaration. */
  readonly paths?: (params: Params) => readonly Path[];
}

export function changeDeclaration(declared: DeclaredChange): OperationDeclaration {
  const { options, check, changes = (_params, table) => table, lookups, needsItems, puts, paths } = declared;
  return {
    options: { ...options, ...writingOptions },
    check: (params, against = {}) => [
      ...sourceProblems(declared, against),
      ...check(params, against),
      ...writingProblems(params as WritingParams),
    ],
    changes: (params, table): Changed | undefined => {
      const changed = changes(params, table);
      if (changed === undefined) return undefined;
      const dryRun = params.dryRun === true;
      return { table: changed, dryRun, ...(dryRun && lookups?.(params) ? { lookups: true } : {}) };
    },
    ...(needsItems === undefined ? {} : { needsItems }),
    ...(puts === undefined ? {} : { puts }),
    ...(paths === undefined ? {} : { reads: (params) => [...new Set(paths(params).map(([name]) => name))] }),
    failureBound: (params) => failureBound(params as WritingParams),
  };
}

function sourceProblems({ source: wanted }: DeclaredChange, { source = "table" }: CheckedAgainst): string[] {
  if (wanted === undefined) return source === "records" ? ["source records is only for undoing a job."] : [];
  return source === wanted ? [] : [`source must be ${wanted}.`];
}
