import { expect, test } from "vitest";

import { endShifts } from "./ends";

test("names that stand clear of each other stay", () => {
  expect(endShifts([10, 90], 100, 200)).toEqual([0, 0]);
});

test("names that stand on each other move apart about their middle, the higher one up", () => {
  expect(endShifts([50, 50], 100, 200)).toEqual([-7, 7]);
  expect(endShifts([50, 52], 100, 200)).toEqual([5, -5]);
});

test("a name that is pushed pushes on", () => {
  expect(endShifts([50, 50, 46], 100, 200)).toEqual([-11, 3, 9]);
});

test("a line without an end, and an axis without a span, move nothing", () => {
  expect(endShifts([null, 50], 100, 200)).toEqual([0, 0]);
  expect(endShifts([5, 5], 0, 200)).toEqual([0, 0]);
});
