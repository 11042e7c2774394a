import type { MiddlewareObj } from "@middy/core";
import { SluiceError } from "../errors";

/** Uses the code of our errors as their name. A state machine's Retry and Catch see only an error's name. */
export function errorsByCode(): MiddlewareObj {
  return {
    onError: (request) => {
      const { error } = request;
      if (!(error instanceof SluiceError)) return;
      request.error = Object.assign(new Error(error.message, { cause: error }), { name: error.code });
    },
  };
}
