//! Scenarios as front doors see them: kinds of operations, operations, drafts, lists.

use std::collections::BTreeMap;

use money::Amount;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::baseline_wire::BaselineInfo;

/// A kind of operation, as data for an editor.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioKind {
    /// Its word in a scenario file.
    pub kind: &'static str,
    /// Its name for a person.
    pub label: &'static str,
    /// What it does, in a sentence.
    pub what: &'static str,
    /// When it is applied, in a word or two: `usage`, `price`.
    pub phase: &'static str,
    /// What it is written with.
    pub fields: Vec<ScenarioField>,
}

/// A field of a kind of operation.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioField {
    /// Its key.
    pub key: &'static str,
    /// Its name for a person.
    pub label: &'static str,
    /// How it is entered.
    pub input: ScenarioInput,
    /// What it is counted in; none for what is not a figure.
    pub unit: Option<ScenarioUnit>,
    /// Whether the operation needs it.
    pub required: bool,
    /// What there is to choose from.
    pub choices: Vec<ScenarioChoice>,
    /// What counts where it is left out.
    pub default: Option<&'static str>,
    /// What it means, in a sentence.
    pub what: &'static str,
}

/// How a field is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ScenarioInput {
    /// Which lines: values of dimensions.
    Where,
    /// Where cost is put: one value of each dimension.
    At,
    /// A figure with a low and a high case.
    Estimate,
    /// A month.
    Month,
    /// A whole number.
    Count,
    /// An amount of money without cases.
    Amount,
    /// A text.
    Text,
    /// One of some words.
    Choice,
    /// Yes or no.
    Boolean,
    /// A figure for each month.
    Months,
}

/// What a field is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ScenarioUnit {
    /// Percent: 12.5 is 12.5 %.
    Percent,
    /// The baseline's currency.
    Money,
    /// Months.
    Months,
    /// Pieces of whatever is counted.
    Units,
}

/// A word to choose.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioChoice {
    /// The word in a file.
    pub value: &'static str,
    /// The word for a person.
    pub label: &'static str,
}

/// `scenarios`: what there is to lay over what.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioList {
    /// The scenarios by name; one whose file cannot be read is among them, with its problem.
    pub scenarios: Vec<ScenarioInfo>,
    /// The baselines: the built-in one first.
    pub baselines: Vec<BaselineInfo>,
}

/// A scenario in the list.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioInfo {
    /// Its name: that of its file.
    pub name: String,
    /// The scenario that it branches from.
    pub based_on: Option<String>,
    /// The baseline that it names itself.
    pub baseline: Option<String>,
    /// Its note.
    pub note: String,
    /// How many operations it has of its own.
    pub operations: u32,
    /// How many of them count.
    pub enabled: u32,
    /// Why its file cannot be read, with the line.
    pub problem: Option<String>,
}

/// `scenario`, `scenario_delete`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioRequest {
    /// Its name.
    pub(super) name: String,
}

/// A scenario to be edited.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioReply {
    /// Its name.
    pub name: String,
    /// Its file.
    pub text: String,
    /// The baseline that it is laid over, its own or that of what it is based on; empty where none is known.
    pub baseline: String,
    /// The baseline that it names itself.
    pub own_baseline: Option<String>,
    /// The scenario that it branches from.
    pub based_on: Option<String>,
    /// Its note.
    pub note: String,
    /// Operations of the other scenario that do not count here.
    pub removed: Vec<String>,
    /// Its own operations.
    pub operations: Vec<ScenarioOperation>,
    /// All operations of the scenario that it is based on, those among them that it removes or replaces (by the same id).
    pub inherited: Vec<ScenarioOperation>,
    /// What keeps its file from being read; then only `text` tells of it.
    pub problems: Vec<ScenarioProblem>,
}

/// One operation. Figures are texts: percentages in percent, money in the baseline's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ScenarioOperation {
    /// Its id, unique in its scenario.
    pub id: String,
    /// Its kind, one of `scenario_kinds`.
    pub kind: String,
    /// Whether it counts.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Who stands for it.
    #[serde(default)]
    pub owner: String,
    /// Free text.
    #[serde(default)]
    pub note: String,
    /// How sure it is to happen, in percent.
    #[serde(default = "certain")]
    pub confidence: String,
    /// By how many months its dates slip.
    #[serde(default)]
    pub slip_months: ScenarioSlip,
    /// Which lines, as values of dimensions; empty for everything, none where the kind looks for no lines.
    #[serde(default, rename = "where")]
    pub filter: Option<BTreeMap<String, Vec<String>>>,
    /// Where it puts cost; none where the kind puts none.
    #[serde(default)]
    pub at: Option<ScenarioPlace>,
    /// Its figures by key.
    #[serde(default)]
    pub figures: BTreeMap<String, ScenarioFigure>,
    /// The first month, or that of a one-off.
    #[serde(default)]
    pub from: Option<String>,
    /// The last month.
    #[serde(default)]
    pub to: Option<String>,
    /// What else is set, by key.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The values of a driver, typed month by month.
    #[serde(default)]
    pub values: Option<BTreeMap<String, String>>,
}

fn yes() -> bool {
    true
}

fn certain() -> String {
    "100".to_owned()
}

/// By how many months dates slip; below zero is earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ScenarioSlip {
    /// The least.
    pub low: i32,
    /// What is likely.
    pub likely: i32,
    /// The most.
    pub high: i32,
}

/// A figure with its cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ScenarioFigure {
    /// The low case; empty for as likely.
    #[serde(default)]
    pub low: String,
    /// The likely case.
    pub likely: String,
    /// The high case; empty for as likely.
    #[serde(default)]
    pub high: String,
}

/// Where cost is put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ScenarioPlace {
    /// A value for each dimension that is named.
    pub values: BTreeMap<String, String>,
    /// Whether a value that the baseline does not have is meant.
    #[serde(default)]
    pub new: bool,
}

/// A scenario as an editor has it.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[ts(export)]
pub struct ScenarioDraft {
    /// The baseline; none to take that of the scenario it is based on.
    #[serde(default)]
    pub(super) baseline: Option<String>,
    /// The scenario that it branches from.
    #[serde(default)]
    pub(super) based_on: Option<String>,
    /// Free text.
    #[serde(default)]
    pub(super) note: String,
    /// Operations of the other scenario that do not count here.
    #[serde(default)]
    pub(super) removed: Vec<String>,
    /// Its own operations.
    #[serde(default)]
    pub(super) operations: Vec<ScenarioOperation>,
}

/// `scenario_save`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioSaveRequest {
    /// The name it is kept under.
    pub(super) name: String,
    pub(super) scenario: ScenarioDraft,
    /// The scenario that it is saved in place of: its own name, or the one it had before. Without it the name must be free.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) replaces: Option<String>,
}

/// `scenario_save_text`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioSaveTextRequest {
    /// The name it is kept under; what has that name is replaced.
    pub(super) name: String,
    /// The file.
    pub(super) text: String,
}

/// What is wrong with a scenario: one entry of the details of an error with the code `scenario`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioProblem {
    /// The operation's id; none where it is about the whole.
    pub operation: Option<String>,
    /// The field: a key of `scenario_kinds`, `where`, `at`, `from`, `to`, `confidence`, `slip_months`, `id`, `based_on`.
    pub key: Option<String>,
    /// The line of the file, for a file.
    #[ts(type = "number | null")]
    pub line: Option<usize>,
    /// How serious it is.
    pub severity: ScenarioSeverity,
    /// What is wrong.
    pub message: String,
    /// What to do; empty where nothing need be done.
    pub hint: String,
}

/// How serious something about a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ScenarioSeverity {
    /// It cannot be applied.
    Error,
    /// It was applied with a stated fallback, or has no effect.
    Warning,
    /// Worth knowing.
    Note,
}

/// The rules by which charges are told apart.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ClassificationRules {
    /// The rules as text.
    pub text: String,
    /// Whether they are those that come with the product.
    pub built_in: bool,
}

/// `classification_rules_set`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ClassificationRulesRequest {
    /// The rules; empty for those that come with the product.
    pub(super) text: String,
}

/// Something to say about a run: of an operation, or of the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioDiagnostic {
    /// The operation's id.
    pub operation: Option<String>,
    /// How serious it is.
    pub severity: ScenarioSeverity,
    /// What there is to say.
    pub message: String,
    /// What to do; empty where nothing need be done.
    pub hint: String,
}

/// What an operation does in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioEffect {
    /// The operation.
    pub id: String,
    /// What it adds to the total, after all before it; none where that was not asked for, or the operation does not count.
    pub effect: Option<Amount>,
    /// How many lines it touches.
    pub touched: u32,
}
