import { startError } from "../../../local/backends/dynamodbLocal";

test.each([
  ["sh: 1: java: not found", "JAVA_MISSING"],
  ["sh: java: command not found", "JAVA_MISSING"],
  ["dynamodb-local: line 1: java: command not found", "JAVA_MISSING"],
  ["Error: spawn java ENOENT", "JAVA_MISSING"],
  ["The operation couldn’t be completed. Unable to locate a Java Runtime.\nPlease visit …", "JAVA_MISSING"],
  [
    "Error: LinkageError occurred while loading main class com.amazonaws.services.dynamodbv2.local.main.ServerRunner\n\tjava.lang.UnsupportedClassVersionError: com/amazonaws/… has been compiled by a more recent version of the Java Runtime (class file version 61.0)",
    "JAVA_TOO_OLD",
  ],
  ["Error: Unable to access jarfile DynamoDBLocal.jar", "DYNAMODB_LOCAL_FAILED"],
  ["java.net.BindException: Address already in use", "DYNAMODB_LOCAL_FAILED"],
  ["", "DYNAMODB_LOCAL_FAILED"],
])("%j is %s, in one sentence", (stderr, code) => {
  const { code: found, message } = startError(stderr);
  expect(found).toBe(code);
  expect(message).not.toBe("");
  if (code !== "DYNAMODB_LOCAL_FAILED") expect(message).toMatch(/Java 17/);
});
