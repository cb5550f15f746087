/** Why the engine would not keep or work out a scenario. */
import type { ApiError } from "../backend";
import type { ScenarioProblem } from "./wire";

/** The problems that an error lists; none where it is about something else. */
export function problemsIn(error: ApiError): ScenarioProblem[] {
  return Array.isArray(error.details)
    ? (error.details as unknown[]).flatMap((one) => problem(one) ?? [])
    : [];
}

function problem(found: unknown): ScenarioProblem | null {
  if (typeof found !== "object" || found === null) return null;
  const { operation, key, line, severity, message, hint } = found as Record<string, unknown>;
  if (typeof message !== "string") return null;
  return {
    operation: typeof operation === "string" ? operation : null,
    key: typeof key === "string" ? key : null,
    line: typeof line === "number" ? line : null,
    severity: severity === "warning" || severity === "note" ? severity : "error",
    message,
    hint: typeof hint === "string" ? hint : "",
  };
}
