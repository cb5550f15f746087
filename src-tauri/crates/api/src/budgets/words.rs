//! From the figures of the pure crate to those of a reply.

use budget::{Band, Beside, Expected, Score, Scorecard, Verdict};

use super::reply::{
    BudgetBand, BudgetBandCount, BudgetCell, BudgetExpected, BudgetNetNew, BudgetScopeScore, BudgetScore,
    BudgetScorecard, BudgetVerdict,
};

pub(super) fn cell(beside: Beside) -> BudgetCell {
    BudgetCell {
        actual: beside.given.actual,
        forecast: beside.given.forecast,
        budget: beside.given.budget,
        cost: beside.cost,
        variance: beside.variance,
        share: beside.share,
        verdict: match beside.verdict {
            Verdict::Favourable => BudgetVerdict::Favourable,
            Verdict::Unfavourable => BudgetVerdict::Unfavourable,
            Verdict::OnBudget => BudgetVerdict::OnBudget,
            Verdict::NotComparable => BudgetVerdict::NotComparable,
        },
        words: beside.words,
        expected: match beside.expected {
            Expected::Actual => BudgetExpected::Actual,
            Expected::Forecast => BudgetExpected::Forecast,
            Expected::Nothing => BudgetExpected::Nothing,
        },
    }
}

pub(crate) const fn band(band: Band) -> BudgetBand {
    match band {
        Band::Within5 => BudgetBand::Within5,
        Band::Within12 => BudgetBand::Within12,
        Band::Within15 => BudgetBand::Within15,
        Band::Within20 => BudgetBand::Within20,
        Band::Above20 => BudgetBand::Above20,
        Band::Unmeasured => BudgetBand::Unmeasured,
    }
}

fn score(score: Score) -> BudgetScore {
    BudgetScore {
        forecast: score.forecast,
        actual: score.actual,
        variance: score.variance,
        share: score.share,
        band: band(score.band),
        words: score.words,
    }
}

pub(crate) fn scored(card: Scorecard, forecast_of: &str) -> BudgetScorecard {
    let scopes = card.scopes.into_iter();
    let bands = card.bands.into_iter().map(|(of, count)| BudgetBandCount {
        band: band(of),
        words: of.words().to_owned(),
        count: super::count(count),
    });
    let net_new = card.net_new.into_iter();
    BudgetScorecard {
        top_line: score(card.top_line),
        with_net_new: score(card.with_net_new),
        weighted_error: card.weighted_error,
        scopes: scopes.map(|scored| BudgetScopeScore { scope: scored.scope, score: score(scored.score) }).collect(),
        bands: bands.collect(),
        net_new: net_new
            .map(|one| BudgetNetNew { scope: one.scope, forecast: one.forecast, actual: one.actual })
            .collect(),
        net_new_cost: card.net_new_cost,
        forecast_of: forecast_of.to_owned(),
    }
}
