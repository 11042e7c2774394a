/** The operations that a scanner knows: its own, and its user's. */
import { count } from "./count/count";
import { exportItems } from "./export/exportItems";
import type { Operation, PageFunction } from "./operation";
import { problemsOf } from "./user/userCheck";
import { userOperations } from "./user/userOperations";
import { keepable } from "./user/userResult";

/** What a user's module exports: the page function by default; `check` and `finish` if it likes. */
export interface UserModule extends Partial<Pick<Operation, "check" | "finish">> {
  readonly default: PageFunction;
}

/** The names that users cannot take. */
export const ownOperations: Readonly<Record<string, Operation>> = {
  count: count as Operation,
  export: exportItems as Operation,
};

/** Names of all operations, those of the user last. */
export function operationNames(): string[] {
  return [...Object.keys(ownOperations), ...Object.keys(userOperations)];
}

export function operationNamed(name: string): Operation | undefined {
  if (Object.hasOwn(ownOperations, name)) return ownOperations[name];
  if (!Object.hasOwn(userOperations, name)) return undefined;
  const { default: page, check, finish } = userOperations[name]!;
  return {
    page: async (...given) => keepable(await page(...given)),
    ...(check === undefined ? {} : { check: (params) => problemsOf(check, params) }),
    ...(finish === undefined ? {} : { finish: async (...given) => keepable(await finish(...given)) }),
  };
}
