import { seededRandom } from "./random";
import { type Fault, type FaultPlan, type FaultRule, type FaultService, parseFaultPlan } from "./rule";

/** Something a rule may match. */
export interface Occasion {
  service: FaultService;
  action: string;
  /** Table, queue URL, bucket and key, function name, ARN, or a task's state and function. */
  resource: string;
  /** True for calls of functions and pollers. */
  byRole: boolean;
  /** True inside of a service, behind its API: an invocation, a load, a delivery. Default false: a call through the gateway. */
  inside?: boolean;
}

/** Rules and what they did. */
export interface FaultReport {
  seed: number;
  /** `matched`: occasions that a rule looked at; `struck`: of those, how many it struck. */
  rules: (FaultRule & { matched: number; struck: number })[];
}

interface Armed {
  rule: FaultRule;
  /** Each rule has numbers of its own, so that one rule's matches do not shift another's. */
  random: () => number;
  matched: number;
  struck: number;
}

/**
 * Kinds that strike inside of a service, at one action only each, so that other occasions neither count for their rules nor
 * use them up. All others strike at calls through the gateway.
 */
const ONLY_AT: Partial<Record<Fault["kind"], string>> = {
  kill: "Invoke",
  hang: "Invoke",
  failToLoad: "Load",
  duplicate: "Deliver",
  late: "Deliver",
  reorder: "Batch",
  drop: "Publish",
};

/** The fault rules in force and what they did. */
export class Faults {
  #armed: Armed[] = [];
  #seed = 1;

  /**
   * Replaces all rules; their counts start again.
   * @returns what the former rules did until now.
   * @throws SluiceError BAD_FAULT_PLAN.
   */
  set(plan: unknown): FaultReport {
    const { seed, rules }: FaultPlan = parseFaultPlan(plan);
    const before = this.report();
    this.#seed = seed;
    this.#armed = rules.map((rule, index) => ({
      rule,
      random: seededRandom(seed * 7_919 + index),
      matched: 0,
      struck: 0,
    }));
    return before;
  }

  /** The faults that strike now, in the order of the rules, each with the random numbers of its rule. */
  strike(occasion: Occasion): { fault: Fault; random: () => number }[] {
    return this.#armed
      .filter((armed) => strikes(armed, occasion))
      .map(({ rule, random }) => ({ fault: rule.fault, random }));
  }

  report(): FaultReport {
    return { seed: this.#seed, rules: this.#armed.map(({ rule, matched, struck }) => ({ ...rule, matched, struck })) };
  }
}

function strikes(armed: Armed, occasion: Occasion): boolean {
  const { rule } = armed;
  if (rule.service !== occasion.service) return false;
  if (Object.hasOwn(ONLY_AT, rule.fault.kind) !== (occasion.inside ?? false)) return false;
  if ((ONLY_AT[rule.fault.kind] ?? occasion.action) !== occasion.action) return false;
  if (rule.action !== undefined && rule.action !== occasion.action) return false;
  if (rule.resource !== undefined && !occasion.resource.includes(rule.resource)) return false;
  if (rule.caller === "roles" && !occasion.byRole) return false;
  armed.matched++;
  if (rule.count !== undefined && armed.struck >= rule.count) return false;
  if (armed.random() >= rule.probability) return false;
  armed.struck++;
  return true;
}
