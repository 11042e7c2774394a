import { SluiceError } from "../../shared/errors";
import type { Faults } from "../faults/faults";
import type { BusEvent } from "./event";
import type { Pattern } from "./eventPattern";
import type { Transform } from "./targetInput";

/** The number of newest events that are kept for inspection. */
const KEPT_MAX = 1_000;
const DEFAULT_BUS = "default";

export interface EventTarget {
  id: string;
  /** ARN of a topic or a queue. */
  arn: string;
  transform: Transform;
}

interface Rule {
  name: string;
  arn: string;
  matches: Pattern;
  enabled: boolean;
  targets: EventTarget[];
}

/** The outcome of an event at one target of a rule that it matched. */
export interface TargetDelivery {
  rule: string;
  /** ARN. */
  target: string;
  outcome: "waiting" | "delivered" | "refused" | "failed";
  /** Why it was not delivered. */
  reason?: string;
}

export interface RecordedEvent {
  bus: string;
  event: BusEvent;
  deliveries: TargetDelivery[];
}

/** Hands a text to a target for a rule. @returns AWS's sentence if the target's policy does not allow it. */
export type Deliver = (targetArn: string, text: string, ruleArn: string) => Promise<string | undefined>;

export interface EventBusesOptions {
  place: { region: string; accountId: string };
  deliver: Deliver;
  faults: Pick<Faults, "strike">;
  onError: (error: unknown) => void;
}

/** EventBridge's buses: rules match each event, and their targets get it, each once. The last 1,000 events are kept. */
export class EventBuses {
  readonly #options: EventBusesOptions;
  readonly #buses = new Map<string, Map<string, Rule>>([[DEFAULT_BUS, new Map()]]);
  readonly #recent: RecordedEvent[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(options: EventBusesOptions) {
    this.#options = options;
  }

  /** @returns the bus's ARN. */
  addBus(name: string): string {
    this.#buses.set(name, new Map());
    return this.#arn(`event-bus/${name}`);
  }

  /** @returns the rule's ARN. @throws SluiceError UNKNOWN_EVENT_BUS. */
  addRule(busNameOrArn: string | undefined, rule: { name: string; matches: Pattern; enabled: boolean }): string {
    const [bus, rules] = this.#bus(busNameOrArn);
    const arn = this.#arn(bus === DEFAULT_BUS ? `rule/${rule.name}` : `rule/${bus}/${rule.name}`);
    rules.set(rule.name, { ...rule, arn, targets: [] });
    return arn;
  }

  /** @throws SluiceError UNKNOWN_EVENT_BUS, UNKNOWN_EVENT_RULE. */
  addTarget(busNameOrArn: string | undefined, ruleName: string, target: EventTarget): void {
    const [bus, rules] = this.#bus(busNameOrArn);
    const rule = rules.get(ruleName);
    if (!rule) {
      const message = `There is no rule ${ruleName} on event bus ${bus}.`;
      throw new SluiceError("UNKNOWN_EVENT_RULE", message, { value: ruleName });
    }
    rule.targets.push(target);
  }

  /**
   * Accepts an event; targets get it later. As on AWS, an event for a missing bus is accepted and goes nowhere. The local
   * cloud also reports it.
   */
  put(busNameOrArn: string | undefined, event: BusEvent): void {
    const bus = busName(busNameOrArn);
    const rules = this.#buses.get(bus);
    if (!rules)
      this.#options.onError(new SluiceError("UNKNOWN_EVENT_BUS", `There is no event bus ${bus}.`, { value: bus }));
    const recorded: RecordedEvent = { bus, event, deliveries: [] };
    for (const rule of rules?.values() ?? []) {
      if (!rule.enabled || !rule.matches(event as unknown as Record<string, unknown>)) continue;
      for (const target of rule.targets) this.#start(recorded, rule, target);
    }
    // AWS's own events that match no rule are not kept, so those of ten thousand child executions don't push others out.
    if (event.source.startsWith("aws.") && recorded.deliveries.length === 0) return;
    this.#recent.push(recorded);
    if (this.#recent.length > KEPT_MAX) this.#recent.shift();
  }

  /** Puts an event of one of AWS's services on the default bus. Services publish with best effort: a fault rule loses it. */
  publish(event: BusEvent): void {
    const resource = `${event.source} ${event["detail-type"]}`;
    const occasion = { service: "events", action: "Publish", resource, byRole: true, inside: true } as const;
    const struck = this.#options.faults.strike(occasion);
    if (struck.length === 0) this.put(undefined, event);
  }

  /** The last events, oldest first, and the outcome of each. */
  recent(): RecordedEvent[] {
    return this.#recent;
  }

  /** Resolves when the delivery of everything accepted so far has ended, successfully or not. */
  async delivered(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #start({ event, deliveries }: RecordedEvent, rule: Rule, target: EventTarget): void {
    const delivery: TargetDelivery = { rule: rule.name, target: target.arn, outcome: "waiting" };
    deliveries.push(delivery);
    const work: Promise<void> = this.#deliver(event, rule, target)
      .then((refusal) => {
        delivery.outcome = refusal === undefined ? "delivered" : "refused";
        if (refusal !== undefined) delivery.reason = refusal;
      })
      .catch((error: unknown) => {
        Object.assign(delivery, { outcome: "failed", reason: String(error) });
        this.#options.onError(error);
      })
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #deliver(event: BusEvent, rule: Rule, target: EventTarget): Promise<string | undefined> {
    const text = target.transform(event, { ruleArn: rule.arn, ruleName: rule.name });
    return this.#options.deliver(target.arn, text, rule.arn);
  }

  #bus(nameOrArn: string | undefined): [name: string, rules: Map<string, Rule>] {
    const name = busName(nameOrArn);
    const rules = this.#buses.get(name);
    if (rules) return [name, rules];
    throw new SluiceError("UNKNOWN_EVENT_BUS", `There is no event bus ${name}.`, { value: name });
  }

  #arn(resource: string): string {
    const { region, accountId } = this.#options.place;
    return `arn:aws:events:${region}:${accountId}:${resource}`;
  }
}

function busName(nameOrArn = DEFAULT_BUS): string {
  return nameOrArn.split("event-bus/").at(-1) ?? nameOrArn;
}
