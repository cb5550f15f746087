import { expect, test } from "vitest";

import { at, clamped, inRange, move, rangeOf } from "./grid";

const shape = { rows: 4, columns: 3, page: 2 };
const keys = (key: string, shift = false, control = false) => ({ key, shift, control });
const to = (from: ReturnType<typeof at>, ...how: Parameters<typeof keys>) =>
  move(from, keys(...how), shape)?.active;

test("arrows move by a cell and stop at the edges", () => {
  expect(to(at(1, 1), "ArrowUp")).toEqual({ row: 0, column: 1 });
  expect(to(at(0, 0), "ArrowUp")).toEqual({ row: 0, column: 0 });
  expect(to(at(3, 2), "ArrowRight")).toEqual({ row: 3, column: 2 });
  expect(to(at(1, 1), "ArrowDown", false, true)).toEqual({ row: 3, column: 1 });
  expect(to(at(1, 1), "End", false, true)).toEqual({ row: 3, column: 2 });
  expect(to(at(3, 1), "PageUp")).toEqual({ row: 1, column: 1 });
});

test("Tab goes on in the next row and leaves behind the last cell", () => {
  expect(to(at(0, 2), "Tab")).toEqual({ row: 1, column: 0 });
  expect(to(at(1, 0), "Tab", true)).toEqual({ row: 0, column: 2 });
  expect(to(at(3, 2), "Tab")).toBeUndefined();
  expect(to(at(0, 0), "Tab", true)).toBeUndefined();
});

test("Shift widens the selection from where it began", () => {
  const once = move(at(1, 1), keys("ArrowDown", true), shape);
  const twice = once && move(once, keys("ArrowLeft", true), shape);
  expect(twice).toEqual({ active: { row: 2, column: 0 }, anchor: { row: 1, column: 1 } });
  const range = twice && rangeOf(twice);
  expect(range).toEqual({ top: 1, bottom: 2, left: 0, right: 1 });
  expect(range && inRange(range, 2, 1)).toBe(true);
  expect(range && inRange(range, 0, 1)).toBe(false);
});

test("a key that moves nothing is left to others, and a smaller table holds the selection", () => {
  expect(move(at(0, 0), keys("a"), shape)).toBeNull();
  expect(move(at(0, 0), keys("ArrowUp"), { ...shape, rows: 0 })).toBeNull();
  expect(clamped(at(9, 9), shape).active).toEqual({ row: 3, column: 2 });
});
