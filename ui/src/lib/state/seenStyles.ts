import { afterPaint } from "./afterPaint";

/** Some twenty-five rounds of work: rare enough that working all styles out anew is not felt. */
const VIEWS_BETWEEN = 175;

/** The part of a document that its styles are forgotten by. */
type Styled = Pick<Document, "adoptedStyleSheets">;

/** What the browser gives: handed in, so that a test can play it. */
export interface Browser {
  page: Styled;
  userAgent: string;
  /** An empty style sheet. */
  emptySheet: () => CSSStyleSheet;
  later: (work: () => void) => void;
}

/**
 * Counts the views shown, and now and then has WebKit forget the styles it has seen. Each table gives its cells a style of
 * its own there, which is kept for good, together with all that was worked out from it: 3.8 KB for a small table. Only a
 * change of the page's adopted style sheets empties that store; adding or removing a `<style>` does not. Other browsers were
 * not seen to keep such a thing and are let alone.
 */
export function forgetSeenStyles(browser: Browser = thisBrowser()): () => void {
  const { page, userAgent, emptySheet, later } = browser;
  if (!userAgent.includes("AppleWebKit") || userAgent.includes("Chrome")) return () => {};
  let shown = 0;
  return () => {
    shown += 1;
    if (shown % VIEWS_BETWEEN !== 0) return;
    later(() => {
      const kept = [...page.adoptedStyleSheets];
      page.adoptedStyleSheets = [...kept, emptySheet()];
      later(() => (page.adoptedStyleSheets = kept));
    });
  };
}

function thisBrowser(): Browser {
  return {
    page: document,
    userAgent: navigator.userAgent,
    emptySheet: () => new CSSStyleSheet(),
    later: (work) => void afterPaint(work),
  };
}
