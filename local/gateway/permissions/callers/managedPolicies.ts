import type { IdentityPolicy, PolicyDocument } from "../../../roles";

/**
 * The text of AWS's managed policies that the program or the local cloud attaches. Source of each:
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/<name>.html
 */
const DOCUMENTS: Record<string, PolicyDocument> = {
  // AdministratorAccess, v1: the policy of the local administrator.
  "arn:aws:iam::aws:policy/AdministratorAccess": {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  },
  // AWSLambdaBasicExecutionRole, v1.
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "*",
      },
    ],
  },
};

export const awsManagedPolicies: readonly IdentityPolicy[] = Object.entries(DOCUMENTS).map(([arn, document]) => ({
  name: arn,
  logicalName: arn.split("/").at(-1) ?? arn,
  document,
}));

export const administratorAccess = awsManagedPolicies.filter(
  ({ logicalName }) => logicalName === "AdministratorAccess",
);
