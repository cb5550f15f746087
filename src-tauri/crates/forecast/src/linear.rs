//! The little linear algebra that is needed: least squares, and positive definite systems. Matrices are rows in one vector.

/// The least-squares solution of `rows` times x = `values`, by Householder reflections; `rows` has `columns` numbers a row.
/// A column that the others make up gets zero.
pub(crate) fn least_squares(rows: &[f64], columns: usize, values: &[f64]) -> Vec<f64> {
    let count = values.len();
    let mut matrix = rows.to_vec();
    let mut right = values.to_vec();
    let steps = columns.min(count);
    let mut diagonal = vec![0.0; columns];
    for column in 0..steps {
        let norm = libm::sqrt((column..count).map(|row| square(matrix[row * columns + column])).sum());
        let largest = (0..count).map(|row| rows[row * columns + column].abs()).fold(0.0, f64::max);
        if norm <= 1e-12 * largest.max(f64::MIN_POSITIVE) {
            continue;
        }
        let head = matrix[column * columns + column];
        let pivot = if head > 0.0 { -norm } else { norm };
        let reach = head - pivot;
        matrix[column * columns + column] = reach;
        let scale = -pivot * reach;
        diagonal[column] = pivot;
        for other in column + 1..columns {
            let product: f64 =
                (column..count).map(|row| matrix[row * columns + column] * matrix[row * columns + other]).sum();
            for row in column..count {
                let share = matrix[row * columns + column] * (product / scale);
                matrix[row * columns + other] -= share;
            }
        }
        let product: f64 = (column..count).map(|row| matrix[row * columns + column] * right[row]).sum();
        for row in column..count {
            right[row] -= matrix[row * columns + column] * (product / scale);
        }
    }
    let mut solution = vec![0.0; columns];
    for column in (0..steps).rev().filter(|&column| diagonal[column].abs() > 0.0) {
        let known: f64 = (column + 1..columns).map(|other| matrix[column * columns + other] * solution[other]).sum();
        solution[column] = (right[column] - known) / diagonal[column];
    }
    solution
}

/// The factor L of a symmetric positive definite matrix, A = L L'; nothing when the matrix is not positive definite.
#[derive(Debug)]
pub(crate) struct Cholesky {
    size: usize,
    factor: Vec<f64>,
}

impl Cholesky {
    /// Factors `matrix`, `size` by `size`.
    pub(crate) fn of(matrix: &[f64], size: usize) -> Option<Self> {
        let mut factor = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let (left, right) =
                    (&factor[row * size..row * size + column], &factor[column * size..column * size + column]);
                let known: f64 = left.iter().zip(right).map(|(a, b)| a * b).sum();
                let rest = matrix[row * size + column] - known;
                if row == column {
                    // A pivot that is all rounding is no pivot.
                    if rest.is_nan() || rest <= 1e-13 * matrix[row * size + row].abs() {
                        return None;
                    }
                    factor[row * size + row] = libm::sqrt(rest);
                } else {
                    factor[row * size + column] = rest / factor[column * size + column];
                }
            }
        }
        Some(Self { size, factor })
    }

    /// The x for which A x = `right`.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.size;
        let mut solution = right.to_vec();
        for row in 0..size {
            let known: f64 = (0..row).map(|at| self.factor[row * size + at] * solution[at]).sum();
            solution[row] = (solution[row] - known) / self.factor[row * size + row];
        }
        for row in (0..size).rev() {
            let known: f64 = (row + 1..size).map(|at| self.factor[at * size + row] * solution[at]).sum();
            solution[row] = (solution[row] - known) / self.factor[row * size + row];
        }
        solution
    }
}

/// The slope and the value at zero of the least-squares line through `values` at 1, 2, ...; `(value, slope)`.
pub(crate) fn line(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    if values.len() < 2 {
        return (values.first().copied().unwrap_or(0.0), 0.0);
    }
    let centre = (count + 1.0) / 2.0;
    let mean = values.iter().sum::<f64>() / count;
    let (mut products, mut squares) = (0.0, 0.0);
    for (at, value) in values.iter().enumerate() {
        let distance = (at + 1) as f64 - centre;
        products += distance * (value - mean);
        squares += distance * distance;
    }
    let slope = products / squares;
    (mean - slope * centre, slope)
}

pub(crate) const fn square(value: f64) -> f64 {
    value * value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_found_again() {
        let rows = [1.0, 1.0, 2.0, 1.0, 2.0, 1.0, 1.0, 3.0, 5.0, 1.0, 4.0, -2.0];
        let values: Vec<f64> = rows.chunks(3).map(|row| 3.0 * row[0] - 2.0 * row[1] + 0.5 * row[2]).collect();
        let found = least_squares(&rows, 3, &values);
        for (found, wanted) in found.iter().zip([3.0, -2.0, 0.5]) {
            assert!((found - wanted).abs() < 1e-12, "the points lie on the plane: {found} for {wanted}");
        }
    }

    #[test]
    fn a_positive_definite_system_is_solved_and_others_refused() {
        let cholesky = Cholesky::of(&[4.0, 2.0, 2.0, 3.0], 2).unwrap();
        let solution = cholesky.solve(&[2.0, 5.0]);
        assert!((solution[0] + 0.5).abs() < 1e-14 && (solution[1] - 2.0).abs() < 1e-14, "{solution:?}");
        assert!(Cholesky::of(&[1.0, 2.0, 2.0, 1.0], 2).is_none(), "this matrix has a negative eigenvalue");
    }

    #[test]
    fn a_line_is_found_again() {
        let (value, slope) = line(&[5.0, 7.0, 9.0, 11.0]);
        assert!((value - 3.0).abs() < 1e-12 && (slope - 2.0).abs() < 1e-12, "3 + 2 t: {value} {slope}");
    }
}
