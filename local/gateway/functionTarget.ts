import type { BackendRequest } from "./message";

/** The function that a Lambda call names. */
export interface FunctionTarget {
  /** As in its ARN. */
  name: string;
  /** Version or alias, if the call names one. */
  qualifier: string | undefined;
  /** Region and account, if the call names them. */
  region: string | undefined;
  accountId: string | undefined;
}

/** Calls by method and by what follows the function in the path. */
const CALLS: Record<string, string> = {
  "POST invocations": "Invoke",
  "GET configuration": "GetFunctionConfiguration",
  "GET ": "GetFunction",
};

const PATH = /^\/2015-03-31\/functions\/([^/?]+)\/?([^?]*)/;
/** A name, a partial or a whole ARN, each perhaps with a version or alias (API reference, Invoke). */
const FUNCTION =
  /^(?:(?:arn:aws[\w-]*:lambda:(?<region>[\w-]+):)?(?<accountId>\d{12}):function:)?(?<name>[\w$-]{1,64})(?::(?<qualifier>[\w$-]+))?$/;

/** Name of the Lambda API operation, which only method and path show; method and path themselves if it is unknown. */
export function lambdaOperation({ method, url }: Pick<BackendRequest, "method" | "url">): string {
  const path = url.split("?")[0] ?? "";
  const rest = PATH.exec(path)?.[2];
  return (rest === undefined ? undefined : CALLS[`${method} ${rest}`]) ?? `${method} ${path}`;
}

/** The function in the path; undefined if the path has no valid one. */
export function functionTarget({ url }: Pick<BackendRequest, "url">): FunctionTarget | undefined {
  const given = PATH.exec(url)?.[1];
  const groups = given === undefined ? undefined : FUNCTION.exec(decodeURIComponent(given))?.groups;
  if (!groups) return undefined;
  const { name = "", region, accountId } = groups;
  const qualifier = groups.qualifier ?? new URLSearchParams(url.split("?")[1] ?? "").get("Qualifier") ?? undefined;
  return { name, qualifier, region, accountId };
}

/** ARN of the function, without its qualifier; if the call leaves out region or account, they are the local cloud's own. */
export function functionArn(
  { name, region, accountId }: FunctionTarget,
  place: { region: string; accountId: string },
): string {
  return `arn:aws:lambda:${region ?? place.region}:${accountId ?? place.accountId}:function:${name}`;
}
