//! [`LogicalQuery`]: what must be computed, without a table, a dialect or an engine.

use money::Currency;

use crate::{
    AppliedRates, Dimension, Divisor, Filter, Formula, Grain, Measure, Operator, Period, PeriodBasis, QueryError,
    Question, RateDate, SumColumn,
};

/// What must be computed to answer a question: plain sums over filtered charges, by keys. Differences, shares and changes are no
/// part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalQuery {
    /// The columns that are summed, each once, in the order of first use.
    pub sums: Vec<SumColumn>,
    /// The step of the time key in front of the others.
    pub time: Option<Grain>,
    /// The keys.
    pub keys: Vec<Dimension>,
    /// The filters, all of which must hold; values sorted, each once.
    pub filters: Vec<Filter>,
    /// The currency of the figures.
    pub currency: Currency,
    /// The one billing currency that is added up; none where all are converted.
    pub billed_in: Option<Currency>,
    /// The rates that costs are multiplied by.
    pub rates: Option<AppliedRates>,
    /// Which day's rate a charge takes, where costs are converted.
    pub rate_date: Option<RateDate>,
    /// Whether the periods are those of the charges or of the bills.
    pub basis: PeriodBasis,
    /// The period that is asked for.
    pub current: Period,
    /// The period that is compared with; its buckets of time are laid over those of the current one, first over first.
    pub previous: Option<Period>,
    /// What ranks the groups, from high to low: a sum, or the quotient of two. What is divided by a metric ranks by what is divided.
    pub rank: Rank,
    /// How many groups of the keys stand alone.
    pub top: Option<u32>,
}

/// What ranks groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    /// What is added up.
    pub of: Formula,
    /// What it is divided by.
    pub by: Option<Formula>,
}

/// The longest period that is shown by the hour: two months.
pub const HOUR_GRAIN_DAYS_MAX: i64 = 62;

impl LogicalQuery {
    /// What a question needs, with its period and currency settled.
    ///
    /// # Errors
    /// Whatever makes the question one that has no answer: no measure, a repeated name, a filter without values, an empty period,
    /// hours over more than [`HOUR_GRAIN_DAYS_MAX`] days of `loaded`.
    pub fn new(question: &Question, current: Period, loaded: Period, currency: Currency) -> Result<Self, QueryError> {
        let rank = rank(question.measures.first().ok_or(QueryError::NoMeasure)?);
        refuse_repeated(question.measures.iter().map(|measure| measure.name().into_owned()))?;
        refuse_repeated(question.by.iter().map(|dimension| dimension.name().into_owned()))?;
        if question.top == Some(0) {
            return Err(QueryError::TopZero);
        }
        let current = Period::new(current.from, current.to)?;
        if question.grain == Some(Grain::Hour) {
            let days = current.intersection(&loaded).map_or(0, |shown| shown.days());
            if days > HOUR_GRAIN_DAYS_MAX {
                return Err(QueryError::HourSpan { days, limit: HOUR_GRAIN_DAYS_MAX });
            }
        }
        let mut filters = question.filters.iter().map(normalized).collect::<Result<Vec<Filter>, QueryError>>()?;
        filters.sort_by(|left, right| {
            (&left.dimension, left.operator as u8, &left.values).cmp(&(
                &right.dimension,
                right.operator as u8,
                &right.values,
            ))
        });
        filters.dedup();
        Ok(Self {
            sums: sums(&question.measures),
            time: question.grain,
            keys: question.by.clone(),
            filters,
            currency,
            billed_in: if question.convert.is_some() { question.currency } else { Some(currency) },
            rates: None,
            rate_date: question.convert.as_ref().map(|conversion| conversion.dated),
            basis: question.on,
            current,
            previous: question.compare.map(|comparison| current.compared(comparison)).transpose()?,
            rank,
            top: question.top.filter(|_| !question.by.is_empty()),
        })
    }

    /// The units of the quantities that are summed: the columns `consumed_unit` and `pricing_unit`.
    pub fn unit_columns(&self) -> impl Iterator<Item = (SumColumn, &'static str)> + '_ {
        self.sums.iter().filter_map(|sum| sum.unit_column().map(|unit| (*sum, unit)))
    }
}

/// The sum that a measure is divided by.
fn divisor(measure: &Measure) -> Option<Formula> {
    match measure.quotient()?.divisor() {
        Divisor::Measure(by) => Some(by.formula()),
        Divisor::Metric(_) => None,
    }
}

fn rank(measure: &Measure) -> Rank {
    Rank { of: measure.formula(), by: divisor(measure) }
}

fn sums(measures: &[Measure]) -> Vec<SumColumn> {
    let mut sums = Vec::new();
    for formula in measures.iter().flat_map(|measure| std::iter::once(measure.formula()).chain(divisor(measure))) {
        let needed = match formula {
            Formula::Sum(column) => vec![column],
            Formula::Difference(from, less) => vec![from, less],
            Formula::Count => vec![],
        };
        for column in needed {
            if !sums.contains(&column) {
                sums.push(column);
            }
        }
    }
    sums
}

fn refuse_repeated(names: impl Iterator<Item = String>) -> Result<(), QueryError> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(QueryError::Repeated { name: pair[0].clone() }),
        None => Ok(()),
    }
}

/// The filter with its values sorted, each once; a filter whose values do not fit its operator is refused.
fn normalized(filter: &Filter) -> Result<Filter, QueryError> {
    let refuse = |problem| Err(QueryError::FilterValues { dimension: filter.dimension.clone(), problem });
    match filter.operator {
        Operator::Is | Operator::IsNot if filter.values.is_empty() => return refuse("names no value"),
        Operator::Contains | Operator::NotContains if filter.values.len() != 1 => {
            return refuse("must name exactly one text to look for");
        }
        Operator::Contains | Operator::NotContains if filter.values[0].is_empty() => {
            return refuse("looks for an empty text");
        }
        Operator::Missing | Operator::Present if !filter.values.is_empty() => return refuse("takes no value"),
        _ => {}
    }
    let mut values = filter.values.clone();
    values.sort_unstable();
    values.dedup();
    Ok(Filter { values, ..filter.clone() })
}
