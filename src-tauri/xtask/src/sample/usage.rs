//! How much of each line is used on a day or in an hour.

use chrono::{Datelike, NaiveDate};

use super::{
    calendar::Month,
    demand,
    events::{self, CORRECTED_MONTH, CORRECTION_QUANTITY, Delivery, LATE_ACCOUNT},
    fixed::Fixed,
    model::{Event, Line, Model, Shape},
    random,
};

const SEED: u64 = 37;
/// Stored gigabytes grow by this many thousandths of the first month's a month.
const STORAGE_GROWTH: i64 = 22;

/// Pricing units of a line on a day, to three places. Instances have hours instead: see [`runs`].
pub(crate) fn quantity(model: &Model, line: &Line, day: NaiveDate, delivery: Delivery) -> Fixed {
    if !line.exists_on(day) || arrives_late(model, line, day, delivery) {
        return Fixed::ZERO;
    }
    let base = line.quantity.in_thousandths();
    let month = Month::of(day);
    let level = match line.shape {
        Shape::Fixed => base,
        Shape::Demand => base * demand::demand(day) / 1000 * noise(line, day, 30) / 1000,
        Shape::Steady => base * (1000 + 6 * month.index()) / 1000 * noise(line, day, 60) / 1000,
        Shape::Storage => base * (1000 + STORAGE_GROWTH * month.index()) / 1000 / month.length(),
        Shape::Monthly if day.day() == 1 => base,
        Shape::Monthly | Shape::Always | Shape::Office | Shape::Peak | Shape::Season => 0,
    };
    let over_metered = line.event == Some(Event::Correction) && events::within(day, events::over_metered_days());
    let extra = if over_metered { CORRECTION_QUANTITY } else { Fixed::ZERO };
    Fixed::thousandths(level * events::factor(line, day, delivery) / 1000) + extra
}

/// Whether an instance runs in an hour of a day.
pub(crate) fn runs(line: &Line, day: NaiveDate, hour: u32) -> bool {
    let scheduled = match line.shape {
        Shape::Always => true,
        Shape::Office => day.weekday().num_days_from_monday() < 5 && (7..19).contains(&hour),
        Shape::Peak => (8..22).contains(&hour),
        Shape::Season => demand::in_shipping_season(day),
        Shape::Fixed | Shape::Demand | Shape::Steady | Shape::Storage | Shape::Monthly => false,
    };
    scheduled && line.exists_on(day)
}

/// The first delivery of the corrected month lacks the last day of one account, instances excepted.
fn arrives_late(model: &Model, line: &Line, day: NaiveDate, delivery: Delivery) -> bool {
    delivery == Delivery::First
        && day.succ_opt() == Some(CORRECTED_MONTH.next().first_day())
        && model.accounts[line.account].id == LATE_ACCOUNT
}

fn noise(line: &Line, day: NaiveDate, spread: i64) -> i64 {
    1000 + random::between(random::of_text(SEED, &format!("{}@{day}", line.key)), -spread, spread)
}
