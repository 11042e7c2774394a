/**
 * Shorter texts of the errors of the AWS SDK's clients. Each client registers a class and a schema for every error that its
 * service can answer with, so that all of them are in every bundle: 24 kB in classes alone.
 */

export const ERRORS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]models[\\/]errors\.js$/;
export const SCHEMAS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/;

/** A class without members of its own. All of them look like this. */
const PLAIN = new RegExp(
  [
    String.raw`^export class (\w+) extends __BaseException \{`,
    String.raw`static shapeId = "([\w.]+)#\1";`,
    String.raw`name = "\1";`,
    String.raw`\$fault = "(client|server)";`,
    String.raw`constructor\(opts\) \{`,
    String.raw`super\(\{ name: "\1", \$fault: "\3", \.\.\.opts,? \}\);`,
    String.raw`Object\.setPrototypeOf\(this, \1\.prototype\);`,
    String.raw`\}`,
    String.raw`\}$`,
  ]
    .join(String.raw`\s*`)
    .replaceAll(" ", String.raw`\s*`),
  "gm",
);

/** What makes such a class. `Base` is the client's service exception. */
const FACTORY = `function plainError(Base, namespace, name, $fault) {
  const Made = class extends Base {
    static shapeId = namespace + "#" + name;
    name = name;
    $fault = $fault;
    constructor(opts) {
      super({ name, $fault, ...opts });
      Object.setPrototypeOf(this, Made.prototype);
    }
  };
  return Made;
}
`;

/** The same classes, made by one function: 60 bytes for each instead of 200. Those with members of their own stay. */
export function withShortErrors(source: string): string {
  const short = source.replaceAll(
    PLAIN,
    (_, name, namespace, fault) =>
      `export const ${name} = /* @__PURE__ */ plainError(__BaseException, "${namespace}", "${name}", "${fault}");`,
  );
  return short === source ? source : `${short}\n${FACTORY}`;
}

const REGISTERED = /^\w+\.registerError\((\w+)\$, \1\);$/gm;
/** A trait: the service names this error otherwise than the SDK does, which needs the schema to translate. */
const TRANSLATED = /^const (_\w+) = "awsQueryError";$/m;

/**
 * Errors that nobody names are not registered, and fall away. The SDK throws them as it throws errors that are newer than itself: as
 * the service's base exception, under their own name, with the members that the service sent.
 */
export function namedErrorsOnly(source: string, isNamed: (name: string) => boolean): string {
  const [, trait = "none"] = TRANSLATED.exec(source) ?? [];
  const schemas = source.matchAll(new RegExp(String.raw`^export var (\w+)\$ = \[[^{]*\{ \[${trait}\]`, "gm"));
  const translated = new Set(Array.from(schemas, ([, name]) => name));
  return source.replaceAll(REGISTERED, (call, name: string) =>
    isNamed(name) || translated.has(name) || name.endsWith("ServiceException") ? call : "",
  );
}

/** Whether a file may name an error because it uses it. The client's own declarations of its errors don't count. */
export function mayUseErrors(path: string): boolean {
  return !ERRORS.test(path) && !SCHEMAS.test(path);
}
