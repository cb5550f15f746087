import { expect, test } from "vitest";

import type { CommitmentBands } from "../bindings/CommitmentBands";
import { createFormatter } from "../format/format";
import { bandsRequest, bandsWords, isSameDraw, ribbon } from "./bands";
import { basketOf, EMPTY_DRAFT, FALL } from "./basket";
import { withInstrument } from "./instruments";
import { EMPTY_PORTFOLIO, portfolioRequest } from "./portfolio";

const question = {} as Parameters<typeof bandsRequest>[0]["question"];
const draft = { ...EMPTY_PORTFOLIO, rows: withInstrument([], { program: "aws-compute-savings-plan" }) };
const basket = basketOf({ ...EMPTY_DRAFT, demand: [FALL] });
if (!basket) throw new Error("the basket can be used");

test("bands are drawn as the cheapest mix was, and only then stand on its frontier", () => {
  const ground = { question, step: "hour" as const, horizon_months: 12, demand: basket.demand ?? [] };
  const asked = portfolioRequest(draft, ground);
  if (!asked) throw new Error("the draft can be used");
  const bands = bandsRequest({ question, step: "hour" }, basket, draft);
  expect(bands).toMatchObject({ paths: 100, level: "0.95", follow_forecast: false });
  expect(isSameDraw(bands, asked)).toBe(true);
  expect(isSameDraw({ ...bands, paths: 200 }, asked), "other ways").toBe(false);
  expect(isSameDraw(bands, { ...asked, demand: [] }), "other demand").toBe(false);
  const written = portfolioRequest({ ...draft, demand: "own" }, ground);
  if (!written) throw new Error("the draft can be used");
  expect(isSameDraw(bands, written), "ways that were written by hand").toBe(false);
});

test("what is said: how many ways lie within, how many are worse than nothing, and the worst of them", () => {
  const told = bandsWords(
    {
      currency: "USD",
      tail: "0.1",
      level: "0.95",
      paths: 200,
      saves: { low: "-40", likely: "100", high: "150" },
      worse_than_nothing: 125,
      tail_saves: "-60.5",
    } as CommitmentBands,
    createFormatter("en-GB"),
  );
  expect(told.map((said) => said.replaceAll("\u00a0", " "))).toEqual([
    "In 80.0% of 200 ways it saves from USD (40.00) to USD 150.00",
    "In 12.5% of them it costs more than deciding nothing",
    "In the worst 5.0% it saves USD (60.50) on average",
  ]);
});

test("a ribbon is drawn from its low end as high as it is wide", () => {
  const series = ribbon([{ low: "90", high: "120.5" }], "Bands", "grey") as { data: number[] }[];
  expect(series.map(({ data }) => data)).toEqual([[90], [30.5]]);
});
