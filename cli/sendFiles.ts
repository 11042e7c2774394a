import { type FlushedEntry, openOutbox, type Sender } from "../sender/index";
import type { Progress } from "./progress";
import type { NotSent, SendSummary } from "./sendSummary";

export interface SendFilesOptions {
  signal?: AbortSignal | undefined;
  /** Makes the display once the number of files is known. */
  progress: (total: number) => Progress;
}

/** Sends files; they are not changed or removed. */
export async function sendFiles(files: string[], sender: Sender, options: SendFilesOptions): Promise<SendSummary> {
  const progress = options.progress(files.length);
  let done = 0;
  const results = await sender.sendSurveys(files, { signal: options.signal, onResult: () => progress.update(++done) });
  progress.stop();
  const summary = emptySummary(sender, files.length);
  for (const [index, { submissionId, messageId, error }] of results.entries()) {
    const file = files[index] as string;
    if (messageId !== undefined) summary.results.push({ file, submissionId, messageId });
    else if (error !== undefined) {
      summary[error.mayHaveArrived ? "unconfirmed" : "refused"].push({ file, submissionId, error });
    }
  }
  summary.sent = summary.results.length;
  return summary;
}

/** Puts files into an outbox first, then sends everything that waits in it. */
export async function sendThroughOutbox(
  files: string[],
  folder: string,
  sender: Sender,
  options: SendFilesOptions,
): Promise<SendSummary> {
  const outbox = openOutbox(folder, sender);
  const fileOf = new Map<string, string>();
  const refused: NotSent[] = [];
  for (const file of files) {
    const { name, submissionId, error } = await outbox.save(file);
    if (error !== undefined) refused.push({ file, submissionId, error });
    else if (name !== undefined) fileOf.set(name, file);
  }
  const total = refused.length + (await outbox.names()).length;
  const progress = options.progress(total);
  const onProgress = (done: number) => progress.update(refused.length + done);
  const report = await outbox.flush({ signal: options.signal, onProgress });
  progress.stop();

  const notSent = ({ name, submissionId, error }: FlushedEntry): NotSent[] =>
    error === undefined ? [] : [{ file: fileOf.get(name) ?? name, submissionId, error }];
  return {
    ...emptySummary(sender, total),
    sent: report.sent.length,
    refused: [...refused, ...report.refused.flatMap(notSent)],
    waiting: report.waiting.flatMap(notSent),
    ...(report.error === undefined ? {} : { error: report.error }),
    results: report.sent.map(({ name, submissionId, messageId = "" }) => {
      return { file: fileOf.get(name) ?? name, submissionId, messageId };
    }),
  };
}

function emptySummary({ queueUrl }: Sender, total: number): SendSummary {
  return { queueUrl, total, sent: 0, refused: [], unconfirmed: [], waiting: [], results: [] };
}
