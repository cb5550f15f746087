//! The columns of each provider's export: which there are in which FOCUS version, and what a charge has in them.

use super::{
    bill::Bill,
    calendar::{Month, Span},
    charge::{Category, Charge},
    fixed::{Fixed, push_number},
    model::{BillingAccount, CommitmentCategory, Provider},
};

/// A FOCUS version in tenths: 12 is 1.2.
pub(crate) type Version = u8;

/// Writes a charge's text in one column; nothing for null.
type Cell = fn(&Bill<'_>, &Charge<'_>, &mut String);

pub(crate) struct Column {
    pub(crate) name: &'static str,
    since: Version,
    until: Version,
    pub(crate) cell: Cell,
}

const LAST: Version = 14;

const fn column(name: &'static str, since: Version, cell: Cell) -> Column {
    Column { name, since, until: LAST, cell }
}

/// The version that a billing account's export has in a month.
pub(crate) fn version(account: &BillingAccount, month: Month) -> Version {
    match account.provider {
        Provider::Aws => 12,
        Provider::Microsoft => 10,
        Provider::GoogleCloud if month >= (Month { year: 2026, month: 7 }) => 14,
        Provider::GoogleCloud => 13,
    }
}

/// The columns of a version, FOCUS's own first and in the order of their names, then the provider's.
pub(crate) fn columns(provider: Provider, version: Version) -> impl Iterator<Item = &'static Column> {
    let own: &[Column] = match provider {
        Provider::Aws => AWS,
        Provider::Microsoft => MICROSOFT,
        Provider::GoogleCloud => GOOGLE_CLOUD,
    };
    FOCUS.iter().filter(move |column| column.since <= version && version <= column.until).chain(own)
}

const FOCUS: &[Column] = &[
    column("AllocatedMethodDetails", 13, null),
    column("AllocatedMethodId", 13, null),
    column("AllocatedResourceId", 13, null),
    column("AllocatedResourceName", 13, null),
    column("AllocatedTags", 13, null),
    column("AvailabilityZone", 10, |_, charge, out| text(out, charge.zone)),
    column("BilledCost", 10, |_, charge, out| charge.costs.billed.write_to(out)),
    column("BillingAccountId", 10, |bill, _, out| out.push_str(&bill.account.id)),
    column("BillingAccountName", 10, |bill, _, out| out.push_str(&bill.account.name)),
    column("BillingAccountType", 12, |bill, _, out| {
        out.push_str(if bill.account.provider == Provider::Aws { "payer" } else { "Billing Account" });
    }),
    column("BillingCurrency", 10, |bill, _, out| out.push_str(&bill.account.currency)),
    column("BillingPeriodEnd", 10, |bill, _, out| Span::month(bill.month).end.write_to(out)),
    column("BillingPeriodStart", 10, |bill, _, out| Span::month(bill.month).start.write_to(out)),
    column("CapacityReservationId", 11, null),
    column("CapacityReservationStatus", 11, null),
    column("ChargeCategory", 10, |_, charge, out| out.push_str(charge.category.name())),
    column("ChargeClass", 10, |_, charge, out| text(out, charge.is_correction.then_some("Correction"))),
    column("ChargeDescription", 10, |_, charge, out| out.push_str(charge.description)),
    column("ChargeFrequency", 10, |_, charge, out| out.push_str(charge.frequency)),
    column("ChargePeriodEnd", 10, |_, charge, out| charge.span.end.write_to(out)),
    column("ChargePeriodStart", 10, |_, charge, out| charge.span.start.write_to(out)),
    column("CommitmentDiscountCategory", 10, |_, charge, out| {
        text(out, charge.applied.map(|applied| applied.commitment.category.name()));
    }),
    column("CommitmentDiscountId", 10, |_, charge, out| {
        text(out, charge.applied.map(|applied| applied.commitment.id.as_str()));
    }),
    column("CommitmentDiscountName", 10, |_, charge, out| {
        text(out, charge.applied.map(|applied| applied.commitment.name.as_str()));
    }),
    column("CommitmentDiscountQuantity", 11, |_, charge, out| {
        number(out, charge.applied.map(|applied| applied.quantity));
    }),
    column("CommitmentDiscountStatus", 10, |_, charge, out| {
        text(out, charge.applied.and_then(|applied| applied.status));
    }),
    column("CommitmentDiscountType", 10, |_, charge, out| {
        text(out, charge.applied.map(|applied| applied.commitment.kind.as_str()));
    }),
    column("CommitmentDiscountUnit", 11, |bill, charge, out| {
        text(
            out,
            charge.applied.map(|applied| match applied.commitment.category {
                CommitmentCategory::Spend => bill.account.currency.as_str(),
                CommitmentCategory::Usage => "Hours",
            }),
        );
    }),
    column("CommitmentProgramEligibilityDetails", 14, null),
    column("ConsumedQuantity", 10, |_, charge, out| number(out, charge.consumed)),
    column("ConsumedUnit", 10, |_, charge, out| {
        text(out, charge.consumed.and(charge.pricing).map(|pricing| pricing.sku.consumed_unit.as_str()));
    }),
    column("ContractApplied", 13, |_, charge, out| {
        if let Some(applied) = charge.applied {
            out.push_str(r#"{"Elements":[{"ContractId":"brightwater-google-cloud-2025","ContractCommitmentId":""#);
            out.push_str(&applied.commitment.id);
            out.push_str(r#"","ContractCommitmentAppliedCost":"#);
            applied.quantity.write_to(out);
            out.push_str("}]}");
        }
    }),
    column("ContractedCost", 10, |_, charge, out| charge.costs.contracted.write_to(out)),
    column("ContractedUnitPrice", 10, |_, charge, out| contracted_price(charge, out)),
    column("EffectiveCost", 10, |_, charge, out| charge.costs.effective.write_to(out)),
    column("HostProviderName", 13, |bill, _, out| out.push_str(bill.account.provider.name())),
    column("InvoiceDetailId", 14, |bill, charge, out| {
        out.push_str(&bill.invoice);
        out.push('-');
        out.push_str(charge.category.name());
    }),
    column("InvoiceId", 12, |bill, _, out| out.push_str(&bill.invoice)),
    column("InvoiceIssuerName", 10, |bill, _, out| out.push_str(&bill.account.issuer)),
    column("ListCost", 10, |_, charge, out| charge.costs.list.write_to(out)),
    column("ListUnitPrice", 10, |_, charge, out| list_price(charge, out)),
    column("PricingCategory", 10, |_, charge, out| text(out, charge.pricing.map(|pricing| pricing.category))),
    column("PricingCurrency", 12, |bill, _, out| out.push_str(&bill.account.currency)),
    column("PricingCurrencyContractedUnitPrice", 12, |_, charge, out| contracted_price(charge, out)),
    column("PricingCurrencyEffectiveCost", 12, |_, charge, out| charge.costs.effective.write_to(out)),
    column("PricingCurrencyListUnitPrice", 12, |_, charge, out| list_price(charge, out)),
    column("PricingQuantity", 10, |_, charge, out| number(out, charge.pricing.map(|pricing| pricing.quantity))),
    column("PricingUnit", 10, |_, charge, out| {
        text(out, charge.pricing.map(|pricing| pricing.sku.pricing_unit.as_str()));
    }),
    Column { name: "ProviderName", since: 10, until: 13, cell: provider_name },
    Column { name: "PublisherName", since: 10, until: 13, cell: publisher_name },
    column("RegionId", 10, |_, charge, out| text(out, charge.region.map(|region| region.id.as_str()))),
    column("RegionName", 10, |_, charge, out| text(out, charge.region.map(|region| region.name.as_str()))),
    column("ResourceId", 10, |_, charge, out| text(out, charge.subject.map(|subject| subject.id))),
    column("ResourceName", 10, |_, charge, out| text(out, charge.subject.map(|subject| subject.name))),
    column("ResourceType", 10, |_, charge, out| text(out, charge.subject.map(|subject| subject.kind))),
    column("ServiceCategory", 10, |_, charge, out| out.push_str(&charge.service.category)),
    column("ServiceName", 10, |_, charge, out| out.push_str(&charge.service.name)),
    column("ServiceProviderName", 13, provider_name),
    column("ServiceSubcategory", 11, |_, charge, out| out.push_str(&charge.service.subcategory)),
    column("SkuId", 10, |_, charge, out| text(out, charge.pricing.map(|pricing| pricing.sku.id.as_str()))),
    column("SkuMeter", 11, |_, charge, out| text(out, charge.pricing.map(|pricing| pricing.sku.meter.as_str()))),
    column("SkuPriceDetails", 11, |_, charge, out| {
        text(out, charge.pricing.map(|pricing| pricing.sku.details.as_str()));
    }),
    column("SkuPriceId", 10, |_, charge, out| text(out, charge.pricing.map(|pricing| pricing.sku.price_id.as_str()))),
    column("SubAccountId", 10, |_, charge, out| text(out, charge.account.map(|account| account.id.as_str()))),
    column("SubAccountName", 10, |_, charge, out| text(out, charge.account.map(|account| account.name.as_str()))),
    column("SubAccountType", 12, |_, charge, out| text(out, charge.account.map(|account| account.kind.as_str()))),
    column("Tags", 10, |_, charge, out| out.push_str(charge.tags)),
];

const AWS: &[Column] = &[
    column("x_Discounts", 10, |_, charge, out| {
        let discount = charge.costs.contracted - charge.costs.list;
        if charge.category == Category::Usage && charge.applied.is_none() && !discount.is_zero() {
            out.push_str(r#"{"EDP":"#);
            discount.write_to(out);
            out.push('}');
        }
    }),
    column("x_Operation", 10, |_, charge, out| {
        text(out, charge.pricing.map(|_| if charge.zone.is_some() { "RunInstances" } else { "Default" }));
    }),
    column("x_ServiceCode", 10, |_, charge, out| out.push_str(&charge.service.code)),
];

const MICROSOFT: &[Column] = &[
    column("x_BillingProfileId", 10, |bill, _, out| {
        out.push_str(&bill.account.id);
        out.push_str("/billingProfiles/main");
    }),
    column("x_InvoiceId", 10, |bill, _, out| out.push_str(&bill.invoice)),
    column("x_InvoiceSectionName", 10, |_, charge, out| {
        text(out, charge.account.map(|account| account.name.as_str()));
    }),
    column("x_PricingCurrency", 10, |bill, _, out| out.push_str(&bill.account.currency)),
    column("x_ResourceGroupName", 10, |_, charge, out| {
        text(out, charge.subject.and_then(|subject| subject.group));
    }),
    column("x_SkuMeterCategory", 10, |_, charge, out| out.push_str(&charge.service.code)),
    column("x_SkuMeterName", 10, |_, charge, out| {
        text(out, charge.pricing.map(|pricing| pricing.sku.meter.as_str()));
    }),
    column("x_SkuTerm", 10, |_, charge, out| text(out, charge.applied.map(|_| "36"))),
];

const GOOGLE_CLOUD: &[Column] = &[
    column("x_CostType", 10, |_, charge, out| {
        out.push_str(match charge.category {
            Category::Tax => "tax",
            Category::Adjustment => "rounding_error",
            Category::Usage | Category::Purchase | Category::Credit => "regular",
        });
    }),
    column("x_Credits", 10, |_, _, out| out.push_str("[]")),
    column("x_ExportTime", 10, |bill, _, out| {
        let next = bill.month.next();
        push_number(out, u64::from(next.year.unsigned_abs()), 4);
        out.push('-');
        push_number(out, u64::from(next.month), 2);
        out.push_str("-03T06:00:00Z");
    }),
    column("x_Project", 10, |_, charge, out| {
        text(out, charge.account.and_then(|account| account.number.as_deref()));
    }),
];

fn null(_: &Bill<'_>, _: &Charge<'_>, _: &mut String) {}

fn text(out: &mut String, text: Option<&str>) {
    out.push_str(text.unwrap_or_default());
}

fn number(out: &mut String, number: Option<Fixed>) {
    if let Some(number) = number {
        number.write_to(out);
    }
}

fn list_price(charge: &Charge<'_>, out: &mut String) {
    number(out, charge.pricing.map(|pricing| pricing.list_price));
}

fn contracted_price(charge: &Charge<'_>, out: &mut String) {
    number(out, charge.pricing.map(|pricing| pricing.contracted_price));
}

fn provider_name(bill: &Bill<'_>, _: &Charge<'_>, out: &mut String) {
    out.push_str(bill.account.provider.name());
}

fn publisher_name(bill: &Bill<'_>, charge: &Charge<'_>, out: &mut String) {
    out.push_str(charge.service.publisher.as_deref().unwrap_or(bill.account.provider.name()));
}
