//! What commands about budgets are asked and what they answer.

use std::path::PathBuf;

use chrono::NaiveDate;
use money::{Amount, Currency};
use query::{Evidence, Filter, Measure, MeasureColumn, Note, Question};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::exporting::ExportTarget;

/// How an amount for a year is put on its periods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BudgetPhasing {
    /// The same for each.
    #[default]
    Even,
    /// By the days of each.
    ByDays,
    /// As the whole bill of the year before fell.
    LastYear,
}

/// How a fiscal year falls into twelve periods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub enum BudgetPeriodRule {
    /// Calendar months.
    #[default]
    #[serde(rename = "months")]
    Months,
    /// Quarters of four, four and five weeks.
    #[serde(rename = "4-4-5")]
    FourFourFive,
}

/// `budget_import`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BudgetImportRequest {
    /// A CSV file or a workbook (`.xlsx`).
    pub(super) path: PathBuf,
    /// The name it is kept under; without it the file's. A budget of that name is replaced.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) name: Option<String>,
    /// What amounts are in where the file does not say; without it the engagement's currency.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) currency: Option<Currency>,
    /// The fiscal year; without it the years that the file names months of.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) year: Option<i32>,
    /// How an amount for a year is put on its periods.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) phasing: Option<BudgetPhasing>,
    /// What the periods are.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) rule: Option<BudgetPeriodRule>,
    /// The sheet of a workbook; without it the first.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) sheet: Option<String>,
}

/// `budget_remove`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BudgetRemoveRequest {
    /// The file, as [`BudgetFile::file`] has it.
    pub(super) file: String,
}

/// The budgets of the engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BudgetList {
    /// The files, by name.
    pub files: Vec<BudgetFile>,
    /// The month that fiscal years begin in.
    pub fiscal_year_start: u32,
}

/// A budget file of the engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BudgetFile {
    /// Its name in requests.
    pub file: String,
    /// Its name for a person.
    pub name: String,
    /// What amounts are in where the file does not say.
    pub currency: Currency,
    /// The latest fiscal year that it is for.
    pub year: i32,
    /// All of them.
    pub years: Vec<i32>,
    /// What its periods are.
    pub rule: BudgetPeriodRule,
    /// How many scopes have a budget.
    pub budgets: u32,
    /// The amounts of its own currency added up, all scopes and years: parts and wholes both, a figure to check the file by.
    pub total: Amount,
    /// What is wrong with it, and choices that were made; the first [`super::FINDINGS_MAX`].
    pub findings: Vec<BudgetFinding>,
    /// Rows of scopes that no charge has.
    pub unmatched: Vec<BudgetUnmatched>,
    /// Why it cannot be read at all; then the figures are zero.
    pub problem: Option<String>,
}

/// Something about a row of a budget file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetFinding {
    /// The row, counted from 1 with the header; none where it is about the file.
    pub row: Option<u32>,
    /// How grave it is.
    pub severity: BudgetSeverity,
    /// What it is.
    pub message: String,
    /// What was done, or what to do.
    pub hint: String,
}

/// How grave a finding about a budget file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BudgetSeverity {
    /// Something of the file does not count.
    Warning,
    /// A choice that was made.
    Note,
}

/// A row of a scope that no charge has; it is in no budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetUnmatched {
    /// The row, counted from 1 with the header.
    pub row: u32,
    /// The scope in words.
    pub scope: String,
    /// The dimension with the value.
    pub dimension: String,
    /// The value that is not known.
    pub value: String,
    /// What the row says.
    pub amount: Amount,
    /// What that is in.
    pub currency: Currency,
    /// What it is, in words.
    pub message: String,
    /// The known value that is nearest, or what else to do.
    pub hint: String,
}

/// What came of an import.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BudgetImportReply {
    /// The budgets that there are now.
    pub list: BudgetList,
    /// The file that was taken in.
    pub imported: BudgetImported,
    /// What is wrong with it, and choices that were made.
    pub findings: Vec<BudgetFinding>,
    /// Rows of scopes that no charge has.
    pub unmatched: Vec<BudgetUnmatched>,
}

/// A file that was taken in.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BudgetImported {
    /// Its name in requests.
    pub file: String,
    /// How many scopes have a budget.
    pub budgets: u32,
    /// How many rows count.
    pub rows: u32,
    /// The amounts of the rows that count and of those of unknown scopes, in the file's own currency.
    pub total: Amount,
}

/// `budget_scorecard`.
#[derive(Clone, Default, Deserialize, TS)]
#[serde(default)]
#[ts(export, optional_fields = nullable)]
pub struct BudgetScorecardRequest {
    /// The budget file; without it the first by name.
    pub(super) file: Option<String>,
    /// The fiscal year; without it the one of the last complete day, or the latest of the file.
    pub(super) year: Option<i32>,
    /// The last day that counts as known; without it the last complete day of the bill.
    #[ts(optional = nullable, type = "string")]
    pub(super) as_of: Option<NaiveDate>,
    /// The cost that is held against the budget: effective unless said otherwise.
    pub(super) cost: Option<Measure>,
    /// Budgets of which currency; without it the engagement's, or that of the file.
    pub(super) currency: Option<Currency>,
    /// The frozen forecast that the scorecard judges; without it the budget.
    pub(super) frozen: Option<String>,
}

/// `budget_export`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BudgetExportRequest {
    /// Which scorecard.
    #[serde(default)]
    pub(super) scorecard: BudgetScorecardRequest,
    /// Where it goes.
    pub(super) target: ExportTarget,
}

/// `budget_month_end`: what a period will have cost at its end, for any scope.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BudgetMonthEndRequest {
    /// Whose cost: its first measure under its filters. The rest of it is not used.
    pub(super) question: Question,
    /// The last day that counts as known; without it the last complete day of the bill.
    #[serde(default)]
    #[ts(optional = nullable, type = "string")]
    pub(super) as_of: Option<NaiveDate>,
}

/// Actual cost, forecast and budget of a fiscal year, side by side.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BudgetReply {
    /// The currency of every amount.
    pub currency: Currency,
    /// The cost.
    pub measure: MeasureColumn,
    /// The fiscal year.
    pub year: i32,
    /// The last day that counts as known; none where nothing is loaded.
    #[ts(type = "string | null")]
    pub as_of: Option<NaiveDate>,
    /// The budget file.
    pub file: String,
    /// The periods of the year.
    pub periods: Vec<BudgetPeriod>,
    /// The budgets, each before its parts, with what parts leave of their whole.
    pub lines: Vec<BudgetLine>,
    /// Everything.
    pub whole: BudgetLine,
    /// What the running period will come to.
    pub month_end: Option<BudgetMonthEnd>,
    /// How near forecasts came in the periods that are over; none where none is.
    pub scorecard: Option<BudgetScorecard>,
    /// The frozen forecast that was judged.
    pub frozen: Option<String>,
    /// What to know of the figures.
    pub notes: Vec<Note>,
    /// How the cost was made; none where nothing is loaded.
    pub evidence: Option<Evidence>,
}

/// A period of a fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetPeriod {
    /// Such as `2026-10`: the month that it is called after.
    pub label: String,
    /// Its first day.
    #[ts(type = "string")]
    pub from: NaiveDate,
    /// The day after its last.
    #[ts(type = "string")]
    pub to: NaiveDate,
    /// Whether it is over.
    pub state: BudgetPeriodState,
}

/// Where a period stands on the day that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BudgetPeriodState {
    /// All of its days are known.
    Over,
    /// Some of them.
    Running,
    /// None.
    Ahead,
}

/// A budget over the year.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BudgetLine {
    /// Its name; no two lines have the same.
    pub name: String,
    /// The line that it is a part of.
    pub parent: Option<String>,
    /// How many lines are above it.
    pub depth: u32,
    /// What tells it from the other parts of its parent, such as `provider`: parts of one breakdown add up to the parent, those of two do
    /// not add up to each other.
    pub breakdown: Option<String>,
    /// What it is for, in words.
    pub scope: String,
    /// The same as filters of a question; none for a remainder that no filters say.
    pub filters: Option<Vec<Filter>>,
    /// Whether it is for something that did not exist when forecasts were made.
    pub net_new: bool,
    /// One for each period.
    pub cells: Vec<BudgetCell>,
    /// The year: the periods that have a budget in the file.
    pub total: BudgetCell,
    /// The periods of it that are over.
    pub to_date: BudgetCell,
    /// What the running period will come to.
    pub month_end: Option<BudgetMonthEnd>,
    /// Whether it is what parts leave of their whole.
    pub remainder: bool,
    /// What is remarkable about it.
    pub findings: Vec<String>,
}

/// Actual cost, forecast and budget of one line in one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetCell {
    /// What it cost; none while the period is not over, and where nothing is loaded.
    pub actual: Option<Amount>,
    /// What it is expected to cost.
    pub forecast: Option<Amount>,
    /// What it may cost; none where the file has no amount.
    pub budget: Option<Amount>,
    /// The cost that is held against the budget: actual where the period is over, else the forecast.
    pub cost: Option<Amount>,
    /// Budget less cost: above zero is favourable.
    pub variance: Option<Amount>,
    /// The variance as a share of the budget; none for a budget of zero or below.
    pub share: Option<Amount>,
    /// Which way it differs.
    pub verdict: BudgetVerdict,
    /// The same in words.
    pub words: String,
    /// Where the cost comes from.
    pub expected: BudgetExpected,
}

/// Which way a cost differs from its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BudgetVerdict {
    /// Less than the budget.
    Favourable,
    /// More than the budget.
    Unfavourable,
    /// As much as the budget, to the smallest unit of the currency.
    OnBudget,
    /// There is no budget, or no cost.
    NotComparable,
}

/// Where the cost that is held against a budget comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BudgetExpected {
    /// It was charged.
    Actual,
    /// It is expected, all of it or some.
    Forecast,
    /// Nothing is known.
    Nothing,
}

/// What a period will have cost at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetMonthEnd {
    /// The period, such as `2026-10`.
    pub month: String,
    /// The last day that counts as known.
    #[ts(type = "string")]
    pub as_of: NaiveDate,
    /// What its days have cost up to then.
    pub to_date: Amount,
    /// What it is expected to have cost at its end.
    pub expected: Amount,
    /// Four of five times it lies from here ...
    pub low_80: Option<Amount>,
    /// ... to here, by how far the same estimate was off in earlier periods. None with too few of them.
    pub high_80: Option<Amount>,
    /// What it would be if each day left cost as much as the mean of those that are over.
    pub run_rate: Amount,
    /// How the days left were estimated.
    pub method: String,
    /// What it may cost.
    pub budget: Option<Amount>,
    /// All of it in a sentence.
    pub words: String,
    /// Fallbacks that were taken.
    pub notes: Vec<String>,
}

/// How near forecasts came, in the bands of the FinOps Framework.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BudgetScorecard {
    /// All scopes but net-new ones together: errors of scopes cancel out here.
    pub top_line: BudgetScore,
    /// Everything, net-new workloads with whatever forecast they had.
    pub with_net_new: BudgetScore,
    /// The differences of all scopes without their signs, as a share of their cost: nothing cancels out.
    pub weighted_error: Option<Amount>,
    /// Each scope, the largest difference first.
    pub scopes: Vec<BudgetScopeScore>,
    /// How many scopes each band has.
    pub bands: Vec<BudgetBandCount>,
    /// Net-new workloads and what nobody forecast, the dearest first.
    pub net_new: Vec<BudgetNetNew>,
    /// What they cost together.
    pub net_new_cost: Amount,
    /// Whose forecast it is: the frozen forecast's name, or `the budget`.
    pub forecast_of: String,
}

/// One forecast beside what it came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetScore {
    /// What was forecast.
    pub forecast: Amount,
    /// What it cost.
    pub actual: Amount,
    /// Actual less forecast: above zero cost was more than expected.
    pub variance: Amount,
    /// The same as a share of the forecast.
    pub share: Option<Amount>,
    /// Its band.
    pub band: BudgetBand,
    /// The same in words.
    pub words: String,
}

/// How far actual cost is from a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub enum BudgetBand {
    /// At most 5 %.
    #[serde(rename = "within_5")]
    Within5,
    /// At most 12 %: run.
    #[serde(rename = "within_12")]
    Within12,
    /// At most 15 %: walk.
    #[serde(rename = "within_15")]
    Within15,
    /// At most 20 %: crawl.
    #[serde(rename = "within_20")]
    Within20,
    /// More.
    #[serde(rename = "above_20")]
    Above20,
    /// A forecast of zero or below has no percentage.
    #[serde(rename = "unmeasured")]
    Unmeasured,
}

/// A scope with its score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetScopeScore {
    /// The scope in words.
    pub scope: String,
    /// Its score.
    pub score: BudgetScore,
}

/// How many scopes a band has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetBandCount {
    /// The band.
    pub band: BudgetBand,
    /// The same in words.
    pub words: String,
    /// How many.
    pub count: u32,
}

/// A workload that did not exist when forecasts were made, or that has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct BudgetNetNew {
    /// The scope in words.
    pub scope: String,
    /// What was planned for it.
    pub forecast: Option<Amount>,
    /// What it cost.
    pub actual: Amount,
}
