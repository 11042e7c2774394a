/** An IAM policy document, parsed. */
export type PolicyDocument = { Version?: string; Statement: unknown };

export interface Role {
  name: string;
  arn: string;
  trust: PolicyDocument;
  /** Inline policies by name. */
  policies: Map<string, PolicyDocument>;
}

/** The roles the program made and the policies it put on queues and buckets: what the gateway evaluates. */
export class Roles {
  readonly #byName = new Map<string, Role>();
  /** Resource policies by the ARN of the queue or bucket. */
  readonly resourcePolicies = new Map<string, PolicyDocument>();

  add(name: string, arn: string, trust: PolicyDocument): void {
    this.#byName.set(name, { name, arn, trust, policies: new Map() });
  }

  /** @throws Error where there is no such role. */
  byName(name: string): Role {
    const role = this.#byName.get(name);
    if (!role) throw new Error(`there is no role ${name}`);
    return role;
  }

  byArn(arn: string): Role | undefined {
    return [...this.#byName.values()].find((role) => role.arn === arn);
  }

  all(): Role[] {
    return [...this.#byName.values()];
  }
}
