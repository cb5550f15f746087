//! [`BenefitPolicy`]: who of an organisation may use what another has bought.

use std::collections::{BTreeMap, BTreeSet};

/// How benefits are shared beyond the account that owns them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sharing {
    /// Owner first, then every account.
    #[default]
    OrganisationWide,
    /// Owner first, then the accounts of the owner's group, then every account.
    PrioritisedGroups,
    /// Owner first, then the accounts of the owner's group, nobody else.
    RestrictedGroups,
    /// The owner alone.
    Off,
}

/// The sharing preferences of an organisation. The preferences of the last day of a month (23:59:59 UTC) decide its final bill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BenefitPolicy {
    /// The mode.
    pub sharing: Sharing,
    /// The group of each account; an account that is not named is in none, and shares a group with nobody.
    pub groups: BTreeMap<String, String>,
    /// Accounts whose switch is off: they give nothing and take nothing, and keep what they own themselves.
    pub switched_off: BTreeSet<String>,
}

impl BenefitPolicy {
    /// The turn in which usage of `account` is served by what `owner` bought: 0 the owner's own, 1 its group, 2 everyone else;
    /// none when it never is.
    #[must_use]
    pub fn turn(&self, owner: &str, account: &str) -> Option<u8> {
        if owner == account {
            return Some(0);
        }
        if self.switched_off.contains(owner) || self.switched_off.contains(account) {
            return None;
        }
        let same_group = self.groups.get(owner).is_some_and(|group| self.groups.get(account) == Some(group));
        match self.sharing {
            Sharing::OrganisationWide => Some(2),
            Sharing::PrioritisedGroups => Some(if same_group { 1 } else { 2 }),
            Sharing::RestrictedGroups => same_group.then_some(1),
            Sharing::Off => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_comes_first_and_a_switch_closes_both_ways() {
        let name = |text: &str| text.to_owned();
        let mut policy = BenefitPolicy {
            sharing: Sharing::PrioritisedGroups,
            groups: BTreeMap::from([(name("a"), name("x")), (name("b"), name("x")), (name("c"), name("y"))]),
            switched_off: BTreeSet::from([name("off")]),
        };
        let turns = |policy: &BenefitPolicy| ["a", "b", "c", "d", "off"].map(|account| policy.turn("a", account));
        assert_eq!(turns(&policy), [Some(0), Some(1), Some(2), Some(2), None]);
        assert_eq!(policy.turn("off", "off"), Some(0), "its own usage stays covered");
        assert_eq!(policy.turn("d", "e"), Some(2), "accounts in no group are no group");
        policy.sharing = Sharing::RestrictedGroups;
        assert_eq!(turns(&policy), [Some(0), Some(1), None, None, None]);
        policy.sharing = Sharing::Off;
        assert_eq!(turns(&policy), [Some(0), None, None, None, None]);
        policy.sharing = Sharing::OrganisationWide;
        assert_eq!(turns(&policy), [Some(0), Some(2), Some(2), Some(2), None]);
    }
}
