//! Named rounding rules.

/// What happens to digits that are dropped. Every rounding of money names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, a tie to the even neighbour: no drift over many roundings. The house's rule for figures that are shown.
    HalfEven,
    /// To the nearest, a tie away from zero: what Excel and most invoices do.
    HalfUp,
    /// Towards zero.
    Down,
}

impl Rounding {
    /// `units / divisor`, rounded; `divisor` is above zero.
    pub(crate) const fn divide(self, units: i128, divisor: i128) -> i128 {
        let quotient = units / divisor;
        let remainder = (units % divisor).unsigned_abs();
        let away = if units < 0 { quotient - 1 } else { quotient + 1 };
        let half_up = remainder >= divisor.unsigned_abs() - remainder;
        let tie = remainder == divisor.unsigned_abs() - remainder;
        match self {
            Self::Down => quotient,
            Self::HalfUp => {
                if half_up {
                    away
                } else {
                    quotient
                }
            }
            Self::HalfEven => {
                if tie {
                    if quotient % 2 == 0 { quotient } else { away }
                } else if half_up {
                    away
                } else {
                    quotient
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_where_the_rule_says() {
        let halves = [-25, -15, -5, 5, 15, 25];
        assert_eq!(halves.map(|units| Rounding::HalfEven.divide(units, 10)), [-2, -2, 0, 0, 2, 2]);
        assert_eq!(halves.map(|units| Rounding::HalfUp.divide(units, 10)), [-3, -2, -1, 1, 2, 3]);
        assert_eq!(halves.map(|units| Rounding::Down.divide(units, 10)), [-2, -1, 0, 0, 1, 2]);
    }
}
