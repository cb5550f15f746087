/** The engine behind a loopback host: for tests and for work on the page without the desktop shell. */
import type { Backend } from "./backend";
import { ApiError } from "./errors";
import { withId } from "./request";

const TOKEN_HEADER = "x-quarterdeck-token";

export function createBridgeBackend(address: URL): Backend {
  const token = address.searchParams.get("token") ?? "";

  const post = async (path: string, body: unknown): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(new URL(path, address.origin), {
        method: "POST",
        headers: { "content-type": "application/json", [TOKEN_HEADER]: token },
        body: JSON.stringify(body),
      });
    } catch {
      throw new ApiError("unreachable", "The engine does not answer", "Start it again and reload this page");
    }
    if (response.ok) return response;
    const text = await response.text();
    throw ApiError.from(
      parsed(text) ?? { code: `http_${response.status}`, message: text || response.statusText },
    );
  };

  return {
    capabilities: { nativeDialogs: false, fileDrop: false },
    rpc: async (command, request, requestId) =>
      (await post(`/rpc/${command}`, withId(request, requestId))).json(),
    rpcBytes: async (command, request, requestId) =>
      new Uint8Array(await (await post(`/rpc_bytes/${command}`, withId(request, requestId))).arrayBuffer()),
    cancel: async (id) => {
      // What is asked in the same breath goes first.
      await Promise.resolve();
      await post(`/cancel/${encodeURIComponent(id)}`, {});
    },
    pickFiles: async () => [],
    pickFolder: async () => [],
    pickSaveFolder: async () => [],
    pickSaveFile: async () => [],
    launchedWith: async () => ({ engagement: null, files: [], link: null, error: null }),
    onLaunched: () => () => undefined,
    onFileDrop: () => () => undefined,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
