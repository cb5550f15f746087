//! The downhill simplex of J. A. Nelder and R. Mead (1965) within a box, with the coefficients that adapt to the dimension of
//! F. Gao and L. Han (2012), "Implementing the Nelder-Mead simplex algorithm with adaptive parameters".
//!
//! Everything is allocated before the first evaluation; the search itself allocates nothing.

/// When a search ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    /// No more than this many steps.
    pub steps_max: usize,
    /// Ends once the standard deviation of the values at the corners is below this.
    pub tolerance: f64,
    /// After [`Search::PATIENCE`] steps the search is given up when its least value is still above this.
    pub give_up_above: f64,
    /// How far the first simplex reaches from the start, as a share of each coordinate.
    pub reach: f64,
}

impl Default for Search {
    fn default() -> Self {
        Self { steps_max: 1_000, tolerance: 1e-4, give_up_above: f64::INFINITY, reach: 0.05 }
    }
}

impl Search {
    /// The steps that every search is given before it may be given up.
    const PATIENCE: usize = 80;
}

/// Where the search ended.
#[derive(Clone, Debug)]
pub(crate) struct Minimum {
    pub point: Vec<f64>,
    pub value: f64,
}

/// The corners, a row each, with their values and the order of the values.
struct Simplex {
    dimension: usize,
    corners: Vec<f64>,
    values: Vec<f64>,
    order: Vec<usize>,
    column_sums: Vec<f64>,
}

/// Minimises `objective` from `start` within `lower` and `upper`. A value that is not a number counts as infinitely bad.
pub(crate) fn minimise(
    mut objective: impl FnMut(&[f64]) -> f64,
    start: &[f64],
    lower: &[f64],
    upper: &[f64],
    search: Search,
) -> Minimum {
    let dimension = start.len();
    let mut evaluate = |point: &[f64]| {
        let value = objective(point);
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let mut simplex = Simplex::around(start, lower, upper, search.reach, &mut evaluate);
    let size = dimension as f64;
    let (expansion, contraction, shrinkage) = (1.0 + 2.0 / size, 0.75 - 1.0 / (2.0 * size), 1.0 - 1.0 / size);
    let mut centre = vec![0.0; dimension];
    let mut reflected = vec![0.0; dimension];
    let mut tried = vec![0.0; dimension];
    for step in 0..search.steps_max {
        if step == Search::PATIENCE && simplex.values[simplex.order[0]] > search.give_up_above {
            break;
        }
        if simplex.spread_is_below(search.tolerance) {
            break;
        }
        let (best, second_worst, worst) = (simplex.order[0], simplex.order[dimension - 1], simplex.order[dimension]);
        let (best_value, second_worst_value, worst_value) =
            (simplex.values[best], simplex.values[second_worst], simplex.values[worst]);
        let worst_corner = &simplex.corners[worst * dimension..(worst + 1) * dimension];
        for at in 0..dimension {
            centre[at] = (simplex.column_sums[at] - worst_corner[at]) / size;
            reflected[at] = (centre[at] + (centre[at] - worst_corner[at])).max(lower[at]).min(upper[at]);
        }
        let reflected_value = evaluate(&reflected);
        if best_value <= reflected_value && reflected_value < second_worst_value {
            simplex.replace_worst(&reflected, reflected_value);
            continue;
        }
        if reflected_value < best_value {
            along(&mut tried, &centre, &reflected, expansion, lower, upper);
            let value = evaluate(&tried);
            if value < reflected_value {
                simplex.replace_worst(&tried, value);
            } else {
                simplex.replace_worst(&reflected, reflected_value);
            }
            continue;
        }
        let outside = second_worst_value <= reflected_value && reflected_value < worst_value;
        along(&mut tried, &centre, &reflected, if outside { contraction } else { -contraction }, lower, upper);
        let value = evaluate(&tried);
        if (outside && value <= reflected_value) || (!outside && value < worst_value) {
            simplex.replace_worst(&tried, value);
            continue;
        }
        simplex.shrink(shrinkage, lower, upper, &mut evaluate);
    }
    let best = simplex.order[0];
    Minimum { point: simplex.corners[best * dimension..(best + 1) * dimension].to_vec(), value: simplex.values[best] }
}

/// `tried` is the point at `share` of the way from the centre to the reflected point.
fn along(tried: &mut [f64], centre: &[f64], reflected: &[f64], share: f64, lower: &[f64], upper: &[f64]) {
    for at in 0..tried.len() {
        tried[at] = (centre[at] + share * (reflected[at] - centre[at])).max(lower[at]).min(upper[at]);
    }
}

impl Simplex {
    /// The start and, for each coordinate, the start moved a little along it.
    fn around(
        start: &[f64],
        lower: &[f64],
        upper: &[f64],
        reach: f64,
        evaluate: &mut impl FnMut(&[f64]) -> f64,
    ) -> Self {
        /// Where a coordinate that is zero is moved to: a share of zero would be no move.
        const FROM_ZERO: f64 = 1e-4;
        let dimension = start.len();
        let first: Vec<f64> = (0..dimension).map(|at| start[at].max(lower[at]).min(upper[at])).collect();
        let mut corners = first.repeat(dimension + 1);
        for at in 0..dimension {
            let moved = if first[at].abs() > 0.0 { first[at] * (1.0 + reach) } else { FROM_ZERO };
            corners[at * dimension + at] = moved.max(lower[at]).min(upper[at]);
        }
        let values: Vec<f64> = corners.chunks_exact(dimension).map(&mut *evaluate).collect();
        let mut simplex =
            Self { dimension, corners, values, order: (0..=dimension).collect(), column_sums: vec![0.0; dimension] };
        simplex.settle();
        simplex
    }

    /// Sorts the order and adds the columns anew.
    fn settle(&mut self) {
        let values = &self.values;
        self.order.sort_by(|&left, &right| values[left].total_cmp(&values[right]));
        self.column_sums.fill(0.0);
        for corner in self.corners.chunks_exact(self.dimension) {
            for (sum, coordinate) in self.column_sums.iter_mut().zip(corner) {
                *sum += coordinate;
            }
        }
    }

    /// The range bounds the deviation from below, so that most steps need no deviation.
    fn spread_is_below(&self, tolerance: f64) -> bool {
        let count = self.values.len() as f64;
        let range = self.values[self.order[self.dimension]] - self.values[self.order[0]];
        if !range.is_finite() || range > tolerance * libm::sqrt(2.0 * count) {
            return false;
        }
        let mean = self.values.iter().sum::<f64>() / count;
        let squares: f64 = self.values.iter().map(|value| (value - mean) * (value - mean)).sum();
        libm::sqrt(squares / count) < tolerance
    }

    fn replace_worst(&mut self, point: &[f64], value: f64) {
        let worst = self.order[self.dimension];
        let corner = &mut self.corners[worst * self.dimension..(worst + 1) * self.dimension];
        for ((sum, corner), coordinate) in self.column_sums.iter_mut().zip(corner).zip(point) {
            *sum += coordinate - *corner;
            *corner = *coordinate;
        }
        self.values[worst] = value;
        let mut place = self.dimension;
        while place > 0 && self.values[self.order[place - 1]] > value {
            self.order[place] = self.order[place - 1];
            place -= 1;
        }
        self.order[place] = worst;
    }

    fn shrink(&mut self, share: f64, lower: &[f64], upper: &[f64], evaluate: &mut impl FnMut(&[f64]) -> f64) {
        let dimension = self.dimension;
        let best = self.order[0];
        for corner in (0..=dimension).filter(|&corner| corner != best) {
            for at in 0..dimension {
                let towards = self.corners[best * dimension + at];
                let moved = towards + share * (self.corners[corner * dimension + at] - towards);
                self.corners[corner * dimension + at] = moved.max(lower[at]).min(upper[at]);
            }
            self.values[corner] = evaluate(&self.corners[corner * dimension..(corner + 1) * dimension]);
        }
        self.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_of_rosenbrock_is_found() {
        let valley = |point: &[f64]| {
            let (x, y) = (point[0], point[1]);
            (1.0 - x) * (1.0 - x) + 100.0 * (y - x * x) * (y - x * x)
        };
        let search = Search { steps_max: 2_000, tolerance: 1e-12, ..Search::default() };
        let minimum = minimise(valley, &[-1.2, 1.0], &[-5.0, -5.0], &[5.0, 5.0], search);
        assert!((minimum.point[0] - 1.0).abs() < 1e-4, "the minimum is at (1, 1): {:?}", minimum.point);
        assert!(minimum.value < 1e-8, "and is zero: {}", minimum.value);
    }

    #[test]
    fn the_box_holds_and_what_is_no_number_is_avoided() {
        let slope = |point: &[f64]| if point[0] > 3.0 { f64::NAN } else { -point[0] - point[1] };
        let minimum = minimise(slope, &[0.5, 0.5], &[0.0, 0.0], &[10.0, 2.0], Search::default());
        assert!(minimum.point[0] <= 3.0 && minimum.point[1] <= 2.0, "outside: {:?}", minimum.point);
        assert!((minimum.value + 5.0).abs() < 1e-2, "the corner at (3, 2) is the least: {}", minimum.value);
    }
}
