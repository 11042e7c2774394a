/** Functions for the state machine's definition, as AWS names them. */
import type { DefinitionArgs } from "../../../services/shuffle/definition";

function named(name: string, timeoutSeconds: number) {
  return { arn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`, timeoutSeconds };
}

export const readers = {
  start: named("start", 60),
  generate: named("generate", 60),
  processReading: named("read", 60),
  summarize: named("summarize", 120),
} satisfies DefinitionArgs["functions"];

export const both = { ...readers, processWriting: named("write", 900) } satisfies DefinitionArgs["functions"];
