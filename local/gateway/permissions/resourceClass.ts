/**
 * Objects of a bucket are too many to remember a decision for each. Policies see nothing of a key but which of their
 * patterns match it: keys that the same patterns match are one class, with the same decision.
 */
export class ObjectPatterns {
  readonly #patterns: RegExp[];

  /** @param resources patterns of all statements that may apply, such as `arn:aws:s3:::bucket/*`. */
  constructor(resources: readonly string[]) {
    const own = new Set(resources.filter((resource) => resource !== "*").map(lastSegment));
    this.#patterns = [...own].map(globExpression);
  }

  /** A name for the class of an object's ARN; other ARNs, which are few, are classes of their own. */
  classOf(arn: string): string {
    const object = /^arn:aws:s3:::([^/]+)\/.*$/s.exec(arn);
    if (!object) return arn;
    const path = lastSegment(arn);
    return `${object[1]}/${this.#patterns.map((pattern) => (pattern.test(path) ? "1" : "0")).join("")}`;
  }
}

/** The part of an ARN after its fifth colon; patterns may leave it away. */
function lastSegment(arn: string): string {
  const segments = arn.split(":");
  return segments.length < 6 ? "*" : segments.slice(5).join(":");
}

function globExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
}
