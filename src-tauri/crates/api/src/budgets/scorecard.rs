//! Budgets held against actual cost and forecast: `budget_scorecard`.

use std::collections::BTreeMap;

use budget::{Budget, FiscalCalendar, Given, Hierarchy, Period, Scope, Scorecard};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use money::{Amount, Currency};
use query::{Answer, Catalog, Grain, Measure, MeasureColumn, MeasureKind, Note, Question};
use store::{Engagement, Watch};

use super::ahead::project;
use super::costs::costs;
use super::files::{self, Budgets, Kept, month_of};
use super::lines::{Cost, Line, judged, lines};
use super::month_end::{self, DAYS_BACK};
use super::reply::{BudgetLine, BudgetMonthEnd, BudgetPeriod, BudgetPeriodState, BudgetReply, BudgetScorecardRequest};
use super::words;
use crate::together::together;
use crate::{ApiError, Context, frozen, planning};

/// Lines that are forecast by themselves, the dearest; what a line below half a percent of the whole will cost is its share of the whole.
const MODELLED_MAX: usize = 48;
/// Months whose share counts for the others.
const SHARE_MONTHS: usize = 3;
/// Days after the end of a month that providers still change its bill in.
const CLOSING_DAYS: i64 = 10;

/// What a scorecard is made of before its figures.
struct Frame<'a> {
    context: &'a Context,
    engagement: &'a Engagement,
    watch: &'a Watch,
    catalog: std::sync::Arc<Catalog>,
    calendar: FiscalCalendar,
    measure: Measure,
    currency: Currency,
    periods: Vec<Period>,
    states: Vec<BudgetPeriodState>,
    /// The last day that counts; none where there is no charge of the currency.
    as_of: Option<NaiveDate>,
    notes: Vec<Note>,
}

fn note(code: &str, message: String) -> Note {
    Note { code: code.to_owned(), message }
}

/// Where a period stands on the last day that is known.
fn known(period: &Period, as_of: Option<NaiveDate>) -> BudgetPeriodState {
    match as_of {
        Some(day) if period.to.pred_opt().is_some_and(|last| last <= day) => BudgetPeriodState::Over,
        Some(day) if period.from <= day => BudgetPeriodState::Running,
        _ => BudgetPeriodState::Ahead,
    }
}

pub(crate) fn scorecard(
    context: &Context,
    request: &BudgetScorecardRequest,
    now: DateTime<Utc>,
    watch: &Watch,
) -> Result<BudgetReply, ApiError> {
    let engagement = context.engagement()?;
    let kept = files::kept(&engagement, request.file.as_deref())?;
    let (last, late) = files::known_until(context, &engagement, watch)?;
    let read = files::read(context, &engagement, &kept, last.unwrap_or(now.date_naive()), watch)?;
    let mut frame = Frame::new(context, &engagement, watch, request, &kept, &read, last, now)?;
    frame.notes.extend(late);
    let year = frame.periods[0].year;
    let (budgets, named) = frame.budgets(&read, year);
    frame.tell_files(request, &kept, &read)?;
    let hierarchy = Hierarchy::new(&frame.periods, &budgets)
        .map_err(|error| ApiError::new("budget", error.to_string(), "Correct the budget file."))?;
    let mut lines = lines(&budgets, &hierarchy, &named)?;
    for line in &mut lines {
        let name = line.budget.map(|budget| budgets[budget].name.as_str());
        let of = hierarchy.findings.iter().filter(|finding| Some(finding.budget.as_str()) == name);
        line.findings.extend(of.map(|finding| finding.message.clone()));
    }
    let asked = frame.ask(&budgets, &mut lines)?;
    let loaded = asked.as_ref().map_or_else(|| vec![false; frame.periods.len()], |asked| asked.loaded.clone());
    if let Some(asked) = &asked {
        frame.expect(asked, &mut lines)?;
    }
    frame.tell_periods(&named, &loaded);
    let month_end = frame.whole_month_end(&mut lines)?;

    let over = |place: usize| frame.states[place] == BudgetPeriodState::Over;
    // Totals are over the periods that have a budget and a cost, the same for all lines: so parts add up to their whole.
    let counted: Vec<usize> = (0..frame.periods.len())
        .filter(|&place| named[place])
        .filter(|&place| if over(place) { loaded[place] } else { lines[0].expected[place].is_some() })
        .collect();
    let past: Vec<usize> = counted.iter().copied().filter(|&place| over(place)).collect();
    let (scorecard, frozen) = match (&request.frozen, asked.is_some()) {
        (Some(name), true) => {
            let (card, notes) = frozen::judged_by(context, &engagement, name, frame.currency, frame.as_of, watch)?;
            frame.notes.extend(notes);
            (card.map(|card| words::scored(card, name)), Some(name.clone()))
        }
        _ if past.is_empty() => (None, request.frozen.clone()),
        _ => {
            let card = Scorecard::new(judged(&lines, &past)?)?;
            frame.notes.push(note(
                "judged_by_budget",
                "No frozen forecast was named: the scorecard judges the budget itself as the forecast.".to_owned(),
            ));
            (Some(words::scored(card, "the budget")), None)
        }
    };
    let whole = frame.told(&lines, 0, &loaded, &counted, &past, month_end.clone())?;
    let implied = lines[0].budget.is_none();
    let left_out = lines.iter().any(|line| line.parent == Some(0) && line.scope.is_none() && !frame.is_idle(line));
    if implied && left_out && lines[0].amounts.iter().any(Option::is_some) {
        frame.notes.push(note(
            "no_budget_of_everything",
            "No budget is for everything: what all of it costs is held against the sum of the budgets, which leave a part of it out. \
             That part is a line of its own; a row of the scope total sets a budget for all."
                .to_owned(),
        ));
    }
    let mut shown = Vec::with_capacity(lines.len());
    for place in usize::from(implied)..lines.len() {
        let idle = lines[place].scope.is_none() && frame.is_idle(&lines[place]);
        if !idle {
            let estimate = if place == 0 { month_end.clone() } else { frame.line_month_end(&lines[place])? };
            let mut line = frame.told(&lines, place, &loaded, &counted, &past, estimate)?;
            if implied {
                line.depth -= 1;
                line.parent = line.parent.filter(|_| lines[place].parent != Some(0));
            }
            shown.push(line);
        }
    }
    let periods = frame.periods.iter().zip(&frame.states).map(|(period, state)| BudgetPeriod {
        label: period.label(),
        from: period.from,
        to: period.to,
        state: *state,
    });
    let measure = asked.as_ref().map_or_else(
        || MeasureColumn {
            name: frame.measure.name().into_owned(),
            label: frame.measure.label().into_owned(),
            kind: frame.measure.kind(),
            unit: None,
        },
        |asked| asked.answer.measures[0].clone(),
    );
    Ok(BudgetReply {
        currency: frame.currency,
        measure,
        year,
        as_of: frame.as_of,
        file: kept.name,
        periods: periods.collect(),
        lines: shown,
        whole,
        month_end,
        scorecard,
        frozen,
        notes: frame.notes,
        evidence: asked.map(|asked| asked.answer.evidence),
    })
}

/// What was asked of the bill.
struct Asked {
    answer: Answer,
    /// The months of the history, and whether anything is loaded of each.
    months: Vec<NaiveDate>,
    loaded_months: Vec<bool>,
    /// Whether anything is loaded of each period.
    loaded: Vec<bool>,
    /// The latest days.
    days: Vec<NaiveDate>,
}

impl<'a> Frame<'a> {
    #[expect(clippy::too_many_arguments, reason = "all of it is what one scorecard is made of, and each is used once")]
    fn new(
        context: &'a Context,
        engagement: &'a Engagement,
        watch: &'a Watch,
        request: &BudgetScorecardRequest,
        kept: &Kept,
        read: &Budgets,
        last: Option<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Result<Self, ApiError> {
        let usage = |message: String, hint: &str| ApiError::new("usage", message, hint);
        let measure = request.cost.clone().unwrap_or(Measure::EffectiveCost);
        if measure.kind() != MeasureKind::Currency {
            return Err(usage(
                format!("{} is no cost", measure.name()),
                "Hold a cost against the budget: --cost effective.",
            ));
        }
        let calendar = kept.settings.calendar(engagement)?;
        let as_of = request.as_of.or(last);
        if let (Some(asked), Some(last)) = (request.as_of, last)
            && asked > last
        {
            return Err(usage(
                format!("costs are complete up to {last} only, not up to {asked}"),
                "Choose an earlier day, or load what came since.",
            ));
        }
        let current = calendar.period_of(as_of.unwrap_or(now.date_naive())).ok().map(|period| period.year);
        let year = match request.year {
            Some(year) if read.years.contains(&year) => year,
            Some(year) => {
                let years: Vec<String> = read.years.iter().map(ToString::to_string).collect();
                return Err(usage(
                    format!("the budget {} has no year {year}", kept.name),
                    &format!("It has {}.", years.join(", ")),
                ));
            }
            None => current
                .filter(|year| read.years.contains(year))
                .or(read.years.last().copied())
                .ok_or_else(|| usage("the budget has no year".to_owned(), "Say it: --year 2027."))?,
        };
        let place = read.years.iter().position(|known| *known == year).unwrap_or(0) * 12;
        let periods = read.periods[place..place + 12].to_vec();
        let catalog = planning::with_rules(engagement)?;
        let currencies: Vec<Currency> = read.import.budgets.iter().map(|budget| budget.currency).collect();
        let own = engagement.definition().currency;
        let currency = match request.currency {
            Some(currency) => currency,
            None if currencies.is_empty() || currencies.contains(&own) => own,
            None if currencies.contains(&kept.settings.currency) => kept.settings.currency,
            None => currencies[0],
        };
        let mut notes = Vec::new();
        let as_of = if catalog.charges.is_some() && !catalog.currencies.contains(&currency) {
            notes.push(note(
                "no_charges",
                format!("No charge is billed in {currency}: budgets in {currency} have nothing to be held against."),
            ));
            None
        } else {
            as_of.filter(|_| catalog.charges.is_some())
        };
        let mut elsewhere: Vec<Currency> = currencies.into_iter().filter(|other| *other != currency).collect();
        elsewhere.sort();
        let count = elsewhere.len();
        elsewhere.dedup();
        if count > 0 {
            let others: Vec<String> = elsewhere.iter().map(ToString::to_string).collect();
            let others = others.join(", ");
            notes.push(note(
                "other_currencies",
                format!("{count} budgets are in {others} and not in this scorecard: currencies are never added."),
            ));
        }
        let states = periods.iter().map(|period| known(period, as_of)).collect();
        Ok(Self { context, engagement, watch, catalog, calendar, measure, currency, periods, states, as_of, notes })
    }

    /// The budgets of the year in the currency, and which periods have an amount in the file.
    fn budgets(&self, read: &Budgets, year: i32) -> (Vec<Budget>, Vec<bool>) {
        let from = read.years.iter().position(|known| *known == year).unwrap_or(0) * 12;
        let named = read.import.named.get(&self.currency);
        let named = named.map_or_else(|| vec![false; 12], |named| named[from..from + 12].to_vec());
        let own = read.import.budgets.iter().filter(|budget| budget.currency == self.currency);
        let of_year = own.map(|budget| Budget { amounts: budget.amounts[from..from + 12].to_vec(), ..budget.clone() });
        // A scope of another year only is no budget of this one.
        let of_year =
            of_year.filter(|budget| read.years.len() == 1 || budget.amounts.iter().any(|amount| !amount.is_zero()));
        (of_year.collect(), named)
    }

    fn tell_files(&mut self, request: &BudgetScorecardRequest, kept: &Kept, read: &Budgets) -> Result<(), ApiError> {
        let names = files::names(self.engagement)?;
        if request.file.is_none() && names.len() > 1 {
            let message = format!("Of {} budget files {} is shown; name another.", names.len(), kept.name);
            self.notes.push(note("several_files", message));
        }
        self.notes.extend(read.choices.iter().map(|choice| note("choice", choice.clone())));
        let dropped: Vec<_> = read.import.findings.iter().filter(|finding| finding.dropped).collect();
        if let Some(first) = dropped.first() {
            let row = first.row.map(|row| format!("row {row}: ")).unwrap_or_default();
            let message =
                format!("{} rows or cells of the file do not count, the first: {row}{}.", dropped.len(), first.message);
            self.notes.push(note("rows_dropped", message));
        }
        let unknown = files::unmatched(read, 0);
        if let Some(first) = unknown.first() {
            let message = format!(
                "{} rows are for scopes that no charge has and are in no budget, the first is row {}: {}. {}",
                unknown.len(),
                first.row,
                first.message,
                first.hint
            );
            self.notes.push(note("unknown_scopes", message));
        }
        Ok(())
    }

    fn tell_periods(&mut self, named: &[bool], loaded: &[bool]) {
        let labels = |of: &dyn Fn(usize) -> bool| -> Vec<String> {
            let places = (0..self.periods.len()).filter(|&place| of(place));
            places.map(|place| self.periods[place].label()).collect()
        };
        let silent = labels(&|place| !named[place]);
        let unloaded = labels(&|place| self.states[place] == BudgetPeriodState::Over && !loaded[place]);
        let fresh = self.as_of.and_then(|as_of| {
            let over = self.periods.iter().zip(&self.states).filter(|(_, state)| **state == BudgetPeriodState::Over);
            let last = over.map(|(period, _)| period).next_back()?;
            ((as_of - last.to).num_days() + 1 < CLOSING_DAYS).then(|| last.label())
        });
        if !silent.is_empty() && silent.len() < self.periods.len() {
            let message =
                format!("The file has no amounts for {}: totals are over the other periods.", silent.join(", "));
            self.notes.push(note("periods_without_budget", message));
        }
        if !unloaded.is_empty() {
            let message = format!("Nothing is loaded of {}: they are not compared.", unloaded.join(", "));
            self.notes.push(note("periods_not_loaded", message));
        }
        if let Some(label) = fresh {
            let message = format!(
                "{label} ended less than {CLOSING_DAYS} days before the last day that is known: its bills may still change."
            );
            self.notes.push(note("provisional", message));
        }
    }

    /// Asks what the lines cost; what parts leave is what they cost less. None where nothing is loaded.
    fn ask(&self, budgets: &[Budget], lines: &mut [Line]) -> Result<Option<Asked>, ApiError> {
        let (Some(as_of), Some(charges)) = (self.as_of, self.catalog.charges) else { return Ok(None) };
        let after = as_of.checked_add_days(Days::new(1)).unwrap_or(as_of);
        if as_of < charges.from {
            return Err(ApiError::new(
                "usage",
                format!("nothing is loaded up to {as_of}"),
                format!("The first charges are of {}.", charges.from),
            ));
        }
        let base =
            Question { measures: vec![self.measure.clone()], currency: Some(self.currency), ..Question::default() };
        let scopes: Vec<Scope> = budgets.iter().map(|budget| budget.scope.clone()).collect();
        let by_months = self.periods.iter().all(|period| period.from == period.month);
        let grain = if by_months { Grain::Month } else { Grain::Day };
        let span = query::Period { from: charges.from, to: after };
        let ask = |grain: Grain, span: query::Period| {
            costs(self.context, self.engagement, &base, &scopes, grain, span, self.watch)
        };
        let found = ask(grain, span)?;
        let months: Vec<NaiveDate> =
            std::iter::successors(Some(month_of(charges.from)), |month| month.checked_add_months(Months::new(1)))
                .take_while(|month| *month <= as_of)
                .collect();
        let running = self.states.contains(&BudgetPeriodState::Running);
        let back = as_of.checked_sub_days(Days::new(DAYS_BACK - 1)).unwrap_or(as_of).max(charges.from);
        let days: Vec<NaiveDate> =
            if running { back.iter_days().take_while(|day| *day <= as_of).collect() } else { Vec::new() };
        let daily = match (running, grain) {
            (false, _) => None,
            (true, Grain::Month | Grain::Hour) => Some(ask(Grain::Day, query::Period { from: back, to: after })?),
            (true, Grain::Day) => None,
        };
        let cost = |by_time: &BTreeMap<String, Amount>, by_day: Option<&BTreeMap<String, Amount>>| {
            let mut cost = Cost {
                months: vec![Amount::ZERO; months.len()],
                periods: vec![Amount::ZERO; self.periods.len()],
                days: Vec::new(),
            };
            for (time, amount) in by_time {
                let Some(day) = day_of(time) else { continue };
                for sum in [
                    months.iter().position(|month| *month == month_of(day)).map(|at| &mut cost.months[at]),
                    self.periods.iter().position(|period| period.contains(day)).map(|at| &mut cost.periods[at]),
                ]
                .into_iter()
                .flatten()
                {
                    *sum = sum.checked_add(*amount)?;
                }
            }
            let by_day = by_day.unwrap_or(by_time);
            cost.days = days.iter().map(|day| by_day.get(&day.to_string()).copied().unwrap_or_default()).collect();
            Ok::<Cost, ApiError>(cost)
        };
        for line in lines.iter_mut() {
            line.cost = match line.budget {
                Some(budget) => cost(&found.scopes[budget], daily.as_ref().map(|daily| &daily.scopes[budget]))?,
                None if line.scope.is_some() => cost(&found.whole, daily.as_ref().map(|daily| &daily.whole))?,
                None => Cost::default(),
            };
        }
        for place in 0..lines.len() {
            if let (None, Some(whole)) = (&lines[place].scope, lines[place].parent) {
                let parts = lines[whole].parts.iter().find(|parts| parts.contains(&place)).cloned().unwrap_or_default();
                let parts = parts.into_iter().filter(|part| *part != place);
                lines[place].cost = lines[whole].cost.less(parts.map(|part| &lines[part].cost))?;
            }
        }
        let has = |holds: &dyn Fn(NaiveDate) -> bool| found.whole.keys().filter_map(|time| day_of(time)).any(holds);
        let loaded_months = months.iter().map(|month| has(&|day| month_of(day) == *month)).collect();
        let loaded = self.periods.iter().map(|period| has(&|day| period.contains(day))).collect();
        Ok(Some(Asked { answer: found.answer, months, loaded_months, loaded, days }))
    }

    /// What the periods that are not over will cost: the month that runs by its days, those ahead by a forecast of months. What each line
    /// was estimated to cost by itself is then moved so that parts add up to their whole.
    fn expect(&mut self, asked: &Asked, lines: &mut [Line]) -> Result<(), ApiError> {
        let Some(as_of) = self.as_of else { return Ok(()) };
        let open: Vec<usize> =
            (0..self.periods.len()).filter(|&place| self.states[place] != BudgetPeriodState::Over).collect();
        let Some(end) = open.last().map(|&place| self.periods[place].to) else { return Ok(()) };
        let decimals = self.currency.minor_digits();
        let ahead = self.ahead(asked, lines, as_of, end)?;
        for (line, months) in lines.iter_mut().zip(&ahead) {
            for &place in &open {
                let period = &self.periods[place];
                let running = self.states[place] == BudgetPeriodState::Running;
                let estimate = if running {
                    let daily = asked.days.iter().copied().zip(line.cost.days.iter().copied()).collect();
                    month_end::estimate(&daily, period, as_of, decimals)?
                } else {
                    None
                };
                line.expected[place] = match (&estimate, months) {
                    (Some(estimate), _) => Some(estimate.left),
                    (None, Some(months)) => Some(of_period(months, period, decimals)?),
                    // What began in the running period goes on as it runs.
                    (None, None) => line.estimate.as_ref().map(|begun| begun.of_days(period, decimals)).transpose()?,
                };
                if estimate.is_some() {
                    line.estimate = estimate;
                }
            }
        }
        for &place in &open {
            self.conform(lines, place, decimals)?;
            if self.states[place] == BudgetPeriodState::Running {
                for line in lines.iter_mut() {
                    let left = line.expected[place].unwrap_or_default();
                    if let Some(estimate) = &mut line.estimate {
                        estimate.left = left;
                    }
                    let so_far = line.cost.periods[place];
                    line.expected[place] = line.expected[place].map(|left| so_far.checked_add(left)).transpose()?;
                }
            }
        }
        if lines.len() > 1 && lines[0].expected.iter().any(Option::is_some) {
            self.notes.push(note(
                "forecast_of_lines",
                "Months ahead are forecast for everything; budgets share that by their own forecasts, so that parts add up to \
                 the whole to the cent."
                    .to_owned(),
            ));
        }
        for line in lines.iter_mut().filter(|line| line.budget.is_some()) {
            if line.cost.months.iter().all(|amount| amount.is_zero()) {
                line.findings.push("nothing was charged to it so far, so nothing is expected".to_owned());
            }
        }
        Ok(())
    }

    /// Moves what parts are expected to cost in a period so that they add up to their whole, from the top down.
    fn conform(&self, lines: &mut [Line], place: usize, decimals: u8) -> Result<(), ApiError> {
        for whole in 0..lines.len() {
            let Some(expected) = lines[whole].expected[place] else { continue };
            for parts in lines[whole].parts.clone() {
                let raw: Vec<Amount> =
                    parts.iter().map(|part| lines[*part].expected[place].unwrap_or_default()).collect();
                let moved = budget::conform(expected, &raw, decimals)?;
                for (part, amount) in parts.into_iter().zip(moved) {
                    lines[part].expected[place] = Some(amount);
                }
            }
        }
        Ok(())
    }

    /// What each line is expected to cost by itself, by month; none where nothing was ever charged.
    fn ahead(
        &self,
        asked: &Asked,
        lines: &[Line],
        as_of: NaiveDate,
        end: NaiveDate,
    ) -> Result<Vec<Option<BTreeMap<NaiveDate, Amount>>>, ApiError> {
        let decimals = self.currency.minor_digits();
        let next = |month: NaiveDate| month.checked_add_months(Months::new(1)).unwrap_or(month);
        let this = month_of(as_of);
        let provisional = usize::from(as_of.checked_add_days(Days::new(1)) != Some(next(this)));
        let last = month_of(end.pred_opt().unwrap_or(end));
        let horizon = std::iter::successors(Some(this), |month| Some(next(*month))).take_while(|month| *month < last);
        let horizon = horizon.count();
        // A first month that is not loaded from its beginning says too little.
        let begun = self.catalog.covered.map_or(0, |covered| {
            asked.months.iter().position(|month| *month >= covered.from).unwrap_or(asked.months.len().saturating_sub(1))
        });
        let dates = &asked.months[begun..];
        let series = |line: &Line| -> Vec<Option<Amount>> {
            let known = asked.loaded_months[begun..].iter();
            line.cost.months[begun..].iter().zip(known).map(|(amount, known)| known.then_some(*amount)).collect()
        };
        let recent = |line: &Line, months: usize| -> Result<Amount, ApiError> {
            let complete = &line.cost.months[..line.cost.months.len() - provisional];
            Ok(Amount::sum(complete[complete.len().saturating_sub(months)..].iter().copied())?)
        };
        let mut sizes = Vec::with_capacity(lines.len());
        for (place, line) in lines.iter().enumerate() {
            sizes.push((std::cmp::Reverse(recent(line, 12)?.abs()), place));
        }
        sizes[1..].sort();
        let floor = Amount::new(sizes[0].0.0.units() / 200, sizes[0].0.0.scale())?;
        let modelled: Vec<usize> = sizes
            .iter()
            .enumerate()
            .filter(|(rank, (size, place))| *place == 0 || (*rank <= MODELLED_MAX && size.0 >= floor))
            .map(|(_, (_, place))| *place)
            .collect();
        let mut made: Vec<Option<BTreeMap<NaiveDate, Amount>>> = vec![None; lines.len()];
        let ahead = together(&modelled, |place| {
            project(Grain::Month, dates, &series(&lines[*place]), provisional, horizon, decimals)
        });
        for (place, ahead) in modelled.iter().zip(ahead) {
            made[*place] = ahead?;
        }
        let whole = made[0].clone();
        let of_whole = recent(&lines[0], SHARE_MONTHS)?;
        for (place, line) in lines.iter().enumerate() {
            let Some(whole) = whole.as_ref().filter(|_| !modelled.contains(&place)) else { continue };
            let share = recent(line, SHARE_MONTHS)?;
            if share.is_zero() {
                continue;
            }
            let shares = whole.iter().map(|(month, amount)| {
                let ratio = money::Ratio::of(share, of_whole, 9).unwrap_or_default();
                Ok((*month, amount.checked_mul(ratio)?.rescaled(decimals, money::Rounding::HalfEven)?))
            });
            made[place] = Some(shares.collect::<Result<_, money::AmountError>>()?);
        }
        Ok(made)
    }

    /// What the running period will come to for everything, with the interval.
    fn whole_month_end(&self, lines: &mut [Line]) -> Result<Option<BudgetMonthEnd>, ApiError> {
        let Some((place, as_of, charges)) = self.running() else { return Ok(None) };
        let Some(estimate) = lines[0].estimate.clone() else { return Ok(None) };
        let base =
            Question { measures: vec![self.measure.clone()], currency: Some(self.currency), ..Question::default() };
        let span = query::Period { from: charges.from, to: as_of.checked_add_days(Days::new(1)).unwrap_or(as_of) };
        let found = costs(self.context, self.engagement, &base, &[], Grain::Day, span, self.watch)?;
        let daily = month_end::by_day(&found.whole, charges.from, as_of);
        let period = &self.periods[place];
        let earlier = month_end::earlier(self.calendar, period);
        let decimals = self.currency.minor_digits();
        let interval = month_end::interval(&daily, &earlier, period, as_of, &estimate, decimals)?;
        month_end::told(period, as_of, &estimate, interval, lines[0].amounts[place], self.currency).map(Some)
    }

    fn line_month_end(&self, line: &Line) -> Result<Option<BudgetMonthEnd>, ApiError> {
        let (Some((place, as_of, _)), Some(estimate)) = (self.running(), &line.estimate) else { return Ok(None) };
        let mut told =
            month_end::told(&self.periods[place], as_of, estimate, None, line.amounts[place], self.currency)?;
        told.notes.clone_from(&estimate.notes);
        Ok(Some(told))
    }

    fn running(&self) -> Option<(usize, NaiveDate, query::Period)> {
        let place = self.states.iter().position(|state| *state == BudgetPeriodState::Running)?;
        Some((place, self.as_of?, self.catalog.charges?))
    }

    /// Whether a line has neither cost nor budget nor forecast.
    fn is_idle(&self, line: &Line) -> bool {
        let zero = |amounts: &[Option<Amount>]| amounts.iter().flatten().all(|amount| amount.is_zero());
        line.cost.periods.iter().all(|amount| amount.is_zero()) && zero(&line.amounts) && zero(&line.expected)
    }

    fn told(
        &self,
        lines: &[Line],
        place: usize,
        loaded: &[bool],
        counted: &[usize],
        past: &[usize],
        month_end: Option<BudgetMonthEnd>,
    ) -> Result<BudgetLine, ApiError> {
        let line = &lines[place];
        let given: Vec<Given> = self
            .periods
            .iter()
            .enumerate()
            .map(|(at, period)| line.given(at, period, self.states[at], loaded[at]))
            .collect();
        let of = |places: &[usize]| -> Vec<Given> { places.iter().map(|&at| given[at].clone()).collect() };
        let (total, to_date) = (line.sum(&of(counted), self.currency)?, line.sum(&of(past), self.currency)?);
        let cells = budget::side_by_side(given, self.currency)?.periods.into_iter().map(words::cell).collect();
        Ok(BudgetLine {
            name: line.name.clone(),
            parent: line.parent.map(|parent| lines[parent].name.clone()),
            depth: line.depth,
            breakdown: line.breakdown.clone(),
            scope: line.in_words.clone(),
            filters: line.filters.clone(),
            net_new: line.net_new,
            cells,
            total,
            to_date,
            month_end,
            remainder: line.scope.is_none(),
            findings: line.findings.clone(),
        })
    }
}

/// The first day of `2026-03`, or the day of `2026-03-05`.
fn day_of(time: &str) -> Option<NaiveDate> {
    if time.len() == 7 { format!("{time}-01").parse().ok() } else { time.parse().ok() }
}

/// What months come to within a period: of a month that is cut, its days share it evenly.
fn of_period(months: &BTreeMap<NaiveDate, Amount>, period: &Period, decimals: u8) -> Result<Amount, ApiError> {
    let mut sum = Amount::ZERO;
    for (month, amount) in months {
        let next = month.checked_add_months(Months::new(1)).unwrap_or(*month);
        let (from, to) = (period.from.max(*month), period.to.min(next));
        if from >= to {
            continue;
        }
        let part = if (from, to) == (*month, next) {
            *amount
        } else {
            let days = usize::try_from((next - *month).num_days()).unwrap_or(1);
            let shares = money::split_by_weights(*amount, &vec![1; days], decimals)?;
            let inside = shares.into_iter().enumerate().filter(|(at, _)| {
                let day = u32::try_from(*at + 1).unwrap_or(u32::MAX);
                month.with_day(day).is_some_and(|day| from <= day && day < to)
            });
            Amount::sum(inside.map(|(_, share)| share))?
        };
        sum = sum.checked_add(part)?;
    }
    Ok(sum)
}
