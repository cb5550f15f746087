/** Every command of the engine with what it takes and gives. Money and quantities are decimal text. */
import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import type { Period } from "../bindings/Period";
import type { Question } from "../bindings/Question";

type Nothing = Record<string, never>;

export interface AppInfo {
  version: string;
  sample_available: boolean;
  recent: { path: string; name: string }[];
}

export interface EngagementInfo {
  path: string;
  name: string;
  currency: string;
  fiscal_year_start: number;
  period: Period | null;
  currencies: string[];
  charges: number;
  /** Rises with every load: the key of what may be kept from earlier answers. */
  generation: number;
  tag_keys: string[];
  loads: number;
}

export interface LoadedFile {
  id: number;
  name: string;
  path: string;
  sha256: string;
  bytes: number;
  rows: number;
  rejected: number;
}

export interface LoadSummary {
  id: number;
  provider: string;
  report: string;
  billing_period: string;
  currency: string | null;
  format: string;
  format_version: string;
  files: LoadedFile[];
  rows: number;
  rejected: number;
  billed: string | null;
  effective: string | null;
  contracted: string | null;
  list: string | null;
  totals: LoadTotal[];
  rounded: Counted[];
  excluded: Counted[];
  charge_from: string | null;
  charge_to: string | null;
  loaded_at: string;
  state: string;
  superseded_by: number | null;
}

export interface Counted {
  column: string;
  count: number;
}

export interface LoadTotal {
  currency: string;
  charges: number;
  billed: string | null;
  effective: string | null;
  contracted: string | null;
  list: string | null;
}

export interface LoadReport {
  loads: LoadSummary[];
  rejected_rows: number;
  skipped: { file: string; reason: string }[];
  notes: string[];
  files: number;
}

export interface PackFile {
  path: string;
  format: string;
  bytes: number;
  sha256: string;
}

export interface PackReply {
  files: PackFile[];
}

export type PackFormat = "pdf" | "xlsx";

export interface JobStatus {
  job: string;
  state: "running" | "done" | "failed" | "cancelled";
  phase: string;
  file: string | null;
  files_done: number;
  files_total: number;
  bytes_done: number;
  bytes_total: number;
  rows: number;
  result: unknown;
  error: { code: string; message: string; hint: string; details: unknown } | null;
}

export interface Reject {
  file: string;
  row: number | null;
  column: string | null;
  value: string | null;
  reason: string;
  kept: boolean;
}

export interface DimensionInfo {
  name: string;
  label: string;
  kind: string;
  values: number | null;
}

export interface RowOrder {
  readonly column: string;
  readonly descending: boolean;
}

export interface ExploreReply {
  total: Cell[];
  header: Answer;
  trend: Answer;
  previous_trend: Answer | null;
  leaderboards: { dimension: string; answer: Answer }[];
}

export interface SourceReply {
  charge: string;
  file: string;
  sha256: string;
  row: number;
  available: boolean;
  cells: { column: string; value: string | null }[];
  mapped: { column: string; value: string | null; expression: string; reason: string | null }[];
  message: string;
}

/** Commands that answer with JSON. */
export interface Commands {
  app_info: { request: Nothing; reply: AppInfo };
  engagement_new: {
    request: { path: string; name: string; currency: string; fiscal_year_start?: number };
    reply: EngagementInfo;
  };
  engagement_open: { request: { path: string }; reply: EngagementInfo };
  engagement_open_sample: { request: Nothing; reply: EngagementInfo };
  engagement_info: { request: Nothing; reply: EngagementInfo };
  load_start: {
    request: { paths: string[]; keep_source: boolean; provider?: string };
    reply: { job: string };
  };
  job_status: { request: { job: string }; reply: JobStatus };
  job_cancel: { request: { job: string }; reply: JobStatus };
  loads: { request: { all: boolean }; reply: LoadSummary[] };
  rejects: { request: { load?: number; limit: number }; reply: Reject[] };
  dimensions: { request: { count?: boolean }; reply: DimensionInfo[] };
  dimension_values: {
    request: { dimension: string; search: string; offset: number; limit: number; question: Question };
    reply: { values: { value: string | null; cell: Cell }[]; total: number };
  };
  ask: { request: { question: Question }; reply: Answer };
  explore: { request: { question: Question; dimensions: string[]; limit: number }; reply: ExploreReply };
  rows_count: {
    request: { question: Question };
    reply: { charges: number; total: Record<string, string | null> };
  };
  source: { request: { charge: string }; reply: SourceReply };
  evidence_recompute: {
    request: { question: Question; id: string };
    reply: { equal: boolean; total: Cell[]; id: string };
  };
  packs: { request: Nothing; reply: { name: string; title: string; file: string }[] };
  pack_build: {
    request: { pack: string; period?: Period; out?: string; formats: PackFormat[] };
    reply: { job: string };
  };
}

/** Commands that answer with an Arrow IPC stream. */
export interface BytesCommands {
  rows: {
    request: {
      question: Question;
      offset: number;
      limit: number;
      order: RowOrder | null;
      columns: readonly string[] | null;
    };
  };
}

export type CommandName = keyof Commands;
export type BytesCommandName = keyof BytesCommands;
