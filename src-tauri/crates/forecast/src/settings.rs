//! What a forecast is asked for.

use chrono::NaiveDate;

use crate::backtest::{Rolled, SimpleMethod, lead};
use crate::calendar::{Grain, WeekdayProfile};
use crate::ensemble::Member;

/// What a forecast is asked for. [`Settings::default`] is what the product shows when nobody chose anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Steps beyond the last observation.
    pub horizon: usize,
    /// Steps after which the pattern comes again; nothing for the grain's own (7 days, 12 months).
    pub period: Option<usize>,
    /// The models whose median is taken; nothing for those with the best record for the grain.
    pub members: Option<Vec<Member>>,
    /// From how many earlier points the series is forecast again to see how large the errors are.
    pub origins: usize,
    /// No more than the latest so many values are modelled; the weeks of three years ago say little and cost time.
    pub values_max: usize,
    /// Whether costs may fall below zero.
    pub floor: Floor,
    /// How far costs may move in a year by the curve alone, as a share of their level; growth beyond it must come from drivers or a
    /// scenario. Nothing for no limit.
    pub growth_cap: Option<f64>,
    /// What weekdays weigh in the length of a month; nothing to model monthly values as they are.
    pub month_lengths: Option<WeekdayProfile>,
    /// The share of a value that has usually come in: of the last observation, of the one before it, and so on. Without it what is
    /// provisional is a lower limit only.
    pub completion: Vec<f64>,
    /// Whether values far off and moves of the level are looked for.
    pub cleaning: bool,
    /// When a simple method takes the ensemble's place.
    pub guard: Guard,
    /// Whether the earlier points take the kinds of models that were chosen on the whole history, instead of choosing them on what was
    /// known at the earliest point; their weights are searched anew at every third of them. A third of the time, for many series at once.
    pub swift: bool,
    /// What the analyst declared; it overrides what is found.
    pub events: Vec<Event>,
}

impl Settings {
    /// The models whose median is taken for a grain.
    #[must_use]
    pub fn members_of(&self, grain: Grain) -> &[Member] {
        self.members.as_deref().unwrap_or_else(|| Member::of(grain))
    }
}

impl Settings {
    /// As the default, for many series at once: earlier points at half as many places, with models chosen once on no more than the latest
    /// ten years of months or seventeen weeks of days.
    #[must_use]
    pub fn for_many() -> Self {
        Self { origins: 12, swift: true, values_max: 120, ..Self::default() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            horizon: 12,
            period: None,
            members: None,
            origins: 24,
            values_max: 200,
            floor: Floor::WhereHistoryIs,
            growth_cap: Some(0.5),
            month_lengths: Some(WeekdayProfile::default()),
            completion: Vec::new(),
            cleaning: true,
            guard: Guard::BeyondChance,
            swift: false,
            events: Vec::new(),
        }
    }
}

/// When a simple method takes the ensemble's place: seasonal naive, for days run-rate, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// When the ensemble would not have been better in the past, by however little. On the monthly series of the M3 competition this
    /// costs 2.7 % of accuracy: the simple method takes over 171 of 1,428 series, and on most of them was only lucky.
    NotBetter,
    /// When the simple method would have been better by more than chance explains, at 95 %, or from every one of at least five points. Costs
    /// 0.3 % on those series and takes over 49 of them.
    BeyondChance,
    /// Never; the card still says which would have been better.
    Never,
}

impl Guard {
    pub(crate) fn refuses(self, skill: f64, rolled: &[Rolled], simple: SimpleMethod) -> bool {
        /// The normal distribution's place that one in twenty lies beyond.
        const BEYOND: f64 = 1.645;
        /// Tossed so often, a coin shows the same side one time in thirty-two.
        const ALWAYS_MIN: usize = 5;
        let always = || rolled.len() >= ALWAYS_MIN && rolled.iter().all(|origin| origin.loses(simple));
        match self {
            Self::NotBetter => skill <= 0.0,
            Self::BeyondChance => skill <= 0.0 && (lead(rolled, simple) > BEYOND || always()),
            Self::Never => false,
        }
    }
}

/// Whether a forecast may be below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Floor {
    /// Not below zero when no value of the history is.
    WhereHistoryIs,
    /// Never below zero: usage.
    Zero,
    /// Wherever the models lead: credits.
    None,
}

/// Days or months of which the analyst knows more than the series says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// What becomes of the values.
    pub treatment: Treatment,
}

/// What becomes of the values of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// They will not come again: filled from their neighbours before a model sees them.
    SetAside,
    /// They are as usual as any other: never drawn in.
    Keep,
}
