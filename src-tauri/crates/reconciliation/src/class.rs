//! [`Class`]: why an invoice and its charges differ.

use std::fmt;
use std::str::FromStr;

/// Why an invoice and its charges differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Tax that only one of the two has.
    Tax,
    /// A credit that only one of the two has.
    Credit,
    /// A refund or a correction that only one of the two has.
    Refund,
    /// Charges that the two count in different months.
    Timing,
    /// Lines that were rounded before they were added up.
    Rounding,
    /// The invoice is in another currency than the charges.
    Currency,
    /// Charges of another seller, invoiced apart.
    ThirdParty,
    /// Charges of an account that only one of the two has.
    MissingAccount,
    /// Nothing that is loaded explains it.
    Unknown,
}

/// No class has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClass;

impl Class {
    /// Every class, in the order in which explanations are tried.
    pub const ALL: [Self; 9] = [
        Self::Tax,
        Self::Credit,
        Self::Refund,
        Self::Timing,
        Self::Rounding,
        Self::Currency,
        Self::ThirdParty,
        Self::MissingAccount,
        Self::Unknown,
    ];

    /// The name on the wire, such as `third_party`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tax => "tax",
            Self::Credit => "credit",
            Self::Refund => "refund",
            Self::Timing => "timing",
            Self::Rounding => "rounding",
            Self::Currency => "currency",
            Self::ThirdParty => "third_party",
            Self::MissingAccount => "missing_account",
            Self::Unknown => "unknown",
        }
    }

    /// The name for a person.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ThirdParty => "third party",
            Self::MissingAccount => "missing account",
            other => other.name(),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Class {
    type Err = UnknownClass;

    /// Reads a name, in any case, with `-` or a space for `_`.
    fn from_str(text: &str) -> Result<Self, UnknownClass> {
        let wanted = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        Self::ALL.into_iter().find(|class| class.name() == wanted).ok_or(UnknownClass)
    }
}

impl fmt::Display for UnknownClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Class::ALL.iter().map(|class| class.name()).collect();
        write!(formatter, "the classes are {}", names.join(", "))
    }
}

impl std::error::Error for UnknownClass {}
