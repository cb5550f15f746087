// Written by the tests of the `api` crate. Do not edit.
import type { Answer } from "./Answer";
import type { AppInfo } from "./AppInfo";
import type { AskRequest } from "./AskRequest";
import type { DimensionInfo } from "./DimensionInfo";
import type { DimensionsRequest } from "./DimensionsRequest";
import type { EngagementInfo } from "./EngagementInfo";
import type { ExploreReply } from "./ExploreReply";
import type { ExploreRequest } from "./ExploreRequest";
import type { Finding } from "./Finding";
import type { JobReply } from "./JobReply";
import type { JobRequest } from "./JobRequest";
import type { JobStatus } from "./JobStatus";
import type { LoadRequest } from "./LoadRequest";
import type { LoadSummary } from "./LoadSummary";
import type { LoadsRequest } from "./LoadsRequest";
import type { NewRequest } from "./NewRequest";
import type { Nothing } from "./Nothing";
import type { OpenRequest } from "./OpenRequest";
import type { PackInfo } from "./PackInfo";
import type { PackRequest } from "./PackRequest";
import type { RecomputeReply } from "./RecomputeReply";
import type { RecomputeRequest } from "./RecomputeRequest";
import type { ReconcileReply } from "./ReconcileReply";
import type { ReconcileRequest } from "./ReconcileRequest";
import type { Reject } from "./Reject";
import type { RejectsRequest } from "./RejectsRequest";
import type { RowsCountReply } from "./RowsCountReply";
import type { RowsRequest } from "./RowsRequest";
import type { SourceReply } from "./SourceReply";
import type { SourceRequest } from "./SourceRequest";
import type { SqlReply } from "./SqlReply";
import type { SqlRequest } from "./SqlRequest";
import type { ValuesReply } from "./ValuesReply";
import type { ValuesRequest } from "./ValuesRequest";

export interface Commands {
  app_info: { request: Nothing; reply: AppInfo };
  engagement_new: { request: NewRequest; reply: EngagementInfo };
  engagement_open: { request: OpenRequest; reply: EngagementInfo };
  engagement_open_sample: { request: Nothing; reply: EngagementInfo };
  engagement_info: { request: Nothing; reply: EngagementInfo };
  load_start: { request: LoadRequest; reply: JobReply };
  job_status: { request: JobRequest; reply: JobStatus };
  job_cancel: { request: JobRequest; reply: JobStatus };
  loads: { request: LoadsRequest; reply: Array<LoadSummary> };
  rejects: { request: RejectsRequest; reply: Array<Reject> };
  dimensions: { request: DimensionsRequest; reply: Array<DimensionInfo> };
  dimension_values: { request: ValuesRequest; reply: ValuesReply };
  ask: { request: AskRequest; reply: Answer };
  explore: { request: ExploreRequest; reply: ExploreReply };
  rows_count: { request: AskRequest; reply: RowsCountReply };
  source: { request: SourceRequest; reply: SourceReply };
  check: { request: Nothing; reply: Array<Finding> };
  reconcile: { request: ReconcileRequest; reply: ReconcileReply };
  sql: { request: SqlRequest; reply: SqlReply };
  evidence_recompute: { request: RecomputeRequest; reply: RecomputeReply };
  packs: { request: Nothing; reply: Array<PackInfo> };
  pack_build: { request: PackRequest; reply: JobReply };
}

export interface BytesCommands {
  rows: { request: RowsRequest };
  sql_arrow: { request: SqlRequest };
}
