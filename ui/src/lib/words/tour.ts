import type { TourStop } from "../tour/tour";

interface Stop {
  title: string;
  text: string;
  /** How to get here from anywhere, step by step. */
  way?: readonly string[];
}

const stops: Record<TourStop, Stop> = {
  total: {
    title: "Fifteen months, three clouds",
    text: "Brightwater is made up; its bills are in the providers' own formats. Every list below adds up to the total at the top, to the last digit. Click the total to see how it was made, then recompute it.",
  },
  why: {
    title: "Why did March go up?",
    text: "The difference to the month before, split into effects that add up to it exactly: more days, more usage, other prices. Below are the movers, each with its main reason in words.",
    way: ["g c, Change", "Mar 2026 in the months"],
  },
  price: {
    title: "A price change",
    text: "The bar of list prices opens to the SKUs behind it: one database price rose from 1.958 to 2.154 an hour on 10 March. Its name leads to the charges, a charge to its row in the bill.",
    way: ["g c, Change", "Mar 2026", "The bar List price", "The first item", "Its first charge"],
  },
  launch: {
    title: "A launch",
    text: "By application the mover parcel-vision is new: an application that starts in January, on services that were not used before. Tags are dimensions like any other.",
    way: ["g c, Change", "Jan 2026", "Tag application", "parcel-vision"],
  },
  migration: {
    title: "A migration",
    text: "The route planner alone: new at one cloud, down at another. Effective cost spreads prepaid commitments over what they cover, so it tells the usage, not the invoices.",
    way: ["g c, Change", "Feb 2026", "Tag application", "Space on route-planner", "Provider"],
  },
  spike: {
    title: "A spike",
    text: "Somebody left debug logging on. Within one service nothing but the volume moved; the bar opens to the one SKU, and its dearest charges are of three days.",
    way: ["g c, Change", "May 2026", "Space on Cloud Logging", "The bar Volume", "Log Volume"],
  },
  days: {
    title: "The days of it",
    text: "The same charges by day, 19 to 21 May above all others. Drag over the columns to look at those days alone; the grid at the bottom has the charges, dearest first.",
  },
  untagged: {
    title: "Whose is it?",
    text: "These charges carry no team. A missing value is a row of every list, never left out: one new account accounts for most of the growth.",
  },
  expiry: {
    title: "A plan that ended",
    text: "A savings plan of 8.00 an hour ran out with June 2026 and nobody bought another. Every fact of it says where it is from; Coverage shows the hours that have cost the full price since.",
    way: ["g m, Commit", "Held", "ComputeSavingsPlans-1yr-2025"],
  },
  purchase: {
    title: "What to buy instead",
    text: "The curve shows what another plan of any size would have saved. Add its optimum to the basket, or search the cheapest mix under risk; below stands what it comes to, month by month, and a memo to be signed.",
    way: ["g m, Commit", "Plan", "Add to the basket"],
  },
  onwards: {
    title: "Your own bills",
    text: "Drop a bill anywhere to begin an engagement of your own. Ctrl K finds every action, F1 explains the screen you are on. Nothing leaves this machine.",
  },
};

export const tour = {
  title: "Tour",
  stops,
  way: "How to find it",
  at: (stop: number, of: number) => `${stop} of ${of}`,
  next: "Next",
  back: "Back",
  skip: "Skip the tour",
  done: "Done",
  start: "Take the tour of the sample",
  offer: "The sample is open. A few stops show what happened in it, and how to find it",
} as const;
