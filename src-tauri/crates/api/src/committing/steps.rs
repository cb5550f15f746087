//! [`Hours`]: the charge periods of usage as hours or days, with what the bill says is covered; what has no on-demand cost gets the price of
//! others of its SKU.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use commitment::model::{LineKey, Measure, MonthOfYear, Program, Span, Usage, UsageBuilder};
use money::{Amount, Currency, Ratio};
use query::UsageStep;

use super::usage::{Covered, Kind, Reading};
use super::{instant, note};
use crate::ApiError;

/// The decimals of a price that is worked out from other charges.
const PRICE_DECIMALS: u8 = 12;

/// What one price holds for, whoever uses it and in whichever zone.
type PriceKey = (String, String, Option<String>, String, Option<String>, Option<String>, Option<String>);

fn price_key(key: &LineKey) -> PriceKey {
    let LineKey { provider, service, region, sku, platform, tenancy, unit, .. } = key.clone();
    (provider, service, region, sku, platform, tenancy, unit)
}

/// A charge period whose on-demand cost is not in the bill.
struct Unpriced {
    kind: i64,
    start: i64,
    commitment: Option<String>,
    quantity: Option<Amount>,
    effective: Amount,
    charges: u64,
}

/// The sums of priced charges, from which the price of others is worked out.
#[derive(Clone, Copy, Default)]
struct Price {
    on_demand: Amount,
    quantity: Amount,
}

/// Usage in the making.
pub(super) struct Hours {
    currency: Currency,
    span: Span,
    builder: UsageBuilder,
    pub(super) covers: BTreeMap<(String, LineKey, MonthOfYear), Covered>,
    pub(super) covered_steps: BTreeMap<LineKey, BTreeMap<usize, Amount>>,
    /// Prices of usage on demand, and of all usage.
    prices: BTreeMap<PriceKey, [Price; 2]>,
    unpriced: Vec<Unpriced>,
    /// The programs of the commitments that cover what no rule names, by provider, service and unit.
    by_cover: BTreeMap<(String, String, Option<String>), BTreeSet<Program>>,
    /// The programs that cover a line beyond what its rule says.
    covered_by: BTreeMap<LineKey, BTreeSet<Program>>,
}

impl Hours {
    pub(super) fn new(currency: Currency, span: Span) -> Self {
        Self {
            currency,
            span,
            builder: UsageBuilder::new(currency, span),
            covers: BTreeMap::new(),
            covered_steps: BTreeMap::new(),
            prices: BTreeMap::new(),
            unpriced: Vec::new(),
            by_cover: BTreeMap::new(),
            covered_by: BTreeMap::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        kinds: &BTreeMap<i64, Kind>,
        step: UsageStep,
        programs: &BTreeMap<String, Program>,
    ) -> Result<(), ApiError> {
        let Some(kind) = kinds.get(&step.key) else { return Ok(()) };
        let at = instant(step.start);
        let quantity = step.quantity.unwrap_or_default();
        let list = step.list.filter(|_| step.unlisted == 0);
        let priced = Measure { on_demand: step.contracted.unwrap_or_default(), list, quantity };
        self.builder.add(&kind.key, at, priced)?;
        if let Some(contracted) = step.contracted {
            let of_priced = quantity.checked_sub(step.unpriced_quantity.unwrap_or_default())?;
            let prices = self.prices.entry(price_key(&kind.key)).or_default();
            for price in prices.iter_mut().skip(usize::from(step.committed || step.commitment.is_some())) {
                price.on_demand = price.on_demand.checked_add(contracted)?;
                price.quantity = price.quantity.checked_add(of_priced)?;
            }
        }
        if let Some(id) = &step.commitment {
            if let Some(program) = programs.get(id) {
                let triple = (kind.key.provider.clone(), kind.key.service.clone(), kind.key.unit.clone());
                if kind.by_cover {
                    self.by_cover.entry(triple).or_default().insert(program.clone());
                } else if !kind.programs.contains(program) {
                    self.covered_by.entry(kind.key.clone()).or_default().insert(program.clone());
                }
            }
            self.cover(&kind.key, at, id, &step)?;
        }
        if step.unpriced > 0 {
            self.unpriced.push(Unpriced {
                kind: step.key,
                start: step.start,
                commitment: step.commitment,
                quantity: step.unpriced_quantity,
                effective: step.unpriced_effective,
                charges: step.unpriced,
            });
        }
        Ok(())
    }

    fn cover(&mut self, key: &LineKey, at: DateTime<Utc>, id: &str, step: &UsageStep) -> Result<(), ApiError> {
        let month = MonthOfYear::of(at);
        let fresh = Covered { on_demand: Some(Amount::ZERO), ..Covered::default() };
        let covered = self.covers.entry((id.to_owned(), key.clone(), month)).or_insert(fresh);
        let contracted = step.contracted.unwrap_or_default();
        covered.on_demand = covered.on_demand.map(|sum| sum.checked_add(contracted)).transpose()?;
        covered.quantity = covered.quantity.checked_add(step.quantity.unwrap_or_default())?;
        covered.cost = covered.cost.checked_add(step.effective)?;
        covered.commitment_quantity = match (covered.commitment_quantity, step.commitment_quantity) {
            (Some(sum), Some(more)) => Some(sum.checked_add(more)?),
            (known, more) => known.or(more),
        };
        self.covered_at(key, at, contracted)
    }

    fn covered_at(&mut self, key: &LineKey, at: DateTime<Utc>, on_demand: Amount) -> Result<(), ApiError> {
        let Some(step) = self.span.position(at) else { return Ok(()) };
        if !self.covered_steps.contains_key(key) {
            self.covered_steps.insert(key.clone(), BTreeMap::new());
        }
        if let Some(steps) = self.covered_steps.get_mut(key) {
            let sum = steps.entry(step).or_default();
            *sum = sum.checked_add(on_demand)?;
        }
        Ok(())
    }

    /// Gives charges without an on-demand cost the price of others of the same SKU.
    pub(super) fn reprice(&mut self, reading: &mut Reading<'_>) -> Result<(), ApiError> {
        let (mut repriced, mut of) = (0_u64, BTreeSet::new());
        for charge in std::mem::take(&mut self.unpriced) {
            let Some(kind) = reading.kinds.get(&charge.kind) else { continue };
            let prices = self.prices.get(&price_key(&kind.key)).copied().unwrap_or_default();
            let unit = prices.iter().find_map(|price| {
                let known = price.quantity > Amount::ZERO && price.on_demand > Amount::ZERO;
                Ratio::of(price.on_demand, price.quantity, PRICE_DECIMALS).filter(|_| known)
            });
            let at = instant(charge.start);
            let worked_out =
                unit.zip(charge.quantity).map(|(unit, quantity)| unit.checked_mul(quantity)).transpose()?;
            match worked_out {
                Some(on_demand) => {
                    let on_demand = on_demand.normalized();
                    let measure = Measure { on_demand, list: Some(Amount::ZERO), quantity: Amount::ZERO };
                    self.builder.add(&kind.key, at, measure)?;
                    repriced += charge.charges;
                    of.insert(kind.key.service.clone());
                    if let Some(id) = charge.commitment {
                        let place = (id, kind.key.clone(), MonthOfYear::of(at));
                        if let Some(covered) = self.covers.get_mut(&place) {
                            covered.on_demand = covered.on_demand.map(|sum| sum.checked_add(on_demand)).transpose()?;
                        }
                        let key = kind.key.clone();
                        self.covered_at(&key, at, on_demand)?;
                    }
                }
                None => {
                    if let Some(id) = charge.commitment {
                        let place = (id, kind.key.clone(), MonthOfYear::of(at));
                        if let Some(covered) = self.covers.get_mut(&place) {
                            covered.on_demand = None;
                        }
                    }
                    let service = kind.key.service.clone();
                    let message = format!(
                        "{service} of {}: covered usage has no on-demand cost, and no usage of the same SKU tells its price",
                        kind.key.provider
                    );
                    reading.leave("no_price", &service, message, charge.effective, charge.charges);
                }
            }
        }
        if repriced > 0 {
            let names: Vec<String> = of.into_iter().collect();
            reading.notes.push(note(
                "repriced",
                format!(
                    "{repriced} charges of {} have no on-demand cost; the price that usage of the same SKU has elsewhere in the period counts.",
                    names.join(", ")
                ),
            ));
        }
        Ok(())
    }

    /// The usage. Where no rule tells the size of what a commitment in normalised units covers (`sized`), its own charges do.
    pub(super) fn finish(
        &mut self,
        kinds: &BTreeMap<i64, Kind>,
        missing: BTreeSet<usize>,
        sized: &BTreeSet<&str>,
    ) -> Result<Usage, ApiError> {
        let mut sizes: BTreeMap<&LineKey, (Amount, Amount)> = BTreeMap::new();
        for ((_, line, _), covered) in self.covers.iter().filter(|((id, ..), _)| sized.contains(id.as_str())) {
            let Some(units) = covered.commitment_quantity else { continue };
            let sum = sizes.entry(line).or_default();
            *sum = (sum.0.checked_add(units)?, sum.1.checked_add(covered.quantity)?);
        }
        let empty = UsageBuilder::new(self.currency, self.span);
        let mut builder = std::mem::replace(&mut self.builder, empty);
        for kind in kinds.values() {
            let mut programs = kind.programs.clone();
            if kind.by_cover {
                let triple = (kind.key.provider.clone(), kind.key.service.clone(), kind.key.unit.clone());
                programs.extend(self.by_cover.get(&triple).into_iter().flatten().cloned());
            }
            programs.extend(self.covered_by.get(&kind.key).into_iter().flatten().cloned());
            let told = sizes.get(&kind.key).filter(|_| kind.by_cover).and_then(|(units, quantity)| {
                Ratio::of(*units, *quantity, PRICE_DECIMALS).filter(|factor| *factor > Amount::ZERO)
            });
            let factor = kind.size_factor.or(told.map(Amount::normalized));
            builder.describe(kind.key.clone(), kind.account_name.clone(), programs, factor);
        }
        let unusable = |error: commitment::model::UsageError| ApiError::new("commitments", error.to_string(), "");
        let usage = builder.finish().map_err(unusable)?;
        // What is missing is told by provider, not by whether any other has usage.
        Usage::new(self.currency, self.span, missing, usage.lines().to_vec()).map_err(unusable)
    }
}
