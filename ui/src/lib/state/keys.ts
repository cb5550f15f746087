/** The keys that work anywhere. */
import { type Screen } from "../view/view";
import { showTotalEvidence, toggleTrend } from "./actions";
import type { Workbench } from "./workbench.svelte";

const SECOND_KEY_MS = 1200;
const ROOMS: Record<string, Screen> = { s: "sources", e: "explore", p: "packs" };

/** Whether a key belongs to what is being typed. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}

/** A listener for the whole page. It keeps a first `g` for as long as a second key may follow. */
export function createKeys(workbench: Workbench): (event: KeyboardEvent) => void {
  let goUntil = 0;
  return (event) => {
    if (event.defaultPrevented) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (control && key === "k") {
      event.preventDefault();
      workbench.dialog = workbench.dialog?.kind === "palette" ? null : { kind: "palette" };
      return;
    }
    if (workbench.dialog || isTyping(event.target)) return;
    if (control && key === "z") {
      event.preventDefault();
      if (event.shiftKey) workbench.views.redo();
      else workbench.views.undo();
      return;
    }
    if (control || event.altKey) return;
    if (event.timeStamp < goUntil) {
      goUntil = 0;
      const screen = ROOMS[key];
      if (screen) {
        event.preventDefault();
        workbench.views.go({ screen });
        return;
      }
    }
    if (key === "g") goUntil = event.timeStamp + SECOND_KEY_MS;
    else if (key === "Escape" && workbench.drawer) workbench.drawer = null;
    else if (key === "?") workbench.dialog = { kind: "keys" };
    else if (!workbench.charged) return;
    else if (key === "/") {
      event.preventDefault();
      workbench.dialog = { kind: "filter", dimension: null };
    } else if (key === "t" && workbench.screen === "explore") toggleTrend(workbench);
    else if (key === "e" && workbench.screen === "explore") showTotalEvidence(workbench);
  };
}
