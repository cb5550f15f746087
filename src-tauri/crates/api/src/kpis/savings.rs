//! The effective savings rate, in the four definitions that are in use. They differ in what counts as saved and in what it is saved
//! on; all are shown, and the engagement chooses one.

use money::{Amount, AmountError, Currency};
use query::{Question, Value, list_savings_sql};

use super::figure::{Figure, Named, money};
use super::sums::{Group, Kind, Sums, lacking, total};
use super::{Kpi, KpiEvidence, KpiUnit, KpiVariant, Scope};
use crate::{ApiError, planning};

/// The setting that chooses a definition.
pub(crate) const SETTING: &str = "effective_savings_rate";

/// A definition of the effective savings rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SavingsRate {
    /// The value of the setting.
    pub(crate) id: &'static str,
    label: &'static str,
    /// Whose definition it is.
    pub(crate) vendor: &'static str,
    /// What it means.
    pub(crate) definition: &'static str,
}

/// The definitions, in the order in which the field tells them apart.
pub(crate) const DEFINITIONS: [SavingsRate; 4] = [
    SavingsRate {
        id: "on_demand",
        label: "Commitment savings on on-demand spend",
        vendor: "ProsperOps",
        definition: "What reservations and savings plans saved on the usage that they could cover, over what that usage costs without \
                     them, at negotiated prices; unused commitment counts against it.",
    },
    SavingsRate {
        id: "contracted",
        label: "Savings on contracted cost",
        vendor: "FinOps Foundation",
        definition: "Contracted minus effective cost, over contracted cost; all charges but purchases of commitments, whose cost is \
                     that of the usage they cover.",
    },
    SavingsRate {
        id: "list",
        label: "Savings on list cost",
        vendor: "Microsoft FinOps toolkit",
        definition: "List minus effective cost of each charge, nothing where that is below zero, over list cost; charges without a \
                     list cost and purchases of commitments are left out.",
    },
    SavingsRate {
        id: "committable",
        label: "Commitment and custom-price savings on committable spend",
        vendor: "IBM Cloudability",
        definition: "What commitments and negotiated prices saved together on the usage that commitments could cover, over its list \
                     cost; unused commitment counts against it.",
    },
];

/// The definition that counts where an engagement chose none: that of the FinOps Foundation, over FOCUS columns alone.
pub(crate) const RULE: &str = "contracted";

/// The definition that an engagement chose.
fn chosen(scope: &Scope<'_>) -> &'static str {
    let definition = scope.engagement.definition();
    let wanted = definition.settings.get(SETTING).map(String::as_str);
    DEFINITIONS.iter().find(|one| Some(one.id) == wanted).map_or(RULE, |one| one.id)
}

pub(super) fn kpi(scope: &Scope<'_>) -> Result<Kpi, ApiError> {
    let chosen = chosen(scope);
    let sums = &scope.sums;
    let currency = sums.answer.currency;
    let (listed, evidence) = Listed::of(scope, &scope.question, sums.answer.period)?;
    let listed_before = match sums.answer.compared_with {
        Some(before) => Some(Listed::of(scope, &scope.question, before)?.0),
        None => None,
    };
    let mut variants = Vec::new();
    for one in DEFINITIONS {
        let (now, before) = match one.id {
            "contracted" => sums.both(|groups| contracted(groups, currency)),
            "on_demand" => sums.both(|groups| coverable(sums, groups, currency, &CONTRACTED)),
            "committable" => sums.both(|groups| coverable(sums, groups, currency, &LIST)),
            _ => (Ok(listed.figure(currency)), listed_before.as_ref().map(|before| Ok(before.figure(currency)))),
        };
        let (now, before) = (now?, before.transpose()?);
        let named = Named { id: one.id, label: one.label, unit: KpiUnit::Ratio, definition: one.definition };
        let kpi = named.kpi(now, before, Vec::new());
        variants.push(KpiVariant {
            id: kpi.id,
            label: kpi.label,
            vendor: one.vendor.to_owned(),
            chosen: one.id == chosen,
            value: kpi.value,
            not_applicable: kpi.not_applicable,
            definition: kpi.definition,
            formula: kpi.formula,
            previous: kpi.previous,
        });
    }
    let named = |variant: &KpiVariant| Kpi {
        id: SETTING.to_owned(),
        label: "Effective savings rate".to_owned(),
        value: variant.value,
        unit: KpiUnit::Ratio,
        not_applicable: variant.not_applicable.clone(),
        estimate: None,
        definition: format!("{} ({})", variant.definition, variant.vendor),
        formula: variant.formula.clone(),
        target: None,
        previous: variant.previous,
        change: variant.value.zip(variant.previous).and_then(|(now, before)| now.checked_sub(before).ok()),
        variants: variants.clone(),
        evidence: if chosen == "list" {
            vec![evidence.clone()]
        } else {
            vec![KpiEvidence::of(&sums.answer), KpiEvidence::of(&sums.coverable_answer)]
        },
    };
    let own = variants.iter().find(|variant| variant.chosen).map(named);
    own.ok_or_else(|| ApiError::new("internal", "no definition of the effective savings rate is chosen", ""))
}

/// (Contracted - Effective) / Contracted.
fn contracted(groups: &[Group], currency: Currency) -> Result<Figure, AmountError> {
    let counted = || groups.iter().filter(|group| group.kind != Kind::CommitmentPurchase);
    if let Some(provider) = lacking(counted(), |group| group.contracted) {
        return Ok(Figure::none(format!("charges of {provider} have no contracted cost")));
    }
    let whole = total(counted(), |group| group.contracted)?;
    let effective = total(counted(), |group| group.effective)?;
    saved(whole, effective, currency, "the contracted cost is zero")
}

/// A price that usage has without commitments.
struct Price {
    cost: fn(&Group) -> Option<Amount>,
    says: &'static str,
}

const CONTRACTED: Price = Price { cost: |group| group.contracted, says: "contracted" };
const LIST: Price = Price { cost: |group| group.list, says: "list" };

/// Savings on what commitments cover or could cover, at a price.
fn coverable(sums: &Sums, groups: &[Group], currency: Currency, price: &Price) -> Result<Figure, AmountError> {
    if sums.coverable.is_empty() {
        return Ok(Figure::none(NOTHING_COVERABLE));
    }
    let usage = || groups.iter().filter(|group| group.kind == Kind::Used || sums.is_coverable(group));
    if let Some(provider) = lacking(usage(), price.cost) {
        return Ok(Figure::none(format!("usage of {provider} has no {} cost", price.says)));
    }
    let paid = usage().chain(groups.iter().filter(|group| group.kind == Kind::Unused));
    let whole = total(usage(), price.cost)?;
    saved(whole, total(paid, |group| group.effective)?, currency, "there is no usage that commitments could cover")
}

/// Why nothing can be said of what commitments could cover.
pub(super) const NOTHING_COVERABLE: &str = "no charge that is loaded was covered by a commitment, and only such charges tell which services commitments could cover";

fn saved(whole: Amount, paid: Amount, currency: Currency, nothing: &str) -> Result<Figure, AmountError> {
    let terms = format!("({} - {}) / {}", money(whole, currency), money(paid, currency), money(whole, currency));
    Ok(Figure::ratio(whole.checked_sub(paid)?, whole, &terms, nothing))
}

/// What charges saved on their list costs, one by one.
struct Listed {
    saved: Option<Amount>,
    listed: Option<Amount>,
    without: i64,
}

impl Listed {
    fn of(scope: &Scope<'_>, question: &Question, period: query::Period) -> Result<(Self, KpiEvidence), ApiError> {
        let question = Question { period: Some(period), ..question.clone() };
        let catalog = planning::catalog(scope.engagement, &question, scope.watch)?;
        let sql = list_savings_sql(&question, &catalog)?;
        let result = scope.context.run(scope.engagement, &sql, scope.watch)?;
        let row = result.rows.first().map(Vec::as_slice).unwrap_or_default();
        let amount = |at: usize| match row.get(at) {
            Some(Value::Amount(amount)) => Some(*amount),
            Some(Value::Integer(whole)) => Some(Amount::from_integer(*whole)),
            _ => None,
        };
        let count = |at: usize| match row.get(at) {
            Some(Value::Integer(count)) => *count,
            _ => 0,
        };
        let evidence = KpiEvidence {
            question: None,
            id: None,
            scope: format!("List and effective cost of each charge, {period}"),
            charges: u64::try_from(count(2)).ok(),
            sql,
        };
        Ok((Self { saved: amount(0), listed: amount(1), without: count(3) }, evidence))
    }

    fn figure(&self, currency: Currency) -> Figure {
        let Some(listed) = self.listed else { return Figure::none("no charge has a list cost") };
        let saved = self.saved.unwrap_or_default();
        let terms = format!("{} / {}", money(saved, currency), money(listed, currency));
        let mut figure = Figure::ratio(saved, listed, &terms, "the list cost is zero");
        if self.without > 0 && figure.value.is_ok() {
            figure.formula += &match self.without {
                1 => "; 1 charge without a list cost is left out".to_owned(),
                more => {
                    format!("; {} charges without a list cost are left out", money::group_digits(&more.to_string()))
                }
            };
        }
        figure
    }
}
