/** The handle of a task, as AWS makes it: base64 of a JSON document. */
export function taskHandle({ id, sourceArn }: { id: string; sourceArn: string }): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString("base64");
}

/** The dead-letter queue that a handle is about; undefined where it is no handle. */
export function sourceArnOf(handle: string): string | undefined {
  try {
    const { sourceArn } = JSON.parse(Buffer.from(handle, "base64").toString()) as { sourceArn?: unknown };
    return typeof sourceArn === "string" ? sourceArn : undefined;
  } catch {
    return undefined;
  }
}
