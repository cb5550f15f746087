//! `rules/credits.toml` and `rules/agreements.toml`: what no bill says of credits and promises to spend, written by the analyst.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use money::{Amount, Currency};
use query::{Dimension, Filter, Grain, Measure, Operator, Question};
use scenario::Month;
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use super::baseline_wire::one_or_more;
use super::definitions::parsed;
use crate::exporting::{io, put};
use crate::{ApiError, Context, asking, planning, text_file};

const FOLDER: &str = "rules";
const CREDITS: &str = "credits.toml";
const AGREEMENTS: &str = "agreements.toml";
const BYTES_MAX: u64 = 1 << 20;
/// Credits and agreements, of each at most.
const COUNT_MAX: usize = 200;
/// Periods of one agreement, and months of one period.
const PERIODS_MAX: usize = 20;
const PERIOD_MONTHS_MAX: u32 = 120;

/// A credit with its balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct CreditTerms {
    /// Its name.
    pub name: String,
    /// What is left of it.
    pub balance: Amount,
    /// The last month whose bill the balance has seen; what the bill drew in later months is taken off. Without it the balance is that of the end
    /// of the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub as_of: Option<String>,
    /// The first month that it pays for; without it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub from: Option<String>,
    /// The last month that it pays for.
    pub expires: String,
    /// The most that it pays a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub monthly_limit: Option<Amount>,
    /// What its amounts are in; the engagement's currency where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub currency: Option<Currency>,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(optional, as = "Option<String>")]
    pub note: String,
    /// What it pays for: values of dimensions; everything where none are named.
    #[serde(default, rename = "where", deserialize_with = "one_or_more", skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, Vec<String>>>")]
    pub filter: BTreeMap<String, Vec<String>>,
}

/// A promise to spend, period by period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct AgreementTerms {
    /// Its name.
    pub name: String,
    /// The first month of the first period.
    pub from: String,
    /// How many months a period has.
    #[serde(default = "year_of_months")]
    #[ts(optional, as = "Option<u32>")]
    pub period_months: u32,
    /// What is to be spent in each period, one after the other.
    pub commitments: Vec<Amount>,
    /// What the amounts are in; the engagement's currency where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub currency: Option<Currency>,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(optional, as = "Option<String>")]
    pub note: String,
    /// Which charges count: values of dimensions; everything where none are named.
    #[serde(default, rename = "where", deserialize_with = "one_or_more", skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, Vec<String>>>")]
    pub filter: BTreeMap<String, Vec<String>>,
    /// Rebates on parts of what is spent in a period, rising; the last one has no end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<AgreementRebate>>")]
    pub rebates: Vec<AgreementRebate>,
}

const fn year_of_months() -> u32 {
    12
}

/// A rebate on a part of what is spent in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct AgreementRebate {
    /// Where the part ends; without it, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub up_to: Option<Amount>,
    /// The rebate in percent.
    pub percent: String,
}

/// Credits as the bill has them, by provider, service and account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CreditOnBill {
    /// The provider.
    pub provider: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The first month with one.
    pub first: String,
    /// The last month with one.
    pub last: String,
    /// In how many months there were any.
    pub months: u32,
    /// What was billed in all: below zero.
    pub billed: Amount,
    /// What the amount is in.
    pub currency: Currency,
}

/// `scenario_promises`: what is known of credits and promises to spend.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioPromises {
    /// The credits.
    pub credits: Vec<CreditTerms>,
    /// The agreements.
    pub agreements: Vec<AgreementTerms>,
    /// The file of the credits; empty where there is none.
    pub credits_text: String,
    /// The file of the agreements; empty where there is none.
    pub agreements_text: String,
    /// Credits that the bill has.
    pub on_bill: Vec<CreditOnBill>,
    /// Why a file cannot be read; what it says is empty then.
    pub problems: Vec<String>,
}

/// `scenario_promises_set`: what is not named stays as it is.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioPromisesSetRequest {
    /// The credits, in place of those there are.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) credits: Option<Vec<CreditTerms>>,
    /// The file of the credits as text; empty for none.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) credits_text: Option<String>,
    /// The agreements, in place of those there are.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) agreements: Option<Vec<AgreementTerms>>,
    /// The file of the agreements as text; empty for none.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) agreements_text: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CreditFile {
    #[serde(default)]
    credit: Vec<CreditTerms>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgreementFile {
    #[serde(default)]
    agreement: Vec<AgreementTerms>,
}

/// Both files as they are, or what is wrong with one.
pub(super) fn kept(engagement: &Engagement) -> Result<(Vec<CreditTerms>, Vec<AgreementTerms>), ApiError> {
    Ok((credits_of(&text(engagement, CREDITS)?)?, agreements_of(&text(engagement, AGREEMENTS)?)?))
}

fn wrong(file: &str, problem: &str) -> ApiError {
    ApiError::new("promises", format!("rules/{file}: {problem}"), "Mend the file, or write it anew.")
}

fn path(engagement: &Engagement, file: &str) -> PathBuf {
    engagement.folder().join(FOLDER).join(file)
}

fn text(engagement: &Engagement, file: &str) -> Result<String, ApiError> {
    let path = path(engagement, file);
    if !path.is_file() {
        return Ok(String::new());
    }
    text_file::read(&path, BYTES_MAX, "a table of promises").map_err(|problem| wrong(file, &problem))
}

fn credits_of(text: &str) -> Result<Vec<CreditTerms>, ApiError> {
    let refuse = |problem: String| wrong(CREDITS, &problem);
    let file: CreditFile = parsed(text).map_err(refuse)?;
    names(file.credit.iter().map(|credit| credit.name.as_str())).map_err(refuse)?;
    file.credit.iter().try_for_each(|credit| {
        credit.check().map_err(|problem| refuse(format!("credit `{}`: {problem}", credit.name)))
    })?;
    Ok(file.credit)
}

fn agreements_of(text: &str) -> Result<Vec<AgreementTerms>, ApiError> {
    let refuse = |problem: String| wrong(AGREEMENTS, &problem);
    let file: AgreementFile = parsed(text).map_err(refuse)?;
    names(file.agreement.iter().map(|agreement| agreement.name.as_str())).map_err(refuse)?;
    file.agreement.iter().try_for_each(|agreement| {
        agreement.check().map_err(|problem| refuse(format!("agreement `{}`: {problem}", agreement.name)))
    })?;
    Ok(file.agreement)
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut known = BTreeSet::new();
    for name in names {
        if name.trim().is_empty() {
            return Err("one has no name; give each its own".to_owned());
        }
        if !known.insert(name) {
            return Err(format!("two are called `{name}`; give each its own name"));
        }
    }
    if known.len() > COUNT_MAX {
        return Err(format!("there are {}; at most {COUNT_MAX} can be", known.len()));
    }
    Ok(())
}

fn month(text: &str) -> Result<Month, String> {
    text.trim().parse().map_err(|error: scenario::MonthError| error.to_string())
}

fn check_filter(filter: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    for (name, values) in filter {
        name.parse::<Dimension>().map_err(|error| error.to_string())?;
        if values.is_empty() {
            return Err(format!("`where` names no value of {name}; leave it out, or name one"));
        }
    }
    Ok(())
}

impl CreditTerms {
    pub(super) fn first(&self) -> Option<Month> {
        self.from.as_deref().and_then(|text| month(text).ok())
    }

    pub(super) fn last(&self) -> Option<Month> {
        month(&self.expires).ok()
    }

    pub(super) fn seen_until(&self) -> Option<Month> {
        self.as_of.as_deref().and_then(|text| month(text).ok())
    }

    fn check(&self) -> Result<(), String> {
        if self.balance.is_negative() || self.monthly_limit.is_some_and(Amount::is_negative) {
            return Err("its balance or limit is below zero; write what is left without a sign".to_owned());
        }
        let expires = month(&self.expires)?;
        let from = self.from.as_deref().map(month).transpose()?;
        self.as_of.as_deref().map(month).transpose()?;
        if from.is_some_and(|from| from > expires) {
            return Err("it expires before it begins".to_owned());
        }
        check_filter(&self.filter)
    }
}

impl AgreementRebate {
    pub(super) fn percentage(&self) -> Result<Amount, String> {
        let text = self.percent.trim();
        let number = text.strip_suffix('%').map_or(text, str::trim_end);
        let percent: Amount =
            number.parse().map_err(|_| format!("a rebate of `{text}` cannot be read; write `5 %`"))?;
        if percent.is_negative() || percent > Amount::from_integer(100) {
            return Err(format!("a rebate of {percent} % lies outside of 0 to 100 %"));
        }
        Ok(percent)
    }
}

impl AgreementTerms {
    pub(super) fn first(&self) -> Option<Month> {
        month(&self.from).ok()
    }

    fn check(&self) -> Result<(), String> {
        month(&self.from)?;
        if self.commitments.is_empty() || self.commitments.len() > PERIODS_MAX {
            return Err(format!(
                "it has {} periods; write one amount for each, at most {PERIODS_MAX}",
                self.commitments.len()
            ));
        }
        if !(1..=PERIOD_MONTHS_MAX).contains(&self.period_months) {
            return Err(format!("a period of {} months cannot be; write 1 to {PERIOD_MONTHS_MAX}", self.period_months));
        }
        if self.commitments.iter().any(|amount| amount.is_negative()) {
            return Err("less than nothing is to be spent in a period".to_owned());
        }
        let ends: Vec<Option<Amount>> = self.rebates.iter().map(|rebate| rebate.up_to).collect();
        self.rebates.iter().try_for_each(|rebate| rebate.percentage().map(drop))?;
        let rising =
            ends.windows(2).all(|pair| matches!(pair, [Some(low), high] if high.is_none_or(|high| high > *low)));
        let begins = ends.first().is_none_or(|end| end.is_none_or(|end| end > Amount::ZERO));
        if !rising || !begins || ends.last().is_some_and(Option::is_some) {
            return Err("its rebates do not rise, or the last one has an end; order them by `up_to` and leave it out of the last".to_owned());
        }
        check_filter(&self.filter)
    }
}

/// What is known of credits and promises to spend.
pub(crate) fn promises(context: &Context, watch: &Watch) -> Result<ScenarioPromises, ApiError> {
    let engagement = context.engagement()?;
    let mut problems = Vec::new();
    let (credits_text, agreements_text) = (text(&engagement, CREDITS)?, text(&engagement, AGREEMENTS)?);
    let mut told = |error: ApiError| problems.push(error.message);
    let credits = credits_of(&credits_text).map_err(&mut told).unwrap_or_default();
    let agreements = agreements_of(&agreements_text).map_err(&mut told).unwrap_or_default();
    let on_bill = on_bill(context, &engagement, watch)?;
    Ok(ScenarioPromises { credits, agreements, credits_text, agreements_text, on_bill, problems })
}

/// Keeps credits and agreements; nothing is kept where one of them is wrong.
pub(crate) fn set_promises(
    context: &Context,
    request: &ScenarioPromisesSetRequest,
    watch: &Watch,
) -> Result<ScenarioPromises, ApiError> {
    let engagement = context.engagement()?;
    let written =
        |file: &str, text: Result<String, toml::ser::Error>| text.map_err(|error| wrong(file, &error.to_string()));
    let credits = match (&request.credits_text, &request.credits) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(credit)) if credit.is_empty() => Some(String::new()),
        (None, Some(credit)) => Some(written(CREDITS, toml::to_string_pretty(&CreditFile { credit: credit.clone() }))?),
        (None, None) => None,
    };
    let agreements = match (&request.agreements_text, &request.agreements) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(agreement)) if agreement.is_empty() => Some(String::new()),
        (None, Some(agreement)) => {
            Some(written(AGREEMENTS, toml::to_string_pretty(&AgreementFile { agreement: agreement.clone() }))?)
        }
        (None, None) => None,
    };
    credits.as_deref().map(credits_of).transpose()?;
    agreements.as_deref().map(agreements_of).transpose()?;
    for (file, text) in [(CREDITS, credits), (AGREEMENTS, agreements)] {
        let path = path(&engagement, file);
        match text.as_deref() {
            None => {}
            Some("") if path.is_file() => std::fs::remove_file(&path).map_err(|error| io(&path, &error))?,
            Some("") => {}
            Some(text) => {
                let folder = engagement.folder().join(FOLDER);
                std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
                put(&path, text.as_bytes())?;
            }
        }
    }
    promises(context, watch)
}

/// The credits that the bill has, the largest first.
fn on_bill(context: &Context, engagement: &Engagement, watch: &Watch) -> Result<Vec<CreditOnBill>, ApiError> {
    let catalog = planning::with_rules(engagement)?;
    let mut found: Vec<CreditOnBill> = Vec::new();
    if catalog.charges.is_none() {
        return Ok(found);
    }
    for currency in &catalog.currencies {
        let question = Question {
            measures: vec![Measure::BilledCost],
            by: vec![Dimension::Provider, Dimension::Service, Dimension::SubAccount],
            grain: Some(Grain::Month),
            currency: Some(*currency),
            filters: vec![Filter {
                dimension: Dimension::ChargeCategory,
                operator: Operator::Is,
                values: vec!["Credit".to_owned()],
            }],
            ..Question::default()
        };
        let answer = asking::answer(context, engagement, &question, watch)?;
        for row in &answer.rows {
            let [Some(month), provider, service, account] = row.keys.as_slice() else { continue };
            let billed = row.cells.first().and_then(|cell| cell.value).unwrap_or_default();
            let alike = |one: &&mut CreditOnBill| {
                one.currency == *currency && (&one.provider, &one.service, &one.account) == (provider, service, account)
            };
            match found.iter_mut().find(alike) {
                Some(one) => {
                    one.billed = one.billed.checked_add(billed)?;
                    one.months += 1;
                    one.last.clone_from(month);
                }
                None => found.push(CreditOnBill {
                    provider: provider.clone(),
                    service: service.clone(),
                    account: account.clone(),
                    first: month.clone(),
                    last: month.clone(),
                    months: 1,
                    billed,
                    currency: *currency,
                }),
            }
        }
    }
    found.sort_by(|left, right| left.billed.cmp(&right.billed).then_with(|| left.service.cmp(&right.service)));
    Ok(found)
}
