//! From amounts to places on the page. Ticks are exact amounts, so that what is printed at them is true.

use money::Amount;

/// A linear scale over a range of values.
pub(super) struct Scale {
    low: f64,
    high: f64,
    /// Where the grid lines are.
    pub ticks: Vec<Amount>,
}

/// The amount as a float, for geometry only.
pub(super) fn number(amount: Amount) -> f64 {
    amount.to_string().parse().unwrap_or(0.0)
}

impl Scale {
    /// A scale over the values and zero that ends where they end, with about so many steps between its ticks.
    pub(super) fn from_zero(values: impl IntoIterator<Item = Amount>, steps: u32) -> Self {
        let (low, high) = extremes(values, (0.0, 0.0));
        Self::over(low, high, steps)
    }

    /// A scale over the values alone that starts on a round number some way below them and ends where they end.
    pub(super) fn around(values: impl IntoIterator<Item = Amount>, steps: u32) -> Self {
        let (low, high) = extremes(values, (f64::INFINITY, f64::NEG_INFINITY));
        let room = low - (high - low) * 0.25;
        let Some((step, in_steps)) = steps_over(room, high, steps) else { return Self::over(0.0, high, steps) };
        let start = in_steps(whole((room / step).floor()));
        Self { low: number(start), high, ticks: vec![start] }
    }

    fn over(low: f64, high: f64, steps: u32) -> Self {
        let Some((step, in_steps)) = steps_over(low, high, steps) else {
            return Self { low: 0.0, high: 1.0, ticks: vec![Amount::ZERO] };
        };
        let (first, last) = (whole((low / step).ceil()), whole((high / step).floor()));
        Self { low, high, ticks: (first..=last).map(in_steps).collect() }
    }

    /// Where an amount lies between `start` (the low end) and `end` (the high end).
    pub(super) fn place(&self, amount: Amount, start: f64, end: f64) -> f64 {
        start + (number(amount) - self.low) / (self.high - self.low) * (end - start)
    }

    /// Whether zero is the low end or within.
    pub(super) fn shows_zero(&self) -> bool {
        self.low <= 0.0
    }
}

/// The smallest and the largest, starting from a given pair.
fn extremes(values: impl IntoIterator<Item = Amount>, start: (f64, f64)) -> (f64, f64) {
    values.into_iter().map(number).fold(start, |(low, high), value| (low.min(value), high.max(value)))
}

/// A round step that goes about so many times into the range, and the exact amount of so many of them; none without a range.
fn steps_over(low: f64, high: f64, steps: u32) -> Option<(f64, impl Fn(i64) -> Amount)> {
    let range = high - low;
    if !range.is_finite() || range <= 0.0 {
        return None;
    }
    let (mantissa, exponent) = nice_step(range / f64::from(steps.max(1)));
    let in_steps = move |position| tick(position, mantissa, exponent);
    Some((number(in_steps(1)), in_steps))
}

/// 1, 2 or 5 times a power of ten, at least as large as the raw step.
fn nice_step(raw: f64) -> (i64, i32) {
    let exponent = raw.log10().floor();
    let fraction = raw / 10_f64.powf(exponent);
    let exponent = i32::try_from(whole(exponent)).unwrap_or(0);
    match fraction {
        fraction if fraction <= 1.0 => (1, exponent),
        fraction if fraction <= 2.0 => (2, exponent),
        fraction if fraction <= 5.0 => (5, exponent),
        _ => (1, exponent + 1),
    }
}

/// `position` steps of `mantissa` times ten to the power of `exponent`, exactly.
fn tick(position: i64, mantissa: i64, exponent: i32) -> Amount {
    let digits = i128::from(position) * i128::from(mantissa);
    let amount = match u8::try_from(-exponent) {
        Ok(decimals) => Amount::new(digits, decimals),
        Err(_) => Amount::new(digits * 10_i128.pow(exponent.unsigned_abs().min(30)), 0),
    };
    amount.unwrap_or(Amount::ZERO)
}

#[expect(clippy::cast_possible_truncation, reason = "ticks are a handful of steps, exponents at most 38")]
fn whole(value: f64) -> i64 {
    value as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(low: &str, high: &str) -> Vec<String> {
        let scale = Scale::from_zero([low, high].map(|text| text.parse().unwrap()), 4);
        scale.ticks.iter().map(|tick| crate::words::compact(*tick)).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks("0", "1234567.89"), ["0", "500k", "1M"]);
        assert_eq!(ticks("-20", "70"), ["0", "50"]);
        assert_eq!(ticks("0", "0.0023"), ["0", "0", "0"], "labels below a cent are not for axes");
        assert_eq!(ticks("0", "0"), ["0"], "no values, no steps");
    }

    #[test]
    fn a_cut_axis_starts_on_a_round_number_below_the_values() {
        let scale = Scale::around([91_500, 109_500, 108_300].map(Amount::from_integer), 5);
        assert_eq!(scale.ticks, [Amount::from_integer(85_000)]);
        assert!(!scale.shows_zero(), "the chart has to say where it starts");
    }

    #[test]
    fn places_are_linear() {
        let scale = Scale::from_zero([Amount::from_integer(100)], 4);
        let place = |value| scale.place(Amount::from_integer(value), 200.0, 0.0);
        assert!((place(0) - 200.0).abs() < 1e-9 && (place(50) - 100.0).abs() < 1e-9 && place(100).abs() < 1e-9);
    }
}
