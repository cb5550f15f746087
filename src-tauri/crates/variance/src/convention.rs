//! [`Convention`]: in which order effects are taken.

use std::fmt;
use std::str::FromStr;

/// The order in which effects are taken. Where two things change at once, what they do together falls to the one that is taken later;
/// so every bridge has a convention, and it is printed beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Convention {
    /// From the base: usage at base prices, prices at current usage.
    #[default]
    BaseFirst,
    /// The mean of the bridge forward and of the bridge backward with its signs turned: both periods weigh the same.
    Midpoint,
}

impl Convention {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::BaseFirst, Self::Midpoint];

    /// The name on the wire and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BaseFirst => "base_first",
            Self::Midpoint => "midpoint",
        }
    }

    /// The convention in words, to be printed with the bridge.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::BaseFirst => {
                "Order: days, then usage (volume, mix) at base prices, then prices at current usage (list price, negotiated discount, commitments), exchange rates last. What two changes do together falls to the later one."
            }
            Self::Midpoint => {
                "Symmetric: each effect is the mean of the bridge from base to current and of the one back with its sign turned (Bennet's midpoint), so that both periods weigh the same and swapping them turns every sign."
            }
        }
    }
}

impl fmt::Display for Convention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Convention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.trim().to_ascii_lowercase().replace('-', "_");
        let found = Self::ALL.into_iter().find(|convention| convention.name() == wanted);
        found.ok_or_else(|| "the convention is `base_first` or `midpoint`".to_owned())
    }
}
