//! [`PackDefinition`]: what goes into a pack, as a text file that a person reads, edits and keeps in version control.

use chrono::NaiveDate;
use money::Currency;
use query::{Comparison, Dimension, Filter, Measure, MeasureKind, PeriodBasis, Question};
use serde::{Deserialize, Serialize};

use crate::ReportError;

/// A pack's definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackDefinition {
    /// The title on the first page.
    pub title: String,
    /// The cost that the pack is about, such as `billed_cost`.
    pub cost_type: Measure,
    /// Further measures that the headline shows beside it.
    #[serde(default)]
    pub also: Vec<Measure>,
    /// The period reported on.
    #[serde(default)]
    pub period: PeriodChoice,
    /// What it is compared with.
    #[serde(default)]
    pub compare: CompareWith,
    /// Whether the period is that of the charge or that of the bill.
    #[serde(default)]
    pub on: PeriodBasis,
    /// The billing currency; none means the engagement's.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What every question of the pack is restricted to.
    #[serde(default, rename = "filter")]
    pub filters: Vec<Filter>,
    /// The sections in order.
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
}

/// The period of a pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PeriodText", into = "PeriodText")]
pub enum PeriodChoice {
    /// The latest quarter of the fiscal year that is over and wholly loaded.
    #[default]
    LastFullQuarter,
    /// These days.
    Explicit {
        /// The first day.
        from: NaiveDate,
        /// The day after the last.
        to: NaiveDate,
    },
}

/// How [`PeriodChoice`] stands in the file: a word, or a table of two dates.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum PeriodText {
    Word(String),
    Days { from: NaiveDate, to: NaiveDate },
}

impl TryFrom<PeriodText> for PeriodChoice {
    type Error = String;

    fn try_from(text: PeriodText) -> Result<Self, String> {
        match text {
            PeriodText::Days { from, to } => Ok(Self::Explicit { from, to }),
            PeriodText::Word(word) if word == "last_full_quarter" => Ok(Self::LastFullQuarter),
            PeriodText::Word(word) => Err(format!(
                "`{word}` is no period; write \"last_full_quarter\" or {{ from = \"2026-07-01\", to = \"2026-10-01\" }}"
            )),
        }
    }
}

impl From<PeriodChoice> for PeriodText {
    fn from(choice: PeriodChoice) -> Self {
        match choice {
            PeriodChoice::LastFullQuarter => Self::Word("last_full_quarter".to_owned()),
            PeriodChoice::Explicit { from, to } => Self::Days { from, to },
        }
    }
}

/// What a pack's period is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareWith {
    /// The period of the same length just before.
    #[default]
    Previous,
    /// The same period a year ago.
    YearAgo,
}

impl CompareWith {
    /// The comparison as a question states it.
    #[must_use]
    pub const fn comparison(self) -> Comparison {
        match self {
            Self::Previous => Comparison::Previous,
            Self::YearAgo => Comparison::YearAgo,
        }
    }
}

/// A section of the definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// What the section holds.
    pub kind: SectionKind,
    /// Its heading.
    pub heading: String,
    /// The dimensions that it breaks down by, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Dimension>,
    /// How many groups have a row of their own; the rest is one row, "other".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<u32>,
    /// How many months a trend shows, the period's own among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// What the analyst says of what was pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The statement of a pinned result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// The metric that a pinned unit cost is divided by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// The basket of commitments whose plan is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basket: Option<String>,
    /// How many steps beyond the history a pinned forecast shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<u32>,
    /// The order of effects of a pinned change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convention: Option<Convention>,
    /// The question of pinned figures or of a pinned change, its own period and filters in it; without a period that of the pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

/// The order in which the effects of a change are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// Usage at base prices, prices at current usage.
    #[default]
    BaseFirst,
    /// The mean of both directions.
    Midpoint,
}

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// Total, change and main driver; `by` is where the driver is looked for.
    Headline,
    /// Spend by month, stacked by one dimension.
    Trend,
    /// Groups with share and change.
    Breakdown,
    /// The largest changes in both directions.
    Movers,
    /// Charges and credits.
    ChargesAndCredits,
    /// Invoices beside the loaded charges.
    Reconciliation,
    /// Definitions and method.
    Method,
    /// Where every figure comes from.
    Evidence,
    /// The answer to a question of its own, as it was looked at.
    PinnedFigures,
    /// The result of a statement.
    PinnedSql,
    /// A change split into its effects.
    PinnedChange,
    /// Rows by columns: a dimension by another one or by time.
    PinnedPivot,
    /// What one of something costs over time.
    PinnedUnitCost,
    /// What a cost will be.
    PinnedForecast,
    /// A plan of commitments on one page, for who approves it.
    PinnedCommitment,
}

impl SectionKind {
    /// Whether the section shows what was pinned to the pack.
    #[must_use]
    pub const fn is_pinned(self) -> bool {
        matches!(
            self,
            Self::PinnedFigures
                | Self::PinnedSql
                | Self::PinnedChange
                | Self::PinnedPivot
                | Self::PinnedUnitCost
                | Self::PinnedForecast
                | Self::PinnedCommitment
        )
    }

    /// How many dimensions the section needs at least and at most.
    const fn dimensions(self) -> (usize, usize) {
        match self {
            Self::Headline | Self::Breakdown | Self::Movers | Self::ChargesAndCredits => (1, 3),
            Self::Trend => (1, 1),
            Self::Reconciliation
            | Self::Method
            | Self::Evidence
            | Self::PinnedFigures
            | Self::PinnedSql
            | Self::PinnedChange
            | Self::PinnedPivot
            | Self::PinnedUnitCost
            | Self::PinnedForecast
            | Self::PinnedCommitment => (0, 0),
        }
    }
}

impl PackDefinition {
    /// Reads a definition from TOML and checks that it can be planned.
    ///
    /// # Errors
    /// [`ReportError::Definition`] with line and column where the text cannot be read, [`ReportError::Section`] where a
    /// section asks for something that cannot be, [`ReportError::NotMoney`] where a measure is not one of money,
    /// [`ReportError::NoHeadline`] without a headline section.
    pub fn parse(text: &str) -> Result<Self, ReportError> {
        let definition: Self = toml::from_str(text)?;
        for measure in std::iter::once(&definition.cost_type).chain(&definition.also) {
            if measure.kind() != MeasureKind::Currency {
                return Err(ReportError::NotMoney { measure: measure.clone() });
            }
        }
        for (position, section) in definition.sections.iter().enumerate() {
            if let Some(problem) = section.problem() {
                return Err(ReportError::Section { section: position + 1, heading: section.heading.clone(), problem });
            }
        }
        let headlines = definition.sections.iter().filter(|section| section.kind == SectionKind::Headline).count();
        if headlines == 0 {
            return Err(ReportError::NoHeadline);
        }
        Ok(definition)
    }
}

impl Section {
    /// What is wrong with the section, in words that follow "section 3 (heading)".
    fn problem(&self) -> Option<String> {
        let (least, most) = self.kind.dimensions();
        if self.by.len() < least {
            return Some("needs `by`, such as by = [\"service\"]".to_owned());
        }
        if self.by.len() > most {
            return Some(format!("has {} dimensions in `by`; it takes at most {most}", self.by.len()));
        }
        if self.top == Some(0) {
            return Some("has `top = 0`; leave it out to show every group".to_owned());
        }
        if self.months == Some(0) {
            return Some("has `months = 0`; leave it out to show the period alone".to_owned());
        }
        let pinned = match self.kind {
            SectionKind::PinnedSql => self.sql.as_ref().map(|_| ()).ok_or("needs `sql`, a statement"),
            SectionKind::PinnedUnitCost if self.metric.is_none() => Err("needs `metric`, what the cost is divided by"),
            SectionKind::PinnedCommitment if self.basket.is_none() => Err("needs `basket`, the plan that is kept"),
            SectionKind::PinnedFigures
            | SectionKind::PinnedChange
            | SectionKind::PinnedPivot
            | SectionKind::PinnedUnitCost
            | SectionKind::PinnedForecast
            | SectionKind::PinnedCommitment => self.question.as_ref().map(|_| ()).ok_or("needs `[section.question]`"),
            _ if self.sql.is_some() || self.question.is_some() || self.convention.is_some() => {
                Err("has what only a pinned section has: `sql`, `question` or `convention`")
            }
            _ => Ok(()),
        };
        if let Err(problem) = pinned {
            return Some(problem.to_owned());
        }
        if self.heading.trim().is_empty() {
            return Some("has no heading".to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = "title = \"T\"\ncost_type = \"billed_cost\"\n[[section]]\nkind = \"headline\"\nheading = \"H\"\nby = [\"service\"]\n";

    #[test]
    fn the_smallest_definition() {
        let definition = PackDefinition::parse(SMALLEST).unwrap();
        assert_eq!(
            definition.period,
            PeriodChoice::LastFullQuarter,
            "a pack is of the last full quarter unless it says otherwise"
        );
        assert_eq!(definition.compare, CompareWith::Previous);
    }

    #[test]
    fn the_definition_that_ships_is_whole() {
        let definition = PackDefinition::parse(include_str!("../../../../packs/qbr.toml")).unwrap();
        let kinds: Vec<SectionKind> = definition.sections.iter().map(|section| section.kind).collect();
        for kind in [
            SectionKind::Headline,
            SectionKind::Trend,
            SectionKind::Movers,
            SectionKind::ChargesAndCredits,
            SectionKind::Evidence,
        ] {
            assert!(kinds.contains(&kind), "the quarterly review has a section {kind:?}");
        }
    }

    #[test]
    fn an_explicit_period() {
        let text =
            SMALLEST.replace("[[section]]", "period = { from = \"2026-07-01\", to = \"2026-10-01\" }\n[[section]]");
        let definition = PackDefinition::parse(&text).unwrap();
        let [from, to] = ["2026-07-01", "2026-10-01"].map(|day| day.parse().unwrap());
        assert_eq!(definition.period, PeriodChoice::Explicit { from, to });
    }

    #[test]
    fn mistakes_are_named() {
        let message = |text: &str| PackDefinition::parse(text).unwrap_err().to_string();
        assert!(message(&SMALLEST.replace("by = ", "buy = ")).contains("buy"), "an unknown field is named");
        assert!(message(&SMALLEST.replace("by = [\"service\"]", "")).contains("section 1 (H) needs `by`"));
        assert!(message(&SMALLEST.replace("billed_cost", "charges")).contains("`charges` is not money"));
        assert!(message(&SMALLEST.replace("\"headline\"", "\"breakdown\"")).contains("no headline section"));
        let text = SMALLEST.replace("[[section]]", "period = \"last_century\"\n[[section]]");
        assert!(message(&text).contains("last_full_quarter"), "the message says what to write: {}", message(&text));
    }
}
