import { SluiceError } from "../shared/errors";

/** Collects the texts of `--config key=value`, which may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Parses one `--config`. @throws SluiceError BAD_OPTION. */
export function keyAndValue(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new SluiceError("BAD_OPTION", `--config must be key=value, got ${text}.`, { value: text });
  return [text.slice(0, equals), text.slice(equals + 1)];
}
