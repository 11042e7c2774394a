/** Numbers as DynamoDB compares them: 1.50, +1.5 and 15e-1 are the same key. */

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number */
const MOST_DIGITS = 38;
const LEAST_POWER = -130;
const MOST_POWER = 125;
const NUMBER = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,6}))?$/;

/** The same text for the same number; undefined: DynamoDB takes it for no number, or for one too long, large or small. */
export function canonicalNumber(text: string): string | undefined {
  const [matched, sign, whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  const highest = power + significant.length - 1;
  if (significant.length > MOST_DIGITS || highest < LEAST_POWER || highest > MOST_POWER) return undefined;
  return `${sign === "-" ? "-" : ""}${significant}e${power}`;
}
