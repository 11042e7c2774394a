import { systemClock } from "./clock";
import { type DeliverOptions, deliver } from "./deliver";
import { type SendError, SenderError, shorten, toSendError } from "./errors";
import { type Letter, label, type Unsendable } from "./letter";
import { type ResolvedOptions, resolveOptions, type SenderOptions } from "./options";
import { withToken } from "./participantToken";
import { parseQueueUrl } from "./queueUrl";
import { readSurvey, type Survey } from "./readSurvey";
import { type RetryContext, withRetry } from "./retry";
import { type RuleReason, reasonsAgainst, type SurveyRules } from "./rules";
import type { LetterOutcome } from "./sendBatch";
import { sqsTransport, type Transport } from "./transport";

/** The outcome of a survey. */
export interface SendResult {
  /** 200: SQS has confirmed it. 400: it has not; see `error`. */
  statusCode: 200 | 400;
  /** `<user_id><timestamp>`; for a survey without them the file's name, or `unidentified-<hash of the body>`. */
  submissionId: string;
  /** SQS's id of the message; only with 200. */
  messageId?: string;
  /** Only with 400. */
  error?: SendError;
}

/** The stack output `sender`, in the form of `pulumi stack output sender --json`. */
export interface SenderOutput {
  queueUrl: string;
  region?: string | undefined;
  /** With `guestRoleArn`: send as a guest of this Cognito identity pool. */
  identityPoolId?: string | undefined;
  guestRoleArn?: string | undefined;
  /** The stack's rules. A survey that violates them is not sent; see `SenderOptions.rules`. */
  rules?: SurveyRules | undefined;
}

export interface SendOptions {
  /** Aborts the sending; the result is then 400 with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

export interface SendManyOptions extends SendOptions {
  /** Batches on the way at once, 1 to 50. Default 4. */
  concurrency?: number | undefined;
  /** Called for each survey once its outcome is known, in no particular order; must not throw. */
  onResult?: ((result: SendResult, index: number) => void) | undefined;
}

/** One way to one queue, with one client behind it. Make one and keep it. */
export interface Sender {
  readonly queueUrl: string;
  /** Sends one survey: the path of a file, or an object. Never rejects. */
  sendSurvey(survey: Survey, options?: SendOptions): Promise<SendResult>;
  /** Sends many in batches of up to 10. @returns one result for each survey, in the same order */
  sendSurveys(surveys: readonly Survey[], options?: SendManyOptions): Promise<SendResult[]>;
  /** The survey of a letter checked against the rules: why the stack would not accept it, if so. */
  refusal(letter: Letter): SenderError | undefined;
  /**
   * The engine below `sendSurveys` and the outbox: letters in, one outcome for each. Rejects only if `letters` or
   * `onOutcome` does, or with `BAD_QUEUE_URL` or `BAD_OPTION`.
   */
  deliver<L extends Letter>(
    letters: AsyncIterable<L> | Iterable<L>,
    onOutcome: (letter: L, outcome: LetterOutcome) => Promise<void> | void,
    options?: Omit<SendManyOptions, "onResult">,
  ): Promise<void>;
  /** Closes idle connections. Optional: they do not keep a process alive. */
  close(): void;
}

const DEFAULT_CONCURRENCY = 4;

/**
 * A sender for a stack's output: `createSender(output)`. Never throws: every `sendSurvey` reports problems of the output or
 * the options as `BAD_QUEUE_URL` or `BAD_OPTION`.
 */
export function createSender(output: SenderOutput, options: SenderOptions = {}): Sender {
  const queueUrl = output?.queueUrl;
  let line: { transport: Transport; resolved: ResolvedOptions } | undefined;
  const open = () => {
    if (line !== undefined) return line;
    const queue = parseQueueUrl(queueUrl);
    const resolved = resolveOptions({ ...accessOf(output, options), ...options });
    line = { transport: sqsTransport(queue, resolved), resolved };
    return line;
  };
  const rules = options?.rules ?? output?.rules;
  const clock = options?.clock ?? systemClock;
  /** A survey that can be sent, or the reason why not. */
  const read = async (survey: Survey): Promise<Letter | Unsendable> => {
    const letter = await readSurvey(survey);
    const error = "error" in letter ? undefined : sender.refusal(letter);
    return error === undefined ? letter : { submissionId: letter.submissionId, error };
  };
  const contextOf = (resolved: ResolvedOptions, signal: AbortSignal | undefined): RetryContext => {
    return { policy: resolved.policy, clock: resolved.clock, random: resolved.random, signal };
  };

  const sender: Sender = {
    queueUrl,
    async sendSurvey(survey, sendOptions) {
      const letter = await read(survey);
      if ("error" in letter) return resultOf(letter, letter);
      try {
        const { transport, resolved } = open();
        const context = contextOf(resolved, sendOptions?.signal);
        const outgoing = await withToken(letter, resolved.participantToken);
        const messageId = await withRetry((signal) => transport.send(outgoing, signal), context);
        return resultOf(letter, { messageId });
      } catch (error) {
        return resultOf(letter, { error });
      }
    },
    async sendSurveys(surveys, { onResult, ...sendOptions } = {}) {
      const results: SendResult[] = [];
      const decide = (index: number, result: SendResult) => {
        results[index] = result;
        onResult?.(result, index);
      };
      const good = readAll(surveys, read, (index, unsendable) => decide(index, resultOf(unsendable, unsendable)));
      try {
        const tell = (letter: Numbered, outcome: LetterOutcome) => decide(letter.index, resultOf(letter, outcome));
        await sender.deliver(good, tell, sendOptions);
      } catch (error) {
        // Only errors of the configuration, before anything was sent, or of the caller's own onResult end up here.
        if (!(error instanceof SenderError)) throw error;
        for await (const letter of readAll(surveys, read, (i, bad) => decide(i, resultOf(bad, bad)))) {
          decide(letter.index, resultOf(letter, { error }));
        }
      }
      return results;
    },
    refusal: ({ text, submissionId }) => {
      if (!rules) return undefined;
      const reasons = reasonsAgainst(JSON.parse(text), rules, clock.now());
      const unproven = rules.participantTokens === true && options?.participantToken === undefined;
      return againstRules(submissionId, unproven ? [...reasons, NO_OPTION] : reasons);
    },
    async deliver(letters, onOutcome, { signal, concurrency = DEFAULT_CONCURRENCY } = {}) {
      if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 50) {
        const message = `concurrency must be a whole number from 1 to 50, got ${String(concurrency)}.`;
        throw new SenderError("BAD_OPTION", message, { value: concurrency });
      }
      const { transport, resolved } = open();
      const deliverOptions: DeliverOptions = { ...contextOf(resolved, signal), transport, concurrency };
      await deliver(withTokens(letters, resolved.participantToken, onOutcome), deliverOptions, onOutcome);
    },
    close() {
      line?.transport.close();
      line = undefined;
    },
  };
  return sender;
}

type Numbered = Letter & { index: number };

async function* readAll(
  surveys: readonly Survey[],
  read: (survey: Survey) => Promise<Letter | Unsendable>,
  onUnsendable: (index: number, unsendable: { submissionId: string; error: SenderError }) => void,
): AsyncGenerator<Numbered> {
  for (const [index, survey] of surveys.entries()) {
    const letter = await read(survey);
    if ("error" in letter) onUnsendable(index, letter);
    else yield { ...letter, index };
  }
}

/** The letters, one by one, each with its token; a letter that gets none is reported and not sent. */
async function* withTokens<L extends Letter>(
  letters: AsyncIterable<L> | Iterable<L>,
  given: ResolvedOptions["participantToken"],
  onOutcome: (letter: L, outcome: LetterOutcome) => Promise<void> | void,
): AsyncGenerator<L> {
  for await (const letter of letters) {
    const outgoing = await withToken(letter, given).catch((error: SenderError) => ({ error }));
    if ("error" in outgoing) await onOutcome(letter, outgoing);
    else yield outgoing;
  }
}

function resultOf(
  { submissionId }: { submissionId: string },
  outcome: { messageId: string } | { error: unknown },
): SendResult {
  if ("messageId" in outcome) return { statusCode: 200, submissionId, messageId: outcome.messageId };
  return { statusCode: 400, submissionId, error: toSendError(outcome.error) };
}

/** Against a sender that has no tokens, if the stack requires them. */
const NO_OPTION: RuleReason = {
  code: "unproven",
  field: "user_id",
  message: "the stack requires participants' tokens, so the sender needs the option participantToken",
};

/** The error of a survey that the stack would not accept. Its message holds no answers. */
function againstRules(submissionId: string, reasons: RuleReason[]): SenderError | undefined {
  if (reasons.length === 0) return undefined;
  const all = shorten(reasons.map(({ message }) => message).join("; "), 300);
  const message = `The stack would not accept ${label(submissionId)}: ${all}.`;
  return new SenderError("AGAINST_RULES", message, { reasons });
}

/** The access options of the stack's output, unless the app has its own client. */
function accessOf(output: SenderOutput, { client }: SenderOptions): SenderOptions {
  const { region, identityPoolId, guestRoleArn } = output;
  if (client !== undefined) return {};
  if (identityPoolId === undefined && guestRoleArn === undefined) return { region };
  // If one of them is missing, resolveOptions refuses that and names it.
  return { region, guest: { identityPoolId: identityPoolId as string, guestRoleArn: guestRoleArn as string } };
}
