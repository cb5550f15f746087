import { expect, it } from "vitest";

import { driverRow, driversOf, NO_DRIVER } from "./baseline";
import { tongueOf } from "./tongue";

const tongue = tongueOf([], [{ name: "service", label: "Service", kind: "service", values: null }], "en");

it("reads a driver back as it was", () => {
  const driver = {
    metric: "orders",
    name: "all orders",
    unit_cost: "0.02",
    growth: "1.5 %",
    labels: { market: "europe" },
    where: { service: ["Compute"] },
    values: {},
  };
  expect(driversOf([driverRow(driver, tongue)], tongue)).toEqual({ drivers: [driver], problem: null });
});

it("keeps values that were typed in its file", () => {
  const driver = { metric: "orders", values: { "2027-01": "5" } };
  const row = driverRow(driver, tongue);
  expect(row.values).toEqual({ "2027-01": "5" });
  expect(driversOf([row], tongue).drivers[0]?.values).toEqual({ "2027-01": "5" });
});

it("says which figure cannot be read", () => {
  const row = { ...NO_DRIVER, metric: "orders" };
  expect(driversOf([{ ...row, unitCost: "cheap" }], tongue).problem).toContain("“cheap”");
  expect(driversOf([{ ...row, growth: "fast" }], tongue).problem).toContain("“fast”");
  expect(driversOf([{ ...row, where: "Colour = red" }], tongue).problem).toContain("Colour");
  expect(driversOf([{ ...NO_DRIVER }], tongue).problem).not.toBeNull();
});
