import { TOUR_STOPS, TOUR_VIEWS, type TourStop } from "../tour/tour";
import type { ViewParams } from "../view/view";
import { keep, kept } from "./kept";

const KEY = "quarterdeck.tour";

/** Where the analyst is on the tour of the sample, if on it. */
export class Tour {
  place = $state<number | null>(null);
  readonly stop = $derived<TourStop | null>(this.place === null ? null : (TOUR_STOPS[this.place] ?? null));
  readonly last = $derived(this.place === TOUR_STOPS.length - 1);
  readonly #show: (view: ViewParams) => void;

  constructor(show: (view: ViewParams) => void) {
    this.#show = show;
  }

  /** Whether it is to be offered: the first time that the sample is opened on this machine, and never again. */
  offered(): boolean {
    const first = kept(KEY) === null;
    keep(KEY, "seen");
    return first;
  }

  go(place: number): void {
    const stop = TOUR_STOPS[place];
    if (stop === undefined) return this.end();
    this.place = place;
    this.#show(TOUR_VIEWS[stop]);
  }

  end(): void {
    this.place = null;
  }
}
