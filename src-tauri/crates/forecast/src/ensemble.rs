//! Several models of one series, and their median.

use crate::calendar::Grain;
use crate::cleaning::median;
use crate::models::ces::Ces;
use crate::models::ets::Ets;
use crate::models::naive::{run_rate, seasonal_naive};
use crate::models::stl::damped_forecast;
use crate::models::theta::Theta;

/// A model that can be part of an ensemble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// Exponential smoothing, chosen among 15 models.
    Ets,
    /// The dynamic optimised theta model.
    Theta,
    /// Complex exponential smoothing, chosen among four models.
    Ces,
    /// The last period again.
    SeasonalNaive,
    /// The mean of the last four weeks, by weekday.
    RunRate,
    /// Decomposition by local regression, and damped smoothing.
    StlDamped,
}

impl Member {
    /// The ensemble with the best record on the monthly series of the M3 competition: better than each of its members.
    pub const MONTHLY: [Self; 4] = [Self::Ets, Self::Theta, Self::Ces, Self::SeasonalNaive];

    /// For daily series, whose level the last weeks tell better than one last week does.
    pub const DAILY: [Self; 5] = [Self::Ets, Self::Theta, Self::Ces, Self::SeasonalNaive, Self::RunRate];

    /// The members for a grain, where nobody chose any.
    #[must_use]
    pub const fn of(grain: Grain) -> &'static [Self] {
        match grain {
            Grain::Day => &Self::DAILY,
            Grain::Month => &Self::MONTHLY,
        }
    }
}

/// A member's model, fitted.
#[derive(Clone, Debug)]
enum Model {
    Ets(Box<Ets>),
    Theta(Box<Theta>),
    Ces(Box<Ces>),
    /// Made anew for each horizon: nothing is fitted.
    Direct(Member, Vec<f64>),
}

/// The members of one series.
#[derive(Clone, Debug)]
pub struct Ensemble {
    period: usize,
    models: Vec<(Member, Model)>,
}

impl Ensemble {
    /// Fits each member; one that the series is too short for is left out.
    #[must_use]
    pub fn fit(series: &[f64], period: usize, members: &[Member]) -> Self {
        let models = members.iter().filter_map(|&member| {
            let model = match member {
                Member::Ets => Model::Ets(Box::new(Ets::choose_swiftly(series, period)?)),
                Member::Theta => Model::Theta(Box::new(Theta::fit(series, period)?)),
                Member::Ces => Model::Ces(Box::new(Ces::choose(series, period)?)),
                Member::SeasonalNaive | Member::RunRate | Member::StlDamped => Model::Direct(member, series.to_vec()),
            };
            Some((member, model))
        });
        Self { period, models: models.collect() }
    }

    /// The same models for another stretch of the series: the kinds stay; the weights are searched from the present ones, or are the best of
    /// those very near them where not `anew`.
    #[must_use]
    pub fn refit(&self, series: &[f64], anew: bool) -> Self {
        let period = self.period;
        let models = self.models.iter().filter_map(|(member, model)| {
            let model = match model {
                Model::Ets(ets) => Model::Ets(Box::new(ets.refit(series, period, anew)?)),
                Model::Theta(theta) => Model::Theta(Box::new(theta.refit(series, period, anew)?)),
                Model::Ces(ces) => Model::Ces(Box::new(ces.refit(series, period, anew)?)),
                Model::Direct(member, _) => Model::Direct(*member, series.to_vec()),
            };
            Some((*member, model))
        });
        Self { period, models: models.collect() }
    }

    /// Each member's forecast; one that is not finite is left out.
    #[must_use]
    pub fn forecasts(&self, horizon: usize) -> Vec<(Member, Vec<f64>)> {
        let forecasts = self.models.iter().filter_map(|(member, model)| {
            let forecast = match model {
                Model::Ets(ets) => ets.forecast(horizon),
                Model::Theta(theta) => theta.forecast(horizon),
                Model::Ces(ces) => ces.forecast(horizon),
                Model::Direct(Member::StlDamped, series) => damped_forecast(series, self.period, horizon)?,
                Model::Direct(Member::RunRate, series) => run_rate(series, self.period, 4 * self.period, horizon),
                Model::Direct(_, series) => seasonal_naive(series, self.period, horizon),
            };
            forecast.iter().all(|value| value.is_finite()).then_some((*member, forecast))
        });
        forecasts.collect()
    }

    /// The names of the models chosen, such as `ETS(M,Ad,A)`.
    #[must_use]
    pub fn names(&self) -> Vec<(Member, String)> {
        let name = |model: &Model| match model {
            Model::Ets(ets) => ets.form.name(),
            Model::Theta(_) => "DOT".to_owned(),
            Model::Ces(ces) => format!("CES({:?})", ces.season),
            Model::Direct(Member::StlDamped, _) => "STL + ETS(A,Ad,N)".to_owned(),
            Model::Direct(Member::RunRate, _) => "Run-rate".to_owned(),
            Model::Direct(..) => "Seasonal naive".to_owned(),
        };
        self.models.iter().map(|(member, model)| (*member, name(model))).collect()
    }
}

/// The median of the forecasts at each step; nothing of no forecasts.
#[must_use]
pub fn median_of(forecasts: &[(Member, Vec<f64>)]) -> Option<Vec<f64>> {
    let horizon = forecasts.first()?.1.len();
    let mut values = vec![0.0; forecasts.len()];
    let medians = (0..horizon).map(|step| {
        for (value, (_, forecast)) in values.iter_mut().zip(forecasts) {
            *value = forecast[step];
        }
        median(&mut values)
    });
    Some(medians.collect())
}
