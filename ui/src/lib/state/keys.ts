/** The keys that work anywhere. */
import { type Screen, SCREEN_KEYS, SCREENS } from "../view/view";
import {
  annotateDay,
  showTotalEvidence,
  toggleBelow,
  toggleBridge,
  toggleCommit,
  toggleForecast,
  toggleTrend,
  toggleUnits,
} from "./actions";
import type { Workbench } from "./workbench.svelte";

const SECOND_KEY_MS = 1200;
const ROOMS = new Map<string, Screen>(SCREENS.map((screen) => [SCREEN_KEYS[screen], screen]));

/** Whether a key belongs to what is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}

/** Whether the forecast itself is what is looked at. */
function isFan(workbench: Workbench): boolean {
  return workbench.screen === "forecast" && workbench.views.current.forecast.part === "forecast";
}

/** Whether a part of Commit that has a chart is what is looked at. */
function isCharted(workbench: Workbench): boolean {
  const { part } = workbench.views.current.commit;
  return workbench.screen === "commit" && (part === "coverage" || part === "plan");
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
    // What is typed into may stand in a tree of its own, as the editor does.
    if (key === "F1" && workbench.engagement) {
      event.preventDefault();
      workbench.drawer = workbench.drawer?.kind === "help" ? null : { kind: "help" };
      return;
    }
    if (workbench.dialog || isTyping(event.composedPath()[0] ?? event.target)) return;
    if (control && key === "z") {
      event.preventDefault();
      if (event.shiftKey) workbench.views.redo();
      else workbench.views.undo();
      return;
    }
    if (control || event.altKey) return;
    if (event.timeStamp < goUntil) {
      goUntil = 0;
      const screen = ROOMS.get(key);
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
    else if (key === "t" && workbench.screen === "change") toggleBridge(workbench);
    else if (key === "t" && workbench.screen === "units") toggleUnits(workbench);
    else if (key === "t" && isFan(workbench)) toggleForecast(workbench);
    else if (key === "t" && isCharted(workbench)) toggleCommit(workbench);
    else if (key === "n" && (workbench.screen === "explore" || isFan(workbench))) {
      event.preventDefault();
      annotateDay(workbench);
    } else if (key === "v" && workbench.screen === "explore") toggleBelow(workbench);
    else if (key === "e" && workbench.screen === "explore") showTotalEvidence(workbench);
  };
}
