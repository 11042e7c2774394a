/** Errors of single statements within a batch. */
import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";

/**
 * The meaning of a statement's error. `refused`: its condition failed. `passing`: transient, so the same statement may succeed
 * later. `all`: it concerns every statement. `rejected`: this statement is to blame.
 */
export type Meaning = "refused" | "passing" | "all" | "rejected";

interface Known {
  readonly meaning: Meaning;
  /** The exception that other operations throw for this error. */
  readonly exception: string;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html */
const known: Readonly<Record<string, Known>> = {
  ConditionalCheckFailed: { meaning: "refused", exception: "ConditionalCheckFailedException" },
  ProvisionedThroughputExceeded: { meaning: "passing", exception: "ProvisionedThroughputExceededException" },
  ThrottlingError: { meaning: "passing", exception: "ThrottlingException" },
  RequestLimitExceeded: { meaning: "passing", exception: "RequestLimitExceeded" },
  TransactionConflict: { meaning: "passing", exception: "TransactionConflictException" },
  InternalServerError: { meaning: "passing", exception: "InternalServerError" },
  AccessDenied: { meaning: "all", exception: "AccessDeniedException" },
  ResourceNotFound: { meaning: "all", exception: "ResourceNotFoundException" },
  ValidationError: { meaning: "rejected", exception: "ValidationException" },
  ItemCollectionSizeLimitExceeded: { meaning: "rejected", exception: "ItemCollectionSizeLimitExceededException" },
};

export function meaningOf(code: string | undefined): Meaning {
  return known[code ?? ""]?.meaning ?? "rejected";
}

/** The exception that UpdateItem would have failed with. */
export function exceptionOf(code = "Unknown", message = "DynamoDB gave no reason."): DynamoDBServiceException {
  const isServers = code === "InternalServerError";
  return new DynamoDBServiceException({
    name: known[code]?.exception ?? code,
    message,
    $fault: isServers ? "server" : "client",
    $metadata: { httpStatusCode: isServers ? 500 : 400 },
  });
}
