//! `commitment_offers`, `commitment_offer_import`, `commitment_offer_remove`: what commitments cost, and where each rate is from.

use std::path::{Path, PathBuf};

use commitment::inventory::Finding;
use commitment::offer::{BillLine, Implied, OfferRate, OfferValue, check, implied, read, write_sheet};
use money::{Amount, Currency};
use query::Question;
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use super::reply::{CommitmentFinding, payment_word};
use super::usage::{Read, Wanted};
use super::{Ground, facts, hours};
use crate::exporting::{io, put};
use crate::text_file::{self, is_name};
use crate::{ApiError, Context};

const FOLDER: &str = "offers";
/// A list beyond this size is not read at once.
const BYTES_MAX: u64 = 1 << 30;
/// Findings that a reply lists.
const FINDINGS_MAX: usize = 200;
/// Rates that a reply lists.
const RATES_MAX: usize = 5_000;

/// `commitment_offers`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentOffersRequest {
    /// Its period, filters and currency say what rates are set beside.
    #[serde(default)]
    question: Question,
}

/// `commitment_offer_import`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentOfferImportRequest {
    /// An offer sheet, or a provider's price list as it was downloaded.
    path: PathBuf,
    /// The name that it is kept under; without it the file's.
    #[serde(default)]
    #[ts(optional = nullable)]
    name: Option<String>,
    /// What the rates are set beside: of a provider's list only what the bill uses is kept.
    #[serde(default)]
    question: Question,
}

/// `commitment_offer_remove`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct CommitmentOfferRemoveRequest {
    /// The name.
    name: String,
    /// What the rates are set beside.
    #[serde(default)]
    question: Question,
}

/// What commitments cost.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentOffers {
    /// The bill's currency.
    pub currency: Currency,
    /// The files that are kept.
    pub files: Vec<CommitmentOfferFile>,
    /// Every rate that can be used: what the bill implies first, then the files by name.
    pub rates: Vec<CommitmentOffer>,
    /// How many more there are.
    pub more_rates: u32,
    /// What is wrong with rows: rates above on-demand prices, families that are not in the bill, other currencies.
    pub findings: Vec<CommitmentFinding>,
    /// How many more there are.
    pub more_findings: u32,
}

/// A file of offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentOfferFile {
    /// The name that it is kept under.
    pub name: String,
    /// What it was, in words.
    pub kind: Option<String>,
    /// How many rates are kept.
    pub rates: u32,
    /// Of a list that was taken in just now: how many rates are for nothing in the bill and were left out.
    #[ts(type = "number | null")]
    pub others: Option<u64>,
}

/// A rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentOffer {
    /// The provider.
    pub provider: String,
    /// The programme's key.
    pub program: String,
    /// In words.
    pub label: String,
    /// The service.
    pub service: Option<String>,
    /// The family.
    pub family: Option<String>,
    /// The instance type.
    pub instance_type: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The platform.
    pub platform: Option<String>,
    /// The SKU.
    pub sku: Option<String>,
    /// The unit of the price.
    pub unit: Option<String>,
    /// The length in months.
    pub term_months: u32,
    /// `no_upfront`, `partial_upfront` or `all_upfront`.
    pub payment: String,
    /// The price of one unit.
    pub price: Option<Amount>,
    /// What is paid at the start for one unit.
    pub upfront: Option<Amount>,
    /// What one unit costs on demand in the bill.
    pub on_demand_price: Option<Amount>,
    /// The part of the on-demand price that falls away, a fraction.
    pub discount: Option<Amount>,
    /// The currency of the price.
    pub currency: Option<Currency>,
    /// The first day that it holds.
    pub from: Option<String>,
    /// Where it is from: a file with its row, or the commitment whose charges imply it.
    pub source: String,
    /// Whether the bill implies it.
    pub implied: bool,
}

/// The rates of the engagement and of the bill, with what is wrong.
pub(super) struct Known {
    pub(super) rates: Vec<OfferRate>,
    files: Vec<CommitmentOfferFile>,
    findings: Vec<Finding>,
}

/// What is kept in the engagement.
pub(super) fn kept(engagement: &Engagement) -> Result<Known, ApiError> {
    let folder = engagement.folder().join(FOLDER);
    let mut known = Known { rates: Vec::new(), files: Vec::new(), findings: Vec::new() };
    if !folder.is_dir() {
        return Ok(known);
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| io(&folder, &error))? {
        let path = entry.map_err(|error| io(&folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        let file = format!("{FOLDER}/{name}.csv");
        let problem = match text_file::read(&path, BYTES_MAX, "an offer sheet") {
            Ok(text) => match read(&file, &text, &|_| true) {
                Ok(found) => {
                    let rates = u32::try_from(found.rates.len()).unwrap_or(u32::MAX);
                    let kind = Some(found.kind.label().to_owned());
                    known.files.push(CommitmentOfferFile { name, kind, rates, others: None });
                    known.rates.extend(found.rates);
                    known.findings.extend(found.findings);
                    continue;
                }
                Err(error) => error.problem,
            },
            Err(problem) => problem,
        };
        known.files.push(CommitmentOfferFile { name, kind: None, rates: 0, others: None });
        let message = format!("{file} cannot be read: {problem}.");
        known.findings.push(Finding {
            code: "unreadable",
            subject: String::new(),
            file: Some(file),
            row: None,
            message,
        });
    }
    Ok(known)
}

/// The lines of the bill with their on-demand prices.
pub(super) fn bill_lines(read: &Read) -> Result<Vec<BillLine>, money::AmountError> {
    let all = 0..read.usage.span().steps();
    read.usage
        .lines()
        .iter()
        .map(|line| {
            Ok(BillLine::new(line.key.clone(), line.on_demand.sum(all.clone())?, line.quantity.sum(all.clone())?))
        })
        .collect()
}

/// The rates that the bill implies.
pub(super) fn of_the_bill(found: &facts::Found, read: &Read) -> Result<Vec<OfferRate>, money::AmountError> {
    let held = &found.inventory.held;
    let covers: Vec<Implied<'_>> = read
        .covers
        .iter()
        .filter_map(|((id, line, _), cover)| {
            let held = held.iter().find(|held| held.id == *id)?;
            Some(Implied { held, line, on_demand: cover.on_demand?, cost: cover.cost })
        })
        .collect();
    implied(&covers, read.usage.currency())
}

pub(crate) fn list(
    context: &Context,
    request: &CommitmentOffersRequest,
    watch: &Watch,
) -> Result<CommitmentOffers, ApiError> {
    let engagement = context.engagement()?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let kept = hours::read(context, &ground, Wanted::default())?;
    shown(&engagement, &kept.0, &kept.1, None)
}

fn shown(
    engagement: &Engagement,
    read: &Read,
    found: &facts::Found,
    imported: Option<(&str, &'static str, u64, Vec<Finding>)>,
) -> Result<CommitmentOffers, ApiError> {
    let mut known = kept(engagement)?;
    let lines = bill_lines(read)?;
    let currency = read.usage.currency();
    let mut findings = check(&known.rates, &lines, currency);
    if let Some((name, kind, others, told)) = imported {
        for file in known.files.iter_mut().filter(|file| file.name == name) {
            file.others = Some(others);
            file.kind = Some(kind.to_owned());
        }
        findings.extend(told);
    }
    findings.append(&mut known.findings);
    let mut rates = of_the_bill(found, read)?;
    rates.append(&mut known.rates);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (all_rates, all_findings) = (rates.len(), findings.len());
    Ok(CommitmentOffers {
        currency,
        files: known.files,
        rates: rates.iter().take(RATES_MAX).map(|rate| offer(rate, &lines)).collect(),
        more_rates: count(all_rates.saturating_sub(RATES_MAX)),
        findings: findings.into_iter().take(FINDINGS_MAX).map(CommitmentFinding::from).collect(),
        more_findings: count(all_findings.saturating_sub(FINDINGS_MAX)),
    })
}

fn offer(rate: &OfferRate, lines: &[BillLine]) -> CommitmentOffer {
    let on_demand_price = lines.iter().filter(|line| rate.fits(&line.key)).find_map(|line| line.price);
    let price = match rate.value {
        OfferValue::Price(price) => Some(price),
        OfferValue::Discount(_) | OfferValue::Share { .. } => rate
            .discount(None)
            .zip(on_demand_price)
            .and_then(|(discount, price)| price.checked_sub(price.checked_mul(discount).ok()?).ok())
            .map(|price| price.rounded(10, money::Rounding::HalfEven).normalized()),
    };
    CommitmentOffer {
        provider: rate.provider.clone(),
        program: rate.program.key().to_owned(),
        label: rate.program.to_string(),
        service: rate.service.clone(),
        family: rate.family.clone(),
        instance_type: rate.instance_type.clone(),
        region: rate.region.clone(),
        platform: rate.platform.clone(),
        sku: rate.sku.clone(),
        unit: rate.unit.clone(),
        term_months: rate.term.months,
        payment: payment_word(rate.payment).to_owned(),
        price,
        upfront: rate.upfront,
        on_demand_price,
        discount: rate.discount(on_demand_price),
        currency: rate.currency,
        from: rate.from.map(|day| day.to_string()),
        source: rate.source.to_string(),
        implied: rate.source.commitment.is_some(),
    }
}

pub(crate) fn import(
    context: &Context,
    request: &CommitmentOfferImportRequest,
    watch: &Watch,
) -> Result<CommitmentOffers, ApiError> {
    let engagement = context.engagement()?;
    let stem = request.path.file_stem().map(|stem| stem.to_string_lossy().replace(['.', '(', ')'], "-"));
    let name = request.name.clone().or(stem).unwrap_or_default();
    let file = request.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let refused = |problem: &str| {
        ApiError::new(
            "offers",
            problem.to_owned(),
            "Give an offer sheet (CSV: provider, program, term and a rate or a percent), or a price list as the provider gave it.",
        )
    };
    if !is_name(&name) {
        return Err(refused(&format!(
            "`{name}` is no name for a list of offers; give one with letters, digits, - and _"
        )));
    }
    let text = text_file::read(&request.path, BYTES_MAX, "a price list")
        .map_err(|problem| refused(&format!("{} cannot be read: {problem}", request.path.display())))?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let read_now = hours::read(context, &ground, Wanted::default())?;
    let lines = bill_lines(&read_now.0)?;
    let wanted = |rate: &OfferRate| lines.iter().any(|line| rate.fits(&line.key));
    let found = read(&file, &text, &wanted).map_err(|error| refused(&error.to_string()))?;
    if found.rates.is_empty() {
        let why = found.findings.first().map_or_else(
            || format!("none of its {} rates is for anything in the bill", found.others),
            |finding| finding.message.clone(),
        );
        return Err(refused(&format!("{file} has no rate to keep: {why}")));
    }
    let sheet = write_sheet(&found.rates).map_err(|error| refused(&error.to_string()))?;
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    put(&path(&folder, &name), sheet.as_bytes())?;
    shown(&engagement, &read_now.0, &read_now.1, Some((&name, found.kind.label(), found.others, found.findings)))
}

pub(crate) fn remove(
    context: &Context,
    request: &CommitmentOfferRemoveRequest,
    watch: &Watch,
) -> Result<CommitmentOffers, ApiError> {
    let engagement = context.engagement()?;
    let folder = engagement.folder().join(FOLDER);
    let path = path(&folder, &request.name);
    if !is_name(&request.name) || !path.is_file() {
        let message =
            format!("there is no list of offers called {}", request.name.chars().take(80).collect::<String>());
        return Err(ApiError::new("not_found", message, "`qd commit offers` lists them."));
    }
    std::fs::remove_file(&path).map_err(|error| io(&path, &error))?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let kept = hours::read(context, &ground, Wanted::default())?;
    shown(&engagement, &kept.0, &kept.1, None)
}

fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.csv"))
}
