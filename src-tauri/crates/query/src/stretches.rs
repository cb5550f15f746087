//! Stretches of ordered charges: where the millionth charge of an order lies, without putting the million before it in order.
//!
//! Values of the order's first key, a few hundred of a sample, cut the charges into stretches; one pass counts exactly how many lie in each. The stretch
//! that holds a place is then put in order alone. Where one value has more charges than a stretch may have, the next key cuts those.

use crate::charges::{CHARGE_PLACE_COLUMN, CHARGE_PLACES, ChargeListing};
use crate::dialect::{Dialect, DuckDb};
use crate::{QueryError, Value};

/// Charges of a sample that cuts are taken from, about.
const SAMPLE_CHARGES: u64 = 16_384;
/// The most cuts of one key.
const MOST_CUTS: u64 = 512;

/// A part of the charges by one key of their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeRange {
    /// Those without a value of the key.
    Missing {
        /// The place of the key in the order.
        key: usize,
    },
    /// Those with a value between two edges; an edge that is not there bounds nothing.
    Between {
        /// The place of the key in the order.
        key: usize,
        /// Below.
        lower: Option<ChargeEdge>,
        /// Above.
        upper: Option<ChargeEdge>,
    },
}

/// An edge of a range, right below or right above a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeEdge {
    /// The value as the engine writes it.
    value: String,
    /// The engine's type of it.
    kind: String,
    above: bool,
}

/// Values of a key that charges are cut at, ascending, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeCuts {
    values: Vec<String>,
    kind: String,
}

/// A stretch of charges in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeStretch {
    /// What bounds it, key by key.
    pub ranges: Vec<ChargeRange>,
    /// How many charges it has.
    pub charges: u64,
    /// The key that can cut it further.
    pub key: usize,
}

impl ChargeListing {
    /// The statement that counts a listing's charges.
    #[must_use]
    pub fn count(&self) -> String {
        format!("SELECT count(*) FROM {}\nWHERE {}", DuckDb.identifier(CHARGE_PLACES), self.condition)
    }

    /// How many keys the order has.
    #[must_use]
    pub const fn keys(&self) -> usize {
        self.keys.len()
    }

    /// The statement for cuts of a stretch by its key, each about as far from the next as `most` charges reach. It gives the same cuts every time: the
    /// sample follows from where charges lie.
    ///
    /// # Errors
    /// [`QueryError::NulCharacter`] for a text that no statement can name.
    pub fn cuts(&self, stretch: &ChargeStretch, most: u64) -> Result<String, QueryError> {
        let one_in = (stretch.charges / SAMPLE_CHARGES).max(1);
        // Twice as many as would do: a sample's cuts are uneven.
        let cuts = (2 * stretch.charges / most.max(1)).clamp(1, MOST_CUTS);
        let dialect = DuckDb;
        Ok(format!(
            "SELECT {value}, typeof(any_value(\"k\"))\nFROM (\n  SELECT \"k\", row_number() OVER (ORDER BY \"k\") AS \"n\", count(*) OVER () AS \"of\"\n  \
             FROM (SELECT {key} AS \"k\" FROM {charges} WHERE {condition} AND {key} IS NOT NULL AND hash({place}) % {one_in} = 0)\n)\n\
             WHERE \"n\" % greatest(1, \"of\" // {cuts}) = 0\nGROUP BY \"k\"\nORDER BY \"k\"",
            value = dialect.as_text("\"k\""),
            key = self.keys[stretch.key].name,
            charges = dialect.identifier(CHARGE_PLACES),
            condition = self.within(&stretch.ranges)?,
            place = dialect.identifier(CHARGE_PLACE_COLUMN),
        ))
    }

    /// The statement that counts a stretch's charges between cuts: by cut how many lie above the one before up to it, and at it; how many have a value,
    /// and how many there are.
    ///
    /// # Errors
    /// [`QueryError::NulCharacter`] for a text that no statement can name.
    pub fn counts(&self, stretch: &ChargeStretch, cuts: &ChargeCuts) -> Result<String, QueryError> {
        let values = cuts.values.iter().map(|value| literal(value, &cuts.kind)).collect::<Result<Vec<_>, _>>()?;
        let key = &self.keys[stretch.key].name;
        if values.is_empty() {
            let condition = self.within(&stretch.ranges)?;
            let charges = DuckDb.identifier(CHARGE_PLACES);
            let none = DuckDb.big_integer("0");
            return Ok(format!("SELECT {none}, {none}, count({key})\nFROM {charges}\nWHERE {condition}"));
        }
        let values = values.join(", ");
        Ok(format!(
            "SELECT {upto}, {at}, \"valued\"\nFROM (\n  SELECT histogram({key}, [{values}]) AS \"upto\", \
             histogram_exact({key}, [{values}]) AS \"at\", count({key}) AS \"valued\"\n  FROM {charges}\n  WHERE {condition}\n)",
            upto = DuckDb.big_integer("unnest(map_values(\"upto\"))"),
            at = DuckDb.big_integer("unnest(map_values(\"at\"))"),
            charges = DuckDb.identifier(CHARGE_PLACES),
            condition = self.within(&stretch.ranges)?,
        ))
    }

    /// The stretches that cuts make of one, in the listing's order; small neighbours are one. `rows` is the answer to [`Self::counts`].
    #[must_use]
    pub fn stretches(
        &self,
        of: &ChargeStretch,
        cuts: &ChargeCuts,
        rows: &[Vec<Value>],
        most: u64,
    ) -> Vec<ChargeStretch> {
        let key = of.key;
        let count = |row: usize, column: usize| match rows.get(row).and_then(|row| row.get(column)) {
            Some(Value::Integer(count)) => u64::try_from(*count).unwrap_or(0),
            _ => 0,
        };
        let edge = |place: usize, above: bool| {
            Some(ChargeEdge { value: cuts.values.get(place)?.clone(), kind: cuts.kind.clone(), above })
        };
        let valued = count(0, 2);
        // Between the cut before and this one; at this one. The last stretch lies above all cuts.
        let mut parts = Vec::new();
        for place in 0..cuts.values.len() {
            let below = place.checked_sub(1).and_then(|before| edge(before, true));
            parts.push((below, edge(place, false), count(place, 0).saturating_sub(count(place, 1))));
            parts.push((edge(place, false), edge(place, true), count(place, 1)));
        }
        let counted: u64 = parts.iter().map(|(_, _, charges)| charges).sum();
        parts.push((edge(cuts.values.len().wrapping_sub(1), true), None, valued.saturating_sub(counted)));
        let descending = self.keys[key].descending;
        if descending {
            parts.reverse();
        }
        let mut joined: Vec<(Option<ChargeEdge>, Option<ChargeEdge>, u64)> = Vec::new();
        for (lower, upper, charges) in parts.into_iter().filter(|(_, _, charges)| *charges > 0) {
            match joined.last_mut() {
                Some(last) if last.2 + charges <= most => {
                    if descending {
                        last.0 = lower;
                    } else {
                        last.1 = upper;
                    }
                    last.2 += charges;
                }
                _ => joined.push((lower, upper, charges)),
            }
        }
        let stretch = |range: ChargeRange, charges: u64, key: usize| {
            let ranges = of.ranges.iter().cloned().chain([range]).collect();
            ChargeStretch { ranges, charges, key }
        };
        let mut stretches: Vec<ChargeStretch> = joined
            .into_iter()
            .map(|(lower, upper, charges)| {
                let is_one_value = matches!((&lower, &upper), (Some(lower), Some(upper)) if lower.value == upper.value);
                stretch(ChargeRange::Between { key, lower, upper }, charges, if is_one_value { key + 1 } else { key })
            })
            .collect();
        let missing = of.charges.saturating_sub(valued);
        if missing > 0 {
            stretches.push(stretch(ChargeRange::Missing { key }, missing, key + 1));
        }
        stretches
    }

    /// The condition of a stretch.
    pub(crate) fn within(&self, ranges: &[ChargeRange]) -> Result<String, QueryError> {
        let mut all = vec![self.condition.clone()];
        for range in ranges {
            match range {
                ChargeRange::Missing { key } => all.push(format!("{} IS NULL", self.keys[*key].name)),
                ChargeRange::Between { key, lower, upper } => {
                    let name = &self.keys[*key].name;
                    for (edge, signs) in [(lower, [">=", ">"]), (upper, ["<", "<="])] {
                        if let Some(edge) = edge {
                            let sign = signs[usize::from(edge.above)];
                            all.push(format!("{name} {sign} {}", literal(&edge.value, &edge.kind)?));
                        }
                    }
                    if lower.is_none() && upper.is_none() {
                        all.push(format!("{name} IS NOT NULL"));
                    }
                }
            }
        }
        Ok(all.join("\n    AND "))
    }
}

impl ChargeCuts {
    /// From the answer to [`ChargeListing::cuts`]: value and type.
    #[must_use]
    pub fn of(rows: &[Vec<Value>]) -> Self {
        let text = |row: &Vec<Value>, column: usize| match row.get(column) {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        };
        Self {
            values: rows.iter().map(|row| text(row, 0)).collect(),
            kind: rows.first().map(|row| text(row, 1)).unwrap_or_default(),
        }
    }
}

/// A value as a literal of its type, which the engine itself has named.
fn literal(value: &str, kind: &str) -> Result<String, QueryError> {
    Ok(format!("CAST({} AS {kind})", DuckDb.text(value)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::charges::ChargeKey;

    fn listing(descending: bool) -> ChargeListing {
        ChargeListing::of("TRUE", vec![ChargeKey { name: "\"cost\"".into(), descending }])
    }

    /// The cuts `0`, `1`, ...
    fn cuts(count: usize) -> ChargeCuts {
        ChargeCuts { values: (0..count).map(|value| value.to_string()).collect(), kind: "INTEGER".into() }
    }

    proptest! {
        #[test]
        fn stretches_are_of_all_charges_in_their_order(
            counts in prop::collection::vec((0_u64..50, 0_u64..50), 0..8),
            beyond in 0_u64..50,
            missing in 0_u64..50,
            most in 1_u64..120,
            descending in any::<bool>(),
        ) {
            let valued = counts.iter().map(|(between, at)| between + at).sum::<u64>() + beyond;
            let integer = |count: u64| Value::Integer(i64::try_from(count).unwrap());
            let mut rows: Vec<Vec<Value>> = counts
                .iter()
                .map(|(between, at)| vec![integer(between + at), integer(*at), integer(valued)])
                .collect();
            rows.push(vec![integer(beyond), integer(beyond), integer(valued)]);
            let of = ChargeStretch { ranges: Vec::new(), charges: valued + missing, key: 0 };
            let found = listing(descending).stretches(&of, &cuts(counts.len()), &rows, most);
            prop_assert_eq!(found.iter().map(|stretch| stretch.charges).sum::<u64>(), valued + missing, "none is lost");
            prop_assert!(found.iter().all(|stretch| stretch.charges > 0), "none is empty");
            // An edge as a place on a line: a value, or right above it.
            let place = |edge: &Option<ChargeEdge>, open: i64| {
                edge.as_ref().map_or(open, |edge| 2 * edge.value.parse::<i64>().unwrap() + i64::from(edge.above))
            };
            let mut spans = Vec::new();
            for (number, stretch) in found.iter().enumerate() {
                match &stretch.ranges[0] {
                    ChargeRange::Missing { .. } => prop_assert_eq!(number, found.len() - 1, "missing values come last"),
                    ChargeRange::Between { lower, upper, .. } => spans.push((place(lower, -1), place(upper, 1_000))),
                }
            }
            if descending {
                spans.reverse();
            }
            prop_assert!(spans.iter().all(|(lower, upper)| lower < upper), "{spans:?}");
            prop_assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "they follow each other: {spans:?}");
        }
    }

    #[test]
    fn a_value_with_more_charges_than_a_stretch_may_have_is_cut_by_the_next_key() {
        let row = |upto, at| vec![Value::Integer(upto), Value::Integer(at), Value::Integer(120)];
        let of = ChargeStretch { ranges: Vec::new(), charges: 120, key: 0 };
        let found = listing(false).stretches(&of, &cuts(2), &[row(10, 5), row(105, 100), row(5, 5)], 50);
        let keys: Vec<(u64, usize)> = found.iter().map(|stretch| (stretch.charges, stretch.key)).collect();
        assert_eq!(keys, [(15, 0), (100, 1), (5, 0)], "the heavy value stands alone");
        let condition = listing(false).within(&found[1].ranges).unwrap();
        assert_eq!(
            condition,
            "TRUE\n    AND \"cost\" >= CAST('1' AS INTEGER)\n    AND \"cost\" <= CAST('1' AS INTEGER)"
        );
    }
}
