//! [`Baseline`]: what a scenario is laid over, as plain values, and its check.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use money::{Amount, Currency, Ratio};

use crate::diagnostic::quoted;
use crate::exact::{Fraction, cell_of};
use crate::{Diagnostic, Filter, Month, Refused, Treatment};

/// The cost to be expected without any operation, month by month.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// Its name, which scenarios name.
    pub name: String,
    /// What all amounts are in.
    pub currency: Currency,
    /// The first month of the horizon.
    pub first_month: Month,
    /// How many months the horizon has.
    pub months: usize,
    /// The names of the dimensions, such as `service`, `owner`.
    pub dimensions: Vec<String>,
    /// The lines. Usage that a commitment covers stands at what it would cost on demand: coverage is worked out anew.
    pub lines: Vec<Line>,
    /// Business metrics that lines follow.
    pub drivers: Vec<Driver>,
    /// Units of `currency` for one unit of another, as the lines were converted with.
    pub rates: BTreeMap<Currency, Amount>,
    /// Commitments that run or are known.
    pub commitments: Vec<Commitment>,
    /// Promises to spend.
    pub agreements: Vec<SpendAgreement>,
    /// Charges that are a percentage of others, worked out in this order; a later one may count an earlier one in.
    pub percentage_charges: Vec<PercentageCharge>,
    /// Credits with a balance.
    pub credits: Vec<Credit>,
}

/// A line: what is alike enough to be planned together.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its id, unique.
    pub id: String,
    /// A value for each dimension, in their order; empty where it has none.
    pub values: Vec<String>,
    /// How it is treated. Operations on usage, price, migration and caps touch recurring usage alone.
    pub treatment: Treatment,
    /// Its amounts.
    pub figures: Figures,
    /// The driver that it follows.
    pub driver: Option<DriverLink>,
    /// The currency that it is billed in, where that is another than the baseline's.
    pub billed_in: Option<Currency>,
}

/// The amounts of a line, one a month.
#[derive(Clone, Debug)]
pub enum Figures {
    /// What it costs.
    Cost(Vec<Amount>),
    /// How many units, and what one costs.
    UnitsAndRate {
        /// Units.
        units: Vec<Amount>,
        /// The effective rate of each month.
        rate: Vec<Amount>,
    },
    /// What it costs, to the cent, and how many units that is; the rate is what follows.
    CostAndUnits {
        /// What it costs.
        cost: Vec<Amount>,
        /// Units.
        units: Vec<Amount>,
    },
}

/// How a line follows a driver: `cost = cost · (1 - share + share · driver / planned driver)`, month by month.
#[derive(Clone, Debug)]
pub struct DriverLink {
    /// The driver's name.
    pub driver: String,
    /// How much of the line follows it in each month, 0 to 1; the rest is fixed.
    pub variable_share: Vec<Amount>,
}

/// A business metric, as it is planned.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Its name.
    pub name: String,
    /// Its values, one a month.
    pub monthly: Vec<Amount>,
}

/// A reservation, savings plan or other promise that makes usage cheaper.
#[derive(Clone, Debug)]
pub struct Commitment {
    /// Its id.
    pub id: String,
    /// Where its fee stands: a value for each dimension.
    pub values: Vec<String>,
    /// The recurring usage that it covers.
    pub eligible: Filter,
    /// The first month.
    pub start: Month,
    /// How many months it runs; none for without end, which no upfront payment can have.
    pub term_months: Option<u32>,
    /// What is paid each month.
    pub monthly_fee: Amount,
    /// What was paid at the start.
    pub upfront: Amount,
    /// By how much covered usage is cheaper than on demand, in percent, 0 to below 100.
    pub discount: Amount,
    /// The currency that it is billed in, where that is another than the baseline's.
    pub billed_in: Option<Currency>,
}

/// A promise to spend at least so much: what is missing at the end is charged. What is spent beyond a threshold may be cheaper.
#[derive(Clone, Debug)]
pub struct SpendAgreement {
    /// Its id.
    pub id: String,
    /// Where the shortfall stands.
    pub values: Vec<String>,
    /// Which lines count.
    pub counts: Filter,
    /// Its first month.
    pub start: Month,
    /// How many months it runs.
    pub term_months: u32,
    /// What is to be spent.
    pub minimum: Amount,
    /// What was spent before the horizon.
    pub already_spent: Amount,
    /// Rebates in percent on parts of what is spent over the term, rising; the last one has no end. Empty for none.
    pub rebates: Vec<Tier>,
    /// The currency that it is billed in, where that is another than the baseline's.
    pub billed_in: Option<Currency>,
}

/// A charge that is a percentage of others: support, tax, a margin.
#[derive(Clone, Debug)]
pub struct PercentageCharge {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub values: Vec<String>,
    /// What it is a percentage of: lines, fees and earlier charges of this sort, never credits.
    pub base: Filter,
    /// What it is a percentage of beside that, month by month: a bill that the baseline holds only a part of. Empty for nothing.
    pub elsewhere: Vec<Amount>,
    /// Percentages of parts of the base, rising; the last one has no end.
    pub tiers: Vec<Tier>,
    /// The least that is charged a month.
    pub minimum: Amount,
    /// The currency that it is billed in, where that is another than the baseline's.
    pub billed_in: Option<Currency>,
}

/// A percentage of one part of the base.
#[derive(Clone, Copy, Debug)]
pub struct Tier {
    /// Where the part ends; none for no end.
    pub up_to: Option<Amount>,
    /// The percentage.
    pub percent: Amount,
}

/// A credit: it pays for what is eligible, in proportion, until it is used up or expires. What expires first is used first.
#[derive(Clone, Debug)]
pub struct Credit {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub values: Vec<String>,
    /// What it pays for.
    pub eligible: Filter,
    /// What is left of it at the start of the horizon.
    pub balance: Amount,
    /// The first month.
    pub from: Month,
    /// The last month.
    pub expires: Month,
    /// The most that it pays a month.
    pub monthly_limit: Option<Amount>,
    /// The currency that it is billed in, where that is another than the baseline's.
    pub billed_in: Option<Currency>,
}

/// What a charge was of its base over some months, in percent to six decimals, half to even: the percentage to plan on where no contract
/// says one. None where the base is not above zero.
#[must_use]
pub fn observed_percentage(charged: &[Amount], base: &[Amount]) -> Option<Amount> {
    let base = Amount::sum(base.iter().copied()).ok().filter(|base| *base > Amount::ZERO)?;
    let hundredfold = Amount::sum(charged.iter().copied()).ok()?.checked_mul(Amount::from_integer(100)).ok()?;
    Ratio::of(hundredfold, base, 6)
}

/// A baseline that was checked, its amounts as exact cells.
#[derive(Debug)]
pub struct PreparedBaseline {
    pub(crate) baseline: Baseline,
    /// Lines by months, row by row.
    pub(crate) cells: Vec<i128>,
    pub(crate) units: Option<Vec<i128>>,
    /// By line: the driver's place and the share that follows it, month by month.
    pub(crate) links: Vec<Option<(usize, Arc<Vec<Fraction>>)>>,
    pub(crate) known: Vec<BTreeSet<String>>,
    rounded: usize,
}

impl PreparedBaseline {
    /// Checks a baseline and turns its amounts into cells of nine decimals.
    ///
    /// # Errors
    /// [`Refused`] with all that is wrong with it.
    pub fn new(baseline: Baseline) -> Result<Self, Refused> {
        let mut check = Check { baseline: &baseline, problems: Vec::new(), rounded: 0 };
        check.shape();
        let mut cells = Vec::with_capacity(baseline.lines.len() * baseline.months);
        let mut units = Vec::with_capacity(baseline.lines.len() * baseline.months);
        let mut links = Vec::with_capacity(baseline.lines.len());
        for line in &baseline.lines {
            check.line(line, &mut cells, &mut units);
            links.push(check.link(line));
        }
        check.attachments();
        let (problems, rounded) = (check.problems, check.rounded);
        if !problems.is_empty() {
            return Err(Refused(problems));
        }
        let has_units = baseline.lines.iter().any(|line| !matches!(line.figures, Figures::Cost(_)));
        let known = known_values(&baseline);
        Ok(Self { cells, units: has_units.then_some(units), links, known, rounded, baseline })
    }

    /// The baseline as it was given.
    #[must_use]
    pub const fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// How many amounts had more than nine decimals and were rounded half to even.
    #[must_use]
    pub const fn rounded(&self) -> usize {
        self.rounded
    }

    pub(crate) fn has_units(&self, line: usize) -> bool {
        !matches!(self.baseline.lines[line].figures, Figures::Cost(_))
    }
}

/// The values of each dimension that occur anywhere.
fn known_values(baseline: &Baseline) -> Vec<BTreeSet<String>> {
    let mut known = vec![BTreeSet::new(); baseline.dimensions.len()];
    let everywhere = (baseline.lines.iter().map(|line| &line.values))
        .chain(baseline.commitments.iter().map(|commitment| &commitment.values))
        .chain(baseline.agreements.iter().map(|agreement| &agreement.values))
        .chain(baseline.percentage_charges.iter().map(|charge| &charge.values))
        .chain(baseline.credits.iter().map(|credit| &credit.values));
    for values in everywhere {
        for (place, value) in values.iter().enumerate() {
            if !known[place].contains(value) {
                known[place].insert(value.clone());
            }
        }
    }
    known
}

struct Check<'a> {
    baseline: &'a Baseline,
    problems: Vec<Diagnostic>,
    rounded: usize,
}

impl Check<'_> {
    fn refuse(&mut self, message: String, hint: &str) {
        self.problems.push(Diagnostic::error(message, hint));
    }

    fn shape(&mut self) {
        const LONGEST: usize = 600;
        if !(1..=LONGEST).contains(&self.baseline.months) {
            self.refuse(format!("the horizon has {} months", self.baseline.months), "give it 1 to 600");
        }
        let mut ids = BTreeSet::new();
        for line in &self.baseline.lines {
            if !ids.insert(line.id.as_str()) {
                self.refuse(format!("two lines have the id {}", quoted(&line.id)), "give each line its own");
            }
        }
    }

    fn values(&mut self, what: &str, id: &str, values: &[String]) {
        if values.len() != self.baseline.dimensions.len() {
            let count = self.baseline.dimensions.len();
            let message = format!("{what} {} has {} values for {count} dimensions", quoted(id), values.len());
            self.refuse(message, "give one for each, an empty one where there is none");
        }
    }

    fn cell(&mut self, amount: Amount, line: &str) -> i128 {
        match cell_of(amount) {
            Some((cell, rounded)) => {
                self.rounded += usize::from(rounded);
                cell
            }
            None => {
                self.refuse(format!("line {}: {amount} needs more than 38 digits", quoted(line)), "use a larger unit");
                0
            }
        }
    }

    fn line(&mut self, line: &Line, cells: &mut Vec<i128>, units: &mut Vec<i128>) {
        self.values("line", &line.id, &line.values);
        let months = self.baseline.months;
        let mut of_length = |amounts: &[Amount], what: &str| {
            let right = amounts.len() == months;
            if !right {
                let message = format!("line {} has {} {what} for {months} months", quoted(&line.id), amounts.len());
                self.problems.push(Diagnostic::error(message, "give one for each month"));
            }
            right
        };
        match &line.figures {
            Figures::Cost(cost) => {
                if of_length(cost, "amounts") {
                    for amount in cost {
                        let cell = self.cell(*amount, &line.id);
                        cells.push(cell);
                        units.push(0);
                    }
                }
            }
            Figures::CostAndUnits { cost, units: counted } => {
                if of_length(cost, "amounts") && of_length(counted, "units") {
                    for (amount, counted) in cost.iter().zip(counted) {
                        let cell = self.cell(*amount, &line.id);
                        cells.push(cell);
                        let unit = self.cell(*counted, &line.id);
                        units.push(unit);
                    }
                }
            }
            Figures::UnitsAndRate { units: counted, rate } => {
                if of_length(counted, "units") && of_length(rate, "rates") {
                    for (amount, rate) in counted.iter().zip(rate) {
                        let unit = self.cell(*amount, &line.id);
                        units.push(unit);
                        let product = Fraction::of_amount(*rate).and_then(|rate| rate.of(unit));
                        if product.is_none() {
                            let message =
                                format!("line {}: {amount} units at {rate} need more than 38 digits", quoted(&line.id));
                            self.refuse(message, "use a larger unit");
                        }
                        cells.push(product.unwrap_or_default());
                    }
                }
            }
        }
    }

    fn link(&mut self, line: &Line) -> Option<(usize, Arc<Vec<Fraction>>)> {
        let link = line.driver.as_ref()?;
        let place = self.baseline.drivers.iter().position(|driver| driver.name == link.driver);
        let months = self.baseline.months;
        if place.is_none() {
            self.refuse(
                format!("line {} follows driver {}, which there is not", quoted(&line.id), quoted(&link.driver)),
                "give the driver",
            );
        }
        if link.variable_share.len() != months {
            let count = link.variable_share.len();
            let message = format!("line {} has {count} shares of its driver for {months} months", quoted(&line.id));
            self.refuse(message, "give one for each month");
        }
        let outside = |share: &&Amount| share.is_negative() || **share > Amount::from_integer(1);
        if let Some(share) = link.variable_share.iter().find(outside) {
            self.refuse(
                format!("line {} follows its driver with a share of {share}", quoted(&line.id)),
                "give a share from 0 to 1",
            );
        }
        let shares: Option<Vec<Fraction>> = link.variable_share.iter().copied().map(Fraction::of_amount).collect();
        Some((place?, Arc::new(shares?)))
    }

    fn attachments(&mut self) {
        let baseline = self.baseline;
        for driver in &baseline.drivers {
            if driver.monthly.len() != baseline.months {
                let message = format!(
                    "driver {} has {} values for {} months",
                    quoted(&driver.name),
                    driver.monthly.len(),
                    baseline.months
                );
                self.refuse(message, "give one for each month");
            }
            if driver.monthly.iter().any(|value| value.is_negative()) {
                self.refuse(
                    format!("driver {} is below zero in a month", quoted(&driver.name)),
                    "a driver counts things",
                );
            }
        }
        for (currency, rate) in &baseline.rates {
            if rate.is_negative() || rate.is_zero() {
                self.refuse(format!("the rate of {currency} is {rate}"), "give a rate above zero");
            }
        }
        let hundred = Amount::from_integer(100);
        for commitment in &baseline.commitments {
            self.values("commitment", &commitment.id, &commitment.values);
            if commitment.discount.is_negative() || commitment.discount >= hundred {
                self.refuse(
                    format!("commitment {} has a discount of {} %", quoted(&commitment.id), commitment.discount),
                    "give 0 to below 100",
                );
            }
            if commitment.term_months == Some(0) || (commitment.term_months.is_none() && !commitment.upfront.is_zero())
            {
                self.refuse(
                    format!("commitment {} has no months to spread its payment over", quoted(&commitment.id)),
                    "give its term",
                );
            }
            if commitment.monthly_fee.is_negative() || commitment.upfront.is_negative() {
                self.refuse(
                    format!("commitment {} costs less than nothing", quoted(&commitment.id)),
                    "give what is paid, without a sign",
                );
            }
        }
        for agreement in &baseline.agreements {
            self.values("agreement", &agreement.id, &agreement.values);
            if agreement.term_months == 0 {
                self.refuse(format!("agreement {} has no months", quoted(&agreement.id)), "give its term");
            }
            if !agreement.rebates.is_empty() {
                self.tiers("agreement", &agreement.id, &agreement.rebates);
                if agreement.rebates.iter().any(|tier| tier.percent > hundred) {
                    self.refuse(
                        format!("agreement {} gives back more than all", quoted(&agreement.id)),
                        "give rebates of at most 100 percent",
                    );
                }
            }
        }
        for charge in &baseline.percentage_charges {
            self.values("percentage charge", &charge.id, &charge.values);
            self.tiers("percentage charge", &charge.id, &charge.tiers);
            if charge.minimum.is_negative() {
                self.refuse(
                    format!("percentage charge {} has a minimum below zero", quoted(&charge.id)),
                    "give what is charged",
                );
            }
            if !charge.elsewhere.is_empty() && charge.elsewhere.len() != baseline.months {
                let (count, months) = (charge.elsewhere.len(), baseline.months);
                let message =
                    format!("percentage charge {} has {count} amounts for {months} months", quoted(&charge.id));
                self.refuse(message, "give one for each month");
            }
        }
        for credit in &baseline.credits {
            self.values("credit", &credit.id, &credit.values);
            if credit.balance.is_negative() || credit.monthly_limit.is_some_and(Amount::is_negative) {
                self.refuse(
                    format!("credit {} has a balance or limit below zero", quoted(&credit.id)),
                    "give what is left, without a sign",
                );
            }
        }
    }

    fn tiers(&mut self, what: &str, id: &str, tiers: &[Tier]) {
        let ends: Vec<Option<Amount>> = tiers.iter().map(|tier| tier.up_to).collect();
        let rising = ends.windows(2).all(|pair| match pair {
            [Some(first), Some(second)] => first < second,
            [Some(_), None] => true,
            _ => false,
        });
        let endless = ends.last().is_some_and(Option::is_none);
        let positive = ends.first().is_some_and(|end| end.is_none_or(|end| end > Amount::ZERO));
        if !rising || !endless || !positive {
            let message = format!("{what} {} has no rising tiers of which the last has no end", quoted(id));
            self.refuse(message, "order its tiers and leave the end of the last one out");
        }
        if tiers.iter().any(|tier| tier.percent.is_negative()) {
            self.refuse(format!("{what} {} has a percentage below zero", quoted(id)), "give it without a sign");
        }
    }
}
