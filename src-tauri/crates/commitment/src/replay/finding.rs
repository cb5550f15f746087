//! [`Finding`]: what a reader of a replay must know beside its figures.

use std::fmt;

use money::Amount;

use crate::model::MonthOfYear;

/// Something about the inputs that limits what the figures say. Its text says what, where and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// Days, not hours.
    DailySteps,
    /// Steps without data, left out of every figure.
    MissingSteps {
        /// How many.
        steps: usize,
        /// Of how many.
        of: usize,
        /// The first.
        first: String,
    },
    /// A month of data in which nothing eligible was used.
    QuietMonth(MonthOfYear),
    /// Corrections below zero.
    NegativeUsage {
        /// The line.
        line: String,
        /// In how many steps.
        steps: usize,
        /// Their sum.
        amount: Amount,
    },
    /// A commitment whose price is above the on-demand price, which therefore is not applied there.
    RateAboveOnDemand {
        /// The commitment.
        commitment: String,
        /// The line.
        line: String,
        /// In how many steps.
        steps: usize,
    },
    /// Usage that a commitment reaches without a price for it.
    NoRate {
        /// The commitment.
        commitment: String,
        /// How many lines.
        lines: usize,
        /// The first.
        first: String,
    },
    /// A commitment that reaches no line.
    ReachesNothing(String),
    /// A commitment outside the span.
    OutsideSpan {
        /// The commitment.
        commitment: String,
        /// Its start.
        start: String,
        /// Its end.
        end: String,
    },
    /// A commitment that is never used whole.
    LargerThanUsage {
        /// The commitment.
        commitment: String,
        /// The most of it that is used in a step, as a share.
        most: Amount,
    },
    /// Fees that are not what was committed.
    FeesDiffer {
        /// The commitment.
        commitment: String,
        /// The fees over the term.
        fees: Amount,
        /// The commitment over the term.
        committed: Amount,
    },
    /// Two commitments that differ in nothing but their ids.
    Alike {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// A zonal reservation in normalised units, which only regional ones are used in.
    ZonalInNormalisedUnits(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DailySteps => write!(
                formatter,
                "The usage is by day. What was idle in one hour and uncovered in another of the same day is not seen: coverage and utilisation are \
                 at most what is shown. Load an hourly export to know."
            ),
            Self::MissingSteps { steps, of, first } => write!(
                formatter,
                "{steps} of {of} steps have no data (the first: {first}). They are left out of every figure, usage and commitment alike. Load the \
                 missing exports."
            ),
            Self::QuietMonth(month) => write!(
                formatter,
                "In {month} nothing eligible was used. If that is an export that ends early, load the rest; else every commitment of the month is \
                 waste."
            ),
            Self::NegativeUsage { line, steps, amount } => write!(
                formatter,
                "{line}: {steps} steps are below zero ({amount} in all), corrections of other times. They stay as they are and are not covered."
            ),
            Self::RateAboveOnDemand { commitment, line, steps } => write!(
                formatter,
                "{commitment}: its rate for {line} is above the on-demand price in {steps} steps, and it is not applied there. Check the rate and \
                 the negotiated price."
            ),
            Self::NoRate { commitment, lines, first } => {
                let told = if *lines == 1 {
                    "1 line that it reaches has no rate and stays".to_owned()
                } else {
                    format!("{lines} lines that it reaches have no rate and stay")
                };
                write!(
                    formatter,
                    "{commitment}: {told} on demand (the first: {first}). Give their rates in an offer sheet."
                )
            }
            Self::ReachesNothing(commitment) => write!(
                formatter,
                "{commitment}: no usage is eligible and in its scope, so all of it is unused. Check its programme, family, region and accounts."
            ),
            Self::OutsideSpan { commitment, start, end } => {
                write!(
                    formatter,
                    "{commitment}: it runs from {start} to {end}, outside the usage, and counts for nothing here."
                )
            }
            Self::LargerThanUsage { commitment, most } => write!(
                formatter,
                "{commitment}: it is larger than all usage that is left for it; in its best step {most} of it is used."
            ),
            Self::FeesDiffer { commitment, fees, committed } => write!(
                formatter,
                "{commitment}: its fees over the term are {fees}, what is committed is {committed}. The commitment counts; correct the fees."
            ),
            Self::Alike { one, other } => write!(
                formatter,
                "{one} and {other} differ in nothing but their ids. If one purchase was entered twice, take one out; else both count."
            ),
            Self::ZonalInNormalisedUnits(commitment) => write!(
                formatter,
                "{commitment}: a zonal reservation covers its own instance type alone. Give its size in units and its instance type; as it is, it \
                 covers nothing."
            ),
        }
    }
}
