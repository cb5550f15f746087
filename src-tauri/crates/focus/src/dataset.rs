//! The datasets that FOCUS puts beside Cost and Usage: Contract Commitment (since 1.3), Invoice Detail and Billing Period (since
//! 1.4). None of them lists charges; they say what was promised, what was invoiced and which periods are closed.

use crate::column::Kind::{DateTime, Decimal, Json, Text};
use crate::column::Level::{Conditional, Mandatory};
use crate::column::{Column, column};
use crate::version::Version;

/// A dataset beside Cost and Usage.
#[derive(Debug, PartialEq, Eq)]
pub struct Dataset {
    /// The name, and that of its table: `invoice_detail`.
    pub name: &'static str,
    /// The name as FOCUS writes it.
    pub title: &'static str,
    /// Its columns by id in alphabetical order.
    pub columns: &'static [Column],
    /// The ids that no other file has together: they tell the dataset.
    pub signs: &'static [&'static str],
    /// The ids without which a row says nothing: a row that lacks one of them is refused.
    pub essential: &'static [&'static str],
    /// The column that names whose dataset it is; where a version has it not, whoever loads the file must say.
    pub owner: &'static str,
    /// The column of the billing account, where the dataset is one for each.
    pub account: Option<&'static str>,
    /// The column whose month is delivered as one; none where the dataset is one whole.
    pub period: Option<&'static str>,
    /// The column that identifies a row over all deliveries, where a delivery is the whole of what it names.
    pub identity: Option<&'static str>,
}

impl Dataset {
    /// The column with this id.
    pub fn column(&self, id: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.id == id)
    }
}

/// The three datasets.
pub const fn datasets() -> &'static [Dataset] {
    &DATASETS
}

static DATASETS: [Dataset; 3] = [
    Dataset {
        name: "contract_commitment",
        title: "FOCUS Contract Commitment",
        columns: &CONTRACT_COMMITMENT,
        signs: &["ContractCommitmentId", "ContractCommitmentCategory"],
        essential: &[
            "ContractCommitmentId",
            "ContractCommitmentCategory",
            "ContractCommitmentPeriodStart",
            "ContractCommitmentPeriodEnd",
        ],
        owner: "ServiceProviderName",
        account: None,
        period: None,
        identity: Some("ContractCommitmentId"),
    },
    Dataset {
        name: "invoice_detail",
        title: "FOCUS Invoice Detail",
        columns: &INVOICE_DETAIL,
        signs: &["InvoiceDetailId", "InvoiceIssueStatus"],
        essential: &[
            "BilledCost",
            "BillingAccountId",
            "BillingCurrency",
            "BillingPeriodStart",
            "InvoiceDetailId",
            "InvoiceId",
            "InvoiceIssuerName",
        ],
        owner: "InvoiceIssuerName",
        account: Some("BillingAccountId"),
        period: Some("BillingPeriodStart"),
        identity: None,
    },
    Dataset {
        name: "billing_period",
        title: "FOCUS Billing Period",
        columns: &BILLING_PERIOD,
        signs: &["BillingPeriodStatus", "BillingPeriodStart"],
        essential: &["BillingPeriodStart", "BillingPeriodEnd", "BillingPeriodStatus", "InvoiceIssuerName"],
        owner: "InvoiceIssuerName",
        account: None,
        period: Some("BillingPeriodStart"),
        identity: None,
    },
];

#[rustfmt::skip]
static CONTRACT_COMMITMENT: [Column; 30] = [
    column("BillingCurrency", "billing_currency", Text, true, Mandatory, Version::V1_3, &[], "The currency of the invoice."),
    column("ContractCommitmentApplicability", "contract_commitment_applicability", Json, false, Mandatory, Version::V1_4, &[], "What the commitment may be applied to."),
    column("ContractCommitmentBenefitCategory", "contract_commitment_benefit_category", Text, false, Mandatory, Version::V1_4, &["Discount", "Entitlement", "Availability", "Other"], "What the commitment gives: a discount, an entitlement, availability or something else."),
    column("ContractCommitmentCategory", "contract_commitment_category", Text, false, Mandatory, Version::V1_3, &["Spend", "Usage"], "Whether spend or use was promised."),
    column("ContractCommitmentCost", "contract_commitment_cost", Decimal, true, Mandatory, Version::V1_3, &[], "What was promised to be spent, in the billing currency."),
    column("ContractCommitmentCreated", "contract_commitment_created", DateTime, false, Mandatory, Version::V1_4, &[], "When the record of the commitment was made."),
    column("ContractCommitmentDescription", "contract_commitment_description", Text, true, Mandatory, Version::V1_3, &[], "The commitment in the words of the provider."),
    column("ContractCommitmentDiscountPercentage", "contract_commitment_discount_percentage", Decimal, true, Mandatory, Version::V1_4, &[], "The discount that the commitment gives, in percent."),
    column("ContractCommitmentDurationType", "contract_commitment_duration_type", Text, false, Mandatory, Version::V1_4, &[], "How long the commitment lasts, in words."),
    column("ContractCommitmentFulfillmentInterval", "contract_commitment_fulfillment_interval", Text, false, Mandatory, Version::V1_4, &["Hourly", "Daily", "Weekly", "Monthly", "Quarterly", "Semi-Annual", "Annual", "Full Period", "Transactional", "Custom"], "How often it is measured whether the promise was kept."),
    column("ContractCommitmentId", "contract_commitment_id", Text, false, Mandatory, Version::V1_3, &[], "The identifier of the commitment."),
    column("ContractCommitmentLastUpdated", "contract_commitment_last_updated", DateTime, false, Mandatory, Version::V1_4, &[], "When the record of the commitment was last changed."),
    column("ContractCommitmentLifecycleStatus", "contract_commitment_lifecycle_status", Text, false, Mandatory, Version::V1_4, &["Proposed", "Pending", "Active", "Exhausted", "Expired", "Canceled", "Superseded"], "Where the commitment is in its life."),
    column("ContractCommitmentModel", "contract_commitment_model", Text, false, Mandatory, Version::V1_4, &["Continuous", "Discontinuous"], "Whether the promise holds without a break or in intervals."),
    column("ContractCommitmentOfferCategory", "contract_commitment_offer_category", Text, false, Mandatory, Version::V1_4, &["Negotiated", "Public"], "Whether the terms were negotiated or are open to everyone."),
    column("ContractCommitmentPaymentInterval", "contract_commitment_payment_interval", Text, false, Mandatory, Version::V1_4, &["One-Time", "Monthly", "Quarterly", "Semi-Annual", "Annual", "Custom"], "How often the commitment is paid."),
    column("ContractCommitmentPaymentModel", "contract_commitment_payment_model", Text, false, Mandatory, Version::V1_4, &["No Upfront", "Partial Upfront", "All Upfront"], "Whether nothing, a part or all of it is paid upfront."),
    column("ContractCommitmentPaymentUpfrontPercentage", "contract_commitment_payment_upfront_percentage", Decimal, false, Conditional, Version::V1_4, &[], "The part that is paid upfront, in percent."),
    column("ContractCommitmentPeriodEnd", "contract_commitment_period_end", DateTime, false, Mandatory, Version::V1_3, &[], "The end of the commitment, exclusive."),
    column("ContractCommitmentPeriodStart", "contract_commitment_period_start", DateTime, false, Mandatory, Version::V1_3, &[], "The start of the commitment, inclusive."),
    column("ContractCommitmentQuantity", "contract_commitment_quantity", Decimal, true, Mandatory, Version::V1_3, &[], "How much use was promised, in the unit of the commitment."),
    column("ContractCommitmentType", "contract_commitment_type", Text, false, Mandatory, Version::V1_3, &[], "What the provider calls this kind of commitment."),
    column("ContractCommitmentUnit", "contract_commitment_unit", Text, true, Mandatory, Version::V1_3, &[], "The unit of the promised quantity."),
    column("ContractId", "contract_id", Text, false, Mandatory, Version::V1_3, &[], "The contract that the commitment is a part of."),
    column("ContractPeriodEnd", "contract_period_end", DateTime, false, Mandatory, Version::V1_3, &[], "The end of the contract, exclusive."),
    column("ContractPeriodStart", "contract_period_start", DateTime, false, Mandatory, Version::V1_3, &[], "The start of the contract, inclusive."),
    column("InvoiceIssuerName", "invoice_issuer_name", Text, false, Mandatory, Version::V1_4, &[], "Who issues the invoices."),
    column("PricingCurrency", "pricing_currency", Text, false, Conditional, Version::V1_4, &[], "The currency, national or virtual, of the price list."),
    column("PricingCurrencyContractCommitmentCost", "pricing_currency_contract_commitment_cost", Decimal, true, Conditional, Version::V1_4, &[], "What was promised to be spent, in the pricing currency."),
    column("ServiceProviderName", "service_provider_name", Text, false, Mandatory, Version::V1_4, &[], "Who offers the commitment for sale."),
];

#[rustfmt::skip]
static INVOICE_DETAIL: [Column; 22] = [
    column("BilledCost", "billed_cost", Decimal, false, Mandatory, Version::V1_4, &[], "What the invoice line comes to, in the billing currency."),
    column("BillingAccountId", "billing_account_id", Text, false, Mandatory, Version::V1_4, &[], "The account that is invoiced."),
    column("BillingCurrency", "billing_currency", Text, false, Mandatory, Version::V1_4, &[], "The currency of the invoice."),
    column("BillingPeriodEnd", "billing_period_end", DateTime, false, Mandatory, Version::V1_4, &[], "The end of the billing period, exclusive."),
    column("BillingPeriodStart", "billing_period_start", DateTime, false, Mandatory, Version::V1_4, &[], "The start of the billing period, inclusive."),
    column("ChargeCategory", "charge_category", Text, false, Mandatory, Version::V1_4, &["Usage", "Purchase", "Tax", "Credit", "Adjustment"], "What kind of charges the line sums up."),
    column("InvoiceDetailCreated", "invoice_detail_created", DateTime, false, Mandatory, Version::V1_4, &[], "When the record of the line was made."),
    column("InvoiceDetailDescription", "invoice_detail_description", Text, true, Mandatory, Version::V1_4, &[], "The line in the words of the invoice."),
    column("InvoiceDetailGrain", "invoice_detail_grain", Json, true, Mandatory, Version::V1_4, &[], "What the charges of the line have in common."),
    column("InvoiceDetailId", "invoice_detail_id", Text, false, Mandatory, Version::V1_4, &[], "The identifier of the invoice line."),
    column("InvoiceDetailLastUpdated", "invoice_detail_last_updated", DateTime, false, Mandatory, Version::V1_4, &[], "When the record of the line was last changed."),
    column("InvoiceId", "invoice_id", Text, false, Mandatory, Version::V1_4, &[], "The invoice."),
    column("InvoiceIssueDate", "invoice_issue_date", DateTime, true, Mandatory, Version::V1_4, &[], "When the invoice was issued."),
    column("InvoiceIssueStatus", "invoice_issue_status", Text, false, Mandatory, Version::V1_4, &["Open", "Issued", "Voided"], "Whether the invoice is open, issued or voided."),
    column("InvoiceIssuerName", "invoice_issuer_name", Text, false, Mandatory, Version::V1_4, &[], "Who issues the invoices."),
    column("PaymentCurrency", "payment_currency", Text, false, Conditional, Version::V1_4, &[], "The currency that is paid in."),
    column("PaymentCurrencyBilledCost", "payment_currency_billed_cost", Decimal, false, Conditional, Version::V1_4, &[], "What the line comes to in the currency that is paid in."),
    column("PaymentCurrencyInvoiceDetailId", "payment_currency_invoice_detail_id", Text, false, Conditional, Version::V1_4, &[], "The identifier of the line in the currency that is paid in."),
    column("PaymentDueDate", "payment_due_date", DateTime, true, Mandatory, Version::V1_4, &[], "When the invoice is due."),
    column("PaymentTerms", "payment_terms", Text, false, Mandatory, Version::V1_4, &[], "The agreed terms of payment."),
    column("PurchaseOrderNumber", "purchase_order_number", Text, true, Conditional, Version::V1_4, &[], "The purchase order that the invoice names."),
    column("ReferenceInvoiceId", "reference_invoice_id", Text, false, Mandatory, Version::V1_4, &[], "The invoice that this one corrects or belongs to."),
];

#[rustfmt::skip]
static BILLING_PERIOD: [Column; 6] = [
    column("BillingPeriodCreated", "billing_period_created", DateTime, false, Mandatory, Version::V1_4, &[], "When the provider made the record of the billing period."),
    column("BillingPeriodEnd", "billing_period_end", DateTime, false, Mandatory, Version::V1_4, &[], "The end of the billing period, exclusive."),
    column("BillingPeriodLastUpdated", "billing_period_last_updated", DateTime, false, Mandatory, Version::V1_4, &[], "When the provider last changed the record of the billing period."),
    column("BillingPeriodStart", "billing_period_start", DateTime, false, Mandatory, Version::V1_4, &[], "The start of the billing period, inclusive."),
    column("BillingPeriodStatus", "billing_period_status", Text, false, Mandatory, Version::V1_4, &["Open", "Closed"], "Whether charges may still be added to the billing period."),
    column("InvoiceIssuerName", "invoice_issuer_name", Text, false, Mandatory, Version::V1_4, &[], "Who issues the invoices."),
];
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_datasets_have_the_published_columns() {
        let counts: Vec<(&str, usize)> =
            datasets().iter().map(|dataset| (dataset.name, dataset.columns.len())).collect();
        assert_eq!(counts, [("contract_commitment", 30), ("invoice_detail", 22), ("billing_period", 6)]);
        let first = datasets()[0].columns.iter().filter(|column| column.since == Version::V1_3).count();
        assert_eq!(first, 13, "Contract Commitment came with 13 columns");
    }

    #[test]
    fn what_a_dataset_is_told_and_kept_by_is_a_column_of_it() {
        for dataset in datasets() {
            assert!(
                dataset.columns.is_sorted_by_key(|column| column.id),
                "{} is in the order of its ids",
                dataset.name
            );
            let named = dataset.signs.iter().chain(dataset.essential).chain([&dataset.owner]);
            for id in named.chain(&dataset.account).chain(&dataset.period).chain(&dataset.identity) {
                assert!(dataset.column(id).is_some(), "{id} is a column of {}", dataset.name);
            }
        }
    }
}
