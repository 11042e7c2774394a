/** Who the operator is, for audit lists. */
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";

/**
 * The ARN of the caller's own credentials, asked once. AWS lets everybody ask, but STS may be out of reach, as in a network without
 * an endpoint for it. In that case the access key identifies the caller.
 */
export function callerOf(sts: Pick<STSClient, "send" | "config">): () => Promise<string> {
  let caller: Promise<string> | undefined;
  return () => {
    caller ??= ask(sts);
    return caller;
  };
}

async function ask(sts: Pick<STSClient, "send" | "config">): Promise<string> {
  try {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (Arn !== undefined) return Arn;
  } catch {
    // If something is wrong with the credentials, the command's own calls report it.
  }
  return `access key ${(await sts.config.credentials()).accessKeyId}`;
}
