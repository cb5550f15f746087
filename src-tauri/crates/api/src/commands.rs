//! The one list of commands. A command that is not in it cannot be called; one that is in it can be called from every front door.

use std::sync::Arc;

use chrono::Utc;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;

use crate::jobs::{JobReply, JobStatus};
use crate::{
    ApiError, Context, annotations, app, asking, budgets, calculated, changing, charges, checking, committing,
    comparing, console, context, exporting, forecasting, frozen, kpis, loading, metrics, own_mapping, packs, pinning,
    planned, rates, reconciling, saved_views, scenarios, settings, side_datasets, tags, unit_costs,
};

/// What a command gives back.
#[derive(Debug)]
pub enum Reply {
    /// JSON.
    Json(Value),
    /// An Arrow IPC stream.
    Bytes(Vec<u8>),
}

/// A command without parameters.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct Nothing {}

/// A command about a job.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct JobRequest {
    job: String,
}

/// Makes the list: the names, the dispatch over them, and the page's map of their types. `read` asks, `change` is made once for
/// each request id, `bytes` answers with Arrow.
macro_rules! commands {
    ($($kind:ident $name:ident($request:ty) -> $reply:ty = $work:expr;)*) => {
        /// The names of all commands.
        pub const COMMAND_NAMES: &[&str] = &[$(stringify!($name)),*];

        /// Does what a command says. Blocks until it is done; long work answers with a job at once.
        ///
        /// A payload may carry `request_id`: [`crate::cancel`] stops the command by it, and a change with an id that was seen
        /// before is not made again.
        ///
        /// # Errors
        /// [`ApiError`] with a code, what happened and what to do.
        pub fn dispatch(context: &Arc<Context>, command: &str, payload: Value) -> Result<Reply, ApiError> {
            let (id, payload) = without_id(payload);
            match command {
                $(stringify!($name) => commands!(@$kind context, id.as_deref(), payload, $request, $reply, $work),)*
                _ => Err(ApiError::new("unknown_command", format!("there is no command `{command}`"), "")),
            }
        }

        /// The page's map from a command's name to what it takes and gives.
        #[cfg(test)]
        fn typescript(config: &ts_rs::Config) -> Vec<(&'static str, &'static str, String, String)> {
            vec![$((stringify!($kind), stringify!($name), <$request as TS>::name(config), <$reply as TS>::name(config))),*]
        }
    };
    (@read $context:ident, $id:expr, $payload:ident, $request:ty, $reply:ty, $work:expr) => {{
        let request: $request = parsed($payload)?;
        let reply: $reply = $context.watched($id, |watch| $work($context, request, watch))?;
        json_reply(&reply)
    }};
    (@change $context:ident, $id:expr, $payload:ident, $request:ty, $reply:ty, $work:expr) => {{
        let request: $request = parsed($payload)?;
        let reply = $context.once($id, || {
            let reply: $reply = $context.watched(None, |watch| $work($context, request, watch))?;
            serde_json::to_value(reply).map_err(|error| ApiError::bad_request(&error))
        })?;
        Ok(Reply::Json(reply))
    }};
    (@bytes $context:ident, $id:expr, $payload:ident, $request:ty, $reply:ty, $work:expr) => {{
        let request: $request = parsed($payload)?;
        let bytes: $reply = $context.watched($id, |watch| $work($context, request, watch))?;
        Ok(Reply::Bytes(bytes))
    }};
}

commands! {
    read app_info(Nothing) -> app::AppInfo = |context: &Arc<Context>, _, _: &_| Ok::<_, ApiError>(app::app_info(context));
    change engagement_new(app::NewRequest) -> app::EngagementInfo =
        |context: &Arc<Context>, request, _: &_| app::new(context, &request);
    change engagement_open(app::OpenRequest) -> app::EngagementInfo =
        |context: &Arc<Context>, request, _: &_| app::open(context, &request);
    change engagement_open_sample(Nothing) -> app::EngagementInfo =
        |context: &Arc<Context>, _: Nothing, _: &_| app::open_sample(context);
    read engagement_info(Nothing) -> app::EngagementInfo =
        |context: &Arc<Context>, _, _: &_| app::info(&*context.engagement()?);
    change load_start(loading::LoadRequest) -> JobReply = |context: &Arc<Context>, request, _: &_| loading::start(context, request);
    read job_status(JobRequest) -> JobStatus =
        |context: &Arc<Context>, request: JobRequest, _: &_| context.jobs.status(&request.job);
    read job_cancel(JobRequest) -> JobStatus = |context: &Arc<Context>, request: JobRequest, _: &_| {
        context::cancel(context, &request.job);
        context.jobs.status(&request.job)
    };
    read loads(loading::LoadsRequest) -> Vec<store::LoadSummary> =
        |context: &Arc<Context>, request, _: &_| loading::loads(context, &request);
    read load_diff(comparing::LoadDiffRequest) -> comparing::LoadDiffReply =
        |context: &Arc<Context>, request, watch: &_| comparing::load_diff(context, &request, watch);
    read rejects(loading::RejectsRequest) -> Vec<store::Reject> =
        |context: &Arc<Context>, request, _: &_| loading::rejects(context, &request);
    read mapping_draft(own_mapping::MappingDraftRequest) -> own_mapping::MappingDraft =
        |context: &Arc<Context>, request, watch: &_| own_mapping::draft(context, &request, watch);
    read mapping_preview(own_mapping::MappingPreviewRequest) -> own_mapping::MappingPreview =
        |context: &Arc<Context>, request, watch: &_| own_mapping::preview(context, &request, watch);
    change mapping_save(own_mapping::MappingSaveRequest) -> own_mapping::OwnMapping =
        |context: &Arc<Context>, request, _: &_| own_mapping::save(context, &request);
    read mappings(Nothing) -> Vec<own_mapping::OwnMapping> = |context: &Arc<Context>, _: Nothing, _: &_| own_mapping::list(context);
    change mapping_delete(own_mapping::MappingDeleteRequest) -> Vec<own_mapping::OwnMapping> =
        |context: &Arc<Context>, request, _: &_| own_mapping::delete(context, &request);
    read side_datasets(side_datasets::SideDatasetsRequest) -> Vec<store::SideLoad> =
        |context: &Arc<Context>, request, _: &_| side_datasets::loads(context, &request);
    read contract_commitments(side_datasets::SideRowsRequest) -> store::SideRows =
        |context: &Arc<Context>, request, _: &_| side_datasets::rows(context, "contract_commitment", &request);
    read invoice_details(side_datasets::SideRowsRequest) -> store::SideRows =
        |context: &Arc<Context>, request, _: &_| side_datasets::rows(context, "invoice_detail", &request);
    read billing_periods(side_datasets::SideRowsRequest) -> store::SideRows =
        |context: &Arc<Context>, request, _: &_| side_datasets::rows(context, "billing_period", &request);
    read dimensions(asking::DimensionsRequest) -> Vec<asking::DimensionInfo> =
        |context: &Arc<Context>, request, watch: &_| asking::dimensions(context, &request, watch);
    read dimension_values(asking::ValuesRequest) -> asking::ValuesReply =
        |context: &Arc<Context>, request, watch: &_| asking::dimension_values(context, &request, watch);
    read ask(asking::AskRequest) -> query::Answer =
        |context: &Arc<Context>, request: asking::AskRequest, watch: &_| asking::ask(context, &request.question, watch);
    read ask_all(asking::AskAllRequest) -> Vec<query::Answer> =
        |context: &Arc<Context>, request, watch: &_| asking::ask_all(context, &request, watch);
    read calculated_measures(Nothing) -> Vec<calculated::CalculatedMeasure> =
        |context: &Arc<Context>, _: Nothing, _: &_| calculated::list(context);
    change calculated_measure_set(calculated::CalculatedMeasureRequest) -> Vec<calculated::CalculatedMeasure> =
        |context: &Arc<Context>, request, _: &_| calculated::set(context, &request);
    change calculated_measure_delete(calculated::CalculatedMeasureDeleteRequest) -> Vec<calculated::CalculatedMeasure> =
        |context: &Arc<Context>, request, _: &_| calculated::delete(context, &request);
    read explore(asking::ExploreRequest) -> asking::ExploreReply =
        |context: &Arc<Context>, request, watch: &_| asking::explore(context, &request, watch);
    read change(changing::ChangeRequest) -> changing::ChangeReply =
        |context: &Arc<Context>, request, watch: &_| changing::change(context, &request, watch);
    read change_items(changing::ChangeItemsRequest) -> changing::ChangeItemsReply =
        |context: &Arc<Context>, request, watch: &_| changing::change_items(context, &request, watch);
    read change_against(planned::ChangeAgainstRequest) -> planned::ChangeAgainstReply =
        |context: &Arc<Context>, request, watch: &_| planned::change_against(context, &request, watch);
    read forecast(forecasting::ForecastRequest) -> forecasting::ForecastReply =
        |context: &Arc<Context>, request, watch: &_| forecasting::forecast(context, &request, watch);
    change forecast_export(forecasting::ForecastExportRequest) -> exporting::ExportReply =
        |context: &Arc<Context>, request, watch: &_| forecasting::export(context, &request, watch);
    read budgets(Nothing) -> budgets::BudgetList =
        |context: &Arc<Context>, _: Nothing, watch: &_| budgets::list(context, Utc::now(), watch);
    change budget_import(budgets::BudgetImportRequest) -> budgets::BudgetImportReply =
        |context: &Arc<Context>, request, watch: &_| budgets::import(context, &request, Utc::now(), watch);
    change budget_remove(budgets::BudgetRemoveRequest) -> budgets::BudgetList =
        |context: &Arc<Context>, request, watch: &_| budgets::remove(context, &request, Utc::now(), watch);
    read budget_scorecard(budgets::BudgetScorecardRequest) -> budgets::BudgetReply =
        |context: &Arc<Context>, request, watch: &_| budgets::scorecard(context, &request, Utc::now(), watch);
    read budget_month_end(budgets::BudgetMonthEndRequest) -> budgets::BudgetMonthEnd =
        |context: &Arc<Context>, request, watch: &_| budgets::month_end(context, &request, watch);
    change budget_export(budgets::BudgetExportRequest) -> exporting::ExportReply =
        |context: &Arc<Context>, request, watch: &_| budgets::export(context, &request, Utc::now(), watch);
    change forecast_freeze(frozen::ForecastFreezeRequest) -> Vec<frozen::FrozenInfo> =
        |context: &Arc<Context>, request, watch: &_| frozen::freeze(context, &request, Utc::now(), watch);
    read frozen_forecasts(Nothing) -> Vec<frozen::FrozenInfo> = |context: &Arc<Context>, _: Nothing, _: &_| frozen::list(context);
    read frozen_forecast(frozen::FrozenForecastRequest) -> frozen::FrozenForecast =
        |context: &Arc<Context>, request, watch: &_| frozen::get(context, &request, watch);
    change frozen_forecast_delete(frozen::FrozenForecastRequest) -> Vec<frozen::FrozenInfo> =
        |context: &Arc<Context>, request, _: &_| frozen::delete(context, &request);
    read scenario_kinds(Nothing) -> Vec<scenarios::ScenarioKind> =
        |_: &Arc<Context>, _: Nothing, _: &_| Ok::<_, ApiError>(scenarios::kinds());
    read scenarios(Nothing) -> scenarios::ScenarioList = |context: &Arc<Context>, _: Nothing, _: &_| scenarios::list(context);
    read scenario(scenarios::ScenarioRequest) -> scenarios::ScenarioReply =
        |context: &Arc<Context>, request, _: &_| scenarios::get(context, &request);
    change scenario_save(scenarios::ScenarioSaveRequest) -> scenarios::ScenarioReply =
        |context: &Arc<Context>, request, _: &_| scenarios::save(context, &request);
    change scenario_save_text(scenarios::ScenarioSaveTextRequest) -> scenarios::ScenarioReply =
        |context: &Arc<Context>, request, _: &_| scenarios::save_text(context, &request);
    change scenario_delete(scenarios::ScenarioRequest) -> scenarios::ScenarioList =
        |context: &Arc<Context>, request, _: &_| scenarios::delete(context, &request);
    read scenario_run(scenarios::ScenarioRunRequest) -> scenarios::ScenarioRun =
        |context: &Arc<Context>, request, watch: &_| scenarios::run(context, &request, watch);
    read scenario_compare(scenarios::ScenarioCompareRequest) -> scenarios::ScenarioComparison =
        |context: &Arc<Context>, request, watch: &_| scenarios::compare(context, &request, watch);
    read scenario_lines(scenarios::ScenarioLinesRequest) -> scenarios::ScenarioLines =
        |context: &Arc<Context>, request, watch: &_| scenarios::lines(context, &request, watch);
    change scenario_export(scenarios::ScenarioExportRequest) -> exporting::ExportReply =
        |context: &Arc<Context>, request, watch: &_| scenarios::export(context, &request, watch);
    change baseline_set(scenarios::BaselineSetRequest) -> scenarios::ScenarioList =
        |context: &Arc<Context>, request, _: &_| scenarios::set_baseline(context, &request);
    read baseline(scenarios::BaselineRequest) -> scenarios::BaselineReply =
        |context: &Arc<Context>, request, _: &_| scenarios::baseline(context, &request);
    change baseline_save_text(scenarios::BaselineSaveTextRequest) -> scenarios::ScenarioList =
        |context: &Arc<Context>, request, _: &_| scenarios::save_baseline_text(context, &request);
    change baseline_delete(scenarios::BaselineRequest) -> scenarios::ScenarioList =
        |context: &Arc<Context>, request, _: &_| scenarios::delete_baseline(context, &request);
    read classification_rules(Nothing) -> scenarios::ClassificationRules =
        |context: &Arc<Context>, _: Nothing, _: &_| scenarios::rules(context);
    change classification_rules_set(scenarios::ClassificationRulesRequest) -> scenarios::ClassificationRules =
        |context: &Arc<Context>, request, _: &_| scenarios::set_rules(context, &request);
    read scenario_promises(Nothing) -> scenarios::ScenarioPromises =
        |context: &Arc<Context>, _: Nothing, watch: &_| scenarios::promises(context, watch);
    change scenario_promises_set(scenarios::ScenarioPromisesSetRequest) -> scenarios::ScenarioPromises =
        |context: &Arc<Context>, request, watch: &_| scenarios::set_promises(context, &request, watch);
    bytes rows(charges::RowsRequest) -> Vec<u8> =
        |context: &Arc<Context>, request, watch: &_| charges::rows(context, &request, watch);
    read rows_count(asking::AskRequest) -> charges::RowsCountReply =
        |context: &Arc<Context>, request: asking::AskRequest, watch: &_| charges::rows_count(context, &request.question, watch);
    read source(charges::SourceRequest) -> charges::SourceReply =
        |context: &Arc<Context>, request, _: &_| charges::source(context, &request);
    read check(checking::CheckRequest) -> Vec<checking::Finding> =
        |context: &Arc<Context>, request, watch: &_| checking::check(context, &request, watch);
    read check_report(checking::CheckRequest) -> checking::CheckReport =
        |context: &Arc<Context>, request, watch: &_| checking::report(context, &request, watch);
    read reconcile(reconciling::ReconcileRequest) -> reconciling::ReconcileReply =
        |context: &Arc<Context>, request, watch: &_| reconciling::reconcile(context, &request, watch);
    change invoice_note_set(reconciling::InvoiceNoteRequest) -> Vec<reconciling::InvoiceNote> =
        |context: &Arc<Context>, request, _: &_| reconciling::set_note(context, &request);
    read rate_tables(Nothing) -> Vec<rates::RateTableInfo> = |context: &Arc<Context>, _: Nothing, _: &_| rates::tables(context);
    read rate_table(rates::RateTableRequest) -> Vec<query::Rate> =
        |context: &Arc<Context>, request, _: &_| rates::rates_of(context, &request);
    change rates_import(rates::RatesImportRequest) -> rates::RateTableInfo =
        |context: &Arc<Context>, request, _: &_| rates::import(context, &request);
    change rates_remove(rates::RateTableRequest) -> Vec<rates::RateTableInfo> =
        |context: &Arc<Context>, request, _: &_| rates::remove(context, &request);
    read metrics(Nothing) -> metrics::MetricsReply = |context: &Arc<Context>, _: Nothing, _: &_| metrics::list(context);
    change metrics_import(metrics::MetricsImportRequest) -> metrics::MetricsReply =
        |context: &Arc<Context>, request, _: &_| metrics::import(context, &request);
    change metrics_remove(metrics::MetricsRemoveRequest) -> metrics::MetricsReply =
        |context: &Arc<Context>, request, _: &_| metrics::remove(context, &request);
    read commitment_inventory(committing::CommitmentRequest) -> committing::CommitmentInventory =
        |context: &Arc<Context>, request, watch: &_| committing::inventory(context, &request, watch);
    change commitments_import(committing::CommitmentsImportRequest) -> Vec<committing::CommitmentFinding> =
        |context: &Arc<Context>, request, _: &_| committing::import(context, &request);
    read commitment_coverage(committing::CommitmentCoverageRequest) -> committing::CommitmentCoverage =
        |context: &Arc<Context>, request, watch: &_| committing::coverage(context, &request, watch);
    read commitment_hours(committing::CommitmentHoursRequest) -> committing::CommitmentHours =
        |context: &Arc<Context>, request, watch: &_| committing::hours(context, &request, watch);
    read commitment_offers(committing::CommitmentOffersRequest) -> committing::CommitmentOffers =
        |context: &Arc<Context>, request, watch: &_| committing::offers(context, &request, watch);
    change commitment_offer_import(committing::CommitmentOfferImportRequest) -> committing::CommitmentOffers =
        |context: &Arc<Context>, request, watch: &_| committing::import_offers(context, &request, watch);
    change commitment_offer_remove(committing::CommitmentOfferRemoveRequest) -> committing::CommitmentOffers =
        |context: &Arc<Context>, request, watch: &_| committing::remove_offers(context, &request, watch);
    read commitment_replay(committing::CommitmentReplayRequest) -> committing::CommitmentReplay =
        |context: &Arc<Context>, request, watch: &_| committing::replay(context, &request, watch);
    read commitment_optimize(committing::CommitmentOptimizeRequest) -> committing::CommitmentOptimum =
        |context: &Arc<Context>, request, watch: &_| committing::optimize(context, &request, watch);
    change commitment_portfolio_start(committing::CommitmentPortfolioRequest) -> JobReply =
        |context: &Arc<Context>, request, _: &_| committing::portfolio_start(context, request);
    change commitment_bands_start(committing::CommitmentBandsRequest) -> JobReply =
        |context: &Arc<Context>, request, _: &_| committing::bands_start(context, request);
    read commitment_whatif(committing::CommitmentWhatIfRequest) -> committing::CommitmentWhatIf =
        |context: &Arc<Context>, request, watch: &_| committing::whatif(context, &request, watch);
    read commitment_baskets(Nothing) -> Vec<committing::CommitmentBasketReply> =
        |context: &Arc<Context>, _: Nothing, _: &_| committing::baskets(context);
    read commitment_basket(committing::CommitmentBasketRequest) -> committing::CommitmentBasketReply =
        |context: &Arc<Context>, request, _: &_| committing::basket(context, &request);
    change commitment_basket_save(committing::CommitmentBasketSaveRequest) -> Vec<committing::CommitmentBasketReply> =
        |context: &Arc<Context>, request, _: &_| committing::save_basket(context, &request);
    change commitment_basket_delete(committing::CommitmentBasketRequest) -> Vec<committing::CommitmentBasketReply> =
        |context: &Arc<Context>, request, _: &_| committing::delete_basket(context, &request);
    read kpis(kpis::KpisRequest) -> kpis::KpisReply =
        |context: &Arc<Context>, request, watch: &_| kpis::kpis(context, &request, watch);
    read unit_cost(unit_costs::UnitCostRequest) -> unit_costs::UnitCostReply =
        |context: &Arc<Context>, request, watch: &_| unit_costs::unit_cost(context, &request, watch);
    read settings(Nothing) -> Vec<settings::SettingInfo> =
        |context: &Arc<Context>, _: Nothing, watch: &_| settings::list(context, watch);
    change setting_set(settings::SettingRequest) -> Vec<settings::SettingInfo> =
        |context: &Arc<Context>, request, watch: &_| settings::set(context, &request, watch);
    read tag_survey(tags::TagSurveyRequest) -> tags::TagSurvey =
        |context: &Arc<Context>, request, watch: &_| tags::survey(context, &request, watch);
    read tag_rules(Nothing) -> tags::TagRulesReply = |context: &Arc<Context>, _: Nothing, _: &_| tags::written(context);
    change tag_rules_set(tags::TagRulesRequest) -> tags::TagRulesReply =
        |context: &Arc<Context>, request, watch: &_| tags::set(context, &request, watch);
    read sql(console::SqlRequest) -> console::SqlReply =
        |context: &Arc<Context>, request, watch: &_| console::sql(context, &request, watch);
    bytes sql_arrow(console::SqlRequest) -> Vec<u8> =
        |context: &Arc<Context>, request, watch: &_| console::sql_arrow(context, &request, watch);
    change export_answer(exporting::ExportAnswerRequest) -> exporting::ExportReply =
        |context: &Arc<Context>, request, watch: &_| exporting::now(context, exporting::Export::Answer(request), watch);
    change export_sql(exporting::ExportSqlRequest) -> exporting::ExportReply =
        |context: &Arc<Context>, request, watch: &_| exporting::now(context, exporting::Export::Sql(request), watch);
    change export_table(exporting::ExportTableRequest) -> exporting::ExportReply =
        |context: &Arc<Context>, request, watch: &_| exporting::now(context, exporting::Export::Table(request), watch);
    change export_rows(exporting::ExportRowsRequest) -> exporting::ExportReply =
        |context: &Arc<Context>, request, watch: &_| exporting::now(context, exporting::Export::Rows(request), watch);
    change export_start(exporting::Export) -> JobReply = |context: &Arc<Context>, request, _: &_| exporting::start(context, request);
    change export_picture(exporting::ExportPictureRequest) -> exporting::ExportPictureReply =
        |context: &Arc<Context>, request, _: &_| exporting::picture(context, &request);
    read views(Nothing) -> saved_views::SavedViews = |context: &Arc<Context>, _: Nothing, _: &_| saved_views::list(context);
    change view_save(saved_views::ViewSaveRequest) -> saved_views::SavedViews =
        |context: &Arc<Context>, request, _: &_| saved_views::save(context, &request, chrono::Utc::now());
    change view_delete(saved_views::ViewDeleteRequest) -> saved_views::SavedViews =
        |context: &Arc<Context>, request, _: &_| saved_views::delete(context, &request);
    read annotations(Nothing) -> Vec<annotations::Annotation> =
        |context: &Arc<Context>, _: Nothing, _: &_| annotations::list(context);
    change annotation_set(annotations::AnnotationRequest) -> Vec<annotations::Annotation> =
        |context: &Arc<Context>, request, _: &_| annotations::set(context, &request);
    read evidence_recompute(asking::RecomputeRequest) -> asking::RecomputeReply =
        |context: &Arc<Context>, request, watch: &_| asking::recompute(context, &request, watch);
    read plans(Nothing) -> planned::PlansReply = |context: &Arc<Context>, _: Nothing, _: &_| planned::plans(context);
    read packs(Nothing) -> Vec<packs::PackInfo> = |context: &Arc<Context>, _: Nothing, _: &_| packs::packs(context);
    change pack_pin(pinning::PackPinRequest) -> Vec<packs::PackInfo> =
        |context: &Arc<Context>, request, watch: &_| pinning::pin(context, request, watch);
    change pack_unpin(pinning::PackUnpinRequest) -> Vec<packs::PackInfo> =
        |context: &Arc<Context>, request, _: &_| pinning::unpin(context, &request);
    change pack_build(packs::PackRequest) -> JobReply = |context: &Arc<Context>, request, _: &_| packs::start(context, request);
}

fn without_id(mut payload: Value) -> (Option<String>, Value) {
    if payload.is_null() {
        payload = json!({});
    }
    let id = payload.as_object_mut().and_then(|fields| fields.remove("request_id"));
    (id.and_then(|id| id.as_str().map(str::to_owned)), payload)
}

fn parsed<T: DeserializeOwned>(payload: Value) -> Result<T, ApiError> {
    serde_json::from_value(payload).map_err(|error| ApiError::bad_request(&error))
}

fn json_reply(reply: &impl Serialize) -> Result<Reply, ApiError> {
    serde_json::to_value(reply).map(Reply::Json).map_err(|error| ApiError::bad_request(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes `Commands.ts` beside the types that ts-rs writes: the page cannot name a command that is not in the list.
    #[test]
    fn export_bindings_commands() {
        let config = ts_rs::Config::from_env();
        let entries = typescript(&config);
        let word = |name: &str| name.trim_start_matches("Array<").trim_end_matches('>').to_owned();
        let mut imports: Vec<String> = entries
            .iter()
            .flat_map(
                |(kind, _, request, reply)| {
                    if *kind == "bytes" { vec![word(request)] } else { vec![word(request), word(reply)] }
                },
            )
            .collect();
        imports.sort();
        imports.dedup();
        let mut text = "// Written by the tests of the `api` crate. Do not edit.\n".to_owned();
        for name in &imports {
            text += &format!("import type {{ {name} }} from \"./{name}\";\n");
        }
        for (heading, wanted) in [("Commands", false), ("BytesCommands", true)] {
            text += &format!("\nexport interface {heading} {{\n");
            for (kind, name, request, reply) in &entries {
                match (*kind == "bytes", wanted) {
                    (true, true) => text += &format!("  {name}: {{ request: {request} }};\n"),
                    (false, false) => text += &format!("  {name}: {{ request: {request}; reply: {reply} }};\n"),
                    _ => {}
                }
            }
            text += "}\n";
        }
        let path = config.out_dir().join("Commands.ts");
        std::fs::create_dir_all(config.out_dir()).unwrap();
        std::fs::write(&path, &text).unwrap();
        assert_eq!(entries.len(), COMMAND_NAMES.len(), "every command has its types");
    }
}
