/** The tour of the sample company: what happened to it, each found in one view. */
import { DEFAULT_VIEW, type ViewParams, withParts } from "../view/view";

/** What the sample engagement is called; elsewhere the stops would show nothing. */
export const SAMPLE_NAME = "Sample company";

export const TOUR_STOPS = ["total", "spike", "launch", "migration", "price", "untagged", "onwards"] as const;
export type TourStop = (typeof TOUR_STOPS)[number];

/** The view of each stop. */
export const TOUR_VIEWS: Record<TourStop, ViewParams> = {
  total: DEFAULT_VIEW,
  spike: withParts(DEFAULT_VIEW, {
    period: { from: "2026-05-01", to: "2026-06-01" },
    grain: "day",
    filters: [{ dimension: "service", operator: "is", values: ["Cloud Logging"] }],
  }),
  launch: withParts(DEFAULT_VIEW, {
    period: { from: "2025-10-01", to: "2026-10-01" },
    grain: "month",
    split: "service",
    filters: [{ dimension: "tag:application", operator: "is", values: ["parcel-vision"] }],
  }),
  migration: withParts(DEFAULT_VIEW, {
    measure: "effective_cost",
    period: { from: "2025-12-01", to: "2026-07-01" },
    grain: "month",
    split: "provider",
    filters: [{ dimension: "tag:application", operator: "is", values: ["route-planner"] }],
  }),
  price: withParts(DEFAULT_VIEW, {
    period: { from: "2026-03-01", to: "2026-04-01" },
    grain: "day",
    filters: [{ dimension: "sku", operator: "is", values: ["F49F2DBA11A7"] }],
  }),
  untagged: withParts(DEFAULT_VIEW, {
    period: { from: "2026-05-01", to: "2026-10-01" },
    grain: "month",
    split: "sub_account",
    filters: [{ dimension: "tag:team", operator: "missing", values: [] }],
  }),
  onwards: DEFAULT_VIEW,
};
