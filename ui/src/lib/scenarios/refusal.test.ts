import { expect, test } from "vitest";

import { ApiError } from "../backend/errors";
import { problemsIn } from "./refusal";

test("what an error lists is read, what is something else is left", () => {
  const details = [
    { operation: "a", key: "change", line: 3, severity: "error", message: "out of range", hint: "less" },
    { message: "no place" },
    { hint: "no message" },
    null,
  ];
  expect(problemsIn(new ApiError("scenario", "refused", null, details))).toEqual([
    { operation: "a", key: "change", line: 3, severity: "error", message: "out of range", hint: "less" },
    { operation: null, key: null, line: null, severity: "error", message: "no place", hint: "" },
  ]);
  expect(problemsIn(new ApiError("io", "disk full"))).toEqual([]);
});
