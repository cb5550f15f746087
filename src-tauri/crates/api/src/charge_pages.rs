//! A page from anywhere in ordered charges, with only its stretch put in order.

use arrow::record_batch::RecordBatch;
use query::{ChargeCuts, ChargeListing, ChargeStretch, Value};
use store::{Engagement, Watch};

use crate::{ApiError, Context};

/// Up to this place the engine finds a page by keeping what comes first, which is quicker than counting.
const NEAR_CHARGES: u64 = 5_000;
/// As many charges are put in order at once for a page.
const STRETCH_CHARGES: u64 = 50_000;

/// The charges from `offset` on, at most `limit`, in the listing's order. What was counted is remembered, so that the next page of the same listing is
/// found at once.
pub(crate) fn page(
    context: &Context,
    engagement: &Engagement,
    listing: &ChargeListing,
    offset: u64,
    limit: u64,
    watch: &Watch,
) -> Result<Vec<RecordBatch>, ApiError> {
    if offset < NEAR_CHARGES {
        return Ok(engagement.run(&listing.page(&[], offset, limit)?, watch)?);
    }
    let counted = context.run(engagement, &listing.count(), watch)?;
    let charges = match counted.rows.first().and_then(|row| row.first()) {
        Some(Value::Integer(charges)) => u64::try_from(*charges).unwrap_or(0),
        _ => 0,
    };
    let reader = Reader { context, engagement, listing, watch };
    let all = ChargeStretch { ranges: Vec::new(), charges, key: 0 };
    let mut wanted = Wanted { offset, limit, batches: Vec::new() };
    reader.read(&all, &mut wanted)?;
    if wanted.batches.is_empty() {
        // Beyond the last charge: no rows, with the columns' names where the engine gives them.
        return Ok(engagement.run(&listing.page(&[], 0, 0)?, watch)?);
    }
    Ok(wanted.batches)
}

struct Reader<'a> {
    context: &'a Context,
    engagement: &'a Engagement,
    listing: &'a ChargeListing,
    watch: &'a Watch,
}

/// What is still to be left out and to be read.
struct Wanted {
    offset: u64,
    limit: u64,
    batches: Vec<RecordBatch>,
}

impl Reader<'_> {
    /// Reads what is wanted of a stretch and takes it off what is wanted.
    fn read(&self, stretch: &ChargeStretch, wanted: &mut Wanted) -> Result<(), ApiError> {
        if wanted.limit == 0 {
            return Ok(());
        }
        if wanted.offset >= stretch.charges {
            wanted.offset -= stretch.charges;
            return Ok(());
        }
        if stretch.charges > STRETCH_CHARGES && stretch.key < self.listing.keys() {
            let parts = self.cut(stretch)?;
            // One part is the whole again: nothing cuts it.
            if parts.len() > 1 || parts.iter().any(|part| part.key > stretch.key) {
                return parts.iter().try_for_each(|part| self.read(part, wanted));
            }
        }
        let sql = self.listing.page(&stretch.ranges, wanted.offset, wanted.limit)?;
        wanted.batches.extend(self.engagement.run(&sql, self.watch)?);
        wanted.limit -= wanted.limit.min(stretch.charges - wanted.offset);
        wanted.offset = 0;
        Ok(())
    }

    fn cut(&self, stretch: &ChargeStretch) -> Result<Vec<ChargeStretch>, ApiError> {
        let run = |sql: &str| self.context.run(self.engagement, sql, self.watch);
        let cuts = ChargeCuts::of(&run(&self.listing.cuts(stretch, STRETCH_CHARGES)?)?.rows);
        let counts = run(&self.listing.counts(stretch, &cuts)?)?;
        Ok(self.listing.stretches(stretch, &cuts, &counts.rows, STRETCH_CHARGES))
    }
}
