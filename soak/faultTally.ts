import type { ChildCloud } from "../local/childCloud";
import { everydayFaults, OUTAGE } from "./faultRules";

/** What a rule did over the whole run. */
export interface StruckRule {
  /** Such as `dynamodb reset` or `sqs SendMessageBatch ThrottlingException`. */
  rule: string;
  /** Calls, deliveries or invocations it looked at. */
  matched: number;
  /** How many of them it struck. */
  struck: number;
}

interface ReportedRule {
  service: string;
  action?: string;
  probability: number;
  fault: { kind: string; code?: string };
  matched: number;
  struck: number;
}

/**
 * Sets the rules of each phase and adds up what they did. New rules begin to count at 0, so the old ones are asked
 * first; the few calls in between are not in the figures.
 */
export class FaultTally {
  readonly #cloud: ChildCloud;
  readonly #seed: number;
  readonly #sums = new Map<string, StruckRule>();
  #phase = 0;

  constructor(cloud: ChildCloud, seed: number) {
    this.#cloud = cloud;
    this.#seed = seed;
  }

  async everyday(): Promise<void> {
    await this.#next(everydayFaults());
  }

  async outage(): Promise<void> {
    await this.#next([OUTAGE, ...everydayFaults()]);
  }

  async none(): Promise<void> {
    await this.#next([]);
  }

  get rules(): StruckRule[] {
    return [...this.#sums.values()];
  }

  async #next(rules: object[]): Promise<void> {
    const report = (await this.#cloud.administer("GET", "faults")) as unknown as { rules: ReportedRule[] };
    for (const one of report.rules) this.#add(one);
    await this.#cloud.setFaults(rules, this.#seed + this.#phase++);
  }

  #add({ service, action, probability, fault, matched, struck }: ReportedRule): void {
    const words = [service, action, probability === 1 ? "outage" : (fault.code ?? fault.kind)];
    const rule = words.filter(Boolean).join(" ");
    const sum = this.#sums.get(rule) ?? { rule, matched: 0, struck: 0 };
    this.#sums.set(rule, { rule, matched: sum.matched + matched, struck: sum.struck + struck });
  }
}
