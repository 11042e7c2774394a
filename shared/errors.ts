/** The one error family of Sluice. Tests and callers look at `code`, never at the sentence. */

export interface SluiceErrorOptions {
  /** The rejected value, unchanged. */
  value?: unknown;
  /** True if the same call may succeed later. Default false. */
  retryable?: boolean;
  cause?: unknown;
}

/** An error with a stable code. The message reads: option, rule, value got. */
export class SluiceError extends Error {
  override readonly name: string = "SluiceError";
  readonly code: string;
  readonly value: unknown;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: SluiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.value = options.value;
    this.retryable = options.retryable ?? false;
  }
}
