//! Key figures of a question's scope: each with its definition, its formula with the numbers in it, and what the field aims for; or
//! the reason why the data cannot say it.

mod commitments;
mod figure;
mod money_flow;
mod ownership;
mod savings;
mod sums;

use money::{Amount, Currency};
use query::{Answer, Comparison, Note, Period, Question};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::{ApiError, Context, asking, planning};

pub(crate) use commitments::CommitmentSums;
pub(crate) use ownership::owner_key;
pub(crate) use savings::{DEFINITIONS as SAVINGS_RATES, RULE as SAVINGS_RATE_RULE, SETTING as SAVINGS_RATE_SETTING};
pub(crate) use sums::By;

/// The setting that says which tag names an owner.
pub(crate) const OWNER_SETTING: &str = "owner_tag";

/// `kpis`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct KpisRequest {
    /// Its first measure, period, filters, currency and comparison; its breakdown is not used.
    question: Question,
}

/// The key figures of a scope.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct KpisReply {
    /// The period.
    pub period: Period,
    /// The period that figures are compared with.
    pub compared_with: Option<Period>,
    /// The currency of every amount.
    pub currency: Currency,
    /// The figures, in the order of the strip.
    pub kpis: Vec<Kpi>,
    /// What to know before using them.
    pub notes: Vec<Note>,
}

/// A key figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Kpi {
    /// A stable word, such as `commitment_coverage` or `tag_coverage:team`.
    pub id: String,
    /// The label for a person.
    pub label: String,
    /// The figure; null where it is not applicable. A ratio is a fraction: 0.25 is 25 %.
    pub value: Option<Amount>,
    /// What it is measured in.
    pub unit: KpiUnit,
    /// Why there is no figure: "not applicable, because ...".
    pub not_applicable: Option<String>,
    /// Where the figure is an estimate, by which method.
    pub estimate: Option<String>,
    /// What it means, in one sentence.
    pub definition: String,
    /// How it was computed, with the numbers in it.
    pub formula: String,
    /// What the field aims for, where it does.
    pub target: Option<KpiTarget>,
    /// The figure of the compared period.
    pub previous: Option<Amount>,
    /// The figure less that of the compared period.
    pub change: Option<Amount>,
    /// The definitions of several vendors, where they disagree; the figure is that of the chosen one.
    pub variants: Vec<KpiVariant>,
    /// Which answers it was made of.
    pub evidence: Vec<KpiEvidence>,
}

/// What a key figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum KpiUnit {
    /// Money.
    Currency,
    /// Money a day.
    CurrencyPerDay,
    /// Money a year.
    CurrencyPerYear,
    /// A fraction.
    Ratio,
}

/// What the field aims for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct KpiTarget {
    /// In words.
    pub says: String,
    /// The least, as a fraction.
    pub least: Option<Amount>,
    /// The most.
    pub most: Option<Amount>,
    /// Whether the figure lies within; null where there is none.
    pub met: Option<bool>,
}

/// One vendor's definition of a key figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct KpiVariant {
    /// The value of the setting that chooses it.
    pub id: String,
    /// The label for a person.
    pub label: String,
    /// Whose definition it is.
    pub vendor: String,
    /// Whether the engagement chose it.
    pub chosen: bool,
    /// The figure.
    pub value: Option<Amount>,
    /// Why there is none.
    pub not_applicable: Option<String>,
    /// What it means.
    pub definition: String,
    /// How it was computed, with the numbers in it.
    pub formula: String,
    /// The figure of the compared period.
    pub previous: Option<Amount>,
}

/// An answer that a key figure was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct KpiEvidence {
    /// The question; `evidence_recompute` takes it with the id. Null where the charges were read directly.
    pub question: Option<Question>,
    /// The id of its evidence.
    pub id: Option<String>,
    /// What it was about, as one sentence.
    pub scope: String,
    /// How many charges are in it.
    #[ts(type = "number | null")]
    pub charges: Option<u64>,
    /// The SQL, which runs as it stands in the console.
    pub sql: String,
}

impl KpiEvidence {
    fn of(answer: &Answer) -> Self {
        Self {
            question: Some(answer.question.clone()),
            id: Some(answer.evidence.id.clone()),
            scope: answer.evidence.scope.clone(),
            charges: Some(answer.evidence.charges),
            sql: answer.evidence.sql.clone(),
        }
    }
}

/// What all key figures are computed from.
struct Scope<'a> {
    context: &'a Context,
    engagement: &'a Engagement,
    watch: &'a Watch,
    /// The question, in its own currency, without breakdown.
    question: Question,
    /// What it comes to, by what commitments and savings are told apart by.
    sums: sums::Sums,
}

impl Scope<'_> {
    fn ask(&self, question: &Question) -> Result<Answer, ApiError> {
        asking::answer(self.context, self.engagement, question, self.watch)
    }

    /// The compared period, where there is one, as a comparison that any other question can make.
    fn comparison(&self) -> Option<Comparison> {
        self.sums.answer.compared_with.map(Comparison::Period)
    }
}

pub(crate) fn kpis(context: &Context, request: &KpisRequest, watch: &Watch) -> Result<KpisReply, ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, &request.question)?;
    // A plan is for a cost; key figures are compared with those of another period.
    let question = Question { by: Vec::new(), grain: None, top: None, against: None, ..asked };
    let sums = sums::Sums::of(context, &engagement, &question, watch)?;
    let catalog = planning::with_rules(&engagement)?;
    let scope = Scope { context, engagement: &engagement, watch, question, sums };
    let (mut kpis, late) = money_flow::kpis(&scope, &catalog)?;
    kpis.push(savings::kpi(&scope)?);
    kpis.extend(commitments::kpis(&scope)?);
    kpis.extend(ownership::kpis(&scope, &catalog)?);
    let answer = &scope.sums.answer;
    Ok(KpisReply {
        period: answer.period,
        compared_with: answer.compared_with,
        currency: answer.currency,
        kpis,
        notes: answer.notes.iter().cloned().chain(late).collect(),
    })
}

/// The key figures of commitments in a question's scope, with the sums behind them: coverage, utilisation, waste, effective savings rate.
pub(crate) fn of_commitments(
    context: &Context,
    question: &Question,
    watch: &Watch,
) -> Result<(Vec<Kpi>, CommitmentSums, KpiEvidence), ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, question)?;
    let question = Question { by: Vec::new(), grain: None, top: None, ..asked };
    let sums = sums::Sums::of(context, &engagement, &question, watch)?;
    let scope = Scope { context, engagement: &engagement, watch, question, sums };
    let mut kpis = commitments::kpis(&scope)?;
    kpis.push(savings::kpi(&scope)?);
    let sums = CommitmentSums::of(&scope.sums, &scope.sums.now)?;
    Ok((kpis, sums, KpiEvidence::of(&scope.sums.answer)))
}

/// The sums behind the key figures of commitments for each group of one more dimension, or each step of time, by its key.
pub(crate) fn commitment_sums_by(
    context: &Context,
    question: &Question,
    by: &sums::By,
    watch: &Watch,
) -> Result<(Vec<sums::Keyed<CommitmentSums>>, Answer), ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, question)?;
    let question = Question { by: Vec::new(), grain: None, top: None, compare: None, ..asked };
    let sums = sums::Sums::of(context, &engagement, &question, watch)?;
    let (groups, answer) = sums::Sums::by(context, &engagement, &question, by, watch)?;
    let told = groups.into_iter().map(|(key, groups)| Ok((key, CommitmentSums::of(&sums, &groups)?)));
    Ok((told.collect::<Result<_, ApiError>>()?, answer))
}
