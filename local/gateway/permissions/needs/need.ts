/** Values of a condition key; undefined where the request has none. */
export type ContextValue = string | string[] | undefined;

/**
 * Condition keys of a service and how to get their values out of the request, by key in lower case. They are asked for
 * only where a policy looks at them.
 */
export type RequestContext = Readonly<Record<string, () => ContextValue | Promise<ContextValue>>>;

/** One thing that has to be allowed for a call to be answered. */
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

/** ARN of something that belongs to a region and an account; what is an ARN already stays as it is. */
export function arnOf(service: string, { region, accountId }: Place, resource: string): string {
  return resource.startsWith("arn:") ? resource : `arn:aws:${service}:${region}:${accountId}:${resource}`;
}
