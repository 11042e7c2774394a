import { isSweep } from "../../../services/glue/sweep";

test.each([
  [{ sweep: "sluice-dev-glue" }, true],
  [{ sweep: 1 }, false],
  [{ source: "aws.glue", detail: {} }, false],
  [undefined, false],
])("%j is a sweep: %s", (event, is) => {
  expect(isSweep(event)).toBe(is);
});
