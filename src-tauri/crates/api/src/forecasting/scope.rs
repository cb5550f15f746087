//! The cost of a scope, split by kinds of charges and forecast.

use forecast::Settings;
use forecast::split::{SplitForecast, forecast_split};
use money::Currency;
use query::{Dimension, Note, Question};
use store::{Engagement, Watch};

use super::flows::{Flows, Units, units};
use super::made_of::Ruled;
use super::series::Series;
use crate::splitting::Kinds;
use crate::{ApiError, Context};

/// A scope with its forecast.
pub(super) struct Scope {
    pub(super) series: Series,
    pub(super) settings: Settings,
    /// Everything that is no usage.
    pub(super) flows: Flows,
    pub(super) made: SplitForecast,
    /// What its usage is counted in, where that is one unit.
    pub(super) unit: Option<String>,
    /// Which rules decided.
    pub(super) ruled: Ruled,
    /// How many of the steps lie within the history.
    pub(super) begun: usize,
    pub(super) currency: Currency,
    pub(super) notes: Vec<Note>,
    pub(super) days: Option<Days>,
    /// The kinds of charges; none where they are too many to be told apart.
    pub(super) kinds: Option<Kinds>,
}

/// The days of a scope that is forecast by month.
pub(super) struct Days {
    pub(super) question: Question,
    pub(super) series: Series,
    pub(super) flows: Flows,
}

/// What is asked of the charges.
pub(super) struct Asked<'a> {
    pub(super) context: &'a Context,
    pub(super) engagement: &'a Engagement,
    pub(super) watch: &'a Watch,
    /// The question with its grain, without a breakdown.
    pub(super) question: &'a Question,
    /// The dimensions that its parts will be asked by, outermost first.
    pub(super) parts: &'a [Dimension],
}

impl Asked<'_> {
    fn flows(&self, kinds: &Kinds, question: &Question, series: &Series) -> Result<Flows, ApiError> {
        Flows::of(self.context, self.engagement, kinds, question, self.parts, series, self.watch)
    }
}

impl Scope {
    /// Splits and forecasts the series of a question; `days` are those of the same scope, where its months are few.
    pub(super) fn of(
        asked: &Asked<'_>,
        series: Series,
        days: Option<(Question, Series)>,
        settings: Settings,
        currency: Currency,
    ) -> Result<Self, ApiError> {
        let Asked { context, engagement, watch, question, .. } = *asked;
        let mut notes = Vec::new();
        let kinds = too_many(Kinds::of(context, engagement, question, watch), &mut notes)?;
        let (mut flows, mut ruled) = (Flows::default(), Ruled::new());
        let mut of_days = None;
        if let Some(kinds) = &kinds
            && let Some(found) = too_many(asked.flows(kinds, question, &series), &mut notes)?
        {
            (flows, ruled) = (found, kinds.ruled.clone());
            if let Some((question, series)) = days
                && let Some(flows) = too_many(asked.flows(kinds, &question, &series), &mut Vec::new())?
            {
                of_days = Some(Days { question, series, flows });
            }
        }
        let counted = too_many(units(context, engagement, question, None, &series, watch), &mut Vec::new())?;
        let units = counted.and_then(|mut units| units.remove(&None));
        let (unit, units) = units.map_or((None, None), |Units { unit, history }| (Some(unit), Some(history)));
        let days = of_days.as_ref().map(|days| days.series.usage(days.flows.amounts.iter())).transpose()?;
        let made = forecast_split(&flows.split(&series, units, days)?, &settings);
        let begun = made.total.steps.len().saturating_sub(settings.horizon);
        Ok(Self { series, settings, flows, made, unit, ruled, begun, currency, notes, days: of_days, kinds })
    }
}

/// Nothing, with a note, where charges could not be told apart as there are too many kinds of them.
fn too_many<Made>(found: Result<Made, ApiError>, notes: &mut Vec<Note>) -> Result<Option<Made>, ApiError> {
    match found {
        Ok(made) => Ok(Some(made)),
        Err(error) if error.code == "too_many_rows" => {
            notes.push(Note {
                code: "not_split".to_owned(),
                message: "The bill is forecast as a whole: it has too many kinds of charges to be told apart. Fewer parts, months or a filter help."
                    .to_owned(),
            });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
