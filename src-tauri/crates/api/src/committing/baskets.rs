//! Baskets of decisions, kept as `commitments/NAME.toml`: `commitment_baskets`, `commitment_basket`, `commitment_basket_save`,
//! `commitment_basket_delete`.

use std::path::PathBuf;

use chrono::NaiveDate;
use money::Amount;
use serde::{Deserialize, Serialize};
use store::Engagement;
use ts_rs::TS;

use crate::exporting::{io, put};
use crate::text_file::{self, is_name};
use crate::{ApiError, Context};

const FOLDER: &str = "commitments";
/// A basket beyond this size is none.
const BYTES_MAX: u64 = 1 << 20;
/// The longest look ahead, in months.
pub(super) const HORIZON_MAX: u32 = 36;

/// Decisions that are weighed together, with what demand is assumed to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export, optional_fields = nullable)]
pub struct CommitmentBasket {
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who decides.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approver: String,
    /// How far to look ahead, in months; a year where it is 0.
    pub horizon_months: u32,
    /// The decisions.
    #[serde(rename = "decision", alias = "decisions")]
    pub decisions: Vec<CommitmentDecision>,
    /// What demand is assumed to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub demand: Vec<CommitmentDemand>,
}

/// What is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CommitmentDecisionKind {
    /// Buy.
    #[default]
    Buy,
    /// Let one end and do nothing.
    LetExpire,
    /// Buy again when one ends.
    Renew,
    /// Give one up for another.
    Exchange,
    /// Give one back, or sell it.
    Return,
}

impl CommitmentDecisionKind {
    /// In words, before what it is about.
    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::LetExpire => "let expire",
            Self::Renew => "renew",
            Self::Exchange => "exchange",
            Self::Return => "return",
        }
    }
}

/// One decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export, optional_fields = nullable)]
pub struct CommitmentDecision {
    /// Its name in the basket, also the id of what it buys.
    pub id: String,
    /// What is decided.
    pub kind: CommitmentDecisionKind,
    /// The commitment that it is about; none of a purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// When: the first day of a purchase, the day of an exchange or a return. Without it the first day ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "string | null")]
    pub at: Option<NaiveDate>,
    /// The programme that is bought, by its key; of a renewal without it that of the old one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The account that buys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// The instance type; `hourly` then counts instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The length in months; a year without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term_months: Option<u32>,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// How much an hour: money of a plan; instances, or normalised units where only a family is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hourly: Option<Amount>,
    /// A discount for all that it covers, a fraction, in place of the rates of offers and of the bill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Amount>,
    /// What is paid at the start, where it is not all or half of the fees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upfront: Option<Amount>,
    /// What a return pays back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund: Option<Amount>,
}

/// What demand is assumed to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export, optional_fields = nullable)]
pub struct CommitmentDemand {
    /// In words, such as `demand falls by 30 %`.
    pub name: String,
    /// From this day on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "string | null")]
    pub from: Option<NaiveDate>,
    /// Until the day before this one; for good without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "string | null")]
    pub until: Option<NaiveDate>,
    /// Cost and quantity times this: 0.7 is a fall of 30 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<Amount>,
    /// A share of the usage moves, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_share: Option<Amount>,
    /// The family that it moves to, such as `m7g`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_family: Option<String>,
    /// The region that it moves to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_region: Option<String>,
    /// What the moved usage costs beside before: 0.8 is a fifth less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_factor: Option<Amount>,
    /// Only these services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Only these families.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<String>,
    /// Only these regions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Only these accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// A basket by name.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentBasketRequest {
    name: String,
}

/// `commitment_basket_save`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentBasketSaveRequest {
    name: String,
    /// The basket.
    #[serde(default)]
    #[ts(optional = nullable)]
    basket: Option<CommitmentBasket>,
    /// Or its TOML text.
    #[serde(default)]
    #[ts(optional = nullable)]
    text: Option<String>,
}

/// A basket with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentBasketReply {
    /// Its name.
    pub name: String,
    /// The basket; none where the file cannot be read.
    pub basket: Option<CommitmentBasket>,
    /// The file's text.
    pub text: String,
    /// What is wrong with the file.
    pub problem: Option<String>,
}

fn path(engagement: &Engagement, name: &str) -> PathBuf {
    engagement.folder().join(FOLDER).join(format!("{name}.toml"))
}

/// A basket from its text, or what is wrong with it and in which line.
fn parsed(text: &str) -> Result<CommitmentBasket, String> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        format!("line {line}: {}", error.message())
    })
}

fn read(name: &str, path: &std::path::Path) -> CommitmentBasketReply {
    let name = name.to_owned();
    match text_file::read(path, BYTES_MAX, "a basket") {
        Ok(text) => match parsed(&text) {
            Ok(basket) => CommitmentBasketReply { name, basket: Some(basket), text, problem: None },
            Err(problem) => CommitmentBasketReply { name, basket: None, text, problem: Some(problem) },
        },
        Err(problem) => CommitmentBasketReply { name, basket: None, text: String::new(), problem: Some(problem) },
    }
}

pub(crate) fn list(context: &Context) -> Result<Vec<CommitmentBasketReply>, ApiError> {
    let engagement = context.engagement()?;
    let folder = engagement.folder().join(FOLDER);
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(&folder).map_err(|error| io(&folder, &error))? {
        let path = entry.map_err(|error| io(&folder, &error))?.path();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with('.') && path.extension().is_some_and(|extension| extension == "toml") {
            found.push(read(&name, &path));
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

fn missing(name: &str) -> ApiError {
    let name: String = name.chars().take(80).collect();
    ApiError::new("not_found", format!("there is no basket called `{name}`"), "`qd commit baskets` lists them.")
}

pub(crate) fn get(context: &Context, request: &CommitmentBasketRequest) -> Result<CommitmentBasketReply, ApiError> {
    let engagement = context.engagement()?;
    let path = path(&engagement, &request.name);
    if !is_name(&request.name) || !path.is_file() {
        return Err(missing(&request.name));
    }
    Ok(read(&request.name, &path))
}

/// The basket of a name, or why it cannot be used.
pub(crate) fn usable(context: &Context, name: &str) -> Result<CommitmentBasket, ApiError> {
    let reply = get(context, &CommitmentBasketRequest { name: name.to_owned() })?;
    reply.basket.ok_or_else(|| {
        let problem = reply.problem.unwrap_or_default();
        ApiError::new(
            "basket",
            format!("basket `{name}`: {problem}"),
            "Mend the file in the engagement's folder commitments.",
        )
    })
}

pub(crate) fn save(
    context: &Context,
    request: &CommitmentBasketSaveRequest,
) -> Result<Vec<CommitmentBasketReply>, ApiError> {
    let engagement = context.engagement()?;
    let name = request.name.trim();
    if !is_name(name) {
        return Err(ApiError::new(
            "basket",
            "a basket needs a name of letters, digits, spaces, - and _",
            "Give it one.",
        ));
    }
    let text = match (&request.basket, &request.text) {
        (Some(basket), _) => toml::to_string(basket)
            .map_err(|error| ApiError::new("basket", format!("the basket cannot be written: {error}"), ""))?,
        (None, Some(text)) => {
            if let Err(problem) = parsed(text) {
                return Err(ApiError::new("basket", format!("basket `{name}`: {problem}"), "Mend it and try again."));
            }
            text.clone()
        }
        (None, None) => {
            return Err(ApiError::new("basket", "there is neither a basket nor its text", "Give one of them."));
        }
    };
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    put(&path(&engagement, name), text.as_bytes())?;
    list(context)
}

pub(crate) fn delete(
    context: &Context,
    request: &CommitmentBasketRequest,
) -> Result<Vec<CommitmentBasketReply>, ApiError> {
    let engagement = context.engagement()?;
    let path = path(&engagement, &request.name);
    if !is_name(&request.name) || !path.is_file() {
        return Err(missing(&request.name));
    }
    std::fs::remove_file(&path).map_err(|error| io(&path, &error))?;
    list(context)
}
