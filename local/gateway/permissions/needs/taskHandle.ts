/** The handle of a task, in AWS's form: base64 of a JSON document. */
export function taskHandle({ id, sourceArn }: { id: string; sourceArn: string }): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString("base64");
}

/** The dead-letter queue of a handle; undefined if the text isn't a handle. */
export function sourceArnOf(handle: string): string | undefined {
  try {
    const { sourceArn } = JSON.parse(Buffer.from(handle, "base64").toString()) as { sourceArn?: unknown };
    return typeof sourceArn === "string" ? sourceArn : undefined;
  } catch {
    return undefined;
  }
}
