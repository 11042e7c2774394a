import { SluiceError } from "../shared/errors";

/** Pulumi's own rule. Source: https://www.pulumi.com/docs/iac/concepts/stacks/ */
const NAME = /^(?!\.{1,2}$)[\w.-]{1,100}$/;

/**
 * Refuses what no stack can be called.
 * @param stack `stack`, `organization/stack` or `organization/project/stack`
 * @throws SluiceError UNKNOWN_STACK
 */
export function checkStackReference(stack: string): void {
  const parts = stack.split("/");
  if (parts.length <= 3 && parts.every((part) => NAME.test(part))) return;
  throw unknownStack(stack);
}

/** The same for a stack's name alone. */
export function checkStackName(stack: string): void {
  if (!NAME.test(stack)) throw unknownStack(stack);
}

function unknownStack(stack: string): SluiceError {
  const rule = "A stack's name consists of up to 100 letters, digits, hyphens, underscores and periods";
  const message = `${rule}, but got ${JSON.stringify(stack)}.`;
  return new SluiceError("UNKNOWN_STACK", message, { value: stack });
}
