import { checkSettings } from "../../soak/settings";

const sound = { surveys: 10_000, participants: 1_000, seed: 1, outageSeconds: 60, timeLimitMinutes: 20 };

test("sound settings pass", () => {
  expect(checkSettings(sound)).toEqual(sound);
});

test("all problems are reported at once", () => {
  const wrong = { ...sound, surveys: 0, seed: Number.NaN, outageSeconds: 1.5 };
  expect(() => checkSettings(wrong)).toThrow(
    expect.objectContaining({
      code: "BAD_OPTION",
      message: expect.stringMatching(/surveys .*\nseed .*\noutageSeconds /),
    }),
  );
});
