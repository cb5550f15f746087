import { describe, expect, test } from "vitest";

import { ApiError } from "../backend";
import { Latest } from "./latest.svelte";

/** A question whose answer comes when the test says so. */
function later<T>() {
  let give: (value: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    give = resolve;
    fail = reject;
  });
  return { promise, give, fail };
}

describe("the latest answer", () => {
  test("an answer that comes late is dropped, and its question was cancelled", async () => {
    const cancelled: string[] = [];
    const latest = new Latest<string>(async (id) => void cancelled.push(id));
    const slow = later<string>();
    const quick = later<string>();
    let slowId = "";
    const first = latest.run((id) => ((slowId = id), slow.promise));
    const second = latest.run(() => quick.promise);
    quick.give("new");
    await second;
    slow.give("old");
    await first;
    expect(latest.value).toBe("new");
    expect(cancelled).toEqual([slowId]);
  });

  test("an error leaves the last good answer to be dimmed", async () => {
    const latest = new Latest<string>(async () => undefined);
    await latest.run(async () => "good");
    await latest.run(() =>
      Promise.reject({ code: "question", message: "no such column", hint: "choose another" }),
    );
    expect(latest.value).toBe("good");
    expect(latest.stale).toBe(true);
    expect(latest.error).toMatchObject({
      code: "question",
      message: "no such column",
      hint: "choose another",
    });
    await latest.run(async () => "better");
    expect([latest.value, latest.error, latest.stale]).toEqual(["better", null, false]);
  });

  test("what is cleared is gone, and its answer comes to nothing", async () => {
    const cancelled: string[] = [];
    const latest = new Latest<string>(async (id) => void cancelled.push(id));
    await latest.run(async () => "old");
    const slow = later<string>();
    const running = latest.run(() => slow.promise);
    latest.clear();
    slow.give("late");
    await running;
    expect([latest.value, latest.error, latest.running]).toEqual([null, null, false]);
    expect(cancelled).toHaveLength(1);
  });

  test("cancelling ends the wait at once, whatever the engine does", async () => {
    const latest = new Latest<string>(() => Promise.reject(new Error("the engine is gone")));
    const never = later<string>();
    const running = latest.run(() => never.promise);
    latest.cancel();
    expect(latest.running).toBe(false);
    expect(latest.error?.cancelled).toBe(true);
    never.fail(new ApiError("cancelled", "Cancelled"));
    await running;
    expect(latest.error?.message, "the late refusal changes nothing").toBe("Cancelled");
  });
});
