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
/** An error that the service names otherwise than the SDK does, which needs the schema to translate. */
const TRANSLATED = /^export var (\w+)\$ = \[-3, n0, \w+,\s*\{ \[_aQE\]: \[`([^`]+)`, \d+\].*\},\s*\[(.*)\],/gm;

/**
 * Errors that nobody names are not registered, and fall away. The SDK throws them as it throws errors that are newer than itself: as
 * the service's base exception, under their own name, with the members that the service sent. What is kept of them is how to translate
 * the service's name of an error into the SDK's.
 */
export function namedErrorsOnly(source: string, isNamed: (name: string) => boolean): string {
  const names: string[] = [];
  const whole = new Set<string>();
  for (const [, name = "", code = "", members] of source.matchAll(TRANSLATED)) {
    if (isNamed(name) || code === name) continue;
    if (members === "" || members === "_m") names.push(`${code}:${name}`);
    else whole.add(name);
  }
  const short = source.replaceAll(REGISTERED, (call, name: string) =>
    isNamed(name) || whole.has(name) || name.endsWith("ServiceException") ? call : "",
  );
  return names.length === 0
    ? short
    : short.replace(/^(?=export const errorTypeRegistries)/m, translating(names, source));
}

/** Registers errors by their two names alone. All that are translated are the caller's fault. */
function translating(names: readonly string[], source: string): string {
  const [, base] = /^import \{ (\w+) \} from "\.\.\/models\/\1";$/m.exec(source)!;
  return `for (const names of ${JSON.stringify(names.join(","))}.split(",")) {
    const [code, name] = names.split(":");
    const schema = [-3, n0, name, { awsQueryError: [code, 400], error: "client" }, [], []];
    n0_registry.registerError(schema, class extends ${base} {
      constructor(opts) {
        super({ name, $fault: "client", ...opts });
      }
    });
  }
`;
}

/** Whether a file may name an error because it uses it. The client's own declarations of its errors don't count. */
export function mayUseErrors(path: string): boolean {
  return !ERRORS.test(path) && !SCHEMAS.test(path);
}
