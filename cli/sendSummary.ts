import type { SendError } from "../sender/index";

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
  /** The reason, if nothing could be sent at all. */
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

/** The summary for people. */
export function renderSummary({ queueUrl, total, sent, refused, waiting, error }: SendSummary): string {
  const lines = [`Sent ${sent} of ${total} ${total === 1 ? "survey" : "surveys"} to ${queueUrl}`];
  if (error !== undefined) lines.push(`Failed: ${error.message}`);
  lines.push(...section("Refused", refused), ...section("Waiting in the outbox", waiting));
  return `${lines.join("\n")}\n`;
}

function section(title: string, entries: NotSent[]): string[] {
  if (entries.length === 0) return [];
  return [
    `${title}: ${entries.length}`,
    ...entries.map(({ file, error }) => `  ${file}  ${error.code}: ${error.message}`),
  ];
}
