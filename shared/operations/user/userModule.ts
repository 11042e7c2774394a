import type { Operation, PageFunction } from "../operation";

/** The exports of a user's module: the page function as default; `check`, `finish` and `pure` are optional. */
export interface UserModule extends Partial<Pick<Operation, "check" | "finish" | "pure">> {
  readonly default: PageFunction;
}
