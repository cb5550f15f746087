import { decimal, int64, tableFromArrays, tableToIPC, timestamp, TimeUnit, utf8 } from "@uwdata/flechette";
import { describe, expect, test } from "vitest";

import { readChargePage } from "./arrow";
import { columnWidths, USUAL_COLUMNS } from "./columns";
import { HEIGHT_MAX_PX, poolSize, ROW_HEIGHT_PX, rowOfSlot, scrollToRow, windowAt } from "./geometry";

describe("an Arrow window of charges", () => {
  test("keeps every digit of a decimal and of a 64-bit integer", () => {
    const table = tableFromArrays(
      {
        billed_cost: [123456789012345678901234567890n, -5n, null],
        source_row: [9007199254740993n, 1n, 2n],
        service_name: ["EC2", null, "S3"],
        charge_period_start: [Date.UTC(2018, 9, 3, 14), 0, null],
      },
      {
        types: {
          billed_cost: decimal(38, 9),
          source_row: int64(),
          service_name: utf8(),
          charge_period_start: timestamp(TimeUnit.MICROSECOND),
        },
        useDecimalInt: true,
        useBigInt: true,
      } as object,
    );
    const page = readChargePage(tableToIPC(table, { format: "stream" }) as Uint8Array);
    expect(page.columns.map((column) => column.kind)).toEqual(["decimal", "integer", "text", "moment"]);
    expect(page.text(0, 0), "30 digits pass unharmed").toBe("123456789012345678901.234567890");
    expect([page.text(0, 1), page.text(0, 2)]).toEqual(["-0.000000005", null]);
    expect(page.text(1, 0), "one above what a float can count").toBe("9007199254740993");
    expect([page.text(2, 0), page.text(2, 1)]).toEqual(["EC2", null]);
    expect(page.text(3, 0)).toBe("2018-10-03T14:00:00Z");
    expect(page.length).toBe(3);
  });
});

describe("the grid's window", () => {
  test("covers what is seen, and each row has one node", () => {
    const seen = windowAt(10 * ROW_HEIGHT_PX, 260, 1000);
    expect(seen.first).toBeLessThanOrEqual(10);
    expect(seen.first + seen.count).toBeGreaterThanOrEqual(20);
    const pool = poolSize(260);
    const rows = Array.from({ length: pool }, (_, slot) => rowOfSlot(slot, seen.first, pool)).sort(
      (a, b) => a - b,
    );
    expect(rows, "the pool shows a run of rows without gap or double").toEqual(
      Array.from({ length: pool }, (_, index) => seen.first + index),
    );
  });

  test("moving by one row refills one node", () => {
    const pool = 18;
    const changed = Array.from({ length: pool }, (_, slot) => slot).filter(
      (slot) => rowOfSlot(slot, 40, pool) !== rowOfSlot(slot, 41, pool),
    );
    expect(changed).toHaveLength(1);
  });

  test("five million rows fit and the last can be reached", () => {
    const rows = 5_000_000;
    const bottom = HEIGHT_MAX_PX - 400;
    const seen = windowAt(bottom, 400, rows);
    expect(seen.height).toBe(HEIGHT_MAX_PX);
    expect(seen.first + seen.count).toBe(rows);
    expect(seen.top(rows - 1) + ROW_HEIGHT_PX, "the last row ends where the element ends").toBeCloseTo(
      HEIGHT_MAX_PX,
      3,
    );
    expect(scrollToRow(rows - 1, 0, 400, rows)).toBeCloseTo(bottom, 3);
    expect(scrollToRow(3, 0, 400, rows)).toBeNull();
  });
});

describe("the columns' widths", () => {
  const numbers = ["consumed_quantity", "billed_cost", "effective_cost"];
  const usual = USUAL_COLUMNS.map((name) => ({ name, numeric: numbers.includes(name) }));
  const sum = (widths: number[]) => widths.reduce((total, width) => total + width, 0);

  test("the usual ones fit a small screen and fill a large one, without making the numbers wider", () => {
    const small = columnWidths(usual, {}, 1190);
    const large = columnWidths(usual, {}, 1840);
    expect(sum(small)).toBeLessThanOrEqual(1190);
    expect(sum(large)).toBeGreaterThan(1840 - usual.length);
    expect(sum(large)).toBeLessThanOrEqual(1840);
    for (const [index, { name, numeric }] of usual.entries()) {
      if (numeric) expect(large[index], name).toBe(small[index]);
    }
  });

  test("a column keeps the width it was given by hand", () => {
    const widths = columnWidths(usual, { resource_id: 300 }, 1840);
    expect(widths[USUAL_COLUMNS.indexOf("resource_id")]).toBe(300);
  });

  test("a cost is as wide as its total needs", () => {
    const cost = { name: "billed_cost", numeric: true };
    const [short] = columnWidths([{ ...cost, characters: 4 }], {}, 0);
    const [long] = columnWidths([{ ...cost, characters: 20 }], {}, 0);
    expect(long).toBeGreaterThan(Number(short));
    expect(columnWidths([{ ...cost, characters: 6 }], {}, 0)[0], "never narrower than its head").toBe(short);
  });

  test("too little room takes nothing away: the grid scrolls", () => {
    expect(columnWidths(usual, {}, 0)).toEqual(columnWidths(usual, {}, 400));
  });
});
