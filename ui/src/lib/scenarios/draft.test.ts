import { describe, expect, test } from "vitest";

import {
  type Draft,
  addOperation,
  begin,
  draftOf,
  duplicateRows,
  filledDown,
  freeId,
  insertRow,
  isInherited,
  isOverride,
  moveRows,
  problemsOf,
  redo,
  removeRows,
  restoreRow,
  sameDraft,
  step,
  undo,
  wireOf,
  withCells,
} from "./draft";
import { KINDS, operation, OPERATIONS, TONGUE } from "./fixture";
import type { ScenarioReply } from "./wire";

const [first, second, third, fourth] = OPERATIONS;
const reply = (parts: Partial<ScenarioReply> = {}): ScenarioReply => ({
  name: "a",
  text: "",
  baseline: "forecast",
  own_baseline: "forecast",
  problems: [],
  based_on: null,
  note: "",
  removed: [],
  operations: OPERATIONS,
  inherited: [],
  ...parts,
});
const ids = (draft: Draft) => draft.rows.map((row) => row.cells.id);
const keyOf = (draft: Draft, id: string) => draft.rows.find((row) => row.cells.id === id)?.key ?? -1;

test("a scenario that is opened and not changed is kept as it was", () => {
  const draft = draftOf(reply(), TONGUE);
  expect(wireOf(draft, TONGUE)).toEqual({
    scenario: { baseline: "forecast", based_on: null, note: "", removed: [], operations: OPERATIONS },
    left: 0,
  });
  expect(problemsOf(draft, TONGUE, (id) => id)).toEqual([]);
});

describe("inherited operations", () => {
  const inherited = [first, second, third].filter((one) => one !== undefined);
  const over = operation({ ...(second ?? { id: "", kind: "" }), note: "Other words" });
  const own = fourth ? [over, fourth] : [over];
  const draft = draftOf(
    reply({ own_baseline: null, based_on: "base", inherited, operations: own, removed: [third?.id ?? ""] }),
    TONGUE,
  );

  test("stand first, overridden in their place, left out where they are", () => {
    expect(ids(draft)).toEqual([...inherited, fourth].map((one) => one?.id));
    expect(draft.rows.map(isOverride)).toEqual([false, true, false, false]);
    expect(draft.rows.map((row) => row.removed)).toEqual([false, false, true, false]);
    const { scenario } = wireOf(draft, TONGUE);
    expect(scenario).toMatchObject({
      baseline: null,
      based_on: "base",
      removed: [third?.id],
      operations: own,
    });
  });

  test("an edit overrides, restoring takes that back", () => {
    const key = keyOf(draft, first?.id ?? "");
    const changed = withCells(draft, key, { likely: "11%", id: "another" }, TONGUE);
    expect(changed.rows[0]?.cells.id, "its name is how it is known").toBe(first?.id);
    expect(wireOf(changed, TONGUE).scenario.operations.map(({ id }) => id)).toContain(first?.id);
    expect(sameDraft(restoreRow(changed, key), draft)).toBe(true);
  });

  test("removing leaves out, an edit brings back", () => {
    const key = keyOf(draft, first?.id ?? "");
    const without = removeRows(draft, [key]);
    expect(wireOf(without, TONGUE).scenario.removed).toEqual([first?.id, third?.id]);
    expect(without.rows).toHaveLength(draft.rows.length);
    expect(withCells(without, key, { note: "n" }, TONGUE).rows[0]?.removed).toBe(false);
    const row = without.rows[0];
    expect(row && isInherited(row)).toBe(true);
  });

  test("own rows stay below them", () => {
    const { draft: changed, key } = insertRow(draft, 0);
    expect(changed.rows.findIndex((row) => row.key === key)).toBe(3);
    expect(moveRows(changed, [key], -1), "there is no way up among them").toBe(changed);
  });
});

describe("rows", () => {
  const draft = draftOf(reply({ operations: OPERATIONS.slice(0, 4) }), TONGUE);
  const [a = "", b = "", c = "", d = ""] = ids(draft);

  test("are moved together, and not beyond the ends", () => {
    const keys = [keyOf(draft, b), keyOf(draft, c)];
    expect(ids(moveRows(draft, keys, -1))).toEqual([b, c, a, d]);
    expect(ids(moveRows(draft, keys, 1))).toEqual([a, d, b, c]);
    expect(ids(moveRows(draft, [keyOf(draft, a), keyOf(draft, b)], -1))).toEqual([a, b, c, d]);
  });

  test("are duplicated below themselves under names of their own", () => {
    const { draft: changed, keys } = duplicateRows(draft, [keyOf(draft, a), keyOf(draft, b)]);
    expect(ids(changed)).toEqual([a, b, `${a}-2`, `${b}-2`, c, d]);
    expect(changed.rows.filter((row) => keys.includes(row.key)).map((row) => row.cells.note)).toEqual(
      draft.rows.slice(0, 2).map((row) => row.cells.note),
    );
    expect(freeId(changed, a)).toBe(`${a}-3`);
  });

  test("take the first one's texts where they are filled down, and keep their names", () => {
    const keys = [keyOf(draft, a), keyOf(draft, b)];
    const filled = filledDown(draft, keys, ["id", "owner", "note"], TONGUE);
    expect(filled.rows[1]?.cells).toMatchObject({ id: b, owner: "Shop", note: "As agreed" });
    expect(filledDown(draft, [], ["owner"], TONGUE)).toBe(draft);
  });

  test("go, and a new one has a name and a month", () => {
    expect(ids(removeRows(draft, [keyOf(draft, b)]))).toEqual([a, c, d]);
    const made = addOperation(draft, KINDS[3] ?? null, "2026-11");
    expect(made.draft.rows.at(-1)?.cells).toMatchObject({
      on: "yes",
      id: "price-change",
      kind: "Price change",
      from: "2026-11",
    });
  });

  test("that are not complete are left out and counted; so is the second of a name", () => {
    const incomplete = withCells(draft, keyOf(draft, a), { likely: "lots" }, TONGUE);
    expect(wireOf(incomplete, TONGUE)).toMatchObject({ left: 1 });
    const twice = withCells(draft, keyOf(draft, b), { id: a }, TONGUE);
    expect(wireOf(twice, TONGUE).left).toBe(1);
    expect(problemsOf(twice, TONGUE, (id) => `twice ${id}`)).toEqual([
      { row: keyOf(draft, b), column: "id", message: `twice ${a}` },
    ]);
  });
});

describe("steps", () => {
  const draft = draftOf(reply({ operations: OPERATIONS.slice(0, 2) }), TONGUE);
  const key = draft.rows[0]?.key ?? 0;
  const noted = (note: string) => withCells(draft, key, { note }, TONGUE);

  test("are taken back and done again", () => {
    let past = step(step(begin(draft), noted("one")), noted("two"));
    past = undo(past);
    expect(past.now.rows[0]?.cells.note).toBe("one");
    past = undo(past);
    expect(past.now).toBe(draft);
    expect(undo(past)).toBe(past);
    expect(redo(redo(past)).now.rows[0]?.cells.note).toBe("two");
  });

  test("of one drag are one, and what changes nothing is none", () => {
    const dragged = step(
      step(step(begin(draft), noted("1"), "drag"), noted("2"), "drag"),
      noted("3"),
      "drag",
    );
    expect(dragged.before).toHaveLength(1);
    expect(undo(dragged).now).toBe(draft);
    expect(step(dragged, noted("3"))).toBe(dragged);
  });

  test("a new step forgets what was taken back", () => {
    const past = step(undo(step(begin(draft), noted("one"))), noted("other"));
    expect(past.after).toEqual([]);
  });
});
