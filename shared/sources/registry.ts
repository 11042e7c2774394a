/** The kinds of sources. A new kind is one folder beside this file, one line here, one in readers.ts and one in specs.ts. */
import { exportKind } from "./export/exportKind";
import { keysKind } from "./keys/keysKind";
import { recordsKind } from "./records/recordsKind";
import type { SourceKind } from "./source";
import type { SourceSpec } from "./specs";
import { tableKind } from "./table/tableKind";

type AnyKind = SourceKind<SourceSpec, unknown>;

export const sourceKinds: readonly AnyKind[] = [
  tableKind,
  exportKind,
  keysKind,
  recordsKind,
] as readonly unknown[] as AnyKind[];

/** The kind of a job's source. */
export function sourceKind({ kind }: Pick<SourceSpec, "kind">): AnyKind {
  return kindNamed(kind)!;
}

/** The kind of a name; undefined if there is none. */
export function kindNamed(name: string): AnyKind | undefined {
  return sourceKinds.find(({ kind }) => kind === name);
}
