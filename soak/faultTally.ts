import type { ChildCloud } from "../local/childCloud";
import type { FaultReport } from "../local/faults/faults";
import { everydayFaults, OUTAGE } from "./faultRules";

/** The effects of a rule over the whole run. */
export interface StruckRule {
  /** Such as `dynamodb reset` or `sqs SendMessageBatch ThrottlingException`. */
  rule: string;
  /** Calls, deliveries or invocations it looked at. */
  matched: number;
  /** How many of them it struck. */
  struck: number;
}

type ReportedRule = FaultReport["rules"][number];
type Sums = Map<string, StruckRule>;

/** Sets the rules of each phase and adds up what they did, over all phases. */
export class FaultTally {
  readonly #cloud: ChildCloud;
  readonly #seed: number;
  readonly #sums: Sums = new Map();
  #phase = 0;

  constructor(cloud: ChildCloud, seed: number) {
    this.#cloud = cloud;
    this.#seed = seed;
  }

  async everyday(): Promise<void> {
    await this.next(everydayFaults());
  }

  async outage(): Promise<void> {
    await this.next([OUTAGE, ...everydayFaults()]);
  }

  async none(): Promise<void> {
    await this.next([]);
  }

  /** The rules of the next phase. */
  async next(rules: object[]): Promise<void> {
    const { rules: before } = await this.#cloud.setFaults(rules, this.#seed + this.#phase++);
    addAll(this.#sums, before);
  }

  /** The phases that are over. */
  get rules(): StruckRule[] {
    return [...this.#sums.values()];
  }

  /** With the phase that goes on. */
  async soFar(): Promise<StruckRule[]> {
    const sums = new Map(this.#sums);
    addAll(sums, (await this.#cloud.faults()).rules);
    return [...sums.values()];
  }
}

function addAll(sums: Sums, rules: ReportedRule[]): void {
  for (const { service, action, probability, fault, matched, struck } of rules) {
    const what = "code" in fault ? fault.code : fault.kind;
    const words = [service, action, probability === 1 && fault.kind === "reset" ? "outage" : what];
    const rule = words.filter(Boolean).join(" ");
    const sum = sums.get(rule) ?? { rule, matched: 0, struck: 0 };
    sums.set(rule, { rule, matched: sum.matched + matched, struck: sum.struck + struck });
  }
}
