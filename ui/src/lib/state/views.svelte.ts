import { fromAddress, toAddress, toLink } from "../view/address";
import { canRedo, canUndo, current, move, push, replace, startTrail, type Trail } from "../view/trail";
import { DEFAULT_VIEW, type ViewParams, withParts } from "../view/view";

/** What the browser's history is told about an entry, to find it again in the trail. */
interface Mark {
  trailIndex: number;
}

/**
 * The view and how to change it. Undo and Back are the same walk: each new view is one entry of the trail and one of
 * the browser's history.
 */
export class Views {
  #trail = $state.raw<Trail>(startTrail(DEFAULT_VIEW));
  readonly current = $derived(current(this.#trail));
  #unsettled: (() => void) | null = null;
  readonly canUndo = $derived(canUndo(this.#trail));
  readonly canRedo = $derived(canRedo(this.#trail));

  /** Takes the view from the address and follows Back and Forward from now on. Returns how to stop. */
  follow(): () => void {
    this.#trail = startTrail(fromAddress(location.hash));
    history.replaceState(this.#mark(), "", toAddress(this.current));
    const arrived = (event: PopStateEvent) => this.#arrive(event.state as Mark | null);
    addEventListener("popstate", arrived);
    return () => removeEventListener("popstate", arrived);
  }

  /** Begins anew with a view: what another engagement was looked at with is not this one's past. */
  begin(view: ViewParams): void {
    this.#settle();
    this.#trail = startTrail(view);
    history.pushState(this.#mark(), "", toAddress(view));
  }

  /** The current view with some of its parts changed, as a new entry. */
  go(parts: Partial<ViewParams>): void {
    this.show(withParts(this.current, parts));
  }

  show(view: ViewParams): void {
    const trail = push(this.#trail, view);
    if (trail === this.#trail) return;
    this.#trail = trail;
    this.#settle();
    const mark = this.#mark();
    // The browser's history takes its time: what the view asks goes first.
    this.#unsettled = () => history.pushState(mark, "", toAddress(view));
    queueMicrotask(() => this.#settle());
  }

  /** Shows a view in the place of the current one, which was no step of its own. */
  replace(view: ViewParams): void {
    this.#settle();
    this.#trail = replace(this.#trail, view);
    history.replaceState(this.#mark(), "", toAddress(view));
  }

  undo(): void {
    this.#settle();
    if (this.canUndo) history.back();
  }

  redo(): void {
    this.#settle();
    if (this.canRedo) history.forward();
  }

  /** A link that restores the current view, for an engagement that is open. */
  get link(): string {
    return toLink(this.current);
  }

  /** Tells the browser's history of the view that it does not know of yet. */
  #settle(): void {
    const tell = this.#unsettled;
    this.#unsettled = null;
    tell?.();
  }

  #mark(): Mark {
    return { trailIndex: this.#trail.index };
  }

  #arrive(mark: Mark | null): void {
    const known = mark ? this.#trail.entries[mark.trailIndex] : undefined;
    if (mark && known && toAddress(known) === location.hash) {
      this.#trail = move(this.#trail, mark.trailIndex - this.#trail.index);
    } else {
      // A link was pasted or an entry is older than the trail: the address alone says what to show.
      this.#trail = push(this.#trail, fromAddress(location.hash));
      history.replaceState(this.#mark(), "", toAddress(this.current));
    }
  }
}
