import { SluiceError } from "../shared/errors";

/** An IAM policy document, parsed. */
export type PolicyDocument = { Version?: string; Statement: unknown };

/** A policy of a role, inline or attached. */
export interface IdentityPolicy {
  /** Its name in AWS: the physical name of an inline policy, the ARN of an attached one. */
  name: string;
  /** As the program calls it, without the random suffix of this run. */
  logicalName: string;
  document: PolicyDocument;
}

export interface Role {
  name: string;
  /** As the program calls it, without the random suffix of this run. */
  logicalName: string;
  arn: string;
  trust: PolicyDocument;
  /** Inline and attached policies by name. */
  policies: Map<string, IdentityPolicy>;
}

/**
 * The roles that the program made, and the policies that it put on roles, queues and buckets. The gateway evaluates
 * these.
 */
export class Roles {
  readonly #byName = new Map<string, Role>();
  readonly #byArn = new Map<string, Role>();
  readonly #managedPolicies = new Map<string, IdentityPolicy>();
  readonly #resourcePolicies = new Map<string, PolicyDocument>();
  #version = 0;

  /** Grows with every change, so that caches of decisions can be cleared. */
  get version(): number {
    return this.#version;
  }

  add(role: Omit<Role, "policies">): void {
    const added = { ...role, policies: new Map() };
    this.#byName.set(role.name, added);
    this.#byArn.set(role.arn, added);
    this.#version++;
  }

  /** @throws Error if there is no such role. */
  byName(name: string): Role {
    const role = this.#byName.get(name);
    if (!role) throw new Error(`there is no role ${name}`);
    return role;
  }

  byArn(arn: string): Role | undefined {
    return this.#byArn.get(arn);
  }

  all(): Role[] {
    return [...this.#byName.values()];
  }

  /** Puts an inline policy on a role, or replaces it. */
  putPolicy(roleName: string, policy: IdentityPolicy): void {
    this.byName(roleName).policies.set(policy.name, policy);
    this.#version++;
  }

  /** Makes a policy that can be attached by its name, which is its ARN. */
  addManagedPolicy(policy: IdentityPolicy): void {
    this.#managedPolicies.set(policy.name, policy);
  }

  /** @throws SluiceError UNKNOWN_MANAGED_POLICY. */
  attach(roleName: string, policyArn: string): void {
    const policy = this.#managedPolicies.get(policyArn);
    if (!policy) {
      const help = policyArn.startsWith("arn:aws:iam::aws:")
        ? "write it out in local/gateway/permissions/callers/managedPolicies.ts, with its source"
        : "the program makes no such policy";
      throw new SluiceError("UNKNOWN_MANAGED_POLICY", `The local cloud has no policy ${policyArn}: ${help}.`, {
        value: policyArn,
      });
    }
    this.putPolicy(roleName, policy);
  }

  /** Policy of a queue or bucket, by its ARN. */
  resourcePolicy(arn: string): PolicyDocument | undefined {
    return this.#resourcePolicies.get(arn);
  }

  /** All policies of queues and buckets, with their ARN. */
  resourcePolicies(): [arn: string, document: PolicyDocument][] {
    return [...this.#resourcePolicies];
  }

  setResourcePolicy(arn: string, document: PolicyDocument): void {
    this.#resourcePolicies.set(arn, document);
    this.#version++;
  }
}
