/**
 * Shorter texts of the errors of the AWS SDK's clients. Each client registers a class and a schema for every error of its
 * service, so every bundle contains them all: 24 kB in classes alone.
 */

export const ERRORS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]models[\\/]errors\.js$/;
export const SCHEMAS = /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/;

/** A class without its own members. All of them have this form. */
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

/** The function that makes such a class. `Base` is the client's service exception. */
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

/** The same classes, made by one function: 60 bytes for each instead of 200. Classes with their own members stay. */
export function withShortErrors(source: string): string {
  const short = source.replaceAll(
    PLAIN,
    (_, name, namespace, fault) =>
      `export const ${name} = /* @__PURE__ */ plainError(__BaseException, "${namespace}", "${name}", "${fault}");`,
  );
  return short === source ? source : `${short}\n${FACTORY}`;
}

const REGISTERED = /^\w+\.registerError\((\w+)\$, \1\);$/gm;
/** An error whose name differs between the service and the SDK, so that the SDK needs the schema to translate it. */
const TRANSLATED = /^export var (\w+)\$ = \[-3, n0, \w+,\s*\{ \[_aQE\]: \[`([^`]+)`, \d+\].*\},\s*\[(.*)\],/gm;

/**
 * Errors that no code names are not registered, so that the bundle leaves them out. The SDK throws them like errors that are newer
 * than itself: as the service's base exception, under their own name, with the members that the service sent. Only the translation
 * from the service's name to the SDK's is kept.
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

/** Registers errors only by their two names. All translated errors are the caller's fault. */
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
