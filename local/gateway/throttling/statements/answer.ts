/** Asks DynamoDB Local for more than the caller did, and returns what AWS would return. */
import type { Call } from "../../call";
import type { BackendResponse } from "../../message";
import { parsedStatement, type StatementRequest } from "../../partiql/statement";
import { jsonOf, requestWith, responseWith } from "../../rewrite";
import type { StatementOutput } from "./outcome";

const ALL_OLD = "ALL_OLD";
/** The lists of statements in calls; ExecuteStatement is a statement itself. */
const LISTS = ["Statements", "TransactStatements"] as const;

/** The call, which also asks for the item that a failed condition met, because the consumption depends on its size. */
export function asking(call: Call): Call["request"] {
  const input: Record<string, unknown> = withItem(call.input);
  for (const list of LISTS) {
    const statements = input[list];
    if (Array.isArray(statements)) input[list] = statements.map(withItem);
  }
  return requestWith(call.request, input);
}

/** Only these two can return the item that failed the condition. */
function withItem(statement: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (typeof statement.Statement !== "string") return { ...statement };
  const verb = parsedStatement(statement as StatementRequest)?.verb;
  const returns = verb === "update" || verb === "delete";
  return returns ? { ...statement, ReturnValuesOnConditionCheckFailure: ALL_OLD } : { ...statement };
}

/** The output without the items that only {@link asking} asked for; `requests` are the statements it answers. */
export function withoutItems(output: StatementOutput, requests: readonly StatementRequest[]): StatementOutput {
  const wanted = (place: number) => requests[place]?.ReturnValuesOnConditionCheckFailure === ALL_OLD;
  const { Responses, CancellationReasons, Item, ...rest } = output;
  const without = <T extends { Item?: unknown }>(from: T, place: number): T => {
    const { Item: _, ...others } = from;
    return wanted(place) ? from : (others as T);
  };
  return {
    ...rest,
    ...(Responses && {
      Responses: Responses.map((each, i) => (each.Error ? { ...each, Error: without(each.Error, i) } : each)),
    }),
    ...(CancellationReasons && { CancellationReasons: CancellationReasons.map(without) }),
    ...(Item && wanted(0) && { Item }),
  };
}

const DUPLICATE = "com.amazonaws.dynamodb.v20120810#DuplicateItem";

/** An INSERT that meets an item fails with DuplicateItemException on AWS, with DuplicateItem in DynamoDB Local. */
export function withRealName(response: BackendResponse): BackendResponse {
  if (response.status !== 400) return response;
  const output = jsonOf<{ __type?: string }>(response);
  return output?.__type === DUPLICATE
    ? responseWith(response, { ...output, __type: `${DUPLICATE}Exception` })
    : response;
}
