/** The operations: Sluice's own, and the user's. A new one is one folder beside this file and one line here. */
import { count } from "./count/count";
import { exportItems } from "./export/exportItems";
import type { Operation, Params } from "./operation";
import { moduleProblems, problemsOf } from "./user/userCheck";
import { userOperations } from "./user/userOperations";
import { keepable } from "./user/userResult";

/** Users cannot take these names. */
export const ownOperations: Readonly<Record<string, Operation>> = {
  count: count as Operation,
  export: exportItems as Operation,
};

/** Names of all operations, those of the user last. */
export function operationNames(): string[] {
  return [...Object.keys(ownOperations), ...Object.keys(userOperations)];
}

/** The operation of a name; undefined where there is none. */
export function operationNamed(name: string): Operation | undefined {
  if (Object.hasOwn(ownOperations, name)) return ownOperations[name];
  if (!Object.hasOwn(userOperations, name)) return undefined;
  const { default: page, check, finish, pure } = userOperations[name]!;
  const wrong = moduleProblems({ pure });
  const checked = check === undefined ? () => wrong : (params: Params) => [...wrong, ...problemsOf(check, params)];
  return {
    freeParams: true,
    page: async (...given) => keepable(await page(...given)),
    ...(pure === true ? { pure } : {}),
    ...(check === undefined && wrong.length === 0 ? {} : { check: checked }),
    ...(finish === undefined ? {} : { finish: async (...given) => keepable(await finish(...given)) }),
  };
}
