import validate from "asl-validator";
import { SluiceError } from "../../../shared/errors";
import { LIMITS } from "../limits";
import type { Definition } from "./definition";
import { outOfRange } from "./ranges";
import { refusals } from "./refusals";

/**
 * Reads the definition of a state machine.
 * @param owner the state machine, for messages.
 * @throws SluiceError INVALID_DEFINITION with all problems: those that AWS would report, and unsupported parts.
 */
export function parseDefinition(owner: string, text: string): Definition {
  const definition = parsed(owner, text);
  // The validator may not know such a field either, and its errors don't name the field.
  const refused = refusals(definition);
  if (refused.length > 0) throw invalid(owner, refused);
  // A copy, because the validator changes its input.
  const { isValid, errors } = validate(structuredClone(definition));
  if (!isValid) throw invalid(owner, [...new Set(errors.map(sentence))]);
  const problems = outOfRange(definition as Definition);
  if (problems.length > 0) throw invalid(owner, problems);
  return definition as Definition;
}

function parsed(owner: string, text: string): unknown {
  if (Buffer.byteLength(text) > LIMITS.definitionBytes) {
    throw invalid(owner, [`AWS allows at most ${LIMITS.definitionBytes} bytes, got ${Buffer.byteLength(text)}.`]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(owner, [`It is no JSON: ${error}.`]);
  }
}

type ValidationError = ReturnType<typeof validate>["errors"][number];

function sentence(error: ValidationError): string {
  const at = error.schemaError ? ` at ${error.schemaError.instancePath}` : "";
  return `${error["Error code"]}${at}: ${error.Message}.`;
}

function invalid(owner: string, problems: string[]): SluiceError {
  return new SluiceError("INVALID_DEFINITION", `${owner}: Invalid State Machine Definition: ${problems.join(" ")}`, {
    value: problems,
  });
}
