/**
 * The one way from the page to the engine. Two implementations: the desktop shell and the loopback bridge. What only
 * the desktop can do is a capability, so that no other code asks where it runs.
 */
import type { BytesCommandName, BytesCommands, CommandName, Commands, EngagementInfo } from "./commands";

export interface Backend {
  readonly capabilities: Capabilities;

  /** Runs a command. Throws an `ApiError`. With an id it can be cancelled, and a change is made once however often it is sent. */
  rpc<Name extends CommandName>(
    command: Name,
    request: Commands[Name]["request"],
    requestId?: string,
  ): Promise<Commands[Name]["reply"]>;

  /** Runs a command whose answer is an Arrow IPC stream. Throws an `ApiError`. With an id it can be cancelled. */
  rpcBytes<Name extends BytesCommandName>(
    command: Name,
    request: BytesCommands[Name]["request"],
    requestId?: string,
  ): Promise<Uint8Array<ArrayBuffer>>;

  /** Stops a job or a request. Stopping what has ended is no error. */
  cancel(id: string): Promise<void>;

  /** Lets the analyst choose bills. Gives handles to pass on where a command takes paths; none when dismissed. */
  pickFiles(): Promise<string[]>;
  pickFolder(): Promise<string[]>;
  /** Lets the analyst choose a folder to write into. */
  pickSaveFolder(): Promise<string[]>;
  /** Lets the analyst choose where a file is written, its usual name given. */
  pickSaveFile(name: string): Promise<string[]>;

  /** What the program was started with. */
  launchedWith(): Promise<Launched>;

  /** Calls back when the program is started a second time and this window is to show what was asked for. */
  onLaunched(listener: (launched: Launched) => void): () => void;

  /** Calls back while files are dragged over the window and when they are dropped. Returns how to stop listening. */
  onFileDrop(listener: (event: FileDrop) => void): () => void;
}

export interface Capabilities {
  /** Whether files are chosen in the system's own dialogs; without them a path is typed. */
  readonly nativeDialogs: boolean;
  /** Whether files dropped on the page come with a place on disk. */
  readonly fileDrop: boolean;
}

export interface Launched {
  /** The engagement that is open already. */
  engagement: EngagementInfo | null;
  /** Bills that were named and wait to be loaded. */
  files: string[];
  /** The link to the view that is to be shown. */
  link: string | null;
  /** Why something that was named is not open, as the engine states errors. */
  error: unknown;
}

export type FileDrop = { kind: "over" } | { kind: "leave" } | { kind: "drop"; paths: string[] };
