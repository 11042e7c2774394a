/**
 * A bucket has too many objects to cache a decision for each. For a policy, only the patterns that match a key matter. So
 * keys that the same patterns match are one class, with the same decision.
 */
export class ObjectPatterns {
  /**
   * Patterns of the part after the fifth colon, as IAM matches ARNs; for patterns that leave out parts, of the whole ARN.
   */
  readonly #ofPath: RegExp[];
  readonly #ofWhole: RegExp[];

  /** @param resources patterns of all statements that may apply, such as `arn:aws:s3:::bucket/*`. */
  constructor(resources: readonly string[]) {
    const own = [...new Set(resources)].filter((resource) => resource !== "*");
    this.#ofPath = own.filter(isWhole).map((resource) => globExpression(lastSegment(resource)));
    this.#ofWhole = own.filter((resource) => !isWhole(resource)).map(globExpression);
  }

  /** A name for the class of an object's ARN; other ARNs, which are few, are classes of their own. */
  classOf(arn: string): string {
    const object = /^arn:aws:s3:::([^/]+)\/.*$/s.exec(arn);
    if (!object) return arn;
    const path = lastSegment(arn);
    const bits = (patterns: RegExp[], text: string) => patterns.map((each) => (each.test(text) ? "1" : "0")).join("");
    return `${object[1]}/${bits(this.#ofPath, path)}/${bits(this.#ofWhole, arn)}`;
  }
}

function isWhole(pattern: string): boolean {
  return pattern.split(":").length >= 6;
}

/** The part of an ARN after its fifth colon. */
function lastSegment(arn: string): string {
  return arn.split(":").slice(5).join(":");
}

function globExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
}
