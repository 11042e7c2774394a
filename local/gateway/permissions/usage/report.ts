/** One action pattern of one Allow statement of a role. */
export interface Grant {
  /** Name of the policy as the program calls it. */
  policy: string;
  /** The statement's Sid; its number in the policy where it has none. */
  sid: string;
  /** As written, with wildcards. */
  action: string;
  resources: string[];
}

/** Something a role asked for and did not get. */
export interface Refusal {
  action: string;
  /** ARN; that of all objects of a bucket where it was about one of them. */
  resource: string;
  /** The end of AWS's sentence: `because …` or `with …`. */
  reason: string;
  /** The statement that would allow it, ready to paste; absent where a Deny is in the way. */
  missing?: { Effect: "Allow"; Action: string[]; Resource: string };
  times: number;
}

/** What a role may do, what it did and what it was refused. */
export interface RolePermissions {
  /** Name of the role as the program calls it. */
  role: string;
  arn: string;
  used: (Grant & { times: number })[];
  unused: Grant[];
  refused: Refusal[];
}

/** What came of all evaluations of a run. */
export interface PermissionReport {
  roles: RolePermissions[];
}
