/**
 * DynamoDB's numbers: decimal text of up to 38 significant digits, which doubles can't hold. All functions are exact.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */

const MOST_DIGITS = 38;
/** Magnitudes go from 1e-130 to 9.99…e125. */
const LEAST_POWER = -130;
const MOST_POWER = 125;
/** Decimal texts of at most this many characters stay distinct, and in order, as doubles. */
const EXACT_AS_DOUBLE = 15;

const NUMBER = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/;

/** A number's parts: `±0.digits × 10^power`. Zero has no digits, power 0 and no sign. */
interface Decimal {
  readonly negative: boolean;
  /** Has no zeros at either end. */
  readonly digits: string;
  readonly power: number;
}

const ZERO: Decimal = { negative: false, digits: "", power: 0 };

/** Whether DynamoDB accepts the text as a number. */
export function isNumberText(text: string): boolean {
  const decimal = decimalOf(text);
  return decimal !== undefined && isStorable(decimal);
}

/** Below 0: `a` is less than `b`. 0: both are the same number, however they are written. Both must be numbers. */
export function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length <= EXACT_AS_DOUBLE && b.length <= EXACT_AS_DOUBLE) return Number(a) - Number(b);
  return compareDecimals(decimalOf(a) ?? ZERO, decimalOf(b) ?? ZERO);
}

/** The same text for each way of writing a number: 1.50, 15e-1 and 1.5. Must be a number. */
export function plainNumber(text: string): string {
  return plainText(decimalOf(text) ?? ZERO);
}

/** The exact sum, written without an exponent; undefined if DynamoDB can't hold it. Both must be numbers. */
export function addNumbers(a: string, b: string): string | undefined {
  const [left, right] = [decimalOf(a) ?? ZERO, decimalOf(b) ?? ZERO];
  const scale = Math.min(lastPower(left), lastPower(right));
  const sum = normal(String(scaled(left, scale) + scaled(right, scale)), scale);
  return isStorable(sum) ? plainText(sum) : undefined;
}

function decimalOf(text: string): Decimal | undefined {
  const [, sign, mantissa, exponent = "0"] = NUMBER.exec(text) ?? [];
  if (mantissa === undefined) return undefined;
  const [whole = "", fraction = ""] = mantissa.split(".");
  return normal(`${sign}${whole}${fraction}`, Number(exponent) - fraction.length);
}

/** `integer × 10^scale` */
function normal(integer: string, scale: number): Decimal {
  const unsigned = integer.replace(/^[+-]?0*/, "");
  if (unsigned === "") return ZERO;
  return {
    negative: integer.startsWith("-"),
    digits: unsigned.replace(/0+$/, ""),
    power: unsigned.length + scale,
  };
}

function isStorable({ digits, power }: Decimal): boolean {
  return digits === "" || (digits.length <= MOST_DIGITS && power - 1 >= LEAST_POWER && power - 1 <= MOST_POWER);
}

function compareDecimals(a: Decimal, b: Decimal): number {
  const [signA, signB] = [signOf(a), signOf(b)];
  if (signA !== signB) return signA - signB;
  if (a.power !== b.power) return signA * (a.power - b.power);
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -signA : signA;
}

function signOf({ digits, negative }: Decimal): number {
  if (digits === "") return 0;
  return negative ? -1 : 1;
}

/** Power of ten of the last digit. */
function lastPower({ digits, power }: Decimal): number {
  return power - digits.length;
}

function scaled(decimal: Decimal, scale: number): bigint {
  const magnitude = BigInt(decimal.digits) * 10n ** BigInt(lastPower(decimal) - scale);
  return decimal.negative ? -magnitude : magnitude;
}

function plainText({ digits, power, negative }: Decimal): string {
  const sign = negative ? "-" : "";
  if (digits === "") return "0";
  if (power <= 0) return `${sign}0.${"0".repeat(-power)}${digits}`;
  if (power >= digits.length) return sign + digits.padEnd(power, "0");
  return `${sign}${digits.slice(0, power)}.${digits.slice(power)}`;
}
