import type { SendError } from "../sender/index";
import { isRefusedConnection } from "./awsError";
import { LocalCloudGone } from "./stackOutputs";
import { counted, whole } from "./text/format";

/** The result of `npm run send`; `--json` prints exactly this. */
export interface SendSummary {
  queueUrl: string;
  /** Surveys handed over, or found waiting in the outbox. */
  total: number;
  /** Confirmed by SQS. */
  sent: number;
  /** Surveys that can never be sent unchanged, or were refused, each with its reason. */
  refused: NotSent[];
  /** May have arrived, because SQS's answer was lost; always empty with `--outbox`. */
  unconfirmed: NotSent[];
  /** Still in the outbox, with the reason; always empty without `--outbox`. Some may have arrived nevertheless. */
  waiting: NotSent[];
  /** Why the sending as a whole failed: the outbox's storage, or a local cloud that has stopped. */
  error?: SendError;
  /** Every survey that was sent. */
  results: { file: string; submissionId: string; messageId: string }[];
}

export interface NotSent {
  file: string;
  submissionId: string;
  error: SendError;
}

const ONCE =
  "A survey may have arrived if SQS's answer was lost. Sending it again is harmless, because each submission counts once.";

/** 0: everything was sent; 1: something was not, or perhaps not. */
export function exitCode({ refused, unconfirmed, waiting, error }: SendSummary): 0 | 1 {
  return refused.length + unconfirmed.length + waiting.length === 0 && error === undefined ? 0 : 1;
}

/**
 * The summary, with the reason if the local cloud stopped before it had all surveys.
 * @param kept where the surveys still are. @param again the command that sends them
 */
export function withoutLocalCloud(
  summary: SendSummary,
  endpoint: string,
  { kept, again }: { readonly kept: string; readonly again: string },
): SendSummary {
  const unreached = [...summary.refused, ...summary.unconfirmed, ...summary.waiting].filter(isUnreached);
  const { length } = unreached;
  if (length === 0) return summary;
  const what = unreached.some(perhapsArrived) ? "not confirmed" : "not sent";
  const unsent = `${counted(length, "survey")} ${length === 1 ? "was" : "were"} ${what}`;
  const message = `${new LocalCloudGone(endpoint).message} ${unsent}. Nothing is lost: ${kept}. Then run: ${again}`;
  return { ...summary, error: { code: "NETWORK", message, retryable: true } };
}

function isUnreached({ error }: NotSent): boolean {
  return isRefusedConnection(error);
}

function perhapsArrived({ error }: NotSent): boolean {
  return error.mayHaveArrived ?? false;
}

/** The summary for people. If one reason explains why surveys did not arrive, they are not listed one by one. */
export function renderSummary(summary: SendSummary): string {
  const { queueUrl, total, sent, refused, unconfirmed, waiting, error } = summary;
  const lines = [`Sent ${whole(sent)} of ${counted(total, "survey")} to ${queueUrl}`];
  if (error !== undefined) lines.push(`Failed: ${error.message}`);
  const shown = (entries: NotSent[]) => (error === undefined ? entries : entries.filter((each) => !isUnreached(each)));
  lines.push(...section("Refused", shown(refused)));
  lines.push(...section("Not confirmed", shown(unconfirmed)), ...section("Waiting in the outbox", shown(waiting)));
  if ([...unconfirmed, ...waiting].some(perhapsArrived)) lines.push(ONCE);
  return `${lines.join("\n")}\n`;
}

function section(title: string, entries: NotSent[]): string[] {
  if (entries.length === 0) return [];
  return [
    `${title}: ${entries.length}`,
    ...entries.map(({ file, error }) => `  ${file}  ${error.code}: ${error.message}`),
  ];
}
