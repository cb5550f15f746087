/** The engine behind the desktop shell. The only file that knows Tauri. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";

import type { Backend, Launched } from "./backend";
import type { Commands } from "./commands";
import { ApiError } from "./errors";
import { withId } from "./request";

async function call<Reply>(name: string, request: Record<string, unknown> = {}): Promise<Reply> {
  try {
    return await invoke<Reply>(name, request);
  } catch (thrown) {
    throw ApiError.from(thrown);
  }
}

export function createTauriBackend(): Backend {
  return {
    capabilities: { nativeDialogs: true, fileDrop: true },
    rpc: (command, request, requestId) =>
      call<Commands[typeof command]["reply"]>("rpc", { cmd: command, payload: withId(request, requestId) }),
    rpcBytes: async (command, request, requestId) =>
      new Uint8Array(
        await call<ArrayBuffer>("rpc_bytes", { cmd: command, payload: withId(request, requestId) }),
      ),
    cancel: async (id) => {
      // What is asked in the same breath goes first.
      await Promise.resolve();
      await call<void>("cancel", { id });
    },
    pickFiles: () => call<string[]>("pick_files"),
    pickFolder: () => call<string[]>("pick_folder"),
    pickSaveFolder: () => call<string[]>("pick_save_folder"),
    pickSaveFile: (name) => call<string[]>("pick_save_file", { name }),
    launchedWith: () => call<Launched>("launched_with"),
    onLaunched: (listener) => {
      const stop = listen<Launched>("launched", ({ payload }) => listener(payload));
      return () => void stop.then((unlisten) => unlisten());
    },
    onFileDrop: (listener) => {
      const stop = getCurrentWebview().onDragDropEvent(({ payload }) => {
        if (payload.type === "drop") listener({ kind: "drop", paths: payload.paths });
        else if (payload.type === "leave") listener({ kind: "leave" });
        else listener({ kind: "over" });
      });
      return () => void stop.then((unlisten) => unlisten());
    },
  };
}
