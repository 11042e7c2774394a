import type { IdentityPolicy, Role, Roles } from "../../../roles";
import type { Decision, GrantId } from "../evaluation/decision";
import { statementsOf } from "../evaluation/statements";
import type { Grant, PermissionReport, Refusal, RolePermissions } from "./report";

/** Counts which grants are used and what is refused, by the ARN of the role (or user). */
export class Usage {
  readonly #used = new Map<string, number>();
  readonly #refused = new Map<string, Map<string, Refusal>>();

  allowed(arn: string, { grants }: Extract<Decision, { allowed: true }>): void {
    for (const grant of grants) {
      const key = keyOf(arn, grant);
      this.#used.set(key, (this.#used.get(key) ?? 0) + 1);
    }
  }

  /** @returns true if this was refused for the first time. */
  refused(arn: string, refusal: Omit<Refusal, "times">): boolean {
    const all = this.#refused.get(arn) ?? new Map<string, Refusal>();
    this.#refused.set(arn, all);
    const key = `${refusal.action} ${refusal.resource} ${refusal.reason}`;
    const known = all.get(key);
    if (known) known.times++;
    else all.set(key, { ...refusal, times: 1 });
    return !known;
  }

  /** Every role with all its grants, and all other callers with refusals. */
  report(roles: Roles): PermissionReport {
    const others = [...this.#refused.keys()].filter((arn) => !roles.byArn(arn));
    return {
      roles: [
        ...roles.all().map((role) => this.#roleReport(role)),
        ...others.map((arn) => ({
          role: arn.split("/").at(-1) ?? arn,
          arn,
          used: [],
          unused: [],
          refused: this.#refusedTo(arn),
        })),
      ],
    };
  }

  #roleReport({ logicalName, arn, policies }: Role): RolePermissions {
    const report: RolePermissions = { role: logicalName, arn, used: [], unused: [], refused: this.#refusedTo(arn) };
    for (const policy of policies.values()) {
      for (const [id, grant] of grantsIn(policy)) {
        const times = this.#used.get(keyOf(arn, id));
        if (times === undefined) report.unused.push(grant);
        else report.used.push({ ...grant, times });
      }
    }
    return report;
  }

  #refusedTo(arn: string): Refusal[] {
    return [...(this.#refused.get(arn)?.values() ?? [])];
  }
}

function grantsIn({ name, logicalName, document }: IdentityPolicy): [GrantId, Grant][] {
  return statementsOf(document)
    .filter(({ effect }) => effect === "Allow")
    .flatMap(({ index, sid, actions, resources }) =>
      actions.map((action): [GrantId, Grant] => [
        { policy: name, statement: index, action },
        { policy: logicalName, sid: sid ?? String(index), action, resources },
      ]),
    );
}

function keyOf(arn: string, { policy, statement, action }: GrantId): string {
  return `${arn} ${policy} ${statement} ${action}`;
}
