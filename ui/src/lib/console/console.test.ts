import { describe, expect, test } from "vitest";

import { columnKind, placeOf, readHistory, statementTitle, tablesOf, viewOf, withStatement } from "./console";

describe("the SQL console", () => {
  test("keeps what was run, each statement once, the latest first", () => {
    const two = withStatement(withStatement([], "SELECT 1"), "SELECT 2 ");
    expect(two).toEqual(["SELECT 2", "SELECT 1"]);
    expect(withStatement(two, "SELECT 1")).toEqual(["SELECT 1", "SELECT 2"]);
    expect(withStatement(two, "   "), "nothing is no statement").toEqual(two);
    const many = Array.from({ length: 80 }, (_, at) => `SELECT ${at}`);
    expect(many.reduce(withStatement, []).length).toBe(50);
  });

  test("what was kept may be spoilt", () => {
    for (const text of [null, "", "{", "7", '{"a":1}', "[1,null]"]) expect(readHistory(text)).toEqual([]);
    expect(readHistory('["SELECT 1", 2]')).toEqual(["SELECT 1"]);
  });

  test("types of columns decide their alignment", () => {
    expect(
      [
        "Decimal128(38, 9)",
        "Int64",
        "UInt8",
        "Float64",
        "Date32",
        "Timestamp(µs)",
        "Utf8",
        "List(Int32)",
      ].map(columnKind),
    ).toEqual(["decimal", "integer", "integer", "float", "moment", "moment", "text", "text"]);
  });

  test("only documented tables are offered", () => {
    const rows = [
      ["meta", "key", "VARCHAR"],
      ["load", "load_id", "BIGINT"],
      ["charge", "billed_cost", "DECIMAL(18,9)"],
      ["charge", "tags", "VARCHAR"],
    ];
    expect(tablesOf({ rows }).map((table) => [table.name, table.columns.length])).toEqual([
      ["charge", 2],
      ["load", 1],
    ]);
  });

  test("a view's columns have their types by SQL's names", () => {
    const columns = [
      { name: "day", type: "Date32" },
      { name: "billed_cost", type: "Decimal128(38, 9)" },
      { name: "loaded_at", type: "Timestamp(µs)" },
      { name: "odd", type: "List(Int32)" },
    ];
    expect(viewOf("daily", { columns }).columns.map((column) => column.type)).toEqual([
      "DATE",
      "DECIMAL(38,9)",
      "TIMESTAMP",
      "List(Int32)",
    ]);
  });

  test("a long statement has a short title", () => {
    expect(statementTitle("SELECT\n  1")).toBe("SELECT 1");
    expect(statementTitle("x".repeat(200)).length).toBe(80);
  });

  test("a place is whole numbers from one on, or none", () => {
    expect(placeOf({ line: 2, column: 7 })).toEqual({ line: 2, column: 7 });
    for (const details of [null, [], {}, { line: 0, column: 1 }, { line: "2", column: 1 }])
      expect(placeOf(details)).toBeNull();
  });
});
