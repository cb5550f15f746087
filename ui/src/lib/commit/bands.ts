/** How far a basket may come out otherwise: what is asked, and what is said of it. */
import type { CommitmentBands } from "../bindings/CommitmentBands";
import type { CommitmentBandsRequest } from "../bindings/CommitmentBandsRequest";
import type { CommitmentBasket } from "../bindings/CommitmentBasket";
import type { CommitmentPortfolioRequest } from "../bindings/CommitmentPortfolioRequest";
import { divide, geometry, subtract, sum } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { fraction, isDrawn, type PortfolioDraft, scenariosOf } from "./portfolio";

const words = messages.commit.outcome.bands;
const RATIO_DECIMALS = 6;
const THOUSAND = "1000";

/** The ways are drawn as those of the cheapest mix are, so that both can stand on one frontier. */
export function bandsRequest(
  ground: Pick<CommitmentBandsRequest, "question" | "step">,
  basket: CommitmentBasket,
  draft: Pick<PortfolioDraft, "demand" | "count" | "level" | "scenarios">,
): CommitmentBandsRequest {
  const count = /^[1-9]\d{0,2}$/.test(draft.count) ? Number(draft.count) : null;
  return {
    ...ground,
    basket,
    paths: isDrawn(draft.demand) ? count : null,
    level: fraction(draft.level),
    follow_forecast: draft.demand === "forecast",
    scenarios: scenariosOf(draft),
  };
}

/** Whether bands and a mix rest on the same ways of the same demand. */
export function isSameDraw(bands: CommitmentBandsRequest, asked: CommitmentPortfolioRequest): boolean {
  const one = [
    bands.question,
    bands.step,
    bands.paths,
    bands.follow_forecast,
    bands.scenarios,
    bands.level,
    bands.basket?.horizon_months,
    bands.basket?.demand,
  ];
  const other = [
    asked.question,
    asked.step,
    asked.draw?.paths,
    asked.draw?.follow_forecast,
    asked.draw?.scenarios,
    asked.risk_level,
    asked.horizon_months,
    asked.demand,
  ];
  return asked.draw != null && JSON.stringify(one) === JSON.stringify(other);
}

/** What the bands say, a sentence each. */
export function bandsWords(bands: CommitmentBands, format: Formatter): string[] {
  const money = (value: string | null) => format.moneyWithCode(value, bands.currency);
  const within = format.percent(subtract("1", sum([bands.tail, bands.tail])));
  const worse = divide(String(bands.worse_than_nothing), THOUSAND, RATIO_DECIMALS);
  return [
    words.within(within, format.count(bands.paths), money(bands.saves.low), money(bands.saves.high)),
    words.worse(format.percent(worse)),
    ...(bands.tail_saves === null
      ? []
      : [words.tail(format.percent(subtract("1", bands.level)), money(bands.tail_saves))]),
  ];
}

/** Two lines of a chart with what lies between them filled. */
export function ribbon(
  bands: readonly { low: string; high: string }[],
  name: string,
  colour: string,
): object[] {
  const line = (data: number[], filled: boolean) => ({
    type: "line",
    name,
    stack: name,
    data,
    symbol: "none",
    lineStyle: { opacity: 0 },
    areaStyle: filled ? { color: colour, opacity: 0.28 } : { opacity: 0 },
    tooltip: { show: false },
    silent: true,
    z: 3,
  });
  return [
    line(
      bands.map(({ low }) => geometry(low)),
      false,
    ),
    line(
      bands.map(({ low, high }) => geometry(subtract(high, low))),
      true,
    ),
  ];
}
