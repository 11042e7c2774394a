import type { Operation, Params } from "../operation";
import { moduleProblems, problemsOf } from "./userCheck";
import type { UserModule } from "./userModule";
import { keepable } from "./userResult";

/** The operation that a user's module makes. */
export function userOperation({ default: page, check, finish, pure }: UserModule): Operation {
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
