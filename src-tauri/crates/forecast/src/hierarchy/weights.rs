//! How far each node is trusted: the covariance of the errors, never written out in full.

use super::Hierarchy;

/// How errors are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// By variances and correlations, these shrunk towards none.
    MinTraceShrink,
    /// By variances.
    Variance,
    /// By how many leaves a node has.
    Structure,
    /// All alike.
    Equal,
}

impl Weighting {
    /// This one and those to fall back on, in order.
    pub(super) fn and_below(self) -> impl Iterator<Item = Self> {
        let all = [Self::MinTraceShrink, Self::Variance, Self::Structure, Self::Equal];
        all.into_iter().skip_while(move |weighting| *weighting != self)
    }
}

/// One-step errors of every node at the same times, or what stands in for them.
#[derive(Clone, Debug)]
pub struct NodeErrors {
    weighting: Weighting,
    /// A row for each node.
    errors: Vec<Vec<f64>>,
}

impl NodeErrors {
    /// From the errors of each node, as many for each. With at least `10` of them correlations are used, with at least two variances, else the
    /// structure of the tree.
    #[must_use]
    pub fn new(mut errors: Vec<Vec<f64>>) -> Self {
        /// Fewer errors say nothing of correlations.
        const FOR_CORRELATIONS: usize = 10;
        let times = errors.iter().map(Vec::len).min().unwrap_or(0);
        for row in &mut errors {
            // The latest are those that all have.
            row.drain(..row.len() - times);
        }
        let finite = errors.iter().flatten().all(|error| error.is_finite());
        let weighting = match times {
            _ if !finite => Weighting::Structure,
            FOR_CORRELATIONS.. => Weighting::MinTraceShrink,
            2.. => Weighting::Variance,
            _ => Weighting::Structure,
        };
        Self { weighting, errors }
    }

    /// The same errors, weighted as told.
    #[must_use]
    pub const fn weighted(mut self, weighting: Weighting) -> Self {
        self.weighting = weighting;
        self
    }

    pub(super) const fn count(&self) -> usize {
        self.errors.len()
    }

    pub(super) const fn weighting(&self) -> Weighting {
        self.weighting
    }
}

/// The covariance matrix as a diagonal and a product: diagonal + share / times x errors x errors'.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    pub weighting: Weighting,
    pub shrinkage: f64,
    pub(super) diagonal: Vec<f64>,
    pub(super) errors: Vec<Vec<f64>>,
}

impl Weights {
    pub(super) fn of(hierarchy: &Hierarchy, errors: &NodeErrors, weighting: Weighting) -> Self {
        let plain = |diagonal: Vec<f64>| Self { weighting, shrinkage: 1.0, diagonal, errors: Vec::new() };
        match weighting {
            Weighting::Equal => plain(vec![1.0; hierarchy.count()]),
            Weighting::Structure => {
                let leaves = |node: usize| if hierarchy.children(node).is_empty() { 1.0 } else { 0.0 };
                plain(hierarchy.summed((0..hierarchy.count()).map(leaves).collect()))
            }
            Weighting::Variance => plain(variances(&errors.errors)),
            Weighting::MinTraceShrink => Self::shrunk(&errors.errors),
        }
    }

    /// Correlations times `1 - shrinkage`, with the shrinkage of the least expected squared error: the sum of the variances of the
    /// correlations over the sum of their squares. Both sums over pairs of nodes are made from sums over pairs of times,
    /// since nodes are many and times are few.
    fn shrunk(errors: &[Vec<f64>]) -> Self {
        let variances = variances(errors);
        let times = errors.first().map_or(0, Vec::len);
        let count = times as f64;
        let scales: Vec<f64> = variances.iter().map(|variance| 1.0 / libm::sqrt(*variance)).collect();
        let at = |time: usize| errors.iter().zip(&scales).map(move |(row, scale)| row[time] * scale);
        // Over all pairs i, j: the sum of (x_i x_j)^2 at each time, and the sum over times of x_i x_j, squared.
        let mut products = 0.0;
        for time in 0..times {
            let squares: f64 = at(time).map(|value| value * value).sum();
            products += squares * squares;
        }
        let mut squared_sums = 0.0;
        for early in 0..times {
            for late in 0..times {
                let sum: f64 = at(early).zip(at(late)).map(|(left, right)| left * right).sum();
                squared_sums += sum * sum;
            }
        }
        // Without the pairs of a node with itself.
        for (row, scale) in errors.iter().zip(&scales) {
            let squares: Vec<f64> = row.iter().map(|value| value * scale * value * scale).collect();
            products -= squares.iter().map(|square| square * square).sum::<f64>();
            let sum: f64 = squares.iter().sum();
            squared_sums -= sum * sum;
        }
        let spread = (products - squared_sums / count) / (count * (count - 1.0));
        let squares = squared_sums / (count * count);
        let shrinkage = if squares > 0.0 { (spread / squares).clamp(0.0, 1.0) } else { 1.0 };
        let root = libm::sqrt((1.0 - shrinkage) / count);
        Self {
            weighting: Weighting::MinTraceShrink,
            shrinkage,
            diagonal: variances.iter().map(|variance| shrinkage * variance).collect(),
            errors: errors.iter().map(|row| row.iter().map(|error| error * root).collect()).collect(),
        }
    }

    /// How many numbers all nodes share in a draw.
    pub(super) fn shared(&self) -> usize {
        self.errors.first().map_or(0, Vec::len)
    }

    /// A normal number of a node, from those that all nodes share and one of its own: its correlation with the other nodes' is that of their
    /// errors.
    pub(super) fn normal(&self, node: usize, shared: &[f64], own: f64) -> f64 {
        let (mut sum, mut variance) = (libm::sqrt(self.diagonal[node]) * own, self.diagonal[node]);
        if let Some(errors) = self.errors.get(node) {
            for (error, number) in errors.iter().zip(shared) {
                sum += error * number;
                variance += error * error;
            }
        }
        if variance > 0.0 { sum / libm::sqrt(variance) } else { own }
    }

    /// The covariance of each node with a sum of nodes.
    pub(super) fn column(&self, terms: &[(usize, f64)]) -> Vec<f64> {
        let mut column = vec![0.0; self.diagonal.len()];
        if let Some(times) = self.errors.first().map(Vec::len) {
            let mut summed = vec![0.0; times];
            for (node, sign) in terms {
                for (sum, error) in summed.iter_mut().zip(&self.errors[*node]) {
                    *sum += sign * error;
                }
            }
            for (value, errors) in column.iter_mut().zip(&self.errors) {
                *value = errors.iter().zip(&summed).map(|(error, sum)| error * sum).sum();
            }
        }
        for (node, sign) in terms {
            column[*node] += sign * self.diagonal[*node];
        }
        column
    }
}

/// The mean square of each node's errors about zero; a node without any gets a millionth of the largest, so that it hardly moves.
fn variances(errors: &[Vec<f64>]) -> Vec<f64> {
    let mean_square = |row: &Vec<f64>| row.iter().map(|error| error * error).sum::<f64>() / row.len().max(1) as f64;
    let found: Vec<f64> = errors.iter().map(mean_square).collect();
    let largest = found.iter().fold(0.0_f64, |largest, variance| largest.max(*variance));
    let least = if largest > 0.0 { 1e-12 * largest } else { 1.0 };
    found.into_iter().map(|variance| variance.max(least)).collect()
}
