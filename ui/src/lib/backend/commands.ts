/** The engine's commands as it states them itself, under the names that the page uses. */
import type { BytesCommands, Commands } from "../bindings/Commands";

export type { AppInfo } from "../bindings/AppInfo";
export type { BytesCommands, Commands } from "../bindings/Commands";
export type { DimensionInfo } from "../bindings/DimensionInfo";
export type { EngagementInfo } from "../bindings/EngagementInfo";
export type { ExploreReply } from "../bindings/ExploreReply";
export type { Finding } from "../bindings/Finding";
export type { InvoiceReply } from "../bindings/InvoiceReply";
export type { JobStatus } from "../bindings/JobStatus";
export type { LoadReport } from "../bindings/LoadReport";
export type { LoadSummary } from "../bindings/LoadSummary";
export type { PackFormat } from "../bindings/PackFormat";
export type { PackInfo } from "../bindings/PackInfo";
export type { PackReply } from "../bindings/PackReply";
export type { ReconcileReply } from "../bindings/ReconcileReply";
export type { Reject } from "../bindings/Reject";
export type { RowOrder } from "../bindings/RowOrder";
export type { SourceReply } from "../bindings/SourceReply";
export type { ValuesReply } from "../bindings/ValuesReply";

export type CommandName = keyof Commands;
export type BytesCommandName = keyof BytesCommands;
