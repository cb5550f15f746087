import { describe, expect, test } from "vitest";

import { columnsOf, literalOf, literalText, nameText, pieces } from "./formula";

describe("a formula", () => {
  const formula =
    "if(line_type in ('Fee', 'It''s'), `Posting Date`, first(lineItem/Cost, product.region, 12.5))";

  test("is its pieces put together", () => {
    expect(
      pieces(formula)
        .map((piece) => piece.written)
        .join(""),
    ).toBe(formula);
  });

  test("names columns: not functions, words of the language, texts or numbers", () => {
    const names = pieces(formula)
      .filter((piece) => piece.kind === "name")
      .map((piece) => piece.meaning);
    expect(names).toEqual(["line_type", "Posting Date", "lineItem/Cost", "product.region"]);
  });

  test("uses the columns of the file that it names, whatever their spelling, and the one a field is in", () => {
    const columns = ["line_item_cost", "PostingDate", "Product", "Fee"];
    expect(columnsOf(formula, columns)).toEqual(["PostingDate", "line_item_cost", "Product"]);
    expect(columnsOf("a + a", ["A"])).toEqual(["A"]);
  });

  test("writes any column's name so that it is read as one", () => {
    for (const name of ["Amount", "Posting Date", "in", "a`b", "3rd", "x-y", "Größe", "a.b"]) {
      const found = pieces(nameText(name));
      expect(found.length, name).toBe(1);
      expect(found[0]).toMatchObject({ kind: "name", meaning: name });
    }
    expect(nameText("Amount")).toBe("Amount");
  });

  test("that is a text is read back", () => {
    expect(literalOf(literalText("Rack's & Sons"))).toBe("Rack's & Sons");
    expect(literalOf("concat('a', b)")).toBeNull();
  });
});
