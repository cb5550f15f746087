//! Which features a provider has: the applicability criteria of the FOCUS 1.2 requirements model, which switch conditional rules on
//! and off, with what holds for the providers that are well known.

use serde::Serialize;

/// One applicability criterion.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ApplicabilityFlag {
    /// The name in the requirements model: `TAGGING_SUPPORTED`.
    pub name: &'static str,
    /// What it says: `the provider supports ...`.
    pub says: &'static str,
    /// The families of providers that have the feature; see [`family_of`].
    pub on: &'static [&'static str],
    /// Columns that show the feature. A provider of no known family has it when an export of its has one of these.
    pub shown_by: &'static [&'static str],
}

const HYPERSCALERS: &[&str] = &["aws", "microsoft", "google", "oracle", "alibaba", "tencent"];

/// Every flag, by name.
pub static APPLICABILITY_FLAGS: [ApplicabilityFlag; 18] = [
    flag("ACCOUNT_NAMING_SUPPORTED", "lets a billing account have a name", HYPERSCALERS, &["BillingAccountName"]),
    flag("AVAILABILITY_ZONE_SUPPORTED", "has availability zones", HYPERSCALERS, &["AvailabilityZone"]),
    flag(
        "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED",
        "bills for provisioned resources",
        HYPERSCALERS,
        &["ResourceId", "ResourceName", "ResourceType"],
    ),
    flag(
        "CAPACITY_RESERVATION_SUPPORTED",
        "has capacity reservations",
        &["aws", "microsoft", "google", "oracle"],
        &["CapacityReservationId", "CapacityReservationStatus"],
    ),
    flag(
        "COMMITMENT_DISCOUNT_SUPPORTED",
        "has commitment discounts",
        HYPERSCALERS,
        &["CommitmentDiscountId", "CommitmentDiscountStatus", "CommitmentDiscountQuantity"],
    ),
    flag(
        "MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED",
        "has more than one kind of billing account",
        &["microsoft"],
        &["BillingAccountType"],
    ),
    flag(
        "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
        "prices in more than one way (standard, spot, committed)",
        HYPERSCALERS,
        &["PricingCategory"],
    ),
    flag("MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED", "has more than one kind of sub account", &[], &["SubAccountType"]),
    flag("NEGOTIATED_PRICING_SUPPORTED", "negotiates prices", HYPERSCALERS, &["ContractedUnitPrice"]),
    flag(
        "PRICING_BILLING_CURRENCY_DIFFERENCES_SUPPORTED",
        "may price in another currency than it bills in",
        &["microsoft", "google", "oracle"],
        &["PricingCurrency", "PricingCurrencyEffectiveCost"],
    ),
    flag("PUBLIC_PRICE_LIST_SUPPORTED", "publishes price lists", HYPERSCALERS, &["ListUnitPrice"]),
    flag("REGION_SUPPORTED", "has regions", HYPERSCALERS, &["RegionId", "RegionName"]),
    flag(
        "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED",
        "gives resources a type",
        &["aws", "microsoft", "google", "oracle"],
        &["ResourceType"],
    ),
    flag("SUB_ACCOUNT_SUPPORTED", "has sub accounts", HYPERSCALERS, &["SubAccountId", "SubAccountName"]),
    flag("TAGGING_SUPPORTED", "has tags", HYPERSCALERS, &["Tags"]),
    flag("UNIT_PRICING_SUPPORTED", "has unit prices", HYPERSCALERS, &["SkuPriceId", "ListUnitPrice"]),
    flag("USAGE_MEASUREMENT_SUPPORTED", "measures usage", HYPERSCALERS, &["ConsumedQuantity", "ConsumedUnit"]),
    flag("VIRTUAL_CURRENCY_SUPPORTED", "prices in virtual currency (credits, tokens)", &[], &[]),
];

const fn flag(
    name: &'static str,
    says: &'static str,
    on: &'static [&'static str],
    shown_by: &'static [&'static str],
) -> ApplicabilityFlag {
    ApplicabilityFlag { name, says, on, shown_by }
}

/// The flag of this name; upper and lower case are the same, and `_SUPPORTED` may be left out.
pub fn flag_by_name(name: &str) -> Option<&'static ApplicabilityFlag> {
    let wanted = name.trim().to_uppercase().replace('-', "_");
    APPLICABILITY_FLAGS.iter().find(|flag| flag.name == wanted || flag.name.strip_suffix("_SUPPORTED") == Some(&wanted))
}

/// The family of a provider by the first word of its name: `Amazon Web Services` and `AWS` are `aws`. None for one that is not known.
pub fn family_of(provider: &str) -> Option<&'static str> {
    let lower = provider.to_lowercase();
    let first = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).find(|word| !word.is_empty())?;
    Some(match first {
        "aws" | "amazon" => "aws",
        "microsoft" | "azure" => "microsoft",
        "google" | "gcp" => "google",
        "oracle" | "oci" => "oracle",
        "alibaba" | "aliyun" => "alibaba",
        "tencent" => "tencent",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::by_id;

    #[test]
    fn flags_stand_in_order_and_name_columns_that_exist() {
        assert!(APPLICABILITY_FLAGS.is_sorted_by_key(|flag| flag.name), "an answer lists them in this order");
        for flag in &APPLICABILITY_FLAGS {
            assert!(flag.shown_by.iter().all(|id| by_id(id).is_some()), "{} is shown by columns", flag.name);
            assert!(flag.on.iter().all(|family| family_of(family) == Some(family)), "{} names families", flag.name);
        }
    }

    #[test]
    fn a_flag_is_found_by_how_people_write_it() {
        let tagging = flag_by_name("TAGGING_SUPPORTED");
        assert!(tagging.is_some(), "by its own name");
        assert_eq!(flag_by_name("tagging"), tagging);
        assert_eq!(flag_by_name("Sub-Account"), flag_by_name("SUB_ACCOUNT_SUPPORTED"));
        assert_eq!(flag_by_name("levitation"), None);
    }

    #[test]
    fn names_of_one_company_are_one_family() {
        assert_eq!(family_of("Amazon Web Services, Inc."), family_of("AWS"));
        assert_eq!(family_of("Microsoft"), family_of("azure"));
        assert_eq!(family_of("Example Cloud"), None);
        assert_eq!(family_of("  "), None);
    }
}
