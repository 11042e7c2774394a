import { SluiceError } from "../../../shared/errors";
import type { Roles } from "../../roles";
import type { Principal } from "../principals";
import { callerOf } from "./callers/caller";
import { checkPolicies } from "./evaluation/checkPolicies";
import type { DenialReason } from "./evaluation/decision";
import { Evaluator } from "./evaluation/evaluator";
import { missingStatement, type ServiceCaller, serviceDecision } from "./evaluation/serviceCaller";
import type { Need, Place } from "./needs/need";
import { refusalAdvice, refusalMessage, refusalOf } from "./refusal";
import type { PermissionReport } from "./usage/report";
import { Usage } from "./usage/usage";

export interface PermissionsOptions {
  roles: Roles;
  place: Place;
  /** Called once for each kind of refusal, with the missing statement. */
  onRefusal: (refusal: SluiceError) => void;
}

/** IAM of the local cloud: decides what a principal may do, and counts each role's used grants and refusals. */
export class Permissions {
  readonly #options: PermissionsOptions;
  readonly #evaluator: Evaluator;
  readonly #usage = new Usage();

  constructor(options: PermissionsOptions) {
    this.#options = options;
    this.#evaluator = new Evaluator(options.roles, options.place);
  }

  get place(): Place {
    return this.#options.place;
  }

  /**
   * Decides and counts.
   * @returns undefined if it is allowed, else AWS's sentence about the refusal.
   */
  async refusalOf(principal: Principal, need: Need): Promise<string | undefined> {
    const decision = await this.#evaluator.decide(principal, need);
    if (!decision.allowed) return await this.#refuse(principal, need, decision.reason);
    if (principal.kind === "role") this.#usage.allowed(principal.roleArn, decision);
    return undefined;
  }

  /**
   * Decides and counts whether an AWS service that acts for one of our resources may act on another one. The other
   * resource's policy decides that.
   * @returns undefined if it is allowed, else AWS's sentence about the refusal.
   */
  async serviceRefusalOf(caller: ServiceCaller, need: Pick<Need, "action" | "resource">): Promise<string | undefined> {
    const asked = { ...need, context: {} };
    const policy = this.#options.roles.resourcePolicy(need.resource);
    const decision = await serviceDecision(caller, need, policy, this.place);
    if (decision.allowed) return undefined;
    const { reason } = decision;
    const message = refusalMessage(caller.service, asked, reason);
    const refusal = refusalOf(asked, reason);
    if (this.#usage.refused(caller.service, refusal)) {
      const missing = reason.kind === "nothingAllows" ? missingStatement(caller, need) : undefined;
      const advice = missing
        ? `${message}. If it is to do this for ${caller.sourceArn}, the policy of ${need.resource} needs the statement ${JSON.stringify(missing)}`
        : `${message} (for ${caller.sourceArn})`;
      this.#options.onRefusal(new SluiceError("ACCESS_DENIED", advice, { value: { ...caller, ...refusal } }));
    }
    return message;
  }

  /** ARN of a principal as AWS shows it. */
  callerArn(principal: Principal): string {
    return callerOf(principal, this.#options.roles, this.place.accountId).arn;
  }

  /**
   * Checks all policies.
   * @throws SluiceError INVALID_POLICY if IAM would not accept it, UNKNOWN_CONDITION_KEY if it cannot be evaluated here.
   */
  check(): Promise<void> {
    return checkPolicies(this.#options.roles, this.place);
  }

  /** The outcomes of all evaluations so far. */
  report(): PermissionReport {
    return this.#usage.report(this.#options.roles);
  }

  async #isMissingTable({ resource }: Need): Promise<boolean> {
    const table = /^arn:aws:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(resource)?.[1];
    return table !== undefined && (await this.place.hashKeyOf(table)) === undefined;
  }

  async #refuse(principal: Principal, need: Need, reason: DenialReason): Promise<string> {
    const { arn, principalArn } = callerOf(principal, this.#options.roles, this.place.accountId);
    const message = refusalMessage(arn, need, reason);
    const { missing, ...seen } = refusalOf(need, reason);
    // If a table's name is mistyped, no further statement would help.
    const isThere = !(await this.#isMissingTable(need));
    const refusal = { ...seen, ...(isThere && missing ? { missing } : {}) };
    if (this.#usage.refused(principalArn, refusal)) {
      const role = this.#options.roles.byArn(principalArn)?.logicalName ?? principalArn;
      const advice = isThere ? refusalAdvice(role, message, refusal) : `${message}. There is no such table.`;
      this.#options.onRefusal(new SluiceError("ACCESS_DENIED", advice, { value: { role, ...refusal } }));
    }
    return message;
  }
}
