import { expect, test } from "vitest";

import { forgetSeenStyles } from "./seenStyles";

const WEBKIT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15";
const CHROMIUM =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
const OWN = { name: "the page's own" } as unknown as CSSStyleSheet;
const EMPTY = { name: "empty" } as unknown as CSSStyleSheet;

/** Shows so many views in a browser that paints when the test says, and tells each set of sheets the page had. */
function show(userAgent: string, views: number): CSSStyleSheet[][] {
  const seen: CSSStyleSheet[][] = [];
  const waiting: (() => void)[] = [];
  const page = {
    set adoptedStyleSheets(sheets: CSSStyleSheet[]) {
      seen.push(sheets);
    },
    get adoptedStyleSheets() {
      return [OWN];
    },
  };
  const shown = forgetSeenStyles({
    page,
    userAgent,
    emptySheet: () => EMPTY,
    later: (work) => waiting.push(work),
  });
  for (let view = 0; view < views; view++) {
    shown();
    waiting.shift()?.();
  }
  while (waiting.length > 0) waiting.shift()?.();
  return seen;
}

test("WebKit's seen styles are forgotten once in many views, and the page's own sheets stay", () => {
  expect(show(WEBKIT, 174), "not yet").toEqual([]);
  expect(show(WEBKIT, 175), "one more sheet for a moment, then as before").toEqual([[OWN, EMPTY], [OWN]]);
  expect(show(WEBKIT, 400), "twice in four hundred views").toHaveLength(4);
});

test("other browsers are let alone", () => {
  expect(show(CHROMIUM, 1_000), "Chromium keeps no such styles").toEqual([]);
});
