/** The supported fields, by their place. Every other field is refused by name. */
const NEXT = ["Next", "End"];
const COMMON = ["Type", "Comment", "InputPath", "OutputPath", "QueryLanguage"];
const RESULT = ["ResultSelector", "ResultPath"];
const ERRORS = ["Retry", "Catch"];

export const FIELDS = {
  machine: ["Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"],
  processor: ["Comment", "StartAt", "States", "ProcessorConfig", "QueryLanguage"],
  processorConfig: ["Mode", "ExecutionType"],
  itemReader: ["Resource", "ReaderConfig", "Parameters"],
  readerConfig: ["InputType", "MaxItems"],
  itemReaderParameters: ["Bucket", "Bucket.$", "Key", "Key.$"],
  invokeParameters: ["FunctionName", "FunctionName.$", "Payload", "Payload.$"],
  retrier: [
    ...["Comment", "ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts"],
    ...["MaxDelaySeconds", "JitterStrategy"],
  ],
  catcher: ["Comment", "ErrorEquals", "ResultPath", "Next"],
} as const satisfies Record<string, readonly string[]>;

const INLINE_MAP = [
  ...COMMON,
  ...NEXT,
  ...RESULT,
  ...ERRORS,
  ...["ItemProcessor", "ItemsPath", "ItemSelector", "MaxConcurrency", "MaxConcurrencyPath"],
];

/** By the type of the state; a Distributed Map has a separate entry. */
export const STATE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [
    ...COMMON,
    ...NEXT,
    ...RESULT,
    ...ERRORS,
    ...["Resource", "Parameters", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"],
  ],
  Map: INLINE_MAP,
  "Distributed Map": [
    ...INLINE_MAP,
    ...["ItemReader", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath"],
    ...["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"],
  ],
  Wait: [...COMMON, ...NEXT, "Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
  Choice: [...COMMON, "Choices", "Default"],
  Pass: [...COMMON, ...NEXT, "ResultPath", "Parameters", "Result"],
  Succeed: COMMON,
  Fail: ["Type", "Comment", "Error", "ErrorPath", "Cause", "CausePath", "QueryLanguage"],
};

/** Reasons for refusing some fields and values, if they aren't obvious. */
export const REASONS: Readonly<Record<string, string>> = {
  Assign: "variables are not modelled; pass values on in the state's output",
  Iterator: "use ItemProcessor",
  ItemBatcher: "each child execution gets one item",
  ResultWriter: "the results of a Map Run are its output, or thrown away by ResultPath null",
  Credentials: "all calls are the state machine's own role's",
};
