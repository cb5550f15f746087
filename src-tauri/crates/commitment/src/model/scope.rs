//! Which usage a commitment can reach.

use std::collections::BTreeSet;

use crate::model::LineKey;

/// Names that a line must carry. An empty set asks nothing; a line that is silent about an asked name does not match.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineFilter {
    /// Accounts, subscriptions or projects.
    pub accounts: BTreeSet<String>,
    /// Owners.
    pub owners: BTreeSet<String>,
    /// Services.
    pub services: BTreeSet<String>,
    /// Regions.
    pub regions: BTreeSet<String>,
    /// Availability zones.
    pub zones: BTreeSet<String>,
    /// Families.
    pub families: BTreeSet<String>,
    /// Instance types.
    pub instance_types: BTreeSet<String>,
    /// Operating systems or engines.
    pub platforms: BTreeSet<String>,
    /// Tenancies; a line without one is `default`.
    pub tenancies: BTreeSet<String>,
    /// SKUs or meters.
    pub skus: BTreeSet<String>,
}

impl LineFilter {
    /// Whether a line carries every asked name.
    #[must_use]
    pub fn matches(&self, line: &LineKey) -> bool {
        let tenancy = line.tenancy.as_deref().unwrap_or("default");
        self.names()
            .into_iter()
            .zip(values(line, tenancy))
            .all(|(names, value)| names.is_empty() || value.is_some_and(|value| names.contains(value)))
    }

    /// How many kinds of names are asked; the more, the narrower.
    #[must_use]
    pub fn narrowness(&self) -> usize {
        self.names().into_iter().filter(|names| !names.is_empty()).count()
    }

    fn names(&self) -> [&BTreeSet<String>; 10] {
        [
            &self.accounts,
            &self.owners,
            &self.services,
            &self.regions,
            &self.zones,
            &self.families,
            &self.instance_types,
            &self.platforms,
            &self.tenancies,
            &self.skus,
        ]
    }
}

/// What a line says, in the order of [`LineFilter::names`].
fn values<'a>(line: &'a LineKey, tenancy: &'a str) -> [Option<&'a str>; 10] {
    [
        Some(line.account.as_str()),
        line.owner.as_deref(),
        Some(line.service.as_str()),
        line.region.as_deref(),
        line.zone.as_deref(),
        line.family.as_deref(),
        line.instance_type.as_deref(),
        line.platform.as_deref(),
        Some(tenancy),
        Some(line.sku.as_str()),
    ]
}

/// Which accounts a commitment can reach, before the benefit policy of the organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The whole organisation (Azure: shared scope; Google Cloud: shared within the billing account). What the benefit policy says
    /// about sharing applies.
    #[default]
    Organisation,
    /// Only the accounts named (Azure: a subscription, resource group or management group; Google Cloud: a project). A narrow scope.
    Accounts(BTreeSet<String>),
}

/// The usage that a commitment can reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The account that bought it and is charged for what is unused.
    pub owner_account: String,
    /// The accounts.
    pub reach: Reach,
    /// The usage: family, region, zone (a zonal reservation names its zone), type, platform, tenancy.
    pub usage: LineFilter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_line_does_not_match_what_is_asked() {
        let names = |name: &str| BTreeSet::from([name.to_owned()]);
        let filter = LineFilter { families: names("m5"), tenancies: names("default"), ..LineFilter::default() };
        let line = LineKey { family: Some("m5".to_owned()), ..LineKey::default() };
        assert!(filter.matches(&line), "no tenancy is default tenancy");
        assert!(!filter.matches(&LineKey { family: None, ..line.clone() }));
        assert!(!filter.matches(&LineKey { tenancy: Some("dedicated".to_owned()), ..line.clone() }));
        assert!(LineFilter::default().matches(&line), "nothing asked, everything matches");
        assert_eq!(filter.narrowness(), 2);
    }
}
