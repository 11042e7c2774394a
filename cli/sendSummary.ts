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
  /** Still in the outbox, with the reason; always empty without `--outbox`. */
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

/** 0: everything was sent; 1: something was not. */
export function exitCode({ refused, waiting, error }: SendSummary): 0 | 1 {
  return refused.length + waiting.length === 0 && error === undefined ? 0 : 1;
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
  const unreached = [...summary.refused, ...summary.waiting].filter(isUnreached).length;
  if (unreached === 0) return summary;
  const unsent = `${counted(unreached, "survey")} ${unreached === 1 ? "was" : "were"} not sent`;
  const message = `${new LocalCloudGone(endpoint).message} ${unsent}. Nothing is lost: ${kept}. Then run: ${again}`;
  return { ...summary, error: { code: "NETWORK", message, retryable: true } };
}

function isUnreached({ error }: NotSent): boolean {
  return isRefusedConnection(error);
}

/** The summary for people. If one reason explains why surveys did not arrive, they are not listed one by one. */
export function renderSummary({ queueUrl, total, sent, refused, waiting, error }: SendSummary): string {
  const lines = [`Sent ${whole(sent)} of ${counted(total, "survey")} to ${queueUrl}`];
  if (error !== undefined) lines.push(`Failed: ${error.message}`);
  const shown = (entries: NotSent[]) => (error === undefined ? entries : entries.filter((each) => !isUnreached(each)));
  lines.push(...section("Refused", shown(refused)), ...section("Waiting in the outbox", shown(waiting)));
  return `${lines.join("\n")}\n`;
}

function section(title: string, entries: NotSent[]): string[] {
  if (entries.length === 0) return [];
  return [
    `${title}: ${entries.length}`,
    ...entries.map(({ file, error }) => `  ${file}  ${error.code}: ${error.message}`),
  ];
}
