/** The log group that a call names, by its name or its ARN; empty if it names none. */
export function logGroupName({ logGroupName, logGroupIdentifier }: Readonly<Record<string, unknown>>): string {
  return String(logGroupName ?? logGroupIdentifier ?? "")
    .replace(/^arn:.*?:log-group:/, "")
    .replace(/:\*$/, "");
}
