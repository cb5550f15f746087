//! [`BilledCharges`]: what a caller hands over of each commitment.

use chrono::{DateTime, Utc};
use money::Amount;

/// The charges of one commitment that agree in their nature, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BilledCharges {
    /// The provider.
    pub provider: String,
    /// The commitment's id.
    pub commitment: String,
    /// `Usage`, `Purchase` and so on.
    pub category: String,
    /// `One-Time`, `Recurring` or `Usage-Based`.
    pub frequency: String,
    /// Whether they correct others.
    pub correction: bool,
    /// `Used`, `Unused` or empty.
    pub status: String,
    /// The name that the bill gives the commitment.
    pub name: Option<String>,
    /// `Spend` or `Usage`.
    pub kind: Option<String>,
    /// The provider's word for it.
    pub type_name: Option<String>,
    /// The unit of `quantity`.
    pub unit: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// Its name.
    pub account_name: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The region, where there is one.
    pub region: Option<String>,
    /// The zone, where there is one.
    pub zone: Option<String>,
    /// A meter.
    pub meter: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// Details of the price, and what the provider tells beyond FOCUS: names and values.
    pub details: Vec<(String, String)>,
    /// Billed cost.
    pub billed: Amount,
    /// Effective cost.
    pub effective: Amount,
    /// Contracted cost; none where no charge has it.
    pub contracted: Option<Amount>,
    /// List cost; none where no charge has it.
    pub list: Option<Amount>,
    /// The commitment's quantity; none where no charge has it.
    pub quantity: Option<Amount>,
    /// The pricing quantity; none where no charge has it.
    pub pricing_quantity: Option<Amount>,
    /// The seconds of their distinct charge periods.
    pub seconds: i64,
    /// The first start.
    pub from: DateTime<Utc>,
    /// The last end.
    pub until: DateTime<Utc>,
}

impl BilledCharges {
    pub(super) fn is_purchase(&self) -> bool {
        self.category == "Purchase"
    }

    pub(super) fn is_usage(&self) -> bool {
        self.category == "Usage"
    }

    /// The first of some names that has a value.
    pub(super) fn detail(&self, names: &[&str]) -> Option<(&str, &str)> {
        names.iter().find_map(|name| {
            let found = self.details.iter().find(|(known, value)| known == name && !value.is_empty());
            found.map(|(known, value)| (known.as_str(), value.as_str()))
        })
    }
}
