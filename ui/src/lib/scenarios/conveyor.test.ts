import { expect, test } from "vitest";

import { Conveyor } from "./conveyor";

function held() {
  const asked: number[] = [];
  const ends: (() => void)[] = [];
  const conveyor = new Conveyor<number>((wish) => {
    asked.push(wish);
    return new Promise((end) => ends.push(end));
  });
  const answer = async () => {
    ends.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { conveyor, asked, answer };
}

test("one at a time, and of those that wait only the newest", async () => {
  const { conveyor, asked, answer } = held();
  for (const wish of [1, 2, 3, 4]) conveyor.put(wish);
  expect(asked).toEqual([1]);
  await answer();
  expect(asked, "2 and 3 were overtaken").toEqual([1, 4]);
  await answer();
  conveyor.put(5);
  expect(asked).toEqual([1, 4, 5]);
});

test("what waits can be dropped, and nothing is asked after the end", async () => {
  const { conveyor, asked, answer } = held();
  conveyor.put(1);
  conveyor.put(2);
  conveyor.drop();
  await answer();
  expect(asked).toEqual([1]);
  conveyor.stop();
  conveyor.put(3);
  expect(asked).toEqual([1]);
});
