import * as pulumi from "@pulumi/pulumi";
import { programFields } from "./program";

/**
 * Address of a section of the runbook, at the end of an alarm's description. The config option `runbookAddress` sets where people read the runbook.
 * @param heading of docs/runbook.md, in lower-case letters, digits and hyphens
 */
export function runbookSection(heading: string): string {
  const address = new pulumi.Config().get("runbookAddress") ?? programFields.runbookAddress.default;
  return `${address}#${heading}`;
}
