/** The tour of the sample company: what happened to it, each found in one view, and by which steps. */
import { type CommitParams, DEFAULT_VIEW, type ViewParams, withParts } from "../view/view";

/** What the sample engagement is called; elsewhere the stops would show nothing. */
export const SAMPLE_NAME = "Sample company";

export const TOUR_STOPS = [
  "total",
  "why",
  "price",
  "launch",
  "migration",
  "spike",
  "days",
  "untagged",
  "expiry",
  "purchase",
  "onwards",
] as const;
export type TourStop = (typeof TOUR_STOPS)[number];

/** A month against the one before, explained. */
function changeOf(month: string, next: string, parts: Partial<ViewParams["change"]>): ViewParams {
  const view = withParts(DEFAULT_VIEW, {
    screen: "change",
    period: { from: `${month}-01`, to: `${next}-01` },
    compare: "previous",
  });
  return withParts(view, { change: { ...view.change, ...parts } });
}

function commitOf(parts: Partial<CommitParams>): ViewParams {
  return withParts(DEFAULT_VIEW, { screen: "commit", commit: { ...DEFAULT_VIEW.commit, ...parts } });
}

/** The savings plan of the sample that ended with June 2026. */
const ENDED_PLAN = "arn:aws:savingsplans::418200100100:savingsplan/5b0c2f7e-0000-4000-8000-00000000a001";

/** The view of each stop. */
export const TOUR_VIEWS: Record<TourStop, ViewParams> = {
  total: DEFAULT_VIEW,
  why: changeOf("2026-03", "2026-04", {}),
  price: changeOf("2026-03", "2026-04", { effect: "list_price" }),
  launch: changeOf("2026-01", "2026-02", { by: "tag:application", mover: { value: "parcel-vision" } }),
  migration: withParts(changeOf("2026-02", "2026-03", { by: "provider" }), {
    measure: "effective_cost",
    filters: [{ dimension: "tag:application", operator: "is", values: ["route-planner"] }],
  }),
  spike: withParts(changeOf("2026-05", "2026-06", { effect: "volume" }), {
    filters: [{ dimension: "service", operator: "is", values: ["Cloud Logging"] }],
  }),
  days: withParts(DEFAULT_VIEW, {
    period: { from: "2026-05-01", to: "2026-06-01" },
    grain: "day",
    filters: [{ dimension: "service", operator: "is", values: ["Cloud Logging"] }],
  }),
  untagged: withParts(DEFAULT_VIEW, {
    period: { from: "2026-05-01", to: "2026-10-01" },
    grain: "month",
    split: "sub_account",
    filters: [{ dimension: "tag:team", operator: "missing", values: [] }],
  }),
  expiry: commitOf({ open: ENDED_PLAN }),
  purchase: commitOf({ part: "plan", program: "aws-compute-savings-plan" }),
  onwards: DEFAULT_VIEW,
};
