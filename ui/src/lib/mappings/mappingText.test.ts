import { describe, expect, test } from "vitest";

import { formulaOf, placeOf, quoted, readMapping, withDates, withFormula, withHead } from "./mappingText";

const TEXT = `# The language is that of the program's own mappings.

format = "own-ledger"
title = "Ledger"
dates = ["month/day/year", "day/month/year"]
mandatory = ["Posting Date", "Net \\"excl\\""]
provider = { from = "'Rack & Sons'" }

[columns]
BilledCost = { from = "replace(Net, ',', '')", why = "thousands" } # checked
BillingCurrency = { from = '''EUR''' }
ServiceName = { from = 'Item' }

[parts]
BilledCost = { from = "0" }
`;

describe("a mapping file", () => {
  const mapping = readMapping(TEXT);

  test("is read by its entries", () => {
    expect(mapping).toMatchObject({
      format: "own-ledger",
      title: "Ledger",
      provider: "'Rack & Sons'",
      dates: ["month/day/year", "day/month/year"],
      mandatory: ["Posting Date", 'Net "excl"'],
    });
    expect(formulaOf(mapping, "BilledCost"), "that of the columns, not of a part").toBe(
      "replace(Net, ',', '')",
    );
    expect(formulaOf(mapping, "ServiceName")).toBe("Item");
    expect(formulaOf(mapping, "RegionId"), "there is none").toBe("");
    expect(
      formulaOf(mapping, "BillingCurrency"),
      "written in a way that only the text can change",
    ).toBeNull();
  });

  test("keeps everything else when a formula is changed, its reason and comments included", () => {
    const changed = withFormula(TEXT, "BilledCost", "Gross");
    expect(changed).toContain('BilledCost = { from = "Gross", why = "thousands" }');
    const without = (text: string) => text.split("\n").filter((line) => !line.startsWith("BilledCost ="));
    expect(without(changed)).toEqual(without(TEXT));
    expect(changed, "the part's own entry stands").toContain('BilledCost = { from = "0" }');
  });

  test("takes an entry in and out", () => {
    const added = withFormula(TEXT, "RegionId", "`Data centre`");
    expect(formulaOf(readMapping(added), "RegionId")).toBe("`Data centre`");
    expect(added.indexOf("RegionId"), "below the columns").toBeLessThan(added.indexOf("[parts]"));
    expect(withFormula(added, "RegionId", "")).toBe(TEXT);
    expect(withFormula(TEXT, "RegionId", "")).toBe(TEXT);
  });

  test("keeps any formula as it is, whatever is in it", () => {
    for (const formula of [
      "'say \"hi\"'",
      "replace(a, '\\', '')",
      "`a\tb`",
      "'=cmd|x'",
      "'[columns]'",
      "'\u007f'",
    ]) {
      expect(formulaOf(readMapping(withFormula(TEXT, "RegionId", formula)), "RegionId")).toBe(formula);
    }
    expect(quoted("\u007f")).toBe('"\\u007f"');
  });

  test("is given a name, who sells, and how its days are written", () => {
    const changed = withDates(withFormula(withHead(TEXT, "title", 'The "ledger"'), "provider", "'A'"), [
      "iso",
    ]);
    expect(readMapping(changed)).toMatchObject({ title: 'The "ledger"', provider: "'A'", dates: ["iso"] });
    const bare = "[columns]\nServiceName = { from = 'x' }";
    expect(readMapping(withHead(bare, "format", "own")).format).toBe("own");
    expect(readMapping(withFormula("", "BilledCost", "Net")).entries.length).toBe(1);
  });

  test("a problem says which entry it is of, if it is of one", () => {
    expect(placeOf("BilledCost: there is no function `sume` in the formula: sume(Net)")).toBe("BilledCost");
    expect(placeOf("the mapping file cannot be read: line 3")).toBeNull();
  });
});
