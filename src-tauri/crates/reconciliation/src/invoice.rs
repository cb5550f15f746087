//! What is compared: invoices, and charges in groups.

use money::{Amount, Currency};

/// An invoice as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its number.
    pub number: String,
    /// Who issued it; empty where that was not given.
    pub issuer: String,
    /// The billing account, where it was given.
    pub account: Option<String>,
    /// The billing month, `YYYY-MM`.
    pub period: String,
    /// Its currency.
    pub currency: Currency,
    /// What it comes to.
    pub amount: Amount,
    /// What it says of itself: how much of the amount is of these kinds. Each kind at most once.
    pub stated: Vec<(Kind, Amount)>,
}

/// What a charge is to an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `ChargeCategory` is Tax.
    Tax,
    /// `ChargeCategory` is Credit.
    Credit,
    /// `ChargeClass` is Correction, whatever the category.
    Refund,
    /// `ChargeCategory` is Adjustment: what providers use for rounding and the like.
    Adjustment,
    /// Usage or a purchase that another firm publishes.
    ThirdParty,
    /// Usage or a purchase of the provider itself.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Tax, Self::Credit, Self::Refund, Self::Adjustment, Self::ThirdParty, Self::Other];

    /// The kind of a charge by its FOCUS `ChargeCategory` and `ChargeClass`.
    #[must_use]
    pub fn of(category: Option<&str>, class: Option<&str>, third_party: bool) -> Self {
        match (category, class) {
            (_, Some("Correction")) => Self::Refund,
            (Some("Tax"), _) => Self::Tax,
            (Some("Credit"), _) => Self::Credit,
            (Some("Adjustment"), _) => Self::Adjustment,
            _ if third_party => Self::ThirdParty,
            _ => Self::Other,
        }
    }
}

/// Charges that are alike for a reconciliation, added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeGroup {
    /// The billing currency.
    pub currency: Currency,
    /// The billing month, `YYYY-MM`.
    pub period: String,
    /// The billing account.
    pub account: Option<String>,
    /// The number of the invoice that the charges name.
    pub invoice: Option<String>,
    /// Who issues the invoice.
    pub issuer: Option<String>,
    /// What they are to an invoice.
    pub kind: Kind,
    /// Their billed cost.
    pub amount: Amount,
}
