import type { IdentityPolicy, PolicyDocument, Roles } from "../../../roles";
import type { Principal } from "../../principals";
import { type Caller, callerOf } from "../callers/caller";
import type { Need, Place } from "../needs/need";
import { conditionValue } from "./conditionKeys";
import { type Decision, decisionOf } from "./decision";
import { ObjectPatterns } from "./resourceClass";
import { simulate } from "./simulate";
import { statementsOf } from "./statements";

/** Decisions kept; all are forgotten when there are more. */
const KEPT_MAX = 10_000;

/** The policies that apply to a caller's requests to one resource, and what they depend on. */
interface View {
  identityPolicies: readonly IdentityPolicy[];
  resourcePolicy: PolicyDocument | undefined;
  /** Condition keys, in lower case. */
  conditionKeys: readonly string[];
  objects: ObjectPatterns;
  /** Whether decisions may differ between keys of a class, because patterns hold variables. */
  byExactResource: boolean;
  /** Whether decisions may differ between sessions of a role. */
  bySession: boolean;
}

/**
 * Decides like IAM whether a principal may do something. An evaluation takes a good part of a millisecond, so decisions
 * are cached by everything that they can depend on: caller, action, resource and the values of the condition keys that
 * the policies look at. A change of any policy forgets them all.
 */
export class Evaluator {
  readonly #roles: Roles;
  readonly #place: Place;
  readonly #views = new Map<string, View>();
  readonly #decisions = new Map<string, Promise<Decision>>();
  #version = -1;
  #evaluations = 0;

  constructor(roles: Roles, place: Place) {
    this.#roles = roles;
    this.#place = place;
  }

  /** @throws SluiceError INVALID_POLICY. */
  async decide(principal: Principal, { action, resource, context }: Need): Promise<Decision> {
    this.#forgetOldPolicies();
    const caller = callerOf(principal, this.#roles, this.#place.accountId);
    const view = this.#viewOf(caller, resource);
    const values: Record<string, string | string[]> = {};
    for (const key of view.conditionKeys) {
      const asked = conditionValue(key, context, caller, this.#place);
      const value = asked instanceof Promise ? await asked : asked;
      if (value !== undefined) values[key] = value;
    }
    const key = [
      view.bySession ? caller.arn : caller.principalArn,
      action,
      view.byExactResource ? resource : view.objects.classOf(resource),
      ...(view.conditionKeys.length > 0 ? [JSON.stringify(values)] : []),
    ].join("\n");
    const known = this.#decisions.get(key);
    if (known) return known;
    if (this.#decisions.size >= KEPT_MAX) this.#decisions.clear();
    const decision = this.#evaluate(caller, view, action, resource, values);
    this.#decisions.set(key, decision);
    return decision;
  }

  /** Number of evaluations so far; all other decisions came from the cache. */
  get evaluations(): number {
    return this.#evaluations;
  }

  /** Forgets all decisions, as when a policy changes. */
  forget(): void {
    this.#views.clear();
    this.#decisions.clear();
  }

  async #evaluate(
    caller: Caller,
    { identityPolicies, resourcePolicy }: View,
    action: string,
    resource: string,
    context: Record<string, string | string[]>,
  ): Promise<Decision> {
    this.#evaluations++;
    const accountId = resource.split(":")[4] || this.#place.accountId;
    const principal = caller.arn;
    return decisionOf(
      await simulate({ principal, action, resource, accountId, context, identityPolicies, resourcePolicy }),
    );
  }

  #viewOf(caller: Caller, resource: string): View {
    const owner = resource.startsWith("arn:aws:s3:::") ? (resource.split("/")[0] ?? resource) : resource;
    const resourcePolicy = this.#roles.resourcePolicy(owner);
    const key = `${caller.principalArn}\n${resourcePolicy ? owner : ""}`;
    let view = this.#views.get(key);
    if (!view) {
      view = viewOf(caller.policies, resourcePolicy);
      this.#views.set(key, view);
    }
    return view;
  }

  #forgetOldPolicies(): void {
    if (this.#version === this.#roles.version) return;
    this.#version = this.#roles.version;
    this.forget();
  }
}

function viewOf(identityPolicies: readonly IdentityPolicy[], resourcePolicy: PolicyDocument | undefined): View {
  const documents = [...identityPolicies.map(({ document }) => document), ...(resourcePolicy ? [resourcePolicy] : [])];
  const statements = documents.flatMap(statementsOf);
  const resources = statements.flatMap((statement) => statement.resources);
  return {
    identityPolicies,
    resourcePolicy,
    conditionKeys: [...new Set(statements.flatMap(({ conditionKeys }) => conditionKeys))],
    objects: new ObjectPatterns(resources),
    byExactResource: resources.some((resource) => resource.includes("${")),
    bySession: JSON.stringify(resourcePolicy ?? "").includes(":assumed-role/"),
  };
}
