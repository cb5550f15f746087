//! [`plan_bridge`]: from what was planned to what it cost, line by line.

use money::{Amount, AmountError};

/// A line of a plan with its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// What was planned; none where nothing was.
    pub planned: Option<Amount>,
    /// What it cost; none where nothing was charged.
    pub actual: Option<Amount>,
}

/// The difference between a plan and what was charged. A plan says how much, not of what: it has no units, so that the difference of a line is one
/// effect, in which rate and volume cannot be told apart. What nobody planned is the other effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanBridge {
    /// What was planned in all.
    pub planned: Amount,
    /// What was charged in all.
    pub actual: Amount,
    /// `actual - planned`.
    pub difference: Amount,
    /// The difference of each line, in their order. They add up to the whole difference.
    pub of_lines: Vec<Amount>,
    /// The part of the difference that lies in planned lines: rate and volume are not separable in it.
    pub not_separable: Amount,
    /// The part that nobody planned.
    pub not_planned: Amount,
}

/// Adds lines up to a bridge. Lines must not overlap: what is in one is in no other.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn plan_bridge(lines: &[PlanLine]) -> Result<PlanBridge, AmountError> {
    let planned = Amount::sum(lines.iter().filter_map(|line| line.planned))?;
    let actual = Amount::sum(lines.iter().filter_map(|line| line.actual))?;
    let difference = |line: &PlanLine| line.actual.unwrap_or_default().checked_sub(line.planned.unwrap_or_default());
    let of_lines = lines.iter().map(difference).collect::<Result<Vec<Amount>, _>>()?;
    let of = |planned: bool| {
        Amount::sum(
            lines.iter().zip(&of_lines).filter(|(line, _)| line.planned.is_some() == planned).map(|(_, part)| *part),
        )
    };
    Ok(PlanBridge {
        planned,
        actual,
        difference: actual.checked_sub(planned)?,
        not_separable: of(true)?,
        not_planned: of(false)?,
        of_lines,
    })
}
