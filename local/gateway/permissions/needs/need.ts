/** Values of a condition key; undefined if the request has none. */
export type ContextValue = string | string[] | undefined;

/**
 * Condition keys of a service and how to get their values from the request, by key in lower case. They are evaluated only
 * if a policy reads them.
 */
export type RequestContext = Readonly<Record<string, () => ContextValue | Promise<ContextValue>>>;

/** One permission that a call needs. */
export interface Need {
  /** As in IAM, such as `dynamodb:PutItem`. */
  action: string;
  /** ARN, or `*` for actions without a resource. */
  resource: string;
  context: RequestContext;
}

/** Account and region of the local cloud's resources. */
export interface Place {
  /** 12 digits. */
  accountId: string;
  region: string;
  /** Name of the hash key of a table, or of one of its indexes. */
  hashKeyOf(table: string, index?: string): Promise<string | undefined>;
}

/** ARN of a resource in a region and an account; an ARN stays unchanged. */
export function arnOf(service: string, { region, accountId }: Place, resource: string): string {
  return resource.startsWith("arn:") ? resource : `arn:aws:${service}:${region}:${accountId}:${resource}`;
}
