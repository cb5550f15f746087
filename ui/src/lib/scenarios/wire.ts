/** What the engine says and is told about scenarios, as it states it itself. */
export type { BaselineInfo } from "../bindings/BaselineInfo";
export type { ScenarioBasis } from "../bindings/ScenarioBasis";
export type { ScenarioComparison } from "../bindings/ScenarioComparison";
export type { ScenarioContribution } from "../bindings/ScenarioContribution";
export type { ScenarioDiagnostic } from "../bindings/ScenarioDiagnostic";
export type { ScenarioDraft } from "../bindings/ScenarioDraft";
export type { ScenarioField } from "../bindings/ScenarioField";
export type { ScenarioInfo } from "../bindings/ScenarioInfo";
export type { ScenarioKind } from "../bindings/ScenarioKind";
export type { ScenarioList } from "../bindings/ScenarioList";
export type { ScenarioOperation } from "../bindings/ScenarioOperation";
export type { ScenarioProblem } from "../bindings/ScenarioProblem";
export type { ScenarioReply } from "../bindings/ScenarioReply";
export type { ScenarioRun } from "../bindings/ScenarioRun";
export type { ScenarioRunRequest } from "../bindings/ScenarioRunRequest";
