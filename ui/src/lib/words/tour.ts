import type { TourStop } from "../tour/tour";

const stops: Record<TourStop, { title: string; text: string }> = {
  total: {
    title: "Fifteen months, three clouds",
    text: "Brightwater is made up; its bills are in the providers' own formats. Every list below adds up to the total at the top, to the last digit. Click the total to see how it was made, then recompute it.",
  },
  spike: {
    title: "A spike",
    text: "Somebody left debug logging on: for three days in May the log volume is many times the usual. The grid at the bottom has the charges behind it, dearest first.",
  },
  launch: {
    title: "A launch",
    text: "A new application starts in January and ramps up, on services that were not used before. Tags are dimensions like any other: split, filter and list by them.",
  },
  migration: {
    title: "A migration",
    text: "The route planner moves from one cloud to another in three steps. Effective cost spreads prepaid commitments over what they cover, so the columns tell the usage, not the invoices.",
  },
  price: {
    title: "A price change",
    text: "One database price rises on 10 March. The usage is the same before and after, the cost a day is not. The SQL console and the evidence show the unit price of each charge.",
  },
  untagged: {
    title: "Whose is it?",
    text: "These charges carry no team. A missing value is a row of every list, never left out: one new account accounts for most of the growth.",
  },
  onwards: {
    title: "Your own bills",
    text: "Drop a bill anywhere to begin an engagement of your own. Ctrl K finds every action, F1 explains the screen you are on. Nothing leaves this machine.",
  },
};

export const tour = {
  title: "Tour",
  stops,
  at: (stop: number, of: number) => `${stop} of ${of}`,
  next: "Next",
  back: "Back",
  skip: "Skip the tour",
  done: "Done",
  start: "Take the tour of the sample",
  offer: "The sample is open. Seven stops show what happened in it",
} as const;
