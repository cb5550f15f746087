//! One charge of a bill, before it is spelt in a provider's file.

use super::{
    calendar::Span,
    fixed::Fixed,
    model::{Commitment, Region, Service, Sku, SubAccount},
};

/// The four costs of FOCUS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Costs {
    pub(crate) billed: Fixed,
    pub(crate) effective: Fixed,
    pub(crate) contracted: Fixed,
    pub(crate) list: Fixed,
}

impl Costs {
    /// The same amount under every definition, as for a charge that stands alone.
    pub(crate) const fn equal(amount: Fixed) -> Self {
        Self { billed: amount, effective: amount, contracted: amount, list: amount }
    }

    pub(crate) fn map(self, of: impl Fn(Fixed) -> Fixed) -> Self {
        Self {
            billed: of(self.billed),
            effective: of(self.effective),
            contracted: of(self.contracted),
            list: of(self.list),
        }
    }

    /// The tax on these costs: each kind of cost is taxed by its own.
    pub(crate) fn tax(self, percent: i64) -> Self {
        self.map(|amount| amount.percent_to_cents(percent))
    }

    /// What must be added to the billed cost to make whole cents.
    pub(crate) fn rounding(self) -> Fixed {
        self.billed.to_cents() - self.billed
    }
}

impl std::ops::AddAssign for Costs {
    fn add_assign(&mut self, other: Self) {
        self.billed += other.billed;
        self.effective += other.effective;
        self.contracted += other.contracted;
        self.list += other.list;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Category {
    Usage,
    Purchase,
    Tax,
    Credit,
    Adjustment,
}

impl Category {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Usage => "Usage",
            Self::Purchase => "Purchase",
            Self::Tax => "Tax",
            Self::Credit => "Credit",
            Self::Adjustment => "Adjustment",
        }
    }
}

/// The quantity and the prices behind a cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pricing<'a> {
    pub(crate) sku: &'a Sku,
    pub(crate) category: &'a str,
    pub(crate) quantity: Fixed,
    pub(crate) list_price: Fixed,
    pub(crate) contracted_price: Fixed,
}

/// What a charge is about: a machine, a bucket, or the commitment itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    /// Azure's resource group.
    pub(crate) group: Option<&'a str>,
}

/// A commitment's part in a charge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applied<'a> {
    pub(crate) commitment: &'a Commitment,
    /// `Used`, `Unused`, or none for the purchase.
    pub(crate) status: Option<&'static str>,
    pub(crate) quantity: Fixed,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge<'a> {
    pub(crate) category: Category,
    /// Takes back something of an earlier, invoiced period.
    pub(crate) is_correction: bool,
    pub(crate) frequency: &'static str,
    pub(crate) description: &'a str,
    pub(crate) span: Span,
    pub(crate) costs: Costs,
    pub(crate) pricing: Option<Pricing<'a>>,
    pub(crate) consumed: Option<Fixed>,
    pub(crate) service: &'a Service,
    pub(crate) account: Option<&'a SubAccount>,
    pub(crate) region: Option<&'a Region>,
    pub(crate) zone: Option<&'a str>,
    pub(crate) subject: Option<Subject<'a>>,
    pub(crate) applied: Option<Applied<'a>>,
    /// JSON, or empty for null.
    pub(crate) tags: &'a str,
}
