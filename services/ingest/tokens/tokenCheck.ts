import { SluiceError } from "../../../shared/errors";
import { isToken, provesParticipant, type StudySecrets } from "./participantToken";

/** A token, unchecked, with the facts that decide on it. */
export interface Presented {
  /** Undefined: the message has none. */
  token: string | undefined;
  userId: string;
  /** When SQS took the message, milliseconds since the epoch. */
  sentAt: number;
}

export interface TokenCheckOptions {
  /** Undefined: the secret has no value yet. */
  read: (signal: AbortSignal) => Promise<StudySecrets | undefined>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * The secrets are used for this long, and read at most once in this time. So a retired secret is invalid everywhere after
 * this time.
 */
const READ_EVERY_MS = 60_000;
/** SQS's clock and a function's differ by less than this. */
const CLOCKS_APART_MS = 10_000;

interface Read {
  /** When it began. */
  at: number;
  secrets: Promise<StudySecrets | undefined>;
}

/**
 * Checks tokens against the study's secrets. It reads them when a token comes and the last reading is a minute old: somebody may
 * have rotated or retired them. A token that they don't verify is certainly wrong only if they were read after the message was
 * sent. If they were read before, the token's secret may be too new for this function, and the message has to come again.
 */
export class TokenCheck {
  readonly #options: TokenCheckOptions;
  #last: Read | undefined;

  constructor(options: TokenCheckOptions) {
    this.#options = options;
  }

  /**
   * @returns whether the token is the participant's.
   * @throws SluiceError SECRETS_TOO_OLD (retryable) if that can't be decided within this minute; whatever `read` throws.
   */
  async isProven({ token, userId, sentAt }: Presented, signal: AbortSignal): Promise<boolean> {
    if (token === undefined || !isToken(token)) return false;
    const arrived = this.#options.now();
    let read = this.#last && !this.#isOld(this.#last) ? this.#last : this.#read(signal);
    for (;;) {
      const secrets = await read.secrets;
      if (secrets !== undefined && provesParticipant(token, userId, secrets)) return true;
      if (read.at >= Math.min(arrived, sentAt + CLOCKS_APART_MS)) return false;
      read = this.#newer(read, signal);
    }
  }

  /** @throws SluiceError SECRETS_TOO_OLD if it is too early to read them again. */
  #newer(read: Read, signal: AbortSignal): Read {
    if (this.#last !== read && this.#last !== undefined) return this.#last;
    if (this.#isOld(read)) return this.#read(signal);
    const message = "A token doesn't verify, but the study's secrets were read before its message was sent.";
    throw new SluiceError("SECRETS_TOO_OLD", message, { retryable: true });
  }

  #isOld({ at }: Read): boolean {
    return this.#options.now() - at >= READ_EVERY_MS;
  }

  #read(signal: AbortSignal): Read {
    const read = { at: this.#options.now(), secrets: this.#options.read(signal) };
    this.#last = read;
    read.secrets.catch(() => {
      // Nothing was read, so the next token tries again.
      if (this.#last === read) this.#last = undefined;
    });
    return read;
  }
}
