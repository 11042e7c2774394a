/** JSON values, and the loss of digits in JSON numbers. */

/** Any value that JSON can express. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export function isPlainObject(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** The first number in a JSON text that changes when it is parsed; undefined if there is none. */
export function lostNumber(json: string): string | undefined {
  let lost: string | undefined;
  // The third argument is in Node since 22, and not in TypeScript's library yet.
  const reviver = (_key: string, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    if (typeof value === "number" && source !== undefined && !isSameNumber(source, value)) lost ??= source;
    return value;
  };
  try {
    JSON.parse(json, reviver as (key: string, value: unknown) => unknown);
  } catch {
    // Not JSON: the code that reads it reports that.
  }
  return lost;
}

function isSameNumber(source: string, value: number): boolean {
  return Number.isFinite(value) && decimal(source) === decimal(String(value));
}

/** Significant digits and exponent of a number, so that 1.50, 15e-1 and 1.5 are the same. */
function decimal(text: string): string {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + (digits.length - significant.length)}`;
}

/** The value of a JSON text; undefined if the text isn't JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A file's text without the byte order mark that some editors put before it. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, "");
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
