import type { UpdateFunction, UserUpdateOptions } from "../../writing/update/userUpdate";

/** The exports of a user's update module: the function as default; `marker` and `reads` are optional. */
export interface UpdateModule extends Pick<UserUpdateOptions, "marker" | "reads"> {
  readonly default: UpdateFunction;
}
