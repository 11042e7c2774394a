/** One action pattern of one Allow statement of a role. */
export interface Grant {
  /** Name of the policy in the program. */
  policy: string;
  /** The statement's Sid; its number in the policy if it has none. */
  sid: string;
  /** The pattern, with wildcards. */
  action: string;
  resources: string[];
}

/** A request of a role that was refused. */
export interface Refusal {
  action: string;
  /** ARN of the resource; for an object, that of all objects of its bucket. */
  resource: string;
  /** The end of AWS's sentence: `because …` or `with …`. */
  reason: string;
  /** The statement that would allow it, ready to paste; absent if a Deny refuses it. */
  missing?: { Effect: "Allow"; Action: string[]; Resource: string };
  times: number;
}

/** The grants of a role, the used ones among them, and its refusals. */
export interface RolePermissions {
  /** Name of the role in the program. */
  role: string;
  arn: string;
  used: (Grant & { times: number })[];
  unused: Grant[];
  refused: Refusal[];
}

/** The outcomes of all evaluations of a run. */
export interface PermissionReport {
  roles: RolePermissions[];
}
