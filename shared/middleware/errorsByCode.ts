import type { MiddlewareObj } from "@middy/core";
import { SluiceError } from "../errors";

/** Names errors of ours by their code. A state machine's Retry and Catch see nothing of an error but its name. */
export function errorsByCode(): MiddlewareObj {
  return {
    onError: (request) => {
      const { error } = request;
      if (!(error instanceof SluiceError)) return;
      request.error = Object.assign(new Error(error.message, { cause: error }), { name: error.code });
    },
  };
}
