import { SluiceError } from "../../shared/errors";
import { trustsService } from "../gateway/permissions/evaluation/trust";
import { checkArguments, mergedArguments } from "../glue/runs/arguments";
import type { Parts } from "../parts";
import { autoName, type Inputs, type ResourceType } from "./resourceType";

/** The one with the Spark of `services/glue/python/requirements.txt`. */
const GLUE_VERSION = "5.1";
/** Glue's own default for this version. */
const DEFAULT_TIMEOUT_MINUTES = 480;
const NAME_CHARACTERS_MAX = 255;
const FLEX_WORKERS: readonly string[] = ["G.1X", "G.2X"];

export const job: ResourceType = {
  honours: [
    ...["name", "roleArn", "command", "glueVersion", "defaultArguments", "nonOverridableArguments", "timeout"],
    ...["executionProperty", "workerType", "numberOfWorkers", "executionClass", "maxRetries"],
  ],
  excuses: { description: "nothing reads descriptions locally", tags: "nothing reads tags locally" },
  async create({ name, inputs }, parts) {
    const physical = String(inputs.name ?? autoName(name));
    const roleArn = String(inputs.roleArn);
    const { maxConcurrentRuns = 1 } = (inputs.executionProperty ?? {}) as { maxConcurrentRuns?: number };
    const { defaultArguments = {}, nonOverridableArguments = {}, executionClass = "STANDARD" } = inputs;
    const made = {
      name: physical,
      arn: `arn:aws:glue:${parts.region}:${parts.accountId}:job/${physical}`,
      roleArn,
      scriptLocation: scriptOf(name, inputs.command as Inputs),
      defaultArguments: defaultArguments as Record<string, string>,
      nonOverridableArguments: nonOverridableArguments as Record<string, string>,
      timeoutMinutes: Number(inputs.timeout ?? DEFAULT_TIMEOUT_MINUTES),
      maxConcurrentRuns,
      workerType: String(inputs.workerType),
      numberOfWorkers: Number(inputs.numberOfWorkers),
      executionClass: executionClass as "STANDARD" | "FLEX",
      glueVersion: String(inputs.glueVersion),
    };
    const wrong = problems(made, inputs);
    if (wrong.length > 0) {
      throw new SluiceError("INPUT_NOT_HONOURED", `${name}: ${wrong.join("; ")}.`, { value: wrong });
    }
    checkArguments(name, mergedArguments(made, {}));
    await checkRole(name, roleArn, parts);
    parts.glueJobs.deploy(made);
    return { id: physical, state: { ...inputs, name: physical, arn: made.arn } };
  },
};

/** Inputs that AWS refuses, and inputs that the local cloud doesn't support. */
function problems(made: Parameters<Parts["glueJobs"]["deploy"]>[0], { maxRetries = 0 }: Inputs): string[] {
  const { name, glueVersion, numberOfWorkers, executionClass, workerType, maxConcurrentRuns, timeoutMinutes } = made;
  const rules: [boolean, string][] = [
    [name.length > NAME_CHARACTERS_MAX, `a name has at most ${NAME_CHARACTERS_MAX} characters`],
    [glueVersion !== GLUE_VERSION, `the local cloud has Glue ${GLUE_VERSION}, not ${glueVersion}`],
    [maxRetries !== 0, "the local cloud does not retry runs"],
    [!(numberOfWorkers >= 2), `numberOfWorkers must be 2 or more, got ${numberOfWorkers}`],
    [executionClass === "FLEX" && !FLEX_WORKERS.includes(workerType), `FLEX wants ${FLEX_WORKERS.join(" or ")}`],
    [!(maxConcurrentRuns >= 1), `maxConcurrentRuns must be 1 or more, got ${maxConcurrentRuns}`],
    [!(timeoutMinutes >= 1), `timeout must be 1 minute or more, got ${timeoutMinutes}`],
  ];
  return rules.flatMap(([isBroken, sentence]) => (isBroken ? [sentence] : []));
}

function scriptOf(name: string, { name: kind = "glueetl", scriptLocation, pythonVersion = "3", ...others }: Inputs) {
  const lost = Object.keys(others).filter((key) => others[key] !== undefined);
  if (kind === "glueetl" && pythonVersion === "3" && lost.length === 0) return String(scriptLocation);
  const message = `${name}: the local cloud has commands glueetl with Python 3, got ${[kind, pythonVersion, ...lost]}.`;
  throw new SluiceError("INPUT_NOT_HONOURED", message, { value: kind });
}

/** Glue assumes the job's role when a run starts; here a role that doesn't trust Glue is refused at once. */
async function checkRole(name: string, roleArn: string, { roles }: Parts): Promise<void> {
  const role = roles.byArn(roleArn);
  if (role && (await trustsService(role, "glue.amazonaws.com"))) return;
  const message = `${name}: Role ${roleArn} should be given assume role permissions for Glue Service.`;
  throw new SluiceError("ROLE_NOT_ASSUMABLE", message, { value: roleArn });
}
