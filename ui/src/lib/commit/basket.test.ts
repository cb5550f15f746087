import { describe, expect, test } from "vitest";

import {
  type BasketDraft,
  basketOf,
  cellProblem,
  demandProblem,
  draftOf,
  EMPTY_DRAFT,
  EMPTY_ROW,
  FALL,
  freeId,
  monthsFrom,
  MOVE,
  pasted,
  problemsOf,
  understood,
  withCell,
  withRow,
} from "./basket";

const PLAN = "aws-compute-savings-plan";
const buy = withRow([], { program: PLAN, hourly: "8.50", discount: "27", at: "2026-10-01" });

describe("what is typed", () => {
  test("lengths are understood as people write them", () => {
    expect(["12", "1 year", "3y", "36 months", "3 Years"].map(monthsFrom)).toEqual([12, 12, 36, 36, 36]);
    expect(["", "soon", "0", "900"].map(monthsFrom)).toEqual([null, null, null, null]);
  });

  test("words of people become those of the engine, everything else stays to be mended", () => {
    expect(understood("kind", "Let expire")).toBe("let_expire");
    expect(understood("payment", "all upfront")).toBe("all_upfront");
    expect(understood("program", "AWS Compute Savings Plan")).toBe(PLAN);
    expect(understood("discount", "27 %")).toBe("27");
    expect(understood("kind", "hope")).toBe("hope");
  });

  test("each decision asks for what it needs, and for nothing else", () => {
    const [empty] = withRow([], {});
    if (!empty) throw new Error("a row was added");
    expect(cellProblem(empty, "program")).not.toBeNull();
    expect(cellProblem(empty, "commitment"), "a purchase is about no other").toBeNull();
    const [renew] = withCell([empty], 0, "kind", "renew");
    if (!renew) throw new Error("a row is kept");
    expect(cellProblem(renew, "program"), "that of the old one").toBeNull();
    expect(cellProblem(renew, "commitment")).not.toBeNull();
  });

  test("amounts below zero, days that are none and discounts of a hundred are told", () => {
    let rows = withCell(buy, 0, "hourly", "-1");
    rows = withCell(rows, 0, "at", "2026-02-30");
    rows = withCell(rows, 0, "discount", "100");
    expect([...problemsOf(rows).keys()]).toEqual(["0 at", "0 hourly", "0 discount"]);
    expect(basketOf({ ...EMPTY_DRAFT, rows }), "nothing is asked with a wrong cell").toBeNull();
  });

  test("names are free ones", () => {
    expect(freeId(buy, "buy")).toBe("buy-2");
    expect(freeId(buy, "let_expire")).toBe("let-expire-1");
  });
});

describe("what the engine takes", () => {
  test("per cent become fractions, exactly; what does not belong to the decision is left out", () => {
    expect(basketOf({ ...EMPTY_DRAFT, rows: buy })?.decision).toEqual([
      {
        id: "buy-1",
        kind: "buy",
        at: "2026-10-01",
        program: PLAN,
        term_months: 12,
        payment: "no_upfront",
        hourly: "8.50",
        discount: "0.27",
      },
    ]);
    const expire = withRow([], { kind: "let_expire", commitment: "sp-1", hourly: "5" });
    expect(basketOf({ ...EMPTY_DRAFT, rows: expire })?.decision).toEqual([
      { id: "let-expire-1", kind: "let_expire", at: null, commitment: "sp-1" },
    ]);
  });

  test("a fall of 30 per cent is a factor of 0.7, and growth one above one", () => {
    const factor = (percent: string) =>
      basketOf({ ...EMPTY_DRAFT, demand: [{ ...FALL, percent }] })?.demand?.[0]?.factor;
    expect([factor("-30"), factor("12.5"), factor("+5"), factor("0")]).toEqual(["0.7", "1.125", "1.05", "1"]);
  });

  test("a move names its share, family and what it costs", () => {
    const demand = [{ ...MOVE, toFamily: "m7g", from: "2027-01-01", family: "m5" }];
    expect(basketOf({ ...EMPTY_DRAFT, demand })?.demand).toEqual([
      {
        name: "50 % of usage moves to m7g",
        from: "2027-01-01",
        until: null,
        services: [],
        families: ["m5"],
        regions: [],
        accounts: [],
        move_share: "0.5",
        to_family: "m7g",
        cost_factor: "0.8",
      },
    ]);
    expect(demandProblem(MOVE), "to which family is not said").not.toBeNull();
    expect(demandProblem({ ...FALL, percent: "-100" })).not.toBeNull();
  });

  test("what is kept comes back as it was typed", () => {
    const draft: BasketDraft = {
      rows: withRow(withRow(buy, { kind: "return", commitment: "ri-2", at: "2027-01-01", refund: "120" }), {
        kind: "renew",
        commitment: "sp-1",
        term: "",
        payment: "",
      }).map((row) =>
        row.cells.kind === "return" ? { ...row, cells: { ...row.cells, term: "", payment: "" } } : row,
      ),
      demand: [
        { ...FALL, percent: "-30", from: "2027-04-01" },
        { ...MOVE, toFamily: "m7g" },
      ],
      note: "Renewal",
      approver: "Finance",
      horizon: 18,
    };
    const basket = basketOf(draft);
    if (!basket) throw new Error("the draft can be used");
    expect(draftOf(basket)).toEqual(draft);
  });
});

describe("a block from a spreadsheet", () => {
  test("goes over the cells from where it is put, and rows below the last are new", () => {
    const block = `2026-11-01\t${PLAN}\n2027-01-01\t${PLAN}`;
    const made = pasted(buy, block, { row: 0, column: "at" });
    expect(made.rows).toHaveLength(2);
    expect(made.rows[0]?.cells.at).toBe("2026-11-01");
    expect(made.rows[0]?.cells.hourly, "what the block does not have stays").toBe("8.50");
    expect(made.rows[1]?.cells).toMatchObject({ kind: "buy", at: "2027-01-01", program: PLAN });
  });

  test("with a header its columns go where they belong", () => {
    const block = ["Per hour\tDecision\tProgramme\tMonths", "4\tbuy\tAWS Compute Savings Plan\t3 years"].join(
      "\n",
    );
    const [row] = pasted([], block, { row: 0, column: "kind" }).rows;
    expect(row?.cells).toEqual({ ...EMPTY_ROW, hourly: "4", program: PLAN, term: "36" });
  });
});
