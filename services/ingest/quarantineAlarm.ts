import type { AlarmRule } from "../../shared/infra/alarms";
import { metricNamespace } from "../../shared/infra/metricNamespace";

/** Fewer bodies in quarantine than this within five minutes raise no alarm, whatever their share. */
const LEAST = 5;

/**
 * An alarm if too large a share of the submissions goes to quarantine. The metric `Quarantined` has a value for every
 * submission, 1 or 0: its sum is the number in quarantine, and its average is the share.
 * @param service its name in the store function's metrics.
 * @param percent share that raises the alarm.
 */
export function quarantineRule(service: string, percent: number): AlarmRule {
  const quarantined = { namespace: metricNamespace(), metricName: "Quarantined", dimensions: { service } };
  return {
    name: "quarantine",
    description: `More than ${percent} % of the submissions, and at least ${LEAST}, went to quarantine within 5 minutes.`,
    watched: {
      expression: `IF(quarantined >= ${LEAST}, 100 * share, 0)`,
      metrics: {
        quarantined: { ...quarantined, statistic: "Sum" },
        share: { ...quarantined, statistic: "Average" },
      },
    },
    threshold: percent,
  };
}
