/** The operation that a user's module makes, in its two parts. */
import type { OperationDeclaration, OperationWork, Params } from "../operation";
import { moduleProblems, problemsOf } from "./userCheck";
import type { UserModule } from "./userModule";
import { keepable } from "./userResult";

export function userDeclaration({ check, pure }: UserModule): OperationDeclaration {
  const wrong = moduleProblems({ pure });
  const checked = check === undefined ? () => wrong : (params: Params) => [...wrong, ...problemsOf(check, params)];
  return { freeParams: true, ...(check === undefined && wrong.length === 0 ? {} : { check: checked }) };
}

export function userWork({ default: page, finish, pure }: UserModule): OperationWork {
  return {
    page: async (...given) => keepable(await page(...given)),
    ...(pure === true ? { pure } : {}),
    ...(finish === undefined ? {} : { finish: async (...given) => keepable(await finish(...given)) }),
  };
}
