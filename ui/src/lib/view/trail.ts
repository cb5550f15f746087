/** The stack of views behind undo and redo: immutable, bounded, one entry per view that was really different. */
import { sameView, type ViewParams } from "./view";

const ENTRIES_MAX = 500;

export interface Trail {
  readonly entries: readonly ViewParams[];
  readonly index: number;
}

export function startTrail(view: ViewParams): Trail {
  return { entries: [view], index: 0 };
}

export function current(trail: Trail): ViewParams {
  const view = trail.entries[trail.index];
  if (!view) throw new Error("a trail always has a current view");
  return view;
}

/** A new view on top; what had been undone is gone. Returns the same trail when nothing changed. */
export function push(trail: Trail, view: ViewParams): Trail {
  if (sameView(current(trail), view)) return trail;
  const kept = trail.entries.slice(0, trail.index + 1).slice(-(ENTRIES_MAX - 1));
  return { entries: [...kept, view], index: kept.length };
}

/** A view in the place of the current one; what had been undone is gone. */
export function replace(trail: Trail, view: ViewParams): Trail {
  return { entries: [...trail.entries.slice(0, trail.index), view], index: trail.index };
}

export function move(trail: Trail, steps: number): Trail {
  const index = Math.min(Math.max(trail.index + steps, 0), trail.entries.length - 1);
  return { ...trail, index };
}

export function canUndo(trail: Trail): boolean {
  return trail.index > 0;
}

export function canRedo(trail: Trail): boolean {
  return trail.index < trail.entries.length - 1;
}
