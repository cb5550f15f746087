//! How wide a tree of forecasts is: ways that all nodes take together, made to add up, each by each.
//!
//! A way draws the errors of all nodes with the correlations of their past errors, each node as wide as its own intervals, and is
//! reconciled like the points. What comes out adds up in every way, so the intervals of parents and children fit each other. One step is
//! held at a time, so that thousands of nodes fit into memory.

use super::{Hierarchy, Reconciler};
use crate::intervals::{quantile, table_value};
use crate::outcome::Forecast;
use crate::random::Random;

/// Intervals of the nodes of a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct JointSpread {
    /// For each node its intervals at each step.
    pub steps: Vec<Vec<NodeSpread>>,
    /// For each node the intervals of the sum of its steps from the one asked for.
    pub sums: Vec<NodeSpread>,
}

/// The intervals of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodeSpread {
    /// Four of five ways lie from here ...
    pub low_80: f64,
    /// ... to here.
    pub high_80: f64,
    /// Nineteen of twenty lie from here ...
    pub low_95: f64,
    /// ... to here.
    pub high_95: f64,
}

impl NodeSpread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| quantile(&values, share);
        Self { low_80: at(0.1), high_80: at(0.9), low_95: at(0.025), high_95: at(0.975) }
    }

    /// Of a value that is set: no width.
    #[must_use]
    pub const fn exactly(value: f64) -> Self {
        Self { low_80: value, high_80: value, low_95: value, high_95: value }
    }
}

/// A node that was set by hand after the nodes were made to agree: what is above moves with it, what it consists of is scaled to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The node.
    pub node: usize,
    /// Its values at the steps from the one that sums begin at.
    pub values: Vec<f64>,
}

/// Draws `count` ways of all nodes over the steps that every forecast has and gives their intervals; sums begin at step `from`. `reconcilers`
/// has one for each step, or one for all of them; `forecasts` one for each node; nodes of `held` have their values in every way. The same seed
/// gives the same ways.
#[must_use]
pub fn joint_spread(
    reconcilers: &[Reconciler<'_>],
    forecasts: &[&Forecast],
    held: &[Held],
    from: usize,
    count: usize,
    seed: u64,
) -> JointSpread {
    let nodes = forecasts.len();
    let steps = forecasts.iter().map(|forecast| forecast.steps.len()).min().unwrap_or(0);
    let mut spread = JointSpread { steps: vec![Vec::with_capacity(steps); nodes], sums: Vec::with_capacity(nodes) };
    if reconcilers.iter().any(|reconciler| reconciler.hierarchy.count() != nodes) {
        return spread;
    }
    let tables: Vec<Vec<f64>> = forecasts.iter().map(|forecast| forecast.spread.table()).collect();
    let mut random: Vec<Random> =
        (0..count).map(|way| Random::new(seed ^ (way as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    // Of each way: the node's place in the normal distribution, which resembles that of the step before.
    let mut places = vec![vec![0.0; nodes]; count];
    let mut sums = vec![vec![0.0; count]; nodes];
    for step in 0..steps {
        let Some(reconciler) = reconcilers.get(step).or(reconcilers.last()) else { break };
        let mut values = vec![Vec::with_capacity(count); nodes];
        for (random, places) in random.iter_mut().zip(&mut places) {
            let mut way = way(reconciler, forecasts, &tables, step, random, places);
            for Held { node, values } in held {
                if let Some(value) = step.checked_sub(from).and_then(|ahead| values.get(ahead)) {
                    set(reconciler.hierarchy, *node, *value, &mut way);
                }
            }
            let way = if held.is_empty() { way } else { reconciler.hierarchy.summed(way) };
            for (values, value) in values.iter_mut().zip(way) {
                values.push(value);
            }
        }
        for (node, values) in values.into_iter().enumerate() {
            if step >= from {
                for (sum, value) in sums[node].iter_mut().zip(&values) {
                    *sum += value;
                }
            }
            spread.steps[node].push(NodeSpread::of(values));
        }
    }
    spread.sums = sums.into_iter().map(NodeSpread::of).collect();
    spread
}

/// Gives a node a value, shared by what it consists of as it was; evenly where that was nothing.
fn set(hierarchy: &Hierarchy, node: usize, value: f64, way: &mut [f64]) {
    let before = way[node];
    way[node] = value;
    let children = hierarchy.children(node);
    for &child in children {
        let share = if before.abs() > 0.0 { way[child] / before } else { 1.0 / children.len() as f64 };
        set(hierarchy, child, share * value, way);
    }
}

/// One way at one step: drawn, reconciled, held at what each leaf is at least, added up.
fn way(
    reconciler: &Reconciler<'_>,
    forecasts: &[&Forecast],
    tables: &[Vec<f64>],
    step: usize,
    random: &mut Random,
    places: &mut [f64],
) -> Vec<f64> {
    let weights = &reconciler.weights;
    let shared: Vec<f64> = (0..weights.shared()).map(|_| random.normal()).collect();
    let drawn: Vec<f64> = forecasts
        .iter()
        .enumerate()
        .map(|(node, forecast)| {
            let fresh = weights.normal(node, &shared, random.normal());
            let persistence = if step == 0 { 0.0 } else { forecast.spread.persistence };
            let rest = libm::sqrt((1.0 - persistence * persistence).max(0.0));
            places[node] = persistence * places[node] + rest * fresh;
            forecast.steps[step].point + table_value(&tables[node], places[node]) * forecast.spread.width(step)
        })
        .collect();
    let mut moved = reconciler.moved(&drawn);
    for (node, forecast) in forecasts.iter().enumerate() {
        if let Some(least) = forecast.least(step) {
            moved[node] = moved[node].max(least);
        }
    }
    reconciler.hierarchy.summed(reconciler.held(moved))
}

#[cfg(test)]
mod tests {
    use super::super::{Lock, NodeErrors};
    use super::*;
    use crate::{Grain, History, Settings};

    /// Two leaves of noise and their sum, with errors that go together or against each other.
    fn tree(together: f64) -> (Hierarchy, Vec<Forecast>, NodeErrors) {
        let mut random = Random::new(5);
        let noise: Vec<f64> = (0..40).map(|_| random.normal()).collect();
        let series = |noise: &dyn Fn(f64) -> f64, level: f64| {
            let mut own = Random::new(9);
            let values: Vec<f64> = (0..40).map(|_| level + noise(own.normal())).collect();
            let history = History::of_values(Grain::Month, "2022-01-01".parse().unwrap(), &values).unwrap();
            crate::forecast(&history, &Settings { horizon: 6, ..Settings::default() })
        };
        let forecasts =
            vec![series(&|own| 8.0 * own, 200.0), series(&|own| 5.0 * own, 100.0), series(&|own| 5.0 * own, 100.0)];
        let left: Vec<f64> = noise.iter().map(|noise| 5.0 * noise).collect();
        let right: Vec<f64> = left.iter().map(|error| together * error).collect();
        // The total by itself is known badly: it comes from its parts.
        let both = left.iter().zip(&right).map(|(left, right)| left + right + 40.0 * random.normal()).collect();
        let hierarchy = Hierarchy::of_parents(vec![None, Some(0), Some(0)]).unwrap();
        (hierarchy, forecasts, NodeErrors::new(vec![both, left, right]))
    }

    fn spread(together: f64, locks: &[Lock]) -> JointSpread {
        let (hierarchy, forecasts, errors) = tree(together);
        let reconciler = hierarchy.reconciler(&errors, locks).unwrap();
        joint_spread(&[reconciler], &forecasts.iter().collect::<Vec<_>>(), &[], 2, 1_000, 1)
    }

    fn width(spread: NodeSpread) -> f64 {
        spread.high_80 - spread.low_80
    }

    #[test]
    fn what_goes_together_makes_the_total_wide_and_what_goes_against_makes_it_narrow() {
        let (with, against) = (spread(1.0, &[]), spread(-1.0, &[]));
        for step in 0..6 {
            let (with, against) = (width(with.steps[0][step]), width(against.steps[0][step]));
            assert!(with > 1.5 * against, "step {step}: {with} beside {against}");
        }
        assert!(width(with.sums[1]) > width(with.steps[1][2]), "four steps are wider than one");
        assert_eq!(with, spread(1.0, &[]), "the same seed gives the same ways");
    }

    #[test]
    fn what_is_held_has_its_value_in_every_way_and_takes_its_width_from_the_total() {
        let (hierarchy, forecasts, errors) = tree(1.0);
        let hold = |held: &[Held]| {
            let reconciler = hierarchy.reconciler(&errors, &[]).unwrap();
            joint_spread(&[reconciler], &forecasts.iter().collect::<Vec<_>>(), held, 2, 1_000, 1)
        };
        let (free, held) = (hold(&[]), hold(&[Held { node: 1, values: vec![500.0; 4] }]));
        assert_eq!(free.steps[2], held.steps[2], "nobody set the other leaf");
        assert_eq!(free.steps[1][..2], held.steps[1][..2], "nor what came before");
        for step in 2..6 {
            assert_eq!(held.steps[1][step], NodeSpread::exactly(500.0));
            assert!(width(held.steps[0][step]) < width(free.steps[0][step]), "the total is surer at step {step}");
        }
        assert_eq!(held.sums[1], NodeSpread::exactly(2_000.0), "four steps of it");

        let chain = Hierarchy::of_parents(vec![None, Some(0), Some(1), Some(1)]).unwrap();
        let mut way = vec![10.0, 10.0, 4.0, 6.0];
        set(&chain, 1, 20.0, &mut way);
        assert_eq!(chain.summed(way), [20.0, 20.0, 8.0, 12.0], "what it consists of keeps its shares");
        let mut nothing = vec![0.0; 4];
        set(&chain, 1, 20.0, &mut nothing);
        assert_eq!(nothing[2..], [10.0, 10.0], "of nothing each has as much");
    }

    #[test]
    fn intervals_lie_in_one_another_and_what_is_set_has_none() {
        let spread = spread(1.0, &[Lock { node: 1, value: 77.0 }]);
        for found in spread.steps.iter().flatten() {
            let ends = [found.low_95, found.low_80, found.high_80, found.high_95];
            assert!(ends.is_sorted() && ends.iter().all(|end| end.is_finite()), "{ends:?}");
        }
        for found in &spread.steps[1] {
            assert!((found.low_95 - 77.0).abs() < 1e-9 && (found.high_95 - 77.0).abs() < 1e-9, "{found:?}");
        }
    }
}
