//! What commitments cost: rates that the bill implies, an analyst's sheet, and the providers' own price files as they are downloaded.
//! Each rate knows the file and row that it is from.

mod aws;
mod azure;
mod check;
mod google;
mod implied;
mod sheet;

use chrono::NaiveDate;
use money::{Amount, Currency, Ratio};

use crate::inventory::Finding;
use crate::model::{LineFilter, LineKey, Payment, Price, Program, Rate, Term};

pub use check::{BillLine, check};
pub use implied::{Implied, implied};
pub use sheet::{SHEET_COLUMNS, write as write_sheet};

/// Hours of a year: what a price for a term is divided by.
const HOURS_A_YEAR: i64 = 8_760;
/// The decimals of a price an hour that is worked out from a price for a term.
const PRICE_DECIMALS: u8 = 10;

/// A price under a commitment, for what it holds, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRate {
    /// The provider.
    pub provider: String,
    /// The programme.
    pub program: Program,
    /// The service, as the source calls it.
    pub service: Option<String>,
    /// The family.
    pub family: Option<String>,
    /// The instance type.
    pub instance_type: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The operating system or engine.
    pub platform: Option<String>,
    /// The tenancy.
    pub tenancy: Option<String>,
    /// The SKU of the usage, or the id of its meter.
    pub sku: Option<String>,
    /// The unit of the price.
    pub unit: Option<String>,
    /// The length.
    pub term: Term,
    /// How it is paid.
    pub payment: Payment,
    /// What it costs.
    pub value: OfferValue,
    /// Of that, what is paid at the start, for one unit over the whole term.
    pub upfront: Option<Amount>,
    /// The currency of prices; none of a discount.
    pub currency: Option<Currency>,
    /// The first day it holds.
    pub from: Option<NaiveDate>,
    /// Where it is from.
    pub source: OfferSource,
}

/// What an offer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferValue {
    /// The price of one unit, upfront spread over the term.
    Price(Amount),
    /// The part of the on-demand price that falls away.
    Discount(Amount),
    /// What was paid for what would have cost so much on demand, both from the bill.
    Share {
        /// Paid.
        paid: Amount,
        /// On demand.
        on_demand: Amount,
    },
}

/// Where a rate is from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferSource {
    /// The file; of an implied rate `the bill`.
    pub file: String,
    /// The row, counted from 1 with everything before it; in JSON the place of the rate in the list. None for the bill.
    pub row: Option<u64>,
    /// The commitment whose charges imply it.
    pub commitment: Option<String>,
}

impl std::fmt::Display for OfferSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.row, &self.commitment) {
            (_, Some(commitment)) => write!(formatter, "implied by the bill: {commitment}"),
            (Some(row), None) => write!(formatter, "{}, row {row}", self.file),
            (None, None) => write!(formatter, "{}", self.file),
        }
    }
}

impl OfferRate {
    /// The discount against an on-demand price of one unit; none where it cannot be said.
    #[must_use]
    pub fn discount(&self, on_demand_price: Option<Amount>) -> Option<Amount> {
        let one = Amount::from_integer(1);
        match self.value {
            OfferValue::Discount(discount) => Some(discount),
            OfferValue::Share { paid, on_demand } => one.checked_sub(Ratio::of(paid, on_demand, 6)?).ok(),
            OfferValue::Price(price) => one.checked_sub(Ratio::of(price, on_demand_price?, 6)?).ok(),
        }
    }

    /// The lines that it holds for.
    #[must_use]
    pub fn lines(&self) -> LineFilter {
        let set = |value: &Option<String>| value.iter().cloned().collect();
        let by_sku = self.sku.is_some();
        // A SKU says everything; what else the source says of it may be spelt otherwise in the bill.
        let unless_sku = |value: &Option<String>| if by_sku { Default::default() } else { set(value) };
        LineFilter {
            families: unless_sku(&self.family),
            instance_types: unless_sku(&self.instance_type),
            regions: unless_sku(&self.region),
            platforms: unless_sku(&self.platform),
            tenancies: unless_sku(&self.tenancy),
            skus: set(&self.sku),
            ..LineFilter::default()
        }
    }

    /// As the rate of a commitment.
    #[must_use]
    pub fn rate(&self) -> Rate {
        let price = match self.value {
            OfferValue::Price(price) => Price::Unit(price),
            OfferValue::Discount(discount) => Price::Discount(discount),
            OfferValue::Share { paid, on_demand } => Price::Share { paid, on_demand },
        };
        Rate { lines: self.lines(), price, source: Some(self.source.to_string()) }
    }

    /// Whether it may hold for a line: nothing that both name differs.
    #[must_use]
    pub fn fits(&self, line: &LineKey) -> bool {
        same_provider(&self.provider, &line.provider) && self.lines().matches(line)
    }
}

/// What a file was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferKind {
    /// An analyst's sheet.
    Sheet,
    /// AWS savings-plan offer file.
    AwsSavingsPlans,
    /// AWS price list with reserved terms.
    AwsReservedInstances,
    /// Azure price sheet.
    AzurePriceSheet,
    /// Google Cloud SKU list.
    GoogleSkus,
}

impl OfferKind {
    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sheet => "offer sheet",
            Self::AwsSavingsPlans => "AWS savings plan price list",
            Self::AwsReservedInstances => "AWS price list with reserved terms",
            Self::AzurePriceSheet => "Azure price sheet",
            Self::GoogleSkus => "Google Cloud SKU list",
        }
    }
}

/// A file of offers, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferFile {
    /// What it is.
    pub kind: OfferKind,
    /// Its rates, in the order of the file.
    pub rates: Vec<OfferRate>,
    /// How many rates it has that are for nothing in the bill and were left out.
    pub others: u64,
    /// What is wrong with rows.
    pub findings: Vec<Finding>,
}

/// A file that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct OfferError {
    /// The file.
    pub file: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// Reads a file of offers, whatever it is. Of a provider's list only the rates that `wanted` lets through are kept: it has every price
/// of the world.
///
/// # Errors
/// [`OfferError`] when the file is no such list, or names other files.
pub fn read(file: &str, text: &str, wanted: &dyn Fn(&OfferRate) -> bool) -> Result<OfferFile, OfferError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let refused = |problem: String| OfferError { file: file.to_owned(), problem };
    let collect = Collect { file, wanted, rates: Vec::new(), others: 0, findings: Vec::new() };
    if text.trim_start().starts_with(['{', '[']) {
        let document: serde_json::Value =
            serde_json::from_str(text).map_err(|error| refused(format!("this is no JSON: {error}")))?;
        if document.pointer("/terms/savingsPlan").is_some() {
            return Ok(aws::savings_plan_json(collect, &document));
        }
        if document.pointer("/terms/Reserved").is_some() {
            return Ok(aws::reserved_json(collect, &document));
        }
        if document.get("skus").is_some() {
            return Ok(google::skus(collect, &document));
        }
        if document.get("regions").is_some() || document.get("offers").is_some() {
            return Err(refused(
                "this is an index of price lists and has no price itself; download the file of the region that it names and import that"
                    .to_owned(),
            ));
        }
        return Err(refused(
            "this JSON is neither an AWS price list nor a Google Cloud SKU list; import the file as the provider gave it".to_owned(),
        ));
    }
    // AWS writes five lines about the file above the header.
    let head = text.lines().take(12).position(|line| {
        let lower = line.to_lowercase();
        lower.contains("offertermcode") || lower.contains("discountedrate") || lower.contains("discounted rate")
    });
    if let Some(lines) = head {
        let header = text.lines().nth(lines).unwrap_or_default().to_lowercase();
        return Ok(if header.contains("offertermcode") {
            aws::reserved_csv(collect, text, lines)
        } else {
            aws::savings_plan_csv(collect, text, lines)
        });
    }
    let first = text.lines().next().unwrap_or_default().to_lowercase();
    if first.contains("pricetype") && first.contains("metername") {
        return Ok(azure::price_sheet(collect, text));
    }
    if first.contains("provider") && first.contains("program") {
        return Ok(sheet::read(collect, text));
    }
    Err(refused(format!(
        "this is no list of offers that is known; an offer sheet is a CSV with the columns {}",
        SHEET_COLUMNS.join(", ")
    )))
}

/// Gathers the rates of a file.
struct Collect<'a> {
    file: &'a str,
    wanted: &'a dyn Fn(&OfferRate) -> bool,
    rates: Vec<OfferRate>,
    others: u64,
    findings: Vec<Finding>,
}

impl Collect<'_> {
    fn source(&self, row: u64) -> OfferSource {
        OfferSource { file: self.file.to_owned(), row: Some(row), commitment: None }
    }

    fn put(&mut self, rate: OfferRate) {
        if (self.wanted)(&rate) {
            self.rates.push(rate);
        } else {
            self.others += 1;
        }
    }

    fn say(&mut self, code: &'static str, row: u64, message: String) {
        let file = Some(self.file.to_owned());
        self.findings.push(Finding { code, subject: String::new(), file, row: Some(row), message });
    }

    fn finish(self, kind: OfferKind) -> OfferFile {
        OfferFile { kind, rates: self.rates, others: self.others, findings: self.findings }
    }
}

/// Whether two names are of one provider: `AWS` and `Amazon Web Services`, `Microsoft` and `Azure`.
fn same_provider(left: &str, right: &str) -> bool {
    let of = |name: &str| {
        let lower = name.to_lowercase();
        let known = [
            ("aws", "aws"),
            ("amazon", "aws"),
            ("microsoft", "azure"),
            ("azure", "azure"),
            ("google", "gcp"),
            ("gcp", "gcp"),
        ];
        known.into_iter().find(|(word, _)| lower.contains(word)).map_or(lower.clone(), |(_, one)| one.to_owned())
    };
    of(left) == of(right)
}

/// The price an hour of what is paid for a whole term.
fn spread(total: Amount, term: Term) -> Option<Amount> {
    let hours = Amount::from_integer(i64::from(term.months) * HOURS_A_YEAR / 12);
    Ratio::of(total, hours, PRICE_DECIMALS).map(Amount::normalized)
}

/// Columns of a CSV by name, without case, spaces and punctuation.
struct Columns(Vec<String>);

impl Columns {
    fn new(header: &csv::StringRecord) -> Self {
        Self(header.iter().map(plain).collect())
    }

    fn cell<'a>(&self, record: &'a csv::StringRecord, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|known| known == name)?;
        record.get(at).map(str::trim).filter(|text| !text.is_empty())
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The family of an instance type: `m5` of `m5.large`, `db.r6g` of `db.r6g.4xlarge`.
fn family_of(instance_type: &str) -> Option<String> {
    instance_type.rsplit_once('.').map(|(family, _)| family.to_owned())
}

#[cfg(test)]
mod tests;
