import { type Demonstration, render } from "../../local/demonstration";

const found: Demonstration = {
  sent: 2,
  statusCodes: [200, 200],
  dead: 0,
  rawKeys: ["0001092821120000.json"],
  participants: {
    "0001": {
      num_submission: 1,
      q1: 1,
      timestamp: "092821120000",
      freetext: "I lost my car keys this afternoon at lunch",
    },
  },
  quarantined: [
    {
      key: "participants/0002/5fea7756-0ea4-451a-a703-a558b933e274.json",
      reasons: [{ code: "too_quick", message: "time_elapsed must be at least 3 seconds" }],
    },
  ],
};
const outputs = {
  queueUrl: "http://127.0.0.1:1/000000000000/ingest-queue",
  operator: { region: "us-east-1", jobsTable: "jobs", startFunction: "start", resultsBucket: "results", tables: {} },
};

test.each([60, 80, 120])("on %d columns no line is longer, and no value is lost", (width) => {
  const text = render(found, outputs, width);
  const long = text.split("\n").filter((line) => line.length > width);
  // A name without spaces can't be broken.
  expect(long.filter((line) => !/^ *\S+( +\S+)?$/.test(line))).toEqual([]);
  for (const value of ["I lost my car keys", "092821120000", "5fea7756-0ea4-451a-a703-a558b933e274", "at least 3"]) {
    expect(text.replaceAll(/\s+/g, " ")).toContain(value);
  }
});

test("it names the fields of an output that is a document", () => {
  expect(render(found, outputs)).toContain(
    "operator  { region, jobsTable, startFunction, resultsBucket, tables }\n".trim(),
  );
});
