//! How late charges come in: what deliveries that were replaced said of their last days, beside what those days came to.

use forecast::posting::number_of;
use forecast::{Arrival, completion as completion_of};
use query::Value;
use store::{Engagement, Watch};

use crate::{ApiError, Context};

/// A day of which so much has come in is taken for whole.
pub(super) const WHOLE: f64 = 0.98;

/// How far back from a delivery's last day is looked: by then a day has settled, or will by a correction.
const DAYS_MAX: i64 = 10;

/// The days of the deliveries that were replaced, beside the same days of those that stand and go on for at least three days after. A
/// delivery is known by its provider, its report and its billing period.
const DAYS: &str = "\
    WITH old AS (SELECT load_id, CAST(charge_period_start AS DATE) AS day, sum(effective_cost) AS cost FROM charge_superseded GROUP BY ALL), \
    old_end AS (SELECT load_id, max(day) AS last FROM old GROUP BY load_id), \
    pair AS (SELECT gone.load_id AS old_id, stands.load_id AS new_id FROM load gone JOIN load stands USING (provider, report, billing_period) \
             WHERE gone.state = 'superseded' AND stands.state = 'current'), \
    new AS (SELECT load_id, CAST(charge_period_start AS DATE) AS day, sum(effective_cost) AS cost FROM charge \
            WHERE load_id IN (SELECT new_id FROM pair) GROUP BY ALL), \
    new_end AS (SELECT load_id, max(day) AS last FROM new GROUP BY load_id) \
    SELECT date_diff('day', old.day, old_end.last)::BIGINT AS lag, old.cost, new.cost \
    FROM pair JOIN old ON old.load_id = pair.old_id JOIN old_end ON old_end.load_id = pair.old_id \
    JOIN new ON new.load_id = pair.new_id AND new.day = old.day JOIN new_end ON new_end.load_id = pair.new_id \
    WHERE date_diff('day', old.day, new_end.last) >= 3 \
    ORDER BY lag, old.day, pair.old_id, pair.new_id";

/// The share of a day that has usually come in when it is the last one of a delivery, the one before the last, and so on; empty where no
/// delivery was replaced by a later one.
pub(super) fn completion(context: &Context, engagement: &Engagement, watch: &Watch) -> Result<Vec<f64>, ApiError> {
    let replaced = context.run(engagement, "SELECT count(*)::BIGINT FROM load WHERE state = 'superseded'", watch)?;
    if !matches!(replaced.rows.first().and_then(|row| row.first()), Some(Value::Integer(count)) if *count > 0) {
        return Ok(Vec::new());
    }
    let found = context.run(engagement, DAYS, watch)?;
    let arrivals: Vec<Arrival> = found
        .rows
        .iter()
        .filter_map(|row| match row.as_slice() {
            [Value::Integer(lag), Value::Amount(seen), Value::Amount(settled)] if *lag <= DAYS_MAX => {
                Some(Arrival { lag: usize::try_from(*lag).ok()?, seen: number_of(*seen), settled: number_of(*settled) })
            }
            _ => None,
        })
        .collect();
    Ok(completion_of(&arrivals))
}
