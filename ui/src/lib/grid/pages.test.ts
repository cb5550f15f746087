import { decimal, int64, tableFromArrays, tableToIPC } from "@uwdata/flechette";
import { describe, expect, test } from "vitest";

import { ChargePages, PAGE_ROWS } from "./pages.svelte";

/** A result of so many rows whose one column counts them. */
function counting(rows: number, asked: number[] = []) {
  return async (offset: number, limit: number): Promise<Uint8Array> => {
    asked.push(offset);
    const length = Math.max(Math.min(limit, rows - offset), 0);
    const values = Array.from({ length }, (_, index) => BigInt(offset + index));
    const table = tableFromArrays({ source_row: values }, {
      types: { source_row: int64() },
      useBigInt: true,
    } as object);
    return tableToIPC(table, { format: "stream" }) as Uint8Array;
  };
}

describe("windows over a result", () => {
  test("each window is asked for once, when it is looked at", async () => {
    const asked: number[] = [];
    const pages = new ChargePages(async () => undefined);
    await pages.open(counting(1000, asked));
    expect(pages.cell(0, 5)).toBe("5");
    expect(pages.cell(0, 650), "not there yet").toBeUndefined();
    pages.want(640, 20);
    pages.want(645, 20);
    await expect.poll(() => pages.cell(0, 650)).toBe("650");
    expect(asked).toEqual([0, 2 * PAGE_ROWS]);
  });

  test("a window of an older result never shows in a newer one", async () => {
    const pages = new ChargePages(async () => undefined);
    let release: () => void = () => undefined;
    const held = new Promise<void>((go) => (release = go));
    const slow = counting(1000);
    const first = pages.open(async (offset, limit) => {
      await held;
      return slow(offset, limit);
    });
    await pages.open(counting(3));
    release();
    await first;
    expect(pages.cell(0, 2)).toBe("2");
    expect(pages.cell(0, 3), "the newer result has three rows").toBeUndefined();
  });

  test("what is still asked for of an older result is cancelled", async () => {
    const [asked, cancelled]: [string[], string[]] = [[], []];
    const pages = new ChargePages(async (request) => void cancelled.push(request));
    const never = new Promise<Uint8Array>(() => undefined);
    void pages.open((_offset, _limit, request) => (asked.push(request), never));
    await pages.open(counting(3));
    expect(asked).toHaveLength(1);
    expect(cancelled).toEqual(asked);
    pages.drop();
    expect(cancelled, "what has come is not cancelled").toHaveLength(1);
    expect(pages.cell(0, 2), "and stays").toBe("2");
  });

  test("what is scrolled past is cancelled, and never more than two windows are on their way", async () => {
    const cancelled: number[] = [];
    const open = new Map<string, { offset: number; end: (error?: unknown) => void }>();
    let most = 0;
    const pages = new ChargePages(async (request) => {
      const found = open.get(request);
      if (!found) return;
      cancelled.push(found.offset / PAGE_ROWS);
      found.end({ code: "cancelled", message: "Cancelled" });
    });
    const read = counting(100 * PAGE_ROWS);
    await pages.open(async (offset, limit, request) => {
      if (offset === 0) return read(offset, limit);
      try {
        return await new Promise<Uint8Array>((come, refuse) => {
          const end = (error?: unknown) => (error ? refuse(error) : void read(offset, limit).then(come));
          open.set(request, { offset, end });
          most = Math.max(most, open.size);
        });
      } finally {
        open.delete(request);
      }
    });
    for (const page of [10, 20, 30, 20, 40]) {
      pages.want(page * PAGE_ROWS, 20);
      await Promise.resolve();
    }
    await expect.poll(() => [...open.values()].map((one) => one.offset / PAGE_ROWS)).toEqual([40]);
    expect(cancelled, "the last one is waited for").not.toContain(40);
    expect(most).toBeLessThanOrEqual(2);
    expect(pages.error, "what was scrolled past is no problem").toBeNull();
    for (const one of open.values()) one.end();
    await expect.poll(() => pages.cell(0, 40 * PAGE_ROWS)).toBe(String(40 * PAGE_ROWS));
    await expect.poll(() => pages.waiting).toBe(0);
  });

  test("a window that is scrolled back to while it is being cancelled comes after all", async () => {
    let refuse: (error: unknown) => void = () => undefined;
    let asked = 0;
    const pages = new ChargePages(async () => undefined);
    const read = counting(100 * PAGE_ROWS);
    await pages.open(async (offset, limit) => {
      if (offset !== 7 * PAGE_ROWS) return read(offset, limit);
      asked += 1;
      if (asked > 1) return read(offset, limit);
      return new Promise<Uint8Array>((_come, no) => (refuse = no));
    });
    pages.want(7 * PAGE_ROWS, 20);
    pages.want(50 * PAGE_ROWS, 20);
    pages.want(7 * PAGE_ROWS, 20);
    refuse({ code: "cancelled", message: "Cancelled" });
    await expect.poll(() => pages.cell(0, 7 * PAGE_ROWS)).toBe(String(7 * PAGE_ROWS));
  });

  test("the decimals of a column are the most that were seen of it, whatever is looked at", async () => {
    const thousandths = (cost: bigint) => async (offset: number) =>
      tableToIPC(
        tableFromArrays({ billed_cost: [offset < PAGE_ROWS ? 1500n : cost] }, {
          types: { billed_cost: decimal(18, 3) },
          useDecimalInt: true,
        } as object),
        { format: "stream" },
      ) as Uint8Array;
    const pages = new ChargePages(async () => undefined);
    await pages.open(thousandths(1525n));
    expect(pages.decimals, "1.500 has one").toEqual([1]);
    pages.want(PAGE_ROWS, 1);
    await expect.poll(() => pages.decimals, { message: "1.525 has three" }).toEqual([3]);
    await pages.open(thousandths(1000n));
    expect(pages.decimals, "another result begins anew").toEqual([1]);
    pages.want(PAGE_ROWS, 1);
    await expect.poll(() => pages.cell(0, PAGE_ROWS)).toBe("1.000");
    expect(pages.decimals).toEqual([1]);
  });

  test("an empty result comes as no bytes", async () => {
    const pages = new ChargePages(async () => undefined);
    await pages.open(async () => new Uint8Array());
    expect([pages.columns, pages.error, pages.cell(0, 0)]).toEqual([[], null, undefined]);
  });

  test("copied rows are fetched whole, across windows", async () => {
    const pages = new ChargePages(async () => undefined);
    await pages.open(counting(1000));
    const rows = await pages.rows(PAGE_ROWS - 1, 3);
    expect(rows.map(([row]) => row)).toEqual([
      String(PAGE_ROWS - 1),
      String(PAGE_ROWS),
      String(PAGE_ROWS + 1),
    ]);
  });

  test("a refused window is told and can be asked for again", async () => {
    let refuse = true;
    const pages = new ChargePages(async () => undefined);
    const read = counting(1000);
    await pages.open(async (offset, limit) => {
      if (offset > 0 && refuse) throw { code: "database", message: "interrupted" };
      return read(offset, limit);
    });
    pages.want(PAGE_ROWS, 1);
    await expect.poll(() => pages.error?.message).toBe("interrupted");
    refuse = false;
    pages.want(PAGE_ROWS, 1);
    await expect.poll(() => pages.cell(0, PAGE_ROWS)).toBe(String(PAGE_ROWS));
  });
});
