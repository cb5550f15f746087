//! [`Movement`]: what became of something between the periods, and what mainly did it.

use money::Amount;

use crate::Effect;

/// What became of something between the periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Movement {
    /// No charges in the base period.
    New,
    /// No charges in the current period.
    Gone,
    /// Costs more.
    Up,
    /// Costs less.
    Down,
    /// Costs the same.
    Same,
}

impl Movement {
    /// What became of something that cost `base` and costs `current`, where none means that there are no charges.
    #[must_use]
    pub fn between(base: Option<Amount>, current: Option<Amount>) -> Self {
        match (base, current) {
            (None, Some(_)) => Self::New,
            (Some(_), None) => Self::Gone,
            (None, None) => Self::Same,
            (Some(base), Some(current)) if current > base => Self::Up,
            (Some(base), Some(current)) if current < base => Self::Down,
            (Some(_), Some(_)) => Self::Same,
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Up => "up",
            Self::Down => "down",
            Self::Same => "same",
        }
    }
}

/// The effect that moved most in the direction of the difference; the first in order where two moved the same. None where nothing
/// moved.
#[must_use]
pub fn driver(parts: &[(Effect, Amount)], difference: Amount) -> Option<(Effect, Amount)> {
    if difference.is_zero() {
        return None;
    }
    let along =
        parts.iter().filter(|(_, amount)| !amount.is_zero() && amount.is_negative() == difference.is_negative());
    along.copied().reduce(|most, next| if next.1.abs() > most.1.abs() { next } else { most })
}
