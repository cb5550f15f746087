//! [`Dimension`]: what charges can be broken down and filtered by.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// The subject that a dimension belongs to, for menus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DimensionGroup {
    /// Who sells, hosts and invoices.
    Provider,
    /// Billing accounts and sub accounts.
    Account,
    /// Services and their categories.
    Service,
    /// Regions and zones.
    Location,
    /// Resources.
    Resource,
    /// Stock-keeping units and their prices.
    Sku,
    /// The nature of the charge.
    Charge,
    /// How it was priced.
    Pricing,
    /// Commitment discounts and capacity reservations.
    Commitment,
    /// Invoices and reports.
    Invoice,
    /// Costs that the provider split.
    Allocation,
    /// Tags.
    Tag,
    /// Columns beyond FOCUS that the provider adds.
    Extra,
}

/// What the catalogue knows about a dimension.
struct Entry {
    dimension: Dimension,
    name: &'static str,
    column: &'static str,
    label: &'static str,
    group: DimensionGroup,
    aliases: &'static [&'static str],
}

macro_rules! dimensions {
    ($($variant:ident $name:literal $column:literal $label:literal $group:ident [$($alias:literal),*];)*) => {
        /// Something to break charges down by: a text column of FOCUS, a tag, or a column that a provider adds to FOCUS.
        ///
        /// On the wire it is its name: `service`, `tag:team`, `extra:x_ResourceGroupName`.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, TS)]
        #[ts(type = "string", export)]
        pub enum Dimension {
            $(#[doc = concat!($label, ", column `", $column, "` of the charges.")] $variant,)*
            /// The value of a tag key. Keys keep their case.
            Tag(String),
            /// The value of a column that FOCUS does not define, by its name in the provider's file.
            Extra(String),
        }

        /// Every dimension with a column of its own, in the order of menus.
        const CATALOGUE: &[Entry] = &[$(Entry {
            dimension: Dimension::$variant,
            name: $name,
            column: $column,
            label: $label,
            group: DimensionGroup::$group,
            aliases: &[$($alias),*],
        }),*];
    };
}

dimensions! {
    Provider "provider" "provider" "Provider" Provider ["provider_name", "cloud"];
    ServiceProvider "service_provider" "service_provider_name" "Service provider" Provider [];
    HostProvider "host_provider" "host_provider_name" "Host provider" Provider [];
    Publisher "publisher" "publisher_name" "Publisher" Provider [];
    InvoiceIssuer "invoice_issuer" "invoice_issuer_name" "Invoice issuer" Provider ["issuer"];
    BillingAccount "billing_account" "billing_account_id" "Billing account" Account ["payer", "payer_account"];
    BillingAccountName "billing_account_name" "billing_account_name" "Billing account name" Account [];
    BillingAccountType "billing_account_type" "billing_account_type" "Billing account type" Account [];
    SubAccount "sub_account" "sub_account_id" "Sub account" Account ["account", "subscription", "project"];
    SubAccountName "sub_account_name" "sub_account_name" "Sub account name" Account ["account_name"];
    SubAccountType "sub_account_type" "sub_account_type" "Sub account type" Account ["account_type"];
    Service "service" "service_name" "Service" Service [];
    ServiceCategory "service_category" "service_category" "Service category" Service ["category"];
    ServiceSubcategory "service_subcategory" "service_subcategory" "Service subcategory" Service ["subcategory"];
    Region "region" "region_id" "Region" Location [];
    RegionName "region_name" "region_name" "Region name" Location [];
    AvailabilityZone "availability_zone" "availability_zone" "Availability zone" Location ["zone"];
    Resource "resource" "resource_id" "Resource" Resource [];
    ResourceName "resource_name" "resource_name" "Resource name" Resource [];
    ResourceType "resource_type" "resource_type" "Resource type" Resource [];
    Sku "sku" "sku_id" "SKU" Sku [];
    SkuMeter "sku_meter" "sku_meter" "SKU meter" Sku ["meter"];
    SkuPrice "sku_price" "sku_price_id" "SKU price" Sku [];
    ChargeCategory "charge_category" "charge_category" "Charge category" Charge [];
    ChargeClass "charge_class" "charge_class" "Charge class" Charge [];
    ChargeFrequency "charge_frequency" "charge_frequency" "Charge frequency" Charge ["frequency"];
    ChargeDescription "charge_description" "charge_description" "Charge description" Charge ["description"];
    ConsumedUnit "consumed_unit" "consumed_unit" "Consumed unit" Charge ["usage_unit"];
    PricingCategory "pricing_category" "pricing_category" "Pricing category" Pricing [];
    PricingUnit "pricing_unit" "pricing_unit" "Pricing unit" Pricing [];
    PricingCurrency "pricing_currency" "pricing_currency" "Pricing currency" Pricing [];
    BillingCurrency "billing_currency" "billing_currency" "Billing currency" Pricing ["currency"];
    Commitment "commitment" "commitment_discount_id" "Commitment discount" Commitment ["commitment_discount"];
    CommitmentName "commitment_name" "commitment_discount_name" "Commitment discount name" Commitment [];
    CommitmentCategory "commitment_category" "commitment_discount_category" "Commitment discount category" Commitment [];
    CommitmentType "commitment_type" "commitment_discount_type" "Commitment discount type" Commitment [];
    CommitmentStatus "commitment_status" "commitment_discount_status" "Commitment discount status" Commitment [];
    CommitmentUnit "commitment_unit" "commitment_discount_unit" "Commitment discount unit" Commitment [];
    CapacityReservation "capacity_reservation" "capacity_reservation_id" "Capacity reservation" Commitment [];
    CapacityReservationStatus "capacity_reservation_status" "capacity_reservation_status" "Capacity reservation status" Commitment [];
    Invoice "invoice" "invoice_id" "Invoice" Invoice [];
    InvoiceDetail "invoice_detail" "invoice_detail_id" "Invoice detail" Invoice [];
    Report "report" "report" "Report" Invoice [];
    AllocatedMethod "allocated_method" "allocated_method_id" "Allocation method" Allocation [];
    AllocatedResource "allocated_resource" "allocated_resource_id" "Allocated resource" Allocation [];
    AllocatedResourceName "allocated_resource_name" "allocated_resource_name" "Allocated resource name" Allocation [];
}

/// No dimension has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no dimension `{text}`{}", suggestion(.near))]
pub struct UnknownDimension {
    /// The name as it was given, cut to 60 characters.
    pub text: String,
    /// Up to three names that come close, the closest first.
    pub near: Vec<String>,
}

/// "; did you mean a, b or c?"
pub(crate) fn suggestion(near: &[String]) -> String {
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => format!("; did you mean {only}?"),
        [others @ .., last] => format!("; did you mean {} or {last}?", others.join(", ")),
    }
}

impl Dimension {
    /// Every dimension with a column of its own (no tags, no extras), in the order of menus.
    pub fn all() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(|entry| entry.dimension.clone())
    }

    fn entry(&self) -> Option<&'static Entry> {
        CATALOGUE.iter().find(|entry| entry.dimension == *self)
    }

    /// The name on the wire and on the command line, such as `service` or `tag:team`.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Tag(key) => Cow::Owned(format!("tag:{key}")),
            Self::Extra(name) => Cow::Owned(format!("extra:{name}")),
            known => Cow::Borrowed(known.entry().map_or("", |entry| entry.name)),
        }
    }

    /// The label for a person, such as `Service category`, `Tag team` or `x_ResourceGroupName`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Tag(key) => format!("Tag {key}"),
            Self::Extra(name) => name.clone(),
            known => known.entry().map_or("", |entry| entry.label).to_owned(),
        }
    }

    /// The label inside a sentence: a small first letter, but for acronyms, tags and extras.
    #[must_use]
    pub fn phrase(&self) -> String {
        let label = self.label();
        match self {
            Self::Tag(key) => format!("tag {key}"),
            Self::Extra(_) => label,
            _ if label.starts_with("SKU") => label,
            _ => label[..1].to_lowercase() + &label[1..],
        }
    }

    /// The column of `charge` that holds it; none for tags and extras, which lie in the JSON columns `tags` and `extra`.
    #[must_use]
    pub fn column(&self) -> Option<&'static str> {
        self.entry().map(|entry| entry.column)
    }

    /// The dimension that holds the names of its ids, such as `sub_account_name` of `sub_account`.
    #[must_use]
    pub fn named_by(&self) -> Option<Self> {
        match self {
            Self::BillingAccount => Some(Self::BillingAccountName),
            Self::SubAccount => Some(Self::SubAccountName),
            Self::Region => Some(Self::RegionName),
            Self::Resource => Some(Self::ResourceName),
            Self::Commitment => Some(Self::CommitmentName),
            Self::AllocatedResource => Some(Self::AllocatedResourceName),
            _ => None,
        }
    }

    /// The subject that it belongs to.
    #[must_use]
    pub fn group(&self) -> DimensionGroup {
        match self {
            Self::Tag(_) => DimensionGroup::Tag,
            Self::Extra(_) => DimensionGroup::Extra,
            known => known.entry().map_or(DimensionGroup::Charge, |entry| entry.group),
        }
    }

    /// Other names that are understood when typed.
    #[must_use]
    pub fn aliases(&self) -> &'static [&'static str] {
        self.entry().map_or(&[], |entry| entry.aliases)
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}

impl FromStr for Dimension {
    type Err = UnknownDimension;

    /// Reads a name, an alias, a column (`service_name`) or a FOCUS column id (`ServiceName`); `tag:KEY` and `extra:COLUMN` keep
    /// what follows the colon as it is.
    fn from_str(text: &str) -> Result<Self, UnknownDimension> {
        if let Some((prefix, key)) = text.split_once(':') {
            let keyed = match prefix.trim().to_ascii_lowercase().as_str() {
                "tag" | "tags" => Some(Self::Tag(key.to_owned())),
                "extra" => Some(Self::Extra(key.to_owned())),
                _ => None,
            };
            return keyed.filter(|_| !key.is_empty()).ok_or_else(|| unknown(text));
        }
        let trimmed = text.trim();
        let wanted = snake_case(trimmed);
        let found = CATALOGUE.iter().find(|entry| entry.name == wanted).or_else(|| {
            CATALOGUE.iter().find(|entry| entry.column == wanted || entry.aliases.contains(&wanted.as_str()))
        });
        found.map(|entry| entry.dimension.clone()).ok_or_else(|| unknown(trimmed))
    }
}

impl Serialize for Dimension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Dimension {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// `ServiceName`, `service name` and `service-name` become `service_name`.
fn snake_case(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 4);
    let mut after_small = false;
    for character in text.chars() {
        if character.is_ascii_uppercase() && after_small {
            result.push('_');
        }
        after_small = character.is_ascii_lowercase() || character.is_ascii_digit();
        result.push(if matches!(character, ' ' | '-') { '_' } else { character.to_ascii_lowercase() });
    }
    result
}

fn unknown(text: &str) -> UnknownDimension {
    let names = CATALOGUE.iter().flat_map(|entry| {
        std::iter::once((entry.name, entry.name)).chain(entry.aliases.iter().map(|alias| (*alias, entry.name)))
    });
    UnknownDimension { text: text.chars().take(60).collect(), near: near_misses(&snake_case(text), names) }
}

/// Up to three of the `(spelling, name)` pairs' names whose spelling comes close to `text`, the closest first.
pub(crate) fn near_misses<'a>(text: &str, names: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let text: String = text.chars().take(60).collect();
    let mut scored: Vec<(usize, &str)> = names
        .filter_map(|(spelling, name)| {
            let distance = edit_distance(&text, spelling);
            let allowed = 1 + spelling.len() / 5;
            let part = text.len() >= 3 && (spelling.contains(&text) || text.contains(spelling));
            (distance <= allowed).then_some((distance, name)).or_else(|| part.then_some((allowed + 1, name)))
        })
        .collect();
    scored.sort_unstable();
    let mut near: Vec<String> = Vec::new();
    for (_, name) in scored {
        if near.len() < 3 && !near.iter().any(|known| known == name) {
            near.push(name.to_owned());
        }
    }
    near
}

/// How many characters must be put in, taken out or changed to get from one text to the other (Levenshtein 1965).
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut distances: Vec<usize> = (0..=right.len()).collect();
    for (row, left_character) in left.chars().enumerate() {
        let mut diagonal = row;
        distances[0] = row + 1;
        for (column, right_character) in right.iter().enumerate() {
            let changed = diagonal + usize::from(left_character != *right_character);
            diagonal = distances[column + 1];
            distances[column + 1] = changed.min(diagonal + 1).min(distances[column] + 1);
        }
    }
    distances[right.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_unique_and_reads_back() {
        let mut names = BTreeSet::new();
        for dimension in Dimension::all() {
            assert!(names.insert(dimension.name().into_owned()), "{dimension} occurs twice");
            assert_eq!(dimension.name().parse::<Dimension>().as_ref(), Ok(&dimension), "the name reads back");
            for alias in dimension.aliases() {
                assert!(names.insert((*alias).to_owned()), "{alias} means one thing");
                assert_eq!(alias.parse::<Dimension>().as_ref(), Ok(&dimension), "the alias reads back");
            }
        }
        assert!(names.len() > 45, "all text columns of FOCUS are there");
    }

    #[test]
    fn columns_and_focus_ids_are_understood() {
        assert_eq!("ServiceName".parse(), Ok(Dimension::Service));
        assert_eq!("commitment_discount_id".parse(), Ok(Dimension::Commitment));
        assert_eq!("Sub-Account".parse(), Ok(Dimension::SubAccount));
        assert_eq!("SkuPriceId".parse(), Ok(Dimension::SkuPrice));
    }

    #[test]
    fn tag_keys_keep_what_they_are() {
        let odd = "tag:aws:cost \"Center\"\u{1F4B8}\n";
        let dimension: Dimension = serde_json::from_value(serde_json::json!("tag:Team: A")).unwrap();
        assert_eq!(dimension, Dimension::Tag("Team: A".into()));
        assert_eq!(Dimension::Tag(odd[4..].into()).name(), odd);
        assert!("tag:".parse::<Dimension>().is_err(), "a tag needs a key");
    }

    /// Every text column of FOCUS is a dimension, and every dimension a text column of FOCUS, but for the two of our own.
    #[test]
    fn dimensions_are_the_text_columns_of_focus() {
        let text = focus::columns().iter().filter(|column| column.kind == focus::Kind::Text).map(|column| column.name);
        // The charge keeps the provider under its own name; FOCUS 1.4 took `ProviderName` away.
        let expected: BTreeSet<&str> =
            text.filter(|name| *name != "provider_name").chain(["provider", "report"]).collect();
        let columns: BTreeSet<&str> = Dimension::all().filter_map(|dimension| dimension.column()).collect();
        assert_eq!(columns, expected);
    }

    #[test]
    fn a_near_miss_is_named() {
        let message = |text: &str| text.parse::<Dimension>().unwrap_err().to_string();
        assert_eq!(message("servce"), "there is no dimension `servce`; did you mean `service`?");
        assert_eq!(message("subaccount"), "there is no dimension `subaccount`; did you mean `sub_account`?");
        assert_eq!(message("qqqqqqqq"), "there is no dimension `qqqqqqqq`");
    }
}
