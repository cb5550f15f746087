//! Which instance hours a commitment pays for, replayed hour by hour.

use chrono::NaiveDate;

use super::{
    fixed::Fixed,
    model::{CommitmentCategory, Model},
    usage,
};

/// What an instance does in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hour {
    Off,
    OnDemand,
    /// Covered by the commitment with this index.
    Covered(usize),
}

/// One day of one billing account.
#[derive(Debug)]
pub(crate) struct Day {
    /// For each line of the model, its 24 hours; only instances of the billing account run.
    pub(crate) lines: Vec<[Hour; 24]>,
    /// For each commitment of the model, the units (money, or instances) that nobody used in each hour.
    pub(crate) unused: Vec<[Fixed; 24]>,
}

/// Replays a day. An hour's commitments are spent one after the other in the model's order, each on the running instances
/// with the largest discount first; an instance hour is covered whole or not at all.
pub(crate) fn replay(model: &Model, billing_account: usize, day: NaiveDate) -> Day {
    let mut instances: Vec<usize> = (0..model.lines.len())
        .filter(|&line| {
            let line = &model.lines[line];
            line.billing_account == billing_account && line.shape.is_instance() && line.exists_on(day)
        })
        .collect();
    instances.sort_by_key(|&line| -model.skus[model.lines[line].sku].committed_percent);
    let mut replayed = Day {
        lines: vec![[Hour::Off; 24]; model.lines.len()],
        unused: vec![[Fixed::ZERO; 24]; model.commitments.len()],
    };
    for (hour, number) in (0_usize..24).zip(0_u32..) {
        for &line in &instances {
            if usage::runs(&model.lines[line], day, number) {
                replayed.lines[line][hour] = Hour::OnDemand;
            }
        }
        for (index, commitment) in model.commitments.iter().enumerate() {
            if commitment.billing_account == billing_account && commitment.runs_on(day) {
                replayed.unused[index][hour] = spend(model, index, &instances, &mut replayed.lines, hour);
            }
        }
    }
    replayed
}

/// Spends one commitment in one hour; returns what is left of it.
fn spend(model: &Model, index: usize, instances: &[usize], lines: &mut [[Hour; 24]], hour: usize) -> Fixed {
    let commitment = &model.commitments[index];
    let mut left = commitment.hourly;
    for &line in instances {
        let sku_index = model.lines[line].sku;
        let sku = &model.skus[sku_index];
        let covered = sku.committed_percent > 0 && commitment.covers.is_none_or(|covers| covers == sku_index);
        let taken = match commitment.category {
            CommitmentCategory::Spend => sku.committed_price(),
            CommitmentCategory::Usage => Fixed::ONE,
        };
        if covered && lines[line][hour] == Hour::OnDemand && taken <= left {
            lines[line][hour] = Hour::Covered(index);
            left = left - taken;
        }
    }
    left
}
