import type { Call } from "../../call";
import { arnOf, type Need, type Place } from "./need";

interface Entry {
  EventBusName?: string;
  Source?: string;
  DetailType?: string;
}

/**
 * The permissions that an EventBridge call needs: each event that is put needs one on its bus. Undefined for other calls.
 */
export function eventNeeds({ action, input }: Pick<Call, "action" | "input">, place: Place): Need[] | undefined {
  if (action !== "PutEvents") return undefined;
  const entries = Array.isArray(input.Entries) ? (input.Entries as Entry[]) : [];
  return entries.map(({ EventBusName = "default", Source, DetailType }) => ({
    action: "events:PutEvents",
    resource: arnOf("events", place, EventBusName.startsWith("arn:") ? EventBusName : `event-bus/${EventBusName}`),
    context: {
      // Lists to IAM: conditions on them need ForAllValues or ForAnyValue.
      "events:source": () => (Source === undefined ? undefined : [Source]),
      "events:detail-type": () => (DetailType === undefined ? undefined : [DetailType]),
      // Only if EventBridge passes an event from bus to bus.
      "events:eventbusinvocation": () => "false",
    },
  }));
}
