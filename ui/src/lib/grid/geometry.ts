/**
 * Which rows a scrolled window shows. Browsers cap how tall an element can be, so past that height the scroll position
 * is scaled: the thumb covers all rows, and rows keep their own height.
 */
export const ROW_HEIGHT_PX = 26;
export const HEIGHT_MAX_PX = 8_000_000;
const OVERSCAN_ROWS = 4;

export interface Window {
  /** The first row that has a node. */
  first: number;
  /** How many rows have a node. */
  count: number;
  /** The scrolled element's height. */
  height: number;
  /** Where a row's top lies within the scrolled element. */
  top(row: number): number;
}

export function totalHeight(rows: number): number {
  return Math.min(rows * ROW_HEIGHT_PX, HEIGHT_MAX_PX);
}

/** How many pixels of rows one pixel of scrolling passes. */
function scale(rows: number, viewport: number): number {
  const room = totalHeight(rows) - viewport;
  return room <= 0 ? 1 : Math.max((rows * ROW_HEIGHT_PX - viewport) / room, 1);
}

export function poolSize(viewport: number): number {
  return Math.ceil(viewport / ROW_HEIGHT_PX) + 2 * OVERSCAN_ROWS;
}

export function windowAt(scrollTop: number, viewport: number, rows: number): Window {
  const offset = scrollTop * scale(rows, viewport);
  const count = Math.min(poolSize(viewport), rows);
  const first = Math.min(Math.max(Math.floor(offset / ROW_HEIGHT_PX) - OVERSCAN_ROWS, 0), rows - count);
  return { first, count, height: totalHeight(rows), top: (row) => scrollTop + row * ROW_HEIGHT_PX - offset };
}

/** The row that a node of the pool shows: each node keeps its rows apart by the pool's size, so scrolling moves few. */
export function rowOfSlot(slot: number, first: number, pool: number): number {
  const behind = (first - slot) % pool;
  return behind === 0 ? first : first + ((pool - behind) % pool);
}

/** The scroll position that brings a row into view, or null when it is there already. */
export function scrollToRow(row: number, scrollTop: number, viewport: number, rows: number): number | null {
  const factor = scale(rows, viewport);
  const offset = scrollTop * factor;
  const top = row * ROW_HEIGHT_PX;
  if (top < offset) return top / factor;
  const bottom = top + ROW_HEIGHT_PX;
  return bottom > offset + viewport ? (bottom - viewport) / factor : null;
}
