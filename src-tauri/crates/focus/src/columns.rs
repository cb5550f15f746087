//! The table of columns, by id.

use crate::category::SERVICE_CATEGORIES;
use crate::column::Kind::{DateTime, Decimal, Json, Text};
use crate::column::Level::{Conditional, Mandatory, Recommended};
use crate::column::{Column, column};
use crate::version::Version;

/// id, name, kind, nulls allowed, level, since, allowed values, meaning.
#[rustfmt::skip]
static COLUMNS: [Column; 67] = [
    column("AllocatedMethodDetails", "allocated_method_details", Json, true, Recommended, Version::V1_3, &[], "How a shared charge was split onto this charge: the shares and the measures behind them."),
    column("AllocatedMethodId", "allocated_method_id", Text, true, Conditional, Version::V1_3, &[], "The method the provider used to split a shared charge onto this one."),
    column("AllocatedResourceId", "allocated_resource_id", Text, true, Conditional, Version::V1_3, &[], "The resource or object that a split part of a shared charge is assigned to."),
    column("AllocatedResourceName", "allocated_resource_name", Text, true, Conditional, Version::V1_3, &[], "The display name of the resource or object that a split part is assigned to."),
    column("AllocatedTags", "allocated_tags", Json, true, Conditional, Version::V1_3, &[], "The tags of the resource or object that a split part is assigned to."),
    column("AvailabilityZone", "availability_zone", Text, true, Recommended, Version::V0_5, &[], "The isolated location within the region where the resource ran."),
    column("BilledCost", "billed_cost", Decimal, false, Mandatory, Version::V0_5, &[], "The amount that goes onto the invoice for this charge, after all discounts, in the billing currency."),
    column("BillingAccountId", "billing_account_id", Text, false, Mandatory, Version::V0_5, &[], "The account that is invoiced."),
    column("BillingAccountName", "billing_account_name", Text, true, Mandatory, Version::V0_5, &[], "The display name of the account that is invoiced."),
    column("BillingAccountType", "billing_account_type", Text, false, Conditional, Version::V1_2, &[], "What the provider calls this kind of billing account."),
    column("BillingCurrency", "billing_currency", Text, false, Mandatory, Version::V0_5, &[], "The currency of the invoice and of every cost of the charge."),
    column("BillingPeriodEnd", "billing_period_end", DateTime, false, Mandatory, Version::V0_5, &[], "The end of the invoiced period, exclusive."),
    column("BillingPeriodStart", "billing_period_start", DateTime, false, Mandatory, Version::V0_5, &[], "The start of the invoiced period, inclusive."),
    column("CapacityReservationId", "capacity_reservation_id", Text, true, Conditional, Version::V1_1, &[], "The capacity reservation that the charge belongs to."),
    column("CapacityReservationStatus", "capacity_reservation_status", Text, true, Conditional, Version::V1_1, &["Used", "Unused"], "Whether the reserved capacity was used by this charge or stood idle."),
    column("ChargeCategory", "charge_category", Text, false, Mandatory, Version::V0_5, &["Usage", "Purchase", "Tax", "Credit", "Adjustment"], "What kind of charge it is: use of a service, a purchase, tax, a credit or an adjustment."),
    column("ChargeClass", "charge_class", Text, true, Mandatory, Version::V1_0, &["Correction"], "Marks a correction to a period that was invoiced before."),
    column("ChargeDescription", "charge_description", Text, true, Mandatory, Version::V1_0, &[], "What was charged, in the provider's own words."),
    column("ChargeFrequency", "charge_frequency", Text, false, Recommended, Version::V1_0, &["One-Time", "Recurring", "Usage-Based"], "How often the charge comes: once, regularly, or as usage goes."),
    column("ChargePeriodEnd", "charge_period_end", DateTime, false, Mandatory, Version::V0_5, &[], "The end of the period that the charge covers, exclusive."),
    column("ChargePeriodStart", "charge_period_start", DateTime, false, Mandatory, Version::V0_5, &[], "The start of the period that the charge covers, inclusive."),
    column("CommitmentDiscountCategory", "commitment_discount_category", Text, true, Conditional, Version::V1_0, &["Spend", "Usage"], "Whether the commitment is a promise to spend or a promise to use."),
    column("CommitmentDiscountId", "commitment_discount_id", Text, true, Conditional, Version::V1_0, &[], "The commitment, such as a reservation or a savings plan, that the charge buys or draws on."),
    column("CommitmentDiscountName", "commitment_discount_name", Text, true, Conditional, Version::V1_0, &[], "The display name of the commitment."),
    column("CommitmentDiscountQuantity", "commitment_discount_quantity", Decimal, true, Conditional, Version::V1_1, &[], "How much of the commitment was bought, used or left unused."),
    column("CommitmentDiscountStatus", "commitment_discount_status", Text, true, Conditional, Version::V1_0, &["Used", "Unused"], "Whether the charge is a used or an unused part of the commitment."),
    column("CommitmentDiscountType", "commitment_discount_type", Text, true, Conditional, Version::V1_0, &[], "What the provider calls this kind of commitment."),
    column("CommitmentDiscountUnit", "commitment_discount_unit", Text, true, Conditional, Version::V1_1, &[], "The unit of the commitment discount quantity."),
    column("CommitmentProgramEligibilityDetails", "commitment_program_eligibility_details", Json, true, Conditional, Version::V1_4, &[], "Which commitment programmes the charge could count towards."),
    column("ConsumedQuantity", "consumed_quantity", Decimal, true, Conditional, Version::V1_0, &[], "How much was used, in the unit in which use is measured."),
    column("ConsumedUnit", "consumed_unit", Text, true, Conditional, Version::V1_0, &[], "The unit in which use is measured."),
    column("ContractApplied", "contract_applied", Json, true, Conditional, Version::V1_3, &[], "Which contract commitments the charge counts towards, and by how much."),
    column("ContractedCost", "contracted_cost", Decimal, false, Mandatory, Version::V1_0, &[], "What the charge costs at the negotiated unit price, before commitment discounts."),
    column("ContractedUnitPrice", "contracted_unit_price", Decimal, true, Conditional, Version::V1_0, &[], "The negotiated price of one pricing unit, before commitment discounts."),
    column("EffectiveCost", "effective_cost", Decimal, false, Mandatory, Version::V0_5, &[], "The cost of the charge with upfront and recurring commitment fees spread over the use that they pay for."),
    column("HostProviderName", "host_provider_name", Text, true, Mandatory, Version::V1_3, &[], "The provider whose infrastructure the service ran on."),
    column("InvoiceDetailId", "invoice_detail_id", Text, true, Conditional, Version::V1_4, &[], "The line of the invoice that the charge belongs to."),
    column("InvoiceId", "invoice_id", Text, true, Conditional, Version::V1_2, &[], "The invoice that the charge is on; missing until the invoice is issued."),
    column("InvoiceIssuerName", "invoice_issuer_name", Text, false, Mandatory, Version::V0_5, &[], "Who issues the invoice."),
    column("ListCost", "list_cost", Decimal, false, Mandatory, Version::V1_0, &[], "What the charge costs at the public list price."),
    column("ListUnitPrice", "list_unit_price", Decimal, true, Conditional, Version::V1_0, &[], "The public list price of one pricing unit."),
    column("PricingCategory", "pricing_category", Text, true, Conditional, Version::V1_0, &["Standard", "Dynamic", "Committed", "Other"], "Which way of pricing applied: standard, changing with the market, under a commitment, or another."),
    column("PricingCurrency", "pricing_currency", Text, false, Conditional, Version::V1_2, &[], "The currency, national or virtual, in which the price list is kept."),
    column("PricingCurrencyContractedUnitPrice", "pricing_currency_contracted_unit_price", Decimal, true, Conditional, Version::V1_2, &[], "The negotiated unit price in the pricing currency."),
    column("PricingCurrencyEffectiveCost", "pricing_currency_effective_cost", Decimal, false, Conditional, Version::V1_2, &[], "The effective cost in the pricing currency."),
    column("PricingCurrencyListUnitPrice", "pricing_currency_list_unit_price", Decimal, true, Conditional, Version::V1_2, &[], "The list unit price in the pricing currency."),
    column("PricingQuantity", "pricing_quantity", Decimal, true, Mandatory, Version::V1_0, &[], "How many pricing units the charge is priced on."),
    column("PricingUnit", "pricing_unit", Text, true, Mandatory, Version::V1_0, &[], "The unit that the unit prices refer to."),
    Column { removed: Some(Version::V1_4), ..column("ProviderName", "provider_name", Text, false, Mandatory, Version::V0_5, &[], "Who made the service available to buy; replaced by the service and host provider since 1.3.") },
    Column { removed: Some(Version::V1_4), ..column("PublisherName", "publisher_name", Text, false, Mandatory, Version::V0_5, &[], "Who made the service; replaced by the service and host provider since 1.3.") },
    column("RegionId", "region_id", Text, true, Conditional, Version::V1_0, &[], "The provider's identifier of the region."),
    column("RegionName", "region_name", Text, true, Conditional, Version::V1_0, &[], "The display name of the region."),
    column("ResourceId", "resource_id", Text, true, Conditional, Version::V0_5, &[], "The provider's identifier of the resource that caused the charge."),
    column("ResourceName", "resource_name", Text, true, Conditional, Version::V0_5, &[], "The display name of the resource."),
    column("ResourceType", "resource_type", Text, true, Conditional, Version::V1_0, &[], "What the provider calls this kind of resource."),
    column("ServiceCategory", "service_category", Text, false, Mandatory, Version::V0_5, SERVICE_CATEGORIES, "The main purpose of the service, from a closed list."),
    column("ServiceName", "service_name", Text, false, Mandatory, Version::V0_5, &[], "The service that was bought or used."),
    column("ServiceProviderName", "service_provider_name", Text, false, Mandatory, Version::V1_3, &[], "Who offers the service for sale."),
    column("ServiceSubcategory", "service_subcategory", Text, false, Recommended, Version::V1_1, &[], "The purpose of the service within its category, from a closed list."),
    column("SkuId", "sku_id", Text, true, Conditional, Version::V1_0, &[], "The provider's identifier of what was bought, whatever its price."),
    column("SkuMeter", "sku_meter", Text, true, Conditional, Version::V1_1, &[], "What of the SKU was metered."),
    column("SkuPriceDetails", "sku_price_details", Json, true, Conditional, Version::V1_1, &[], "Properties of the SKU price, such as instance type or operating system."),
    column("SkuPriceId", "sku_price_id", Text, true, Conditional, Version::V1_0, &[], "The provider's identifier of the SKU at one price."),
    column("SubAccountId", "sub_account_id", Text, true, Conditional, Version::V0_5, &[], "The account, subscription or project within the billing account."),
    column("SubAccountName", "sub_account_name", Text, true, Conditional, Version::V0_5, &[], "The display name of the sub account."),
    column("SubAccountType", "sub_account_type", Text, true, Conditional, Version::V1_2, &[], "What the provider calls this kind of sub account."),
    column("Tags", "tags", Json, true, Conditional, Version::V1_0, &[], "The tags on the resource, as keys and values."),
];

/// Every column of Cost and Usage, 0.5 to 1.4, by id in alphabetical order: the order of the charge table.
pub fn columns() -> &'static [Column] {
    &COLUMNS
}

/// The column with this FOCUS id; upper and lower case are the same.
pub fn by_id(id: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.id.eq_ignore_ascii_case(id))
}

/// The column with this name in the charge table.
pub fn by_name(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    /// `BilledCost` -> `billed_cost`.
    fn snake_case(id: &str) -> String {
        let mut name = String::new();
        for letter in id.chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    #[test]
    fn names_follow_from_ids_and_the_order_is_alphabetical() {
        for column in columns() {
            assert_eq!(column.name, snake_case(column.id), "the name in the table follows from the id");
            assert!(column.description.ends_with('.'), "{} is described in a sentence", column.id);
        }
        assert!(columns().is_sorted_by_key(|column| column.id), "the order of the charge table is fixed by the ids");
    }

    #[test]
    fn each_version_has_the_published_number_of_columns() {
        let published =
            [(Version::V1_0, 43), (Version::V1_1, 50), (Version::V1_2, 57), (Version::V1_3, 65), (Version::V1_4, 65)];
        for (version, count) in published {
            let found = columns().iter().filter(|column| column.exists_in(version)).count();
            assert_eq!(found, count, "columns of FOCUS {version}");
        }
    }

    #[test]
    fn ids_are_found_whatever_their_case() {
        assert_eq!(by_id("SKUPRICEID").map(|column| column.name), Some("sku_price_id"));
        assert_eq!(by_name("tags").map(|column| column.kind), Some(Kind::Json));
        assert_eq!(by_id("Id"), None, "a column of the provider is none of FOCUS");
    }

    proptest::proptest! {
        #[test]
        fn any_text_may_be_looked_up(text in ".*") {
            if let Some(column) = by_id(&text) {
                proptest::prop_assert!(column.id.eq_ignore_ascii_case(&text));
            }
        }
    }
}
