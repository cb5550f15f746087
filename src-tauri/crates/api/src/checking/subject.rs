//! [`Subject`]: a load as rules see it: its version, the columns it has, and which features its provider has.

use std::collections::{BTreeMap, BTreeSet};

use focus::{APPLICABILITY_FLAGS, ApplicabilityFlag, Column, Rule, Test, Version};
use serde::Serialize;
use serde_json::Value;
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::ApiError;

/// The version by whose rules a load that is no FOCUS export is judged: its mapping fills that version's columns.
const MAPPED_VERSION: Version = Version::V1_4;

/// A load as rules see it.
pub(super) struct Subject {
    pub(super) load: i64,
    pub(super) provider: String,
    pub(super) report: String,
    pub(super) billing_period: String,
    pub(super) version: Version,
    pub(super) charges: u64,
    /// How many loads there are, this one among them.
    pub(super) of_all: usize,
    /// The files: their id, name, rows read and rows refused.
    pub(super) files: Vec<SubjectFile>,
    /// The columns that the charges of at least one file are filled from.
    filled: BTreeSet<&'static str>,
    /// The flags by name.
    flags: BTreeMap<&'static str, Settled>,
}

/// A file of a load.
pub(super) struct SubjectFile {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) refused: u64,
    /// The columns that the export has: those of its header, or where it is no FOCUS export, those that its mapping fills.
    present: BTreeSet<&'static str>,
}

/// Who says that a flag is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FlagSource {
    Usual,
    Shown,
    Engagement,
    Request,
}

/// A flag of a provider, settled.
#[derive(Clone, Copy, Debug)]
struct Settled {
    on: bool,
    source: FlagSource,
    chosen: Option<bool>,
    otherwise: bool,
}

/// An applicability flag of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FlagInForce {
    /// The provider.
    pub provider: String,
    /// The flag's name in the FOCUS requirements model.
    pub flag: String,
    /// What it says of the provider: `has tags`.
    pub says: String,
    /// Whether rules that depend on it are run.
    pub on: bool,
    /// Who says so: `usual` (known of the provider), `shown` (an export has a column of the feature), `engagement` (`engagement.toml`)
    /// or `request`.
    pub source: String,
    /// What `engagement.toml` says of this provider, if it says anything.
    pub chosen: Option<bool>,
    /// What holds unless it does.
    pub otherwise: bool,
}

impl Subject {
    /// Whether the rule speaks to this load: its version knows the columns, its provider has the features, and there is something to
    /// test.
    pub(super) fn is_asked(&self, rule: &Rule) -> bool {
        if !rule.applies_to(self.version) || !self.has_flags(rule) {
            return false;
        }
        match &rule.test {
            Test::Present(_) | Test::Sense(_) => true,
            Test::Text(_) => false,
            test => test.columns().iter().all(|column| self.filled.contains(column.id)),
        }
    }

    /// Whether the provider has what the rule depends on.
    pub(super) fn has_flags(&self, rule: &Rule) -> bool {
        rule.flags.iter().all(|flag| self.flags.get(flag.name).is_some_and(|settled| settled.on))
    }

    /// The files whose export has not got the column.
    pub(super) fn files_without<'a>(&'a self, column: &'a Column) -> impl Iterator<Item = &'a SubjectFile> {
        self.files.iter().filter(|file| !file.present.contains(column.id))
    }
}

/// The loads that are current, by provider, report and billing period.
pub(super) fn read(engagement: &Engagement, set: &[String], watch: &Watch) -> Result<Vec<Subject>, ApiError> {
    let loads = engagement.loads(false)?;
    let shapes = shapes(engagement, watch)?;
    let of_all = loads.len();
    let mut subjects = Vec::new();
    for load in &loads {
        let of_focus = load.format == "focus";
        let version = load.format_version.parse().ok().filter(|_| of_focus).unwrap_or(MAPPED_VERSION);
        let mut filled = BTreeSet::new();
        let mut files = Vec::new();
        for file in &load.files {
            let empty = Shape::default();
            let shape = shapes.get(&file.id).unwrap_or(&empty);
            filled.extend(&shape.filled);
            files.push(SubjectFile {
                id: file.id,
                name: file.name.clone(),
                rows: file.rows,
                refused: file.rejected,
                present: if of_focus { shape.header.clone() } else { shape.filled.clone() },
            });
        }
        subjects.push(Subject {
            load: load.id,
            provider: load.provider.clone(),
            report: load.report.clone(),
            billing_period: load.billing_period.clone(),
            version,
            charges: load.totals.iter().map(|total| total.charges).sum(),
            of_all,
            files,
            filled,
            flags: BTreeMap::new(),
        });
    }
    subjects.sort_by(|left, right| {
        (&left.provider, &left.report, &left.billing_period, left.load).cmp(&(
            &right.provider,
            &right.report,
            &right.billing_period,
            right.load,
        ))
    });
    settle_flags(&mut subjects, engagement, set)?;
    Ok(subjects)
}

/// The columns of a file.
#[derive(Default)]
struct Shape {
    header: BTreeSet<&'static str>,
    filled: BTreeSet<&'static str>,
}

/// The columns of every file of the current loads, by file. Files of one shape share what is read.
fn shapes(engagement: &Engagement, watch: &Watch) -> Result<BTreeMap<i64, Shape>, ApiError> {
    let of_current = "source_file WHERE file_id IN (SELECT file_id FROM load_file JOIN load USING (load_id) WHERE state = 'current')";
    let texts = |sql: String| -> Result<Vec<Vec<Option<String>>>, ApiError> {
        Ok(store::rows::texts(&engagement.run(&sql, watch)?)?)
    };
    let shapes = texts(format!(
        "SELECT header, json_extract(mapping, '$.columns')::VARCHAR, list(file_id ORDER BY file_id)::VARCHAR FROM {of_current}
         GROUP BY 1, 2 ORDER BY min(file_id)"
    ))?;
    let mut found = BTreeMap::new();
    for row in shapes {
        let text = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default();
        let header: Vec<String> = serde_json::from_str(text(0)).unwrap_or_default();
        let header: BTreeSet<String> = header.iter().map(|name| plain(name)).collect();
        let header =
            focus::columns().iter().filter(|column| header.contains(&plain(column.id))).map(|column| column.id);
        let header: BTreeSet<&'static str> = header.collect();
        let columns: Vec<Value> = serde_json::from_str(text(1)).unwrap_or_default();
        let filled = columns.iter().filter(|column| column["expression"] != "null");
        let filled: BTreeSet<&'static str> =
            filled.filter_map(|column| Some(focus::by_id(column["target"].as_str()?)?.id)).collect();
        for file in text(2).trim_matches(['[', ']']).split(", ").filter_map(|id| id.parse().ok()) {
            found.insert(file, Shape { header: header.clone(), filled: filled.clone() });
        }
    }
    Ok(found)
}

/// A column's name without what spellings differ in: `billed_cost`, `BilledCost` and `billedCost` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What is switched, by provider in lower case, or `all`.
type Switches = BTreeMap<String, BTreeMap<&'static str, bool>>;

fn settle_flags(subjects: &mut [Subject], engagement: &Engagement, set: &[String]) -> Result<(), ApiError> {
    let mut of_engagement = Switches::new();
    for (provider, flags) in &engagement.definition().applicability {
        for (name, on) in flags {
            of_engagement.entry(provider.to_lowercase()).or_default().insert(known(name)?.name, *on);
        }
    }
    let mut of_request = Switches::new();
    for text in set {
        let (provider, flag, on) = switch(text)?;
        of_request.entry(provider).or_default().insert(flag.name, on);
    }
    let mut shown: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for subject in subjects.iter() {
        let columns = shown.entry(subject.provider.clone()).or_default();
        columns.extend(subject.files.iter().flat_map(|file| &file.present));
    }
    for subject in subjects {
        let family = focus::family_of(&subject.provider);
        let provider = subject.provider.to_lowercase();
        for flag in &APPLICABILITY_FLAGS {
            let of = |switches: &Switches, provider: &str| switches.get(provider)?.get(flag.name).copied();
            let switched = |switches: &Switches| of(switches, &provider).or_else(|| of(switches, "all"));
            let has_column = flag.shown_by.iter().any(|column| shown[&subject.provider].contains(column));
            let assumed = match family {
                Some(family) if flag.on.contains(&family) || !has_column => {
                    (flag.on.contains(&family), FlagSource::Usual)
                }
                _ => (has_column, FlagSource::Shown),
            };
            let (on, source) = if let Some(on) = switched(&of_request) {
                (on, FlagSource::Request)
            } else if let Some(on) = switched(&of_engagement) {
                (on, FlagSource::Engagement)
            } else {
                assumed
            };
            let (chosen, otherwise) = (of(&of_engagement, &provider), of(&of_engagement, "all").unwrap_or(assumed.0));
            let settled = Settled { on, source, chosen, otherwise };
            subject.flags.insert(flag.name, settled);
        }
    }
    Ok(())
}

/// The flag of a name.
pub(crate) fn known(name: &str) -> Result<&'static ApplicabilityFlag, ApiError> {
    focus::flag_by_name(name).ok_or_else(|| {
        let names: Vec<&str> = APPLICABILITY_FLAGS.iter().map(|flag| flag.name).collect();
        ApiError::new(
            "usage",
            format!("there is no applicability flag \"{name}\""),
            format!("Flags are {}.", names.join(", ")),
        )
    })
}

/// `[PROVIDER:]FLAG=on|off`.
fn switch(text: &str) -> Result<(String, &'static ApplicabilityFlag, bool), ApiError> {
    let wrong = || {
        ApiError::new(
            "usage",
            format!("\"{text}\" switches no flag"),
            "Write FLAG=on, FLAG=off or PROVIDER:FLAG=off, such as TAGGING_SUPPORTED=off.",
        )
    };
    let (left, value) = text.rsplit_once('=').ok_or_else(wrong)?;
    let on = match value.trim().to_lowercase().as_str() {
        "on" | "true" => true,
        "off" | "false" => false,
        _ => return Err(wrong()),
    };
    let (provider, name) = left.rsplit_once(':').unwrap_or(("all", left));
    Ok((provider.trim().to_lowercase(), known(name)?, on))
}

/// The flags of every provider that is loaded, as checks take them.
pub(crate) fn flags(engagement: &Engagement, watch: &Watch) -> Result<Vec<FlagInForce>, ApiError> {
    Ok(flags_in_force(&read(engagement, &[], watch)?))
}

/// The flags of every provider, by name.
pub(super) fn flags_in_force(subjects: &[Subject]) -> Vec<FlagInForce> {
    let mut by_provider: BTreeMap<&str, &Subject> = BTreeMap::new();
    for subject in subjects {
        by_provider.entry(&subject.provider).or_insert(subject);
    }
    by_provider
        .into_iter()
        .flat_map(|(provider, subject)| {
            APPLICABILITY_FLAGS.iter().filter_map(move |flag| {
                let settled = subject.flags.get(flag.name)?;
                Some(FlagInForce {
                    provider: provider.to_owned(),
                    flag: flag.name.to_owned(),
                    says: flag.says.to_owned(),
                    on: settled.on,
                    source: match settled.source {
                        FlagSource::Usual => "usual",
                        FlagSource::Shown => "shown",
                        FlagSource::Engagement => "engagement",
                        FlagSource::Request => "request",
                    }
                    .to_owned(),
                    chosen: settled.chosen,
                    otherwise: settled.otherwise,
                })
            })
        })
        .collect()
}
