import type { UpdateFunction, UserUpdateOptions } from "../../writing/update/userUpdate";

/** What a user's module of an update exports: the function by default; `marker` and `reads` if it likes. */
export interface UpdateModule extends Pick<UserUpdateOptions, "marker" | "reads"> {
  readonly default: UpdateFunction;
}
