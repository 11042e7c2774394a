import type { Operation, PageFunction } from "../operation";

/** What a user's module exports: the page function by default; `check` and `finish` if it likes. */
export interface UserModule extends Partial<Pick<Operation, "check" | "finish">> {
  readonly default: PageFunction;
}
