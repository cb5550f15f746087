import { expect, test } from "vitest";

import type { Backend } from "../backend";
import type { KpisReply } from "../backend/commands";
import type { Question } from "../bindings/Question";
import { KeyFigures } from "./keyFigures.svelte";

/** An engine that answers when it is told to. */
function engine() {
  const asked: { id: string; answer: (reply: KpisReply) => void }[] = [];
  const cancelled: string[] = [];
  const backend = {
    rpc: (_command: string, _request: unknown, id: string) =>
      new Promise((answer) => asked.push({ id, answer: answer as (reply: KpisReply) => void })),
    cancel: async (id: string) => void cancelled.push(id),
  } as unknown as Backend;
  return { backend, asked, cancelled };
}

const QUESTION = {} as Question;
const reply = (currency: string) => ({ currency, kpis: [], notes: [] }) as unknown as KpisReply;

test("figures belong to the question that they answer; until then they are stale", async () => {
  const { backend, asked } = engine();
  const figures = new KeyFigures(backend);
  const first = figures.ask("one", QUESTION);
  expect(figures.isStale("one")).toBe(true);
  asked[0]?.answer(reply("USD"));
  await first;
  expect(figures.isStale("one")).toBe(false);
  expect(figures.isStale("two"), "the next question has no figures yet").toBe(true);
  expect(figures.figures.value?.currency, "the old ones stay to be dimmed").toBe("USD");
});

test("a question that left the view is stopped, and its late answer is shown for no other", async () => {
  const { backend, asked, cancelled } = engine();
  const figures = new KeyFigures(backend);
  const first = figures.ask("one", QUESTION);
  figures.drop();
  expect(cancelled).toEqual([asked[0]?.id]);
  const second = figures.ask("two", QUESTION);
  asked[1]?.answer(reply("EUR"));
  await second;
  asked[0]?.answer(reply("USD"));
  await first;
  expect(figures.figures.value?.currency).toBe("EUR");
  expect(figures.isStale("two")).toBe(false);
  expect(figures.isStale("one")).toBe(true);
});

test("a question seen before is answered at once, and another engagement begins with none", async () => {
  const { backend, asked } = engine();
  const figures = new KeyFigures(backend);
  for (const [key, currency] of [
    ["one", "USD"],
    ["two", "EUR"],
  ] as const) {
    const running = figures.ask(key, QUESTION);
    asked.at(-1)?.answer(reply(currency));
    await running;
  }
  expect(figures.recall("one")).toBe(true);
  expect(figures.figures.value?.currency).toBe("USD");
  expect(figures.recall("three")).toBe(false);
  figures.clear();
  expect(figures.figures.value).toBeNull();
  expect(figures.isStale("one")).toBe(true);
});
