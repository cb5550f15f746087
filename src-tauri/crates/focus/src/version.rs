//! FOCUS versions, and telling them from a header.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::columns;

/// A published version of FOCUS, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// June 2023.
    V0_5,
    /// November 2023; some providers still emit its column names.
    V1_0Preview,
    /// June 2024.
    V1_0,
    /// November 2024.
    V1_1,
    /// May 2025.
    V1_2,
    /// December 2025.
    V1_3,
    /// June 2026.
    V1_4,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Self; 7] =
        [Self::V0_5, Self::V1_0Preview, Self::V1_0, Self::V1_1, Self::V1_2, Self::V1_3, Self::V1_4];

    /// The version number as FOCUS writes it.
    pub const fn number(self) -> &'static str {
        match self {
            Self::V0_5 => "0.5",
            Self::V1_0Preview => "1.0-preview",
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
            Self::V1_4 => "1.4",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.number())
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.number())
    }
}

/// The text is no FOCUS version that we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no FOCUS version known here; known are 0.5, 1.0-preview, 1.0, 1.1, 1.2, 1.3 and 1.4")]
pub struct UnknownVersion(String);

impl FromStr for Version {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|version| version.number() == text).ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

/// Column names that only files from before 1.0 carry.
const PREVIEW_NAMES: [&str; 4] = ["ChargeSubcategory", "UsageQuantity", "UsageUnit", "Region"];
/// Column names of 0.5 that 1.0-preview renamed.
const FIRST_DRAFT_NAMES: [&str; 2] = ["AmortizedCost", "ChargeType"];
/// Columns that came with 1.0 itself, not with its preview.
const RELEASE_NAMES: [&str; 5] =
    ["ChargeClass", "CommitmentDiscountStatus", "ConsumedQuantity", "ContractedCost", "RegionId"];

/// Columns of 1.2 that Azure's exports have had since 1.0-preview: they give no version away.
const EARLY_NAMES: [&str; 2] = ["BillingAccountType", "SubAccountType"];

/// The version that a file with these column ids was made for: the newest version that introduced one of them, with three
/// exceptions. Columns that a provider has had before they were FOCUS columns do not count. Columns renamed before 1.0 give away an older file even where the provider has already added later columns,
/// and a file that names the service provider but neither provider nor publisher is 1.4, which removed those.
pub fn detect_version<'a>(header: impl IntoIterator<Item = &'a str>) -> Version {
    let names: Vec<&str> = header.into_iter().collect();
    let has = |id: &str| names.iter().any(|name| name.eq_ignore_ascii_case(id));
    let has_any = |ids: &[&str]| ids.iter().any(|id| has(id));

    if !has_any(&RELEASE_NAMES) && has_any(&PREVIEW_NAMES) {
        let first_draft = has_any(&FIRST_DRAFT_NAMES);
        return if first_draft { Version::V0_5 } else { Version::V1_0Preview };
    }
    if !has_any(&RELEASE_NAMES) && has_any(&FIRST_DRAFT_NAMES) {
        return Version::V0_5;
    }
    if has("ServiceProviderName") && !has("ProviderName") && !has("PublisherName") {
        return Version::V1_4;
    }
    let telling = columns().iter().filter(|column| has(column.id) && !EARLY_NAMES.contains(&column.id));
    telling.map(|column| column.since).max().unwrap_or(Version::V0_5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back() {
        for version in Version::ALL {
            assert_eq!(version.number().parse(), Ok(version), "a version is told by its own number");
        }
        assert!("2.0".parse::<Version>().is_err(), "an unknown version is not guessed at");
    }

    #[test]
    fn each_full_header_is_told_apart() {
        for version in [Version::V1_0, Version::V1_1, Version::V1_2, Version::V1_3, Version::V1_4] {
            let header: Vec<&str> = columns()
                .iter()
                .filter(|column| column.since <= version && column.removed.is_none_or(|removed| removed > version))
                .map(|column| column.id)
                .collect();
            assert_eq!(detect_version(header.iter().copied()), version, "{} columns of {version}", header.len());
        }
    }

    #[test]
    fn names_from_before_the_release_win_over_later_columns() {
        let header = ["BilledCost", "Region", "UsageQuantity", "ServiceSubCategory"];
        assert_eq!(detect_version(header), Version::V1_0Preview, "the old names tell that nothing newer is meant");
        assert_eq!(detect_version(["BilledCost", "AmortizedCost", "ChargeType", "Region"]), Version::V0_5);
    }

    #[test]
    fn the_types_of_accounts_do_not_make_a_file_newer() {
        let azure = ["BilledCost", "BillingAccountType", "SubAccountType", "ChargeClass", "ContractedCost"];
        assert_eq!(detect_version(azure), Version::V1_0, "Azure's FOCUS 1.0 has had them all along");
    }

    #[test]
    fn a_file_without_the_provider_columns_is_1_4() {
        assert_eq!(detect_version(["BilledCost", "ServiceProviderName"]), Version::V1_4);
        assert_eq!(detect_version(["BilledCost", "ServiceProviderName", "ProviderName"]), Version::V1_3);
    }
}
