//! [`Scorecard`]: how near forecasts came, in the bands of the FinOps Framework.

use money::{Amount, AmountError, Ratio};

use crate::side_by_side::percent;

/// What was forecast and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The scope in words.
    pub scope: String,
    /// What was forecast when the budget was locked; none where nothing was.
    pub forecast: Option<Amount>,
    /// What it cost.
    pub actual: Amount,
    /// Whether it is a workload that did not exist when forecasts were made. What has a cost and no forecast counts as one, too.
    pub net_new: bool,
}

/// How far actual cost is from the forecast: crawl, walk and run are the Framework's 20, 15 and 12 %, 5 % the working group's best level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// At most 5 %.
    Within5,
    /// At most 12 %: run.
    Within12,
    /// At most 15 %: walk.
    Within15,
    /// At most 20 %: crawl.
    Within20,
    /// More than 20 %.
    Above20,
    /// A forecast of zero or below has no percentage.
    Unmeasured,
}

impl Band {
    /// From the best to the worst, then what cannot be measured.
    pub const ALL: [Self; 6] =
        [Self::Within5, Self::Within12, Self::Within15, Self::Within20, Self::Above20, Self::Unmeasured];

    /// The band in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Within5 => "within 5 %: best",
            Self::Within12 => "within 12 %: run",
            Self::Within15 => "within 15 %: walk",
            Self::Within20 => "within 20 %: crawl",
            Self::Above20 => "over 20 %: before crawl",
            Self::Unmeasured => "no percentage: the forecast is not above zero",
        }
    }

    /// The band of a share without its sign, its upper end included.
    fn of(share: Option<Amount>) -> Self {
        let Some(share) = share else { return Self::Unmeasured };
        let at_most = |percent: i128| Amount::new(percent, 2).is_ok_and(|end| share.abs() <= end);
        match () {
            () if at_most(5) => Self::Within5,
            () if at_most(12) => Self::Within12,
            () if at_most(15) => Self::Within15,
            () if at_most(20) => Self::Within20,
            () => Self::Above20,
        }
    }
}

/// One forecast beside what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// What was forecast.
    pub forecast: Amount,
    /// What it cost.
    pub actual: Amount,
    /// Actual less forecast: above zero cost was more than expected.
    pub variance: Amount,
    /// The variance as a share of the forecast, to six decimals; zero where they are equal, none where the forecast is not above zero.
    pub share: Option<Amount>,
    /// Its band.
    pub band: Band,
    /// The same in words.
    pub words: String,
}

impl Score {
    fn new(forecast: Amount, actual: Amount) -> Result<Self, AmountError> {
        let variance = actual.checked_sub(forecast)?;
        // An exact comparison decides the band; six decimals are for the eye.
        let of = |decimals| match variance.is_zero() {
            true => Some(Amount::ZERO),
            // A share of a credit would have the wrong sign.
            false if forecast > Amount::ZERO => Ratio::of(variance, forecast, decimals),
            false => None,
        };
        let share = of(6);
        let band = Band::of(of(18).or(share));
        let words = match (variance.cmp(&Amount::ZERO), percent(share)) {
            (std::cmp::Ordering::Equal, _) => "as forecast".to_owned(),
            (_, None) if forecast.is_negative() => "a forecast below zero has no percentage".to_owned(),
            (_, None) => "cost without a forecast to measure it by".to_owned(),
            (std::cmp::Ordering::Greater, Some(percent)) => format!("{percent} more than forecast: unfavourable"),
            (std::cmp::Ordering::Less, Some(percent)) => format!("{percent} less than forecast: favourable"),
        };
        Ok(Self { forecast, actual, variance, share, band, words })
    }
}

/// A scope with its score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// The scope in words.
    pub scope: String,
    /// Its score.
    pub score: Score,
}

/// How near forecasts came: at the top, by scope, and net-new workloads apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scorecard {
    /// The sum of all scopes but net-new ones: errors of scopes cancel out here.
    pub top_line: Score,
    /// Everything, net-new workloads with whatever forecast they had.
    pub with_net_new: Score,
    /// Each scope, the largest difference first.
    pub scopes: Vec<Scored>,
    /// The sum of all differences without their signs as a share of the sum of actual cost (WAPE), to six decimals: nothing cancels out.
    pub weighted_error: Option<Amount>,
    /// How many scopes each band has.
    pub bands: Vec<(Band, usize)>,
    /// Net-new workloads, the dearest first.
    pub net_new: Vec<Judged>,
    /// What they cost together.
    pub net_new_cost: Amount,
}

impl Scorecard {
    /// Judges forecasts. Scopes must not overlap, or the top line counts twice.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
    pub fn new(judged: Vec<Judged>) -> Result<Self, AmountError> {
        let (mut net_new, planned): (Vec<Judged>, Vec<Judged>) =
            judged.into_iter().partition(|one| one.net_new || one.forecast.is_none());
        let mut scopes = Vec::with_capacity(planned.len());
        let (mut forecast, mut actual, mut apart, mut magnitude) =
            (Amount::ZERO, Amount::ZERO, Amount::ZERO, Amount::ZERO);
        for one in planned {
            let score = Score::new(one.forecast.unwrap_or(Amount::ZERO), one.actual)?;
            forecast = forecast.checked_add(score.forecast)?;
            actual = actual.checked_add(score.actual)?;
            apart = apart.checked_add(score.variance.abs())?;
            magnitude = magnitude.checked_add(score.actual.abs())?;
            scopes.push(Scored { scope: one.scope, score });
        }
        let bands = Band::ALL.map(|band| (band, scopes.iter().filter(|scored| scored.score.band == band).count()));
        scopes.sort_by(|left, right| {
            right.score.variance.abs().cmp(&left.score.variance.abs()).then_with(|| left.scope.cmp(&right.scope))
        });
        net_new.sort_by(|left, right| right.actual.cmp(&left.actual).then_with(|| left.scope.cmp(&right.scope)));
        let net_new_cost = Amount::sum(net_new.iter().map(|one| one.actual))?;
        let net_new_forecast = Amount::sum(net_new.iter().filter_map(|one| one.forecast))?;
        Ok(Self {
            top_line: Score::new(forecast, actual)?,
            with_net_new: Score::new(forecast.checked_add(net_new_forecast)?, actual.checked_add(net_new_cost)?)?,
            weighted_error: Ratio::of(apart, magnitude, 6),
            scopes,
            bands: bands.into(),
            net_new,
            net_new_cost,
        })
    }
}
