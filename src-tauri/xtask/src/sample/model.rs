//! The made-up company as the tables in `model/` tell it: who is billed, for what, at which price, with which tags.

use chrono::NaiveDate;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{calendar::Month, fixed::Fixed, random};

/// Resource ids are drawn from this seed; usage noise is drawn from [`super::usage`]'s.
const RESOURCE_SEED: u64 = 11;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Provider {
    #[serde(rename = "AWS")]
    Aws,
    Microsoft,
    #[serde(rename = "Google Cloud")]
    GoogleCloud,
}

impl Provider {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Microsoft => "Microsoft",
            Self::GoogleCloud => "Google Cloud",
        }
    }
}

/// Who receives an invoice.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BillingAccount {
    pub(crate) provider: Provider,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) currency: String,
    pub(crate) issuer: String,
    pub(crate) tax_percent: i64,
    /// The folder under `bills/` that holds the account's files.
    pub(crate) folder: String,
}

/// An account, subscription or project inside a billing account.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SubAccount {
    pub(crate) billing_account: String,
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Google Cloud numbers its projects besides naming them.
    pub(crate) number: Option<String>,
}

/// What is being built, by whom, and who pays for it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Application {
    pub(crate) application: String,
    pub(crate) team: String,
    pub(crate) cost_center: String,
    pub(crate) owner_group: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Service {
    pub(crate) provider: Provider,
    #[serde(rename = "service")]
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) subcategory: String,
    pub(crate) code: String,
    pub(crate) resource_type: Option<String>,
    /// How the provider spells a resource id; empty where the service bills no single resource.
    pub(crate) resource_id: Option<String>,
    /// Who makes it, where that is not the provider.
    #[serde(default)]
    pub(crate) publisher: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Region {
    pub(crate) provider: Provider,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) zone: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct SkuRow {
    provider: Provider,
    service: String,
    sku: String,
    meter: String,
    description: String,
    pricing_unit: String,
    list_price: Fixed,
    negotiated_percent: i64,
    committed_percent: i64,
    pricing_category: String,
    details: String,
}

/// A thing with a price.
#[derive(Clone, Debug)]
pub(crate) struct Sku {
    pub(crate) service: usize,
    /// The name by which the model's tables call it.
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) price_id: String,
    pub(crate) meter: String,
    pub(crate) description: String,
    pub(crate) pricing_unit: String,
    pub(crate) consumed_unit: String,
    /// How many consumed units one pricing unit holds.
    pub(crate) block: Fixed,
    /// The list price at the start of the sample; [`super::events::list_price`] knows the day's.
    pub(crate) list_price: Fixed,
    /// The negotiated discount on the list price.
    pub(crate) negotiated_percent: i64,
    /// The discount under a commitment; 0 where no commitment applies.
    pub(crate) committed_percent: i64,
    pub(crate) pricing_category: String,
    /// `SkuPriceDetails` as JSON.
    pub(crate) details: String,
}

/// How much of a line is used when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Shape {
    /// An instance that always runs.
    Always,
    /// An instance that runs on working days, 07:00 to 19:00.
    Office,
    /// An instance that runs every day, 08:00 to 22:00.
    Peak,
    /// An instance that runs in the shipping season only.
    Season,
    /// The same quantity every day.
    Fixed,
    /// A quantity that follows the parcels.
    Demand,
    /// A quantity that wanders round its own level.
    Steady,
    /// Stored gigabytes, growing; billed in gigabyte-months.
    Storage,
    /// A fee on the first of the month.
    Monthly,
}

impl Shape {
    pub(crate) const fn is_instance(self) -> bool {
        matches!(self, Self::Always | Self::Office | Self::Peak | Self::Season)
    }
}

/// Which of the told events a line takes part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Event {
    Launch,
    Migration,
    LoggingSpike,
    UntaggedAccount,
    CorrectedMonth,
    Correction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tagging {
    /// All four keys, as the company's rule says.
    Full,
    /// The environment's value in another case.
    ValueCase,
    /// The keys in another case.
    KeyCase,
    /// Two of the four keys.
    Partial,
    None,
}

#[derive(Clone, Debug, Deserialize)]
struct LineRow {
    account: String,
    region: String,
    sku: String,
    resource: Option<String>,
    count: u32,
    application: Option<String>,
    environment: Option<String>,
    tagging: Tagging,
    shape: Shape,
    quantity: Fixed,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    event: Option<Event>,
}

#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Azure's resource group.
    pub(crate) group: String,
}

/// One resource under one SKU: what a row of the bill is about.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) billing_account: usize,
    pub(crate) account: usize,
    pub(crate) region: usize,
    pub(crate) sku: usize,
    pub(crate) resource: Option<Resource>,
    /// Empty for what nobody owns.
    pub(crate) application: String,
    /// JSON, or empty for null.
    pub(crate) tags: String,
    pub(crate) shape: Shape,
    /// Pricing units a day; gigabytes for [`Shape::Storage`].
    pub(crate) quantity: Fixed,
    pub(crate) from: Option<NaiveDate>,
    /// The first day without it.
    pub(crate) until: Option<NaiveDate>,
    pub(crate) event: Option<Event>,
    /// Names the line to the source of variation.
    pub(crate) key: String,
}

impl Line {
    pub(crate) fn exists_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| day >= from) && self.until.is_none_or(|until| day < until)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum CommitmentCategory {
    /// So much money an hour.
    Spend,
    /// So many instances of one SKU.
    Usage,
}

impl CommitmentCategory {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Spend => "Spend",
            Self::Usage => "Usage",
        }
    }
}

/// When a commitment is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Payment {
    /// The whole term on its first day.
    Upfront,
    /// As the term passes.
    Recurring,
}

#[derive(Clone, Debug, Deserialize)]
struct CommitmentRow {
    billing_account: String,
    account: String,
    id: String,
    name: String,
    kind: String,
    category: CommitmentCategory,
    sku: String,
    covers: Option<String>,
    payment: Payment,
    hourly: Fixed,
    from: NaiveDate,
    until: NaiveDate,
    region: Option<String>,
}

/// A savings plan, reservation or committed use discount.
#[derive(Clone, Debug)]
pub(crate) struct Commitment {
    pub(crate) billing_account: usize,
    pub(crate) account: usize,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) category: CommitmentCategory,
    /// What is bought.
    pub(crate) sku: usize,
    /// The only SKU it covers; all with a committed price where absent.
    pub(crate) covers: Option<usize>,
    pub(crate) payment: Payment,
    /// Money an hour, or instances.
    pub(crate) hourly: Fixed,
    pub(crate) from: NaiveDate,
    /// The first day without it.
    pub(crate) until: NaiveDate,
    pub(crate) region: Option<usize>,
}

impl Commitment {
    pub(crate) fn runs_on(&self, day: NaiveDate) -> bool {
        day >= self.from && day < self.until
    }

    /// Its units over the whole term.
    pub(crate) fn units(&self) -> Fixed {
        self.hourly.times(Fixed::whole(24 * (self.until - self.from).num_days()))
    }

    /// What one unit of the commitment (a currency unit, or an instance hour) costs.
    pub(crate) fn unit_price(&self, skus: &[Sku]) -> Fixed {
        skus[self.sku].list_price
    }

    /// What it costs an hour, used or not.
    pub(crate) fn hourly_cost(&self, skus: &[Sku]) -> Fixed {
        self.hourly.times(self.unit_price(skus))
    }
}

impl Sku {
    /// The price under a commitment.
    pub(crate) fn committed_price(&self) -> Fixed {
        self.list_price.percent(100 - self.committed_percent)
    }
}

/// Money that a provider gives back in a month, as a positive amount.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Credit {
    pub(crate) billing_account: String,
    pub(crate) account: String,
    pub(crate) service: String,
    pub(crate) month: Month,
    pub(crate) amount: Fixed,
    pub(crate) description: String,
}

/// Everything the sample is made from.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) billing_accounts: Vec<BillingAccount>,
    pub(crate) accounts: Vec<SubAccount>,
    pub(crate) applications: Vec<Application>,
    pub(crate) services: Vec<Service>,
    pub(crate) regions: Vec<Region>,
    pub(crate) skus: Vec<Sku>,
    pub(crate) lines: Vec<Line>,
    pub(crate) commitments: Vec<Commitment>,
    pub(crate) credits: Vec<Credit>,
}

impl Model {
    /// The company as told.
    ///
    /// # Panics
    /// When a table in `model/` cannot be read or names something that no other table knows.
    pub(crate) fn brightwater() -> Self {
        let mut model = Self {
            billing_accounts: table(include_str!("model/billing_accounts.psv")),
            accounts: table(include_str!("model/accounts.psv")),
            applications: table(include_str!("model/applications.psv")),
            services: table(include_str!("model/services.psv")),
            regions: table(include_str!("model/regions.psv")),
            skus: Vec::new(),
            lines: Vec::new(),
            commitments: Vec::new(),
            credits: table(include_str!("model/credits.psv")),
        };
        for row in table::<SkuRow>(include_str!("model/skus.psv")) {
            let sku = model.sku(row);
            model.skus.push(sku);
        }
        for row in table::<LineRow>(include_str!("model/lines.psv")) {
            for number in 1..=row.count {
                let line = model.line(&row, number);
                model.lines.push(line);
            }
        }
        for row in table::<CommitmentRow>(include_str!("model/commitments.psv")) {
            let commitment = model.commitment(row);
            model.commitments.push(commitment);
        }
        model
    }

    pub(crate) fn service_named(&self, provider: Provider, name: &str) -> &Service {
        &self.services[self.service_index(provider, name)]
    }

    pub(crate) fn account_with(&self, id: &str) -> &SubAccount {
        &self.accounts[position(&self.accounts, id, |account| &account.id)]
    }

    pub(crate) fn application(&self, name: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.application == name)
    }

    fn service_index(&self, provider: Provider, name: &str) -> usize {
        self.services
            .iter()
            .position(|service| service.provider == provider && service.name == name)
            .unwrap_or_else(|| panic!("no service `{name}` of {}", provider.name()))
    }

    fn sku(&self, row: SkuRow) -> Sku {
        let (block, consumed_unit) = match row.pricing_unit.split_once(' ').map(|(number, unit)| (number.parse(), unit))
        {
            Some((Ok(block), unit)) => (block, unit.to_owned()),
            _ => (Fixed::ONE, row.pricing_unit.clone()),
        };
        let id = random::hex(RESOURCE_SEED, &format!("{}/{}", row.provider.name(), row.sku), 12).to_uppercase();
        Sku {
            service: self.service_index(row.provider, &row.service),
            price_id: format!("{id}.{}", random::hex(RESOURCE_SEED + 1, &row.sku, 10).to_uppercase()),
            id,
            key: row.sku,
            meter: row.meter,
            description: row.description,
            pricing_unit: row.pricing_unit,
            consumed_unit,
            block,
            list_price: row.list_price,
            negotiated_percent: row.negotiated_percent,
            committed_percent: row.committed_percent,
            pricing_category: row.pricing_category,
            details: details(&row.details),
        }
    }

    fn line(&self, row: &LineRow, number: u32) -> Line {
        let account = position(&self.accounts, &row.account, |account| &account.id);
        let billing_account =
            position(&self.billing_accounts, &self.accounts[account].billing_account, |account| &account.id);
        let sku = position(&self.skus, &row.sku, |sku| &sku.key);
        let provider = self.services[self.skus[sku].service].provider;
        let region = self
            .regions
            .iter()
            .position(|region| region.provider == provider && region.id == row.region)
            .unwrap_or_else(|| panic!("{} has no region `{}`", provider.name(), row.region));
        let application = row.application.clone().unwrap_or_default();
        let resource = row.resource.as_ref().map(|base| {
            let name = if row.count > 1 { format!("{base}-{number:02}") } else { base.clone() };
            self.resource(sku, account, region, name, &application)
        });
        Line {
            billing_account,
            account,
            region,
            sku,
            key: format!("{}/{}/{}/{number}", row.account, row.sku, row.resource.as_deref().unwrap_or("-")),
            resource,
            tags: self.tags(row.tagging, &application, row.environment.as_deref().unwrap_or_default()),
            application,
            shape: row.shape,
            quantity: row.quantity,
            from: row.from,
            until: row.until,
            event: row.event,
        }
    }

    fn resource(&self, sku: usize, account: usize, region: usize, name: String, application: &str) -> Resource {
        let service = &self.services[self.skus[sku].service];
        let template = service.resource_id.as_deref().unwrap_or("{name}");
        let group = format!("rg-{}", if application.is_empty() { "shared" } else { application });
        let hash = random::hex(RESOURCE_SEED, &format!("{}/{}/{name}", self.accounts[account].id, service.name), 17);
        let id = template
            .replace("{hash17}", &hash)
            .replace("{hash16}", &hash[..16])
            .replace("{hash13}", &hash[..13].to_uppercase())
            .replace("{region}", &self.regions[region].id)
            .replace("{zone}", self.regions[region].zone.as_deref().unwrap_or_default())
            .replace("{account}", &self.accounts[account].id)
            .replace("{group}", &group)
            .replace("{name}", &name);
        Resource { id, name, group }
    }

    fn tags(&self, tagging: Tagging, application: &str, environment: &str) -> String {
        let owner = self.application(application);
        let capitalised = |text: &str| {
            let mut letters = text.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        };
        let keys = match tagging {
            Tagging::Full | Tagging::ValueCase => ["application", "cost-center", "environment", "team"],
            Tagging::KeyCase => ["Application", "CostCenter", "Environment", "Team"],
            Tagging::Partial => ["application", "", "environment", ""],
            Tagging::None => return String::new(),
        };
        let environment = if tagging == Tagging::ValueCase { capitalised(environment) } else { environment.to_owned() };
        let owner = owner.unwrap_or_else(|| panic!("nobody owns the application `{application}`"));
        let values = [application, &owner.cost_center, &environment, &owner.team];
        let tags: Map<String, Value> = keys
            .into_iter()
            .zip(values)
            .filter(|(key, _)| !key.is_empty())
            .map(|(key, value)| (key.to_owned(), Value::from(value)))
            .collect();
        Value::Object(tags).to_string()
    }

    fn commitment(&self, row: CommitmentRow) -> Commitment {
        Commitment {
            billing_account: position(&self.billing_accounts, &row.billing_account, |account| &account.id),
            account: position(&self.accounts, &row.account, |account| &account.id),
            sku: position(&self.skus, &row.sku, |sku| &sku.key),
            covers: row.covers.map(|covers| position(&self.skus, &covers, |sku| &sku.key)),
            region: row.region.map(|id| position(&self.regions, &id, |region| &region.id)),
            id: row.id,
            name: row.name,
            kind: row.kind,
            category: row.category,
            payment: row.payment,
            hourly: row.hourly,
            from: row.from,
            until: row.until,
        }
    }
}

/// `A=1,B=x` as a JSON object; what reads as a whole number is one.
fn details(pairs: &str) -> String {
    let object: Map<String, Value> = pairs
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.parse::<i64>().map_or_else(|_| Value::from(value), Value::from)))
        .collect();
    Value::Object(object).to_string()
}

fn position<T>(items: &[T], id: &str, id_of: impl Fn(&T) -> &String) -> usize {
    items.iter().position(|item| id_of(item) == id).unwrap_or_else(|| panic!("the model knows no `{id}`"))
}

/// Reads a table whose cells are separated by `|`.
fn table<Row: DeserializeOwned>(text: &str) -> Vec<Row> {
    csv::ReaderBuilder::new()
        .delimiter(b'|')
        .quoting(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("a table of the model cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_tables_hold_together() {
        let model = Model::brightwater();
        let skus: BTreeSet<_> = model.skus.iter().map(|sku| &sku.id).collect();
        assert_eq!(skus.len(), model.skus.len(), "a SKU id is unique");
        for line in &model.lines {
            let provider = model.services[model.skus[line.sku].service].provider;
            assert_eq!(
                model.billing_accounts[line.billing_account].provider, provider,
                "{}: the SKU's provider",
                line.key
            );
        }
    }
}
