import type { Backend } from "./backend";
import { createBridgeBackend } from "./bridge";

export type { Backend, FileDrop, Launched } from "./backend";
export { ApiError } from "./errors";
export { requestId } from "./request";

/** The backend of the place this page runs in. */
export async function createBackend(): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in globalThis) {
    const { createTauriBackend } = await import("./tauri");
    return createTauriBackend();
  }
  return createBridgeBackend(new URL(location.href));
}
