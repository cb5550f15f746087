import { describe, expect, test } from "vitest";

import { completed, readClauses, spotAt, writeClauses } from "./clauses";

describe("clauses", () => {
  test("names, values, words alone", () => {
    expect(readClauses("Service = Compute | Storage ; owner=web; new")).toEqual([
      { name: "Service", values: ["Compute", "Storage"] },
      { name: "owner", values: ["web"] },
      { name: "new", values: [] },
    ]);
    expect(readClauses("")).toEqual([]);
    expect(readClauses("Service = Compute;"), "one that is about to be typed").toHaveLength(1);
  });

  test("what is written is read again, whatever signs are in it", () => {
    const clauses = [
      { name: "a;b", values: ['say "x"', "c|d", "e=f", " padded ", "plain, with comma"] },
      { name: "new", values: [] },
    ];
    expect(readClauses(writeClauses(clauses))).toEqual(clauses);
  });

  test.each(['Service = "open', "= Compute", "Service = ", "Service = a |", 'a "b" c = 1'])(
    "%s is not written as clauses are",
    (text) => expect(readClauses(text)).toBeNull(),
  );
});

describe("what is being typed", () => {
  test("a name, then a value, then the next", () => {
    expect(spotAt("Ser", 3)).toEqual({ name: null, typed: "Ser", from: 0, to: 3 });
    expect(spotAt("Service = Com", 13)).toEqual({ name: "Service", typed: "Com", from: 10, to: 13 });
    expect(spotAt("Service = A | Co; x", 16)).toEqual({ name: "Service", typed: "Co", from: 14, to: 16 });
    expect(spotAt('"a;b" = "c|', 11)).toMatchObject({ name: "a;b", typed: "c|" });
  });

  test("taking a completion writes what it stands for, and the rest stays", () => {
    const take = (text: string, caret: number, value: string, valued: boolean) =>
      completed(text, spotAt(text, caret), value, valued);
    expect(take("Ser", 3, "Service", true)).toEqual({ text: "Service = ", caret: 10 });
    expect(take("Service = Com; new", 13, "Compute", false)).toEqual({
      text: "Service = Compute; new",
      caret: 17,
    });
    expect(take("Service = ", 10, "a | b", false).text).toBe('Service = "a | b"');
    expect(take("Service = A;", 12, "owner", true).text).toBe("Service = A; owner = ");
  });
});
