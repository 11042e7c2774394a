import type { Operation, PageFunction } from "../operation";

/** What a user's module exports: the page function by default; `check`, `finish` and `pure` if it likes. */
export interface UserModule extends Partial<Pick<Operation, "check" | "finish" | "pure">> {
  readonly default: PageFunction;
}
