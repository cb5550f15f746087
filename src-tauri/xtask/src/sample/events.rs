//! What happens to the company: when, to what, and how much. The truths of `truth.json` are counted from these.

use chrono::NaiveDate;

use super::{
    calendar::{Month, date},
    fixed::Fixed,
    model::{Event, Line, Shape, Sku},
};

/// The database SKU whose list price rises.
pub(crate) const PRICE_CHANGE_SKU: &str = "db.r6g.4xlarge";
const PRICE_CHANGE_LIST_PRICE: Fixed = Fixed::thousandths(2154);
/// The commitment that ends and is not renewed.
pub(crate) const EXPIRING_COMMITMENT: &str =
    "arn:aws:savingsplans::418200100100:savingsplan/5b0c2f7e-0000-4000-8000-00000000a001";
/// The reservation that the migration leaves behind.
pub(crate) const STRANDED_RESERVATION: &str = "/providers/Microsoft.Capacity/reservationOrders/7c0d0000-0000-4000-8000-00000000b001/reservations/7c0d0000-0000-4000-8000-00000000b002";
/// The reservation that is paid for a year ahead.
pub(crate) const UPFRONT_RESERVATION: &str = "/providers/Microsoft.Capacity/reservationOrders/7c0d0000-0000-4000-8000-00000000b003/reservations/7c0d0000-0000-4000-8000-00000000b004";
pub(crate) const LAUNCH_APPLICATION: &str = "parcel-vision";
pub(crate) const MIGRATION_APPLICATION: &str = "route-planner";
pub(crate) const UNTAGGED_ACCOUNT: &str = "418200100190";
/// The month that is delivered twice.
pub(crate) const CORRECTED_MONTH: Month = Month { year: 2026, month: 4 };
/// The account whose last day is missing from the first delivery.
pub(crate) const LATE_ACCOUNT: &str = "004200100140";
/// The billing period in which over-metered queries of May are taken back.
pub(crate) const CORRECTION_MONTH: Month = Month { year: 2026, month: 7 };
/// Tebibytes a day that were metered too many, and are taken back.
pub(crate) const CORRECTION_QUANTITY: Fixed = Fixed::whole(9);

const LOGGING_SPIKE_FACTOR: i64 = 14_000;
const LAUNCH_RAMP_DAYS: i64 = 70;

/// Which of the two deliveries of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As first sent; wrong for [`CORRECTED_MONTH`].
    First,
    /// As it stands at the end.
    Final,
}

pub(crate) fn price_change_day() -> NaiveDate {
    date(2026, 3, 10)
}

pub(crate) fn launch_day() -> NaiveDate {
    date(2026, 1, 12)
}

pub(crate) fn migration_days() -> (NaiveDate, NaiveDate) {
    (date(2026, 2, 2), date(2026, 5, 1))
}

pub(crate) fn untagged_account_day() -> NaiveDate {
    date(2026, 6, 1)
}

/// The days of the logging spike, the last one included.
pub(crate) fn logging_spike_days() -> (NaiveDate, NaiveDate) {
    (date(2026, 5, 19), date(2026, 5, 21))
}

/// The days that were doubled in the first delivery, the last one included.
pub(crate) fn doubled_days() -> (NaiveDate, NaiveDate) {
    (date(2026, 4, 11), date(2026, 4, 17))
}

/// The days that were metered too high, the last one included.
pub(crate) fn over_metered_days() -> (NaiveDate, NaiveDate) {
    (date(2026, 5, 11), date(2026, 5, 20))
}

pub(crate) fn within(day: NaiveDate, (first, last): (NaiveDate, NaiveDate)) -> bool {
    day >= first && day <= last
}

/// The list price of a SKU on a day.
pub(crate) fn list_price(sku: &Sku, day: NaiveDate) -> Fixed {
    if sku.key == PRICE_CHANGE_SKU && day >= price_change_day() { PRICE_CHANGE_LIST_PRICE } else { sku.list_price }
}

/// The list price of a SKU after the negotiated discount.
pub(crate) fn contracted_price(sku: &Sku, day: NaiveDate) -> Fixed {
    list_price(sku, day).percent(100 - sku.negotiated_percent)
}

/// What the events make of a line's quantity on a day, in thousandths.
pub(crate) fn factor(line: &Line, day: NaiveDate, delivery: Delivery) -> i64 {
    match line.event {
        Some(Event::Launch) if line.shape != Shape::Fixed => {
            let days = (day - launch_day()).num_days();
            (60 + 940 * days / LAUNCH_RAMP_DAYS).min(1000)
        }
        Some(Event::UntaggedAccount) => {
            1000 + 350 * (Month::of(day).index() - Month::of(untagged_account_day()).index())
        }
        Some(Event::LoggingSpike) if within(day, logging_spike_days()) => LOGGING_SPIKE_FACTOR,
        Some(Event::CorrectedMonth) if delivery == Delivery::First && within(day, doubled_days()) => 2000,
        _ => 1000,
    }
}
