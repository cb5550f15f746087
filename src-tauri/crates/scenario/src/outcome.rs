//! [`Outcome`]: what a scenario costs, by line and month.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use money::{Amount, Currency, Ratio, Rounding};

use crate::evaluate::TooLarge;
use crate::exact::{WORKING_DECIMALS, amount_of, round_to_whole};
use crate::plan::{Plan, PlannedLine};
use crate::{Diagnostic, Filter, Month};

/// What a scenario costs in one case: a cell for each line and month, whose sums are the totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub(crate) lines: Arc<Vec<PlannedLine>>,
    pub(crate) cells: Vec<i128>,
    units: Vec<i128>,
    totals: Vec<i128>,
    total: i128,
    first_month: Month,
    currency: Currency,
    dimensions: Vec<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Outcome {
    pub(crate) fn new(
        plan: &Plan,
        lines: Arc<Vec<PlannedLine>>,
        cells: Vec<i128>,
        units: Vec<i128>,
        diagnostics: Vec<Diagnostic>,
    ) -> Result<Self, TooLarge> {
        const LIMIT: i128 = 10_i128.pow(38);
        let months = plan.months();
        let mut totals = vec![0_i128; months];
        let too_large = || TooLarge { what: "the sum of all lines".to_owned() };
        for row in cells.chunks_exact(months) {
            for (total, cell) in totals.iter_mut().zip(row) {
                *total = total.checked_add(*cell).filter(|sum| sum.abs() < LIMIT).ok_or_else(too_large)?;
            }
        }
        let total = totals.iter().try_fold(0_i128, |sum, &month| sum.checked_add(month));
        let total = total.filter(|sum| sum.abs() < LIMIT).ok_or_else(too_large)?;
        let baseline = &plan.ground.baseline;
        Ok(Self {
            lines,
            cells,
            units,
            totals,
            total,
            first_month: baseline.first_month,
            currency: baseline.currency,
            dimensions: baseline.dimensions.clone(),
            diagnostics,
        })
    }

    /// The lines, in the order of their cells.
    #[must_use]
    pub fn lines(&self) -> &[PlannedLine] {
        &self.lines
    }

    /// The number of months.
    #[must_use]
    pub fn months(&self) -> usize {
        self.totals.len()
    }

    /// The month of a place in the horizon.
    #[must_use]
    pub fn month(&self, place: usize) -> Month {
        self.first_month.plus(i32::try_from(place).unwrap_or(i32::MAX))
    }

    /// What the amounts are in.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// What a line costs in a month.
    #[must_use]
    pub fn cost(&self, line: usize, month: usize) -> Amount {
        amount_of(self.cells[line * self.totals.len() + month])
    }

    /// The units of a line in a month, where they are known.
    #[must_use]
    pub fn units(&self, line: usize, month: usize) -> Option<Amount> {
        self.lines[line].has_units.then(|| amount_of(self.units[line * self.totals.len() + month]))
    }

    /// What a unit of a line costs in a month to nine decimals, half to even; none without units.
    #[must_use]
    pub fn rate(&self, line: usize, month: usize) -> Option<Amount> {
        Ratio::of(self.cost(line, month), self.units(line, month)?, WORKING_DECIMALS)
    }

    /// What all lines cost in a month.
    #[must_use]
    pub fn month_total(&self, month: usize) -> Amount {
        amount_of(self.totals[month])
    }

    /// What all lines cost over the horizon.
    #[must_use]
    pub fn total(&self) -> Amount {
        amount_of(self.total)
    }

    /// What the lines that fit cost over some months.
    #[must_use]
    pub fn sum(&self, filter: &Filter, months: Range<usize>) -> Amount {
        let fitting = (0..self.lines.len()).filter(|&line| filter.fits(&self.dimensions, &self.lines[line].values));
        let count = self.totals.len();
        amount_of(
            fitting
                .flat_map(|line| {
                    &self.cells[line * count + months.start.min(count)..line * count + months.end.min(count)]
                })
                .sum(),
        )
    }

    /// The months of each value of a dimension, in the order of the values: they add up to the totals, lines without a value stand under
    /// the empty one. None for a dimension that there is not.
    #[must_use]
    pub fn by_dimension(&self, dimension: &str) -> Option<Vec<(String, Vec<Amount>)>> {
        let place = self.dimensions.iter().position(|name| name == dimension)?;
        let mut sums: BTreeMap<&str, Vec<i128>> = BTreeMap::new();
        for (line, row) in self.lines.iter().zip(self.cells.chunks_exact(self.totals.len())) {
            let sum = sums.entry(&line.values[place]).or_insert_with(|| vec![0; row.len()]);
            sum.iter_mut().zip(row).for_each(|(sum, cell)| *sum += cell);
        }
        let amounts = |months: Vec<i128>| months.into_iter().map(amount_of).collect();
        Some(sums.into_iter().map(|(value, months)| (value.to_owned(), amounts(months))).collect())
    }

    /// The lines of a month in the currency's smallest unit, adding up to the month's total in that unit: the total is rounded half to
    /// even, what is left over goes to the largest remainders.
    #[must_use]
    pub fn shown(&self, month: usize) -> (Amount, Vec<Amount>) {
        let digits = self.currency.minor_digits();
        let total = self.month_total(month);
        let whole = total.rescaled(digits, Rounding::HalfEven).unwrap_or(total);
        let parts: Vec<Amount> = (0..self.lines.len()).map(|line| self.cost(line, month)).collect();
        (whole, round_to_whole(whole, &parts, digits))
    }

    /// What there is to say about the run: warnings first.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    pub(crate) const fn total_cells(&self) -> i128 {
        self.total
    }

    pub(crate) fn month_cells(&self) -> &[i128] {
        &self.totals
    }
}
