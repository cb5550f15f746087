//! Whether what is loaded is sound: the FOCUS rules, rules about charges that belong together and about the bill as a whole, and the
//! data-quality score that follows from them.

mod bill;
mod charges;
mod finding;
mod score;
mod subject;

use focus::{Rule, Severity, Test};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

pub use finding::Finding;
pub use score::Score;
pub use subject::FlagInForce;
pub(crate) use subject::{flags, known};

use self::subject::Subject;
use crate::{ApiError, Context};

/// `check` and `check_report`.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[ts(export)]
pub struct CheckRequest {
    /// Only this rule. The report has no score then.
    #[serde(default)]
    #[ts(optional)]
    pub(crate) rule: Option<String>,
    /// Only the loads of this provider.
    #[serde(default)]
    #[ts(optional)]
    pub(crate) provider: Option<String>,
    /// Only findings that are at least so grave: `error`, `warning` or `notice`.
    #[serde(default)]
    #[ts(optional)]
    pub(crate) min_severity: Option<String>,
    /// Applicability flags for this check alone: `TAGGING_SUPPORTED=off`, `AWS:TAGGING_SUPPORTED=on`.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub(crate) set: Vec<String>,
}

/// `check_report`: the findings, the score and what was asked of whom.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CheckReport {
    /// The findings, the gravest first.
    pub findings: Vec<Finding>,
    /// How sound the whole is; null when nothing is loaded or only one rule was run.
    pub score: Option<Score>,
    /// The applicability flags in force, by provider and name.
    pub flags: Vec<FlagInForce>,
    /// What became of the rules.
    pub rules: RulesRun,
}

/// What became of the rules of a check.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RulesRun {
    /// How many were run on at least one load.
    pub run: u64,
    /// How many of those no charge breaks.
    pub kept: u64,
    /// The rules that speak to no load, and why: `off` (a flag is off), `version` (the loads are of versions without the column),
    /// `no_column` (no export has the column).
    pub not_run: Vec<RuleNotRun>,
    /// Rules that are run otherwise than the FOCUS requirements model says, and why.
    pub corrected: Vec<RuleNote>,
    /// Rules of the model that are not run because of a defect in it, and which.
    pub set_aside: Vec<RuleNote>,
    /// Rules of the FOCUS 1.2 requirements model that state a test.
    pub executable: u64,
    /// Those that reading an export fulfils: text is read as text.
    pub held_by_loading: u64,
    /// Those that only permit something.
    pub permissions: u64,
}

/// A rule that speaks to no load.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RuleNotRun {
    /// The rule.
    pub rule: String,
    /// `off`, `version` or `no_column`.
    pub reason: String,
}

/// A rule and what there is to say of it.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RuleNote {
    /// The rule.
    pub rule: String,
    /// What there is to say.
    pub note: String,
}

/// The findings, the gravest first.
pub(crate) fn check(context: &Context, request: &CheckRequest, watch: &Watch) -> Result<Vec<Finding>, ApiError> {
    let engagement = context.engagement()?;
    Ok(Check::prepare(&engagement, request, watch)?.findings()?.into_iter().map(|broken| broken.finding).collect())
}

/// The findings with the score and what was asked of whom.
pub(crate) fn report(context: &Context, request: &CheckRequest, watch: &Watch) -> Result<CheckReport, ApiError> {
    let engagement = context.engagement()?;
    let check = Check::prepare(&engagement, request, watch)?;
    let all = check.all_findings()?;
    let whole = request.rule.is_none() && !check.subjects.is_empty();
    let score = if whole { Some(score::of(&check, &all)?) } else { None };
    let rules = check.rules_run(&all);
    let findings = check.wanted(all).into_iter().map(|broken| broken.finding).collect();
    Ok(CheckReport { findings, score, flags: subject::flags_in_force(&check.subjects), rules })
}

/// One check: the loads and the rules it is about.
struct Check<'a> {
    engagement: &'a Engagement,
    watch: &'a Watch,
    subjects: Vec<Subject>,
    rules: Vec<&'static Rule>,
    least: Severity,
}

/// A rule that is broken, and what is needed to add up whom it touches.
struct Broken {
    rule: &'static Rule,
    finding: Finding,
    /// True for the charges that break it, where it is about charges.
    predicate: Option<String>,
    /// The loads in which it is broken.
    loads: Vec<i64>,
}

impl<'a> Check<'a> {
    fn prepare(engagement: &'a Engagement, request: &CheckRequest, watch: &'a Watch) -> Result<Self, ApiError> {
        let wrong = |message: String, hint: &str| ApiError::new("usage", message, hint);
        let least = match request.min_severity.as_deref() {
            None | Some("notice") => Severity::Notice,
            Some("warning") => Severity::Warning,
            Some("error") => Severity::Error,
            Some(other) => {
                return Err(wrong(
                    format!("there is no severity \"{other}\""),
                    "Severities are error, warning and notice.",
                ));
            }
        };
        let rules: Vec<&'static Rule> = match &request.rule {
            None => focus::rules().iter().collect(),
            Some(id) => {
                let named = |rule: &&Rule| {
                    std::iter::once(&rule.id).chain(&rule.also).any(|known| known.eq_ignore_ascii_case(id.trim()))
                };
                focus::rules().iter().filter(named).collect()
            }
        };
        if let (Some(id), true) = (&request.rule, rules.is_empty()) {
            return Err(wrong(
                format!("there is no rule \"{id}\" that is run"),
                "`qd check --report` lists the rules; ids are those of the FOCUS requirements model, or begin with QD-.",
            ));
        }
        let mut subjects = subject::read(engagement, &request.set, watch)?;
        if let Some(provider) = &request.provider {
            let known: Vec<String> = subjects.iter().map(|subject| subject.provider.clone()).collect();
            subjects.retain(|subject| subject.provider.eq_ignore_ascii_case(provider.trim()));
            if subjects.is_empty() {
                let mut known = known;
                known.sort();
                known.dedup();
                return Err(wrong(
                    format!("nothing is loaded of a provider \"{provider}\""),
                    &format!("Loaded are: {}.", known.join(", ")),
                ));
            }
        }
        Ok(Self { engagement, watch, subjects, rules, least })
    }

    fn findings(&self) -> Result<Vec<Broken>, ApiError> {
        Ok(self.wanted(self.all_findings()?))
    }

    fn wanted(&self, mut all: Vec<Broken>) -> Vec<Broken> {
        all.retain(|broken| broken.rule.severity <= self.least);
        all
    }

    /// Every finding, whatever its severity, the gravest first.
    fn all_findings(&self) -> Result<Vec<Broken>, ApiError> {
        if self.subjects.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = charges::broken(self)?;
        found.extend(bill::broken(self)?);
        found.sort_by(|left, right| {
            left.rule.severity.cmp(&right.rule.severity).then_with(|| left.rule.id.cmp(&right.rule.id))
        });
        Ok(found)
    }

    /// The loads that a rule speaks to.
    fn subjects_of(&self, rule: &Rule) -> Vec<&Subject> {
        self.subjects.iter().filter(|subject| subject.is_asked(rule)).collect()
    }

    /// The charge table, narrowed to the loads that a rule speaks to; none when it speaks to no load.
    fn table(&self, loads: &[i64]) -> String {
        if loads.len() == self.subjects.len() && self.is_whole() {
            return "charge".to_owned();
        }
        format!("(SELECT * FROM charge WHERE load_id IN ({})) AS charge", list(loads))
    }

    /// Whether the loads of the check are all that are loaded.
    fn is_whole(&self) -> bool {
        self.subjects.first().is_none_or(|subject| subject.of_all == self.subjects.len())
    }

    fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, ApiError> {
        Ok(store::rows::texts(&self.engagement.run(sql, self.watch)?)?)
    }

    fn rules_run(&self, broken: &[Broken]) -> RulesRun {
        let inventory = focus::inventory();
        let mut not_run = Vec::new();
        let mut run = 0;
        for rule in &self.rules {
            if matches!(rule.test, Test::Text(_)) {
                continue;
            }
            if self.subjects.iter().any(|subject| subject.is_asked(rule)) {
                run += 1;
                continue;
            }
            let reason = if !self.subjects.iter().any(|subject| rule.applies_to(subject.version)) {
                "version"
            } else if !self.subjects.iter().any(|subject| subject.has_flags(rule)) {
                "off"
            } else {
                "no_column"
            };
            not_run.push(RuleNotRun { rule: rule.id.clone(), reason: reason.to_owned() });
        }
        not_run.sort_by(|left, right| left.rule.cmp(&right.rule));
        let notes = |notes: std::collections::BTreeMap<String, String>| {
            notes.into_iter().map(|(rule, note)| RuleNote { rule, note }).collect()
        };
        RulesRun {
            run,
            kept: run - broken.len() as u64,
            not_run,
            corrected: notes(inventory.corrected),
            set_aside: notes(inventory.set_aside),
            executable: inventory.executable as u64,
            held_by_loading: inventory.held_by_loading as u64,
            permissions: inventory.permissions as u64,
        }
    }
}

/// Numbers for a list in a statement; a list that matches nothing when there are none.
fn list(numbers: &[i64]) -> String {
    if numbers.is_empty() {
        return "NULL".to_owned();
    }
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
