//! What keeps an operation from being applied, and what deserves a word.

use std::collections::BTreeSet;

use super::{Layout, Step, Strictness};
use crate::diagnostic::{nearest, quoted};
use crate::operation::{DriverValues, Kind, Operation, RateChange};
use crate::{Diagnostic, Filter, Month};

impl Layout<'_> {
    /// The last month of the horizon.
    fn last_month(&self) -> Month {
        let months = i32::try_from(self.ground.baseline.months).unwrap_or(i32::MAX);
        self.ground.baseline.first_month.plus(months - 1)
    }

    pub(super) fn check_all(&mut self, operations: &[Operation]) {
        for operation in operations {
            if let Some(placement) = operation.kind.placement().filter(|placement| placement.new) {
                for (dimension, value) in &placement.values {
                    if let Some(place) = self.ground.baseline.dimensions.iter().position(|name| name == dimension) {
                        self.known[place].insert(value.clone());
                    }
                }
            }
        }
        let mut found = Vec::new();
        let mut ids = BTreeSet::new();
        for operation in operations {
            if !ids.insert(&operation.id) {
                let message = "two operations have this id";
                found.push(Diagnostic::error(message, "give each its own").of(&operation.id));
            }
            self.check_names(operation, &mut found);
            self.check_references(operation, operations, &mut found);
            self.check_dates(operation, &mut found);
        }
        check_pairs(operations, self.last_month(), &mut found);
        if self.strictness == Strictness::Strict {
            self.diagnostics.extend(found);
        }
    }

    fn check_names(&self, operation: &Operation, found: &mut Vec<Diagnostic>) {
        let dimensions = &self.ground.baseline.dimensions;
        let key = |placed| if placed { placement_key(&operation.kind) } else { "where" };
        let mut check = |dimension: &str, value: &str, placed: bool| {
            let Some(place) = dimensions.iter().position(|name| name == dimension) else {
                let hint = match nearest(dimension, dimensions.iter().map(String::as_str)) {
                    Some(known) => format!("is `{known}` meant?"),
                    None => format!("the baseline has {}", dimensions.join(", ")),
                };
                let message = format!("the baseline has no dimension {}", quoted(dimension));
                found.push(Diagnostic::error(message, hint).of(&operation.id).about(key(placed)));
                return;
            };
            if !self.known[place].contains(value) {
                let near = nearest(value, self.known[place].iter().map(String::as_str));
                let hint = match (near, placed) {
                    (Some(known), false) => format!("is {} meant?", quoted(known)),
                    (None, false) => "name one that the baseline has".to_owned(),
                    (Some(known), true) => format!("is {} meant? If it is new, write `new = true`", quoted(known)),
                    (None, true) => "if it is new, write `new = true`".to_owned(),
                };
                let message = format!("the baseline has no {dimension} {}", quoted(value));
                found.push(Diagnostic::error(message, hint).of(&operation.id).about(key(placed)));
            }
        };
        if let Some(Filter::Values(values)) = operation.kind.filter() {
            for (dimension, allowed) in values {
                for value in allowed {
                    check(dimension, value, false);
                }
            }
        }
        if let Some(placement) = operation.kind.placement() {
            for (dimension, value) in &placement.values {
                check(dimension, value, true);
            }
        }
    }

    fn check_references(&self, operation: &Operation, operations: &[Operation], found: &mut Vec<Diagnostic>) {
        let baseline = &self.ground.baseline;
        let own = baseline.commitments.iter().map(|commitment| commitment.id.as_str());
        match &operation.kind {
            Kind::Commit(_) if own.clone().any(|id| id == operation.id) => {
                let message = "the baseline has a commitment of this name";
                found.push(
                    Diagnostic::error(message, "give the operation another id, or write a `renew`").of(&operation.id),
                );
            }
            Kind::Expire(crate::operation::Expire { commitment, .. })
            | Kind::Renew(crate::operation::Renew { commitment, .. }) => {
                let bought = operations.iter().filter(|other| matches!(other.kind, Kind::Commit(_)));
                let known: BTreeSet<&str> = own.chain(bought.map(|other| other.id.as_str())).collect();
                if !known.contains(commitment.as_str()) {
                    let hint = match nearest(commitment, known.iter().copied()) {
                        Some(known) => format!("is {} meant?", quoted(known)),
                        None => "name one of the baseline, or the id of a `commit`".to_owned(),
                    };
                    let message = format!("there is no commitment {}", quoted(commitment));
                    found.push(Diagnostic::error(message, hint).of(&operation.id).about("commitment"));
                }
            }
            Kind::DriverOverride(change) => {
                let Some(driver) = baseline.drivers.iter().find(|driver| driver.name == change.driver) else {
                    let hint = match nearest(&change.driver, baseline.drivers.iter().map(|driver| driver.name.as_str()))
                    {
                        Some(known) => format!("is {} meant?", quoted(known)),
                        None => "name a driver of the baseline".to_owned(),
                    };
                    let message = format!("the baseline has no driver {}", quoted(&change.driver));
                    found.push(Diagnostic::error(message, hint).of(&operation.id).about("driver"));
                    return;
                };
                let typed = matches!(change.values, DriverValues::Typed(_));
                if typed && driver.monthly.iter().any(|value| value.is_zero()) {
                    let message = "the planned driver is zero in a month, where no cost per unit is known: lines keep their cost there";
                    found.push(Diagnostic::warning(message, "").of(&operation.id));
                }
            }
            Kind::CurrencyRate(change) if !baseline.rates.contains_key(&change.billed_in) => {
                let own = Some(change.billed_in);
                if !baseline.lines.iter().any(|line| line.billed_in == own) {
                    let known: Vec<&str> = baseline.rates.keys().map(money::Currency::code).collect();
                    let hint = match known.as_slice() {
                        [] => "let the baseline convert other currencies by a rate table (`convert`)".to_owned(),
                        known => format!("the baseline has {}", known.join(", ")),
                    };
                    let message = format!("nothing in the baseline is billed in {}", change.billed_in);
                    found.push(Diagnostic::error(message, hint).of(&operation.id).about("billed_in"));
                } else if matches!(change.rate, RateChange::Rate(_)) {
                    let message =
                        format!("the baseline was not converted from {}, so a rate says nothing", change.billed_in);
                    found.push(Diagnostic::error(message, "write `change = \"... %\"`").of(&operation.id));
                }
            }
            _ => {}
        }
    }

    fn check_dates(&self, operation: &Operation, found: &mut Vec<Diagnostic>) {
        let (first, last) = (self.ground.baseline.first_month, self.last_month());
        let (from, to) = operation.kind.dates();
        let slip = operation.slip_months;
        if let Some(from) = from.filter(|from| from.plus(slip.low) > last) {
            let message = format!("it begins in {from}, after the horizon ends in {last}: it has no effect here");
            found.push(Diagnostic::warning(message, "give an earlier month, or a longer horizon").of(&operation.id));
        }
        let goes_on = to.is_none_or(|to| to.plus(slip.high) >= first);
        if let Some(from) = from.filter(|from| goes_on && from.plus(slip.likely) < first) {
            let message = format!(
                "it begins in {from}, before the horizon does in {first}: what it changed until then may be in the bill already"
            );
            found.push(Diagnostic::note(message).of(&operation.id));
        }
        if let Some(to) = to.filter(|to| to.plus(slip.high) < first) {
            let message = format!("it ends in {to}, before the horizon begins in {first}: it has no effect here");
            found.push(Diagnostic::warning(message, "give a later month").of(&operation.id));
        }
    }

    pub(super) fn tell_without_lines(&mut self, step: &Step, operation: &Operation) {
        if self.strictness == Strictness::Lenient || !step.lines.is_empty() || !step.targets.is_empty() {
            return;
        }
        let diagnostic = match &operation.kind {
            Kind::CurrencyRate(change) => {
                let message = format!("no line is billed in {}: it has no effect", change.billed_in);
                Diagnostic::warning(message, "check `billed_in`")
            }
            Kind::DriverOverride(change) => {
                let message = format!("no line follows {}: it has no effect", quoted(&change.driver));
                Diagnostic::warning(message, "link lines to the driver in the baseline")
            }
            Kind::Shift(_) | Kind::Reallocate(_) => {
                let message = "no line is there that would change its place: it has no effect";
                Diagnostic::warning(message, "check `where` and `into`")
            }
            _ => {
                let message = "no line of recurring usage has all of these values at its turn: it has no effect";
                Diagnostic::warning(message, "check `where`; what a later operation brings in is not there yet")
            }
        };
        self.diagnostics.push(diagnostic.of(&operation.id));
    }
}

/// The key that a placement is written under.
const fn placement_key(kind: &Kind) -> &'static str {
    if matches!(kind, Kind::Shift(_) | Kind::Reallocate(_)) { "into" } else { "at" }
}

fn overlap(left: &Operation, right: &Operation) -> bool {
    let window = |operation: &Operation| {
        let (from, to) = operation.kind.dates();
        (from.map(|from| from.plus(operation.slip_months.low)), to.map(|to| to.plus(operation.slip_months.high)))
    };
    let ((left_from, left_to), (right_from, right_to)) = (window(left), window(right));
    let begins_after =
        |from: Option<Month>, to: Option<Month>| matches!((from, to), (Some(from), Some(to)) if from > to);
    !begins_after(left_from, right_to) && !begins_after(right_from, left_to)
}

/// Operations that contradict each other.
fn check_pairs(operations: &[Operation], last: Month, found: &mut Vec<Diagnostic>) {
    for (place, later) in operations.iter().enumerate() {
        for earlier in &operations[..place] {
            if !overlap(earlier, later) {
                continue;
            }
            let other = quoted(&earlier.id);
            match (&earlier.kind, &later.kind) {
                (Kind::DriverOverride(left), Kind::DriverOverride(right)) if left.driver == right.driver => {
                    let message = format!(
                        "it gives driver {} other values than operation {other} in the same months",
                        quoted(&left.driver)
                    );
                    found.push(
                        Diagnostic::error(message, "take one out, or end the first before the second begins")
                            .of(&later.id),
                    );
                }
                (Kind::CurrencyRate(left), Kind::CurrencyRate(right))
                    if left.billed_in == right.billed_in
                        && matches!(left.rate, RateChange::Rate(_))
                        && matches!(right.rate, RateChange::Rate(_)) =>
                {
                    let message =
                        format!("it gives {} another rate than operation {other} in the same months", left.billed_in);
                    found.push(
                        Diagnostic::error(message, "take one out, or end the first before the second begins")
                            .of(&later.id),
                    );
                }
                (Kind::Cap(left), Kind::Cap(right)) if left.filter == right.filter => {
                    let message = format!("it caps the same lines as operation {other}: the lower limit holds");
                    found.push(Diagnostic::warning(message, "take one out").of(&later.id));
                }
                (Kind::Shift(left), Kind::Shift(right))
                    if returns(&left.into, &right.filter) && returns(&right.into, &left.filter) =>
                {
                    let message = format!("it moves back what operation {other} moves there");
                    found.push(Diagnostic::warning(message, "take one out if that is not meant").of(&later.id));
                }
                (Kind::Retire(left), Kind::Retire(right)) if left.filter == right.filter => {
                    let message = format!("operation {other} retires the same lines");
                    found.push(Diagnostic::error(message, "take one out").of(&later.id));
                }
                _ => {}
            }
            retired_before(earlier, later, last, found);
            retired_before(later, earlier, last, found);
        }
    }
}

/// Whether what is put there is what the filter looks for.
fn returns(placement: &crate::operation::Placement, filter: &Filter) -> bool {
    let Filter::Values(values) = filter else { return false };
    let mut shared =
        values.iter().filter_map(|(dimension, allowed)| Some((placement.values.get(dimension)?, allowed))).peekable();
    shared.peek().is_some() && shared.all(|(value, allowed)| allowed.contains(value))
}

/// An operation that begins when its lines are gone.
fn retired_before(retiring: &Operation, other: &Operation, last: Month, found: &mut Vec<Diagnostic>) {
    let (Kind::Retire(retire), Some(filter), (Some(from), _)) =
        (&retiring.kind, other.kind.filter(), other.kind.dates())
    else {
        return;
    };
    let end = retire.from.plus(i32::try_from(retire.over_months).unwrap_or(i32::MAX) - 1 + retiring.slip_months.likely);
    if matches!(other.kind, Kind::Retire(_)) || *filter != retire.filter || from < end || end > last {
        return;
    }
    let message =
        format!("operation {} retires the same lines, and nothing is left of them from {end}", quoted(&retiring.id));
    found.push(Diagnostic::warning(message, "take one out, or let it begin before").of(&other.id));
}
