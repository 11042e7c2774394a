import { ruleFor } from "./notExecuted";

const cloud = { config: { scannerTables: "orders,surveys", senderAccess: "iam" }, others: [] };

async function check(line: string): Promise<void> {
  const [program = "", ...args] = line.split(" ");
  const rule = ruleFor({ program, args });
  if (rule === undefined) throw new Error("no rule");
  await rule.check(args, cloud);
}

test.each([
  "npm ci",
  "npm run local -- --config scannerTables=orders",
  "pulumi login --local",
  "pulumi stack output sender --json",
  "pulumi stack output operator --json --stack dev",
  "pulumi config set ingestMinSeconds 5",
  "pulumi config set --secret ingestAlarmEmail team@lab.example",
  "pulumi config set sluice:scannerOperations histogram=operations/histogram.ts",
])("%s is in order", async (line) => {
  await expect(check(line)).resolves.toBeUndefined();
});

test.each([
  ["npm install", "no rule"],
  ["npm ci --force", "--force"],
  ["npm run local -- --config scannerTables=others", "others"],
  ["npm run local -- --config senderAccess=cognito-guest", "senderAccess: iam, and cognito-guest"],
  ["npm run local -- --colour", "--colour"],
  ["pulumi refresh", "no rule"],
  ["pulumi up --force", "unknown option '--force'"],
  ["pulumi stack output --yaml", "unknown option '--yaml'"],
  ["pulumi config set ingestMinimumSeconds 5", "ingestMinimumSeconds is not an option"],
  ["pulumi config set ingestMinSeconds soon", "ingestMinSeconds must be"],
  ["pulumi config set ingestMinSeconds", "missing required argument 'value'"],
])("%s is not: %s", async (line, problem) => {
  await expect(check(line)).rejects.toThrow(problem);
});
