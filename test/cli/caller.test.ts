import { STSClient } from "@aws-sdk/client-sts";
import { callerOf } from "../../cli/caller";

const credentials = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret" };
const client = () => new STSClient({ region: "eu-central-1", credentials });

afterEach(() => jest.restoreAllMocks());

test("is the ARN that STS names, asked once", async () => {
  const send = jest
    .spyOn(STSClient.prototype, "send")
    .mockImplementation(async () => ({ Arn: "arn:aws:iam::1:user/a" }));
  const caller = callerOf(client());
  expect(await Promise.all([caller(), caller()])).toEqual(["arn:aws:iam::1:user/a", "arn:aws:iam::1:user/a"]);
  expect(send).toHaveBeenCalledTimes(1);
});

test.each([
  ["refuses", () => Promise.reject(new Error("AccessDenied"))],
  ["has no answer", async () => ({})],
])("is the access key where STS %s", async (_, answer) => {
  jest.spyOn(STSClient.prototype, "send").mockImplementation(answer);
  expect(await callerOf(client())()).toBe("access key ASIAEXAMPLE");
});
