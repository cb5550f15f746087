//! Student's distribution, for intervals from few errors.

/// How far from its middle `level` of Student's distribution lies to both sides: the expansion of G. W. Hill (1970), "Algorithm 396: Student's
/// t-quantiles", which is right to some digits from one degree of freedom on.
pub(crate) fn two_sided(level: f64, freedom: f64) -> f64 {
    /// Beyond, nothing is told apart.
    const OUTSIDE_MIN: f64 = 1e-9;
    let outside = (1.0 - level).max(OUTSIDE_MIN);
    if level <= 0.0 {
        return 0.0;
    }
    if freedom < 1.5 {
        return 1.0 / libm::tan(outside * std::f64::consts::FRAC_PI_2);
    }
    if freedom < 2.5 {
        return libm::sqrt(2.0 / (outside * (2.0 - outside)) - 2.0).max(0.0);
    }
    let a = 1.0 / (freedom - 0.5);
    let b = (48.0 / a) / a;
    let c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * libm::sqrt(a * std::f64::consts::FRAC_PI_2) * freedom;
    let y = libm::pow(d * outside, 2.0 / freedom);
    let y = if y > 0.05 + a {
        let x = -normal_upper(0.5 * outside);
        let y = x * x;
        let c = if freedom < 5.0 { c + 0.3 * (freedom - 4.5) * (x + 0.6) } else { c };
        let c = (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b + c;
        let y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
        libm::expm1(a * y * y)
    } else {
        let y = ((1.0 / (((freedom + 6.0) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2.0) * 3.0)
            + 0.5 / (freedom + 4.0))
            * y
            - 1.0)
            * (freedom + 1.0)
            / (freedom + 2.0)
            + 1.0 / y;
        return libm::sqrt(freedom * y).max(0.0);
    };
    libm::sqrt(freedom * y).max(0.0)
}

/// What a share of the normal distribution lies above: a rational approximation with an error below 1.2e-9 after one step of Newton's method.
fn normal_upper(share: f64) -> f64 {
    let t = libm::sqrt(-2.0 * libm::log(share));
    let start = t
        - (2.515_517 + 0.802_853 * t + 0.010_328 * t * t)
            / (1.0 + 1.432_788 * t + 0.189_269 * t * t + 0.001_308 * t * t * t);
    let above = 0.5 * libm::erfc(start / std::f64::consts::SQRT_2);
    let density = libm::exp(-0.5 * start * start) / libm::sqrt(2.0 * std::f64::consts::PI);
    start + (above - share) / density
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_are_those_of_the_tables() {
        for (freedom, of_80, of_95) in [
            (1.0, 3.0777, 12.7062),
            (2.0, 1.8856, 4.3027),
            (3.0, 1.6377, 3.1824),
            (4.0, 1.5332, 2.7764),
            (6.0, 1.4398, 2.4469),
            (12.0, 1.3562, 2.1788),
            (30.0, 1.3104, 2.0423),
        ] {
            for (level, wanted) in [(0.8, of_80), (0.95, of_95)] {
                let found = two_sided(level, freedom);
                assert!((found - wanted).abs() < 2e-3 * wanted, "{level} of {freedom}: {found} for {wanted}");
            }
        }
        assert!(two_sided(0.0, 5.0).abs() <= 0.0, "nothing is within nothing");
        assert!(two_sided(0.3, 3.0) < two_sided(0.31, 3.0), "wider holds more");
    }
}
