/** Where one is in a table of cells, and where a key leads. */

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** The active cell, and the one where the selection began. */
export interface Selection {
  readonly active: Place;
  readonly anchor: Place;
}

export interface Shape {
  readonly rows: number;
  readonly columns: number;
  /** How many rows a page has. */
  readonly page: number;
}

export const at = (row: number, column: number): Selection => ({
  active: { row, column },
  anchor: { row, column },
});

export interface Keys {
  readonly key: string;
  readonly shift: boolean;
  readonly control: boolean;
}

const within = (value: number, size: number) => Math.min(Math.max(value, 0), Math.max(size - 1, 0));

/** Where a key leads: null where it leads nowhere in the table. Shift widens the selection, Tab goes on in the next row. */
export function move({ active, anchor }: Selection, keys: Keys, shape: Shape): Selection | null {
  if (shape.rows === 0 || shape.columns === 0) return null;
  if (keys.key === "Tab") return tabbed(active, keys.shift, shape);
  const to = target(active, keys, shape);
  if (!to) return null;
  const place = { row: within(to.row, shape.rows), column: within(to.column, shape.columns) };
  return { active: place, anchor: keys.shift ? anchor : place };
}

function target({ row, column }: Place, { key, control }: Keys, shape: Shape): Place | null {
  switch (key) {
    case "ArrowUp":
      return { row: control ? 0 : row - 1, column };
    case "ArrowDown":
      return { row: control ? shape.rows - 1 : row + 1, column };
    case "ArrowLeft":
      return { row, column: control ? 0 : column - 1 };
    case "ArrowRight":
      return { row, column: control ? shape.columns - 1 : column + 1 };
    case "Home":
      return { row: control ? 0 : row, column: 0 };
    case "End":
      return { row: control ? shape.rows - 1 : row, column: shape.columns - 1 };
    case "PageUp":
      return { row: row - shape.page, column };
    case "PageDown":
      return { row: row + shape.page, column };
    default:
      return null;
  }
}

/** The next or previous cell in reading order; null beyond the first and the last, where Tab leaves the table. */
function tabbed({ row, column }: Place, back: boolean, shape: Shape): Selection | null {
  const next = row * shape.columns + column + (back ? -1 : 1);
  if (next < 0 || next >= shape.rows * shape.columns) return null;
  return at(Math.floor(next / shape.columns), next % shape.columns);
}

export interface Range {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export function rangeOf({ active, anchor }: Selection): Range {
  return {
    top: Math.min(active.row, anchor.row),
    bottom: Math.max(active.row, anchor.row),
    left: Math.min(active.column, anchor.column),
    right: Math.max(active.column, anchor.column),
  };
}

export function inRange({ top, bottom, left, right }: Range, row: number, column: number): boolean {
  return row >= top && row <= bottom && column >= left && column <= right;
}

/** A selection that still lies within a table that became smaller. */
export function clamped({ active, anchor }: Selection, shape: Pick<Shape, "rows" | "columns">): Selection {
  const put = ({ row, column }: Place) => ({
    row: within(row, shape.rows),
    column: within(column, shape.columns),
  });
  return { active: put(active), anchor: put(anchor) };
}
