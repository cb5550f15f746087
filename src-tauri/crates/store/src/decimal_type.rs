//! The ladder of decimal types: as narrow as the values allow.
//!
//! `DECIMAL(18, s)` is a 64-bit number in DuckDB, several times faster to sum and smaller on disk than the 128-bit
//! `DECIMAL(38, s)`. A column starts narrow; a load that proves a value does not fit widens it.

use serde::{Deserialize, Serialize};

/// A `DECIMAL(precision, scale)` of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecimalType {
    /// All digits.
    pub precision: u8,
    /// Digits after the point.
    pub scale: u8,
}

impl DecimalType {
    /// The widest type; decimals beyond its 18 are rounded, and counted.
    pub const WIDEST: Self = Self { precision: 38, scale: 18 };

    /// Narrow before wide; among the narrow ones the fewest decimals first.
    pub const LADDER: [Self; 4] = [
        Self { precision: 18, scale: 9 },
        Self { precision: 18, scale: 10 },
        Self { precision: 18, scale: 12 },
        Self::WIDEST,
    ];

    /// The first rung that holds `whole_digits` before and `decimals` after the point; the widest where none does.
    #[must_use]
    pub fn holding(whole_digits: u8, decimals: u8) -> Self {
        Self::LADDER
            .into_iter()
            .find(|rung| rung.whole_digits() >= whole_digits && rung.scale >= decimals)
            .unwrap_or(Self::WIDEST)
    }

    /// The next rung; the widest stays.
    #[must_use]
    pub fn next(self) -> Self {
        let rungs = Self::LADDER.iter().position(|rung| *rung == self).map(|at| &Self::LADDER[at + 1..]);
        rungs.and_then(|rungs| rungs.first()).copied().unwrap_or(Self::WIDEST)
    }

    /// Digits before the point.
    #[must_use]
    pub const fn whole_digits(self) -> u8 {
        self.precision - self.scale
    }

    /// Whether every value of `other` is a value of this type.
    #[must_use]
    pub const fn holds(self, other: Self) -> bool {
        self.scale >= other.scale && self.whole_digits() >= other.whole_digits()
    }

    /// The type in SQL.
    #[must_use]
    pub fn sql(self) -> String {
        format!("DECIMAL({},{})", self.precision, self.scale)
    }

    /// Reads `DECIMAL(18,9)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (precision, scale) = text.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
        Some(Self { precision: precision.trim().parse().ok()?, scale: scale.trim().parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_that_holds() {
        assert_eq!(DecimalType::holding(9, 9).sql(), "DECIMAL(18,9)");
        assert_eq!(DecimalType::holding(3, 10).sql(), "DECIMAL(18,10)");
        assert_eq!(DecimalType::holding(9, 10).sql(), "DECIMAL(38,18)", "no 18-digit type has 9 and 10");
        assert_eq!(DecimalType::parse("DECIMAL(18,9)"), Some(DecimalType::LADDER[0]));
    }
}
