//! Commitments: what is held, what it covers, what could be covered, at which prices, and what a plan would do. The charges are read
//! here; everything else is the crate `commitment`.

mod bands;
mod baskets;
mod coverage;
mod drawn;
mod facts;
mod from_scenarios;
mod hours;
mod inventory;
mod market;
mod memo;
mod offers;
mod optimize;
mod payments;
mod portfolio;
mod portfolio_wire;
mod purchased;
mod replay;
mod reply;
mod steps;
mod usage;
mod whatif;

use chrono::{DateTime, Utc};
use query::{Note, Question};
use store::{Engagement, Watch};

use crate::{ApiError, asking};

pub use bands::CommitmentBandsRequest;
pub(crate) use bands::{CommitmentBands, made as bands, start as bands_start};
pub(crate) use baskets::{CommitmentBasket, CommitmentDecision, usable as usable_basket};
pub use baskets::{CommitmentBasketReply, CommitmentBasketRequest, CommitmentBasketSaveRequest};
pub(crate) use baskets::{delete as delete_basket, get as basket, list as baskets, save as save_basket};
pub(crate) use coverage::coverage;
pub use coverage::{CommitmentCoverage, CommitmentCoverageRequest};
pub use hours::{CommitmentHours, CommitmentHoursRequest};
pub(crate) use hours::{Kept, hours};
pub(crate) use inventory::{import, inventory};
pub use offers::{
    CommitmentOfferImportRequest, CommitmentOfferRemoveRequest, CommitmentOffers, CommitmentOffersRequest,
};
pub(crate) use offers::{import as import_offers, list as offers, remove as remove_offers};
pub(crate) use optimize::optimize;
pub use optimize::{CommitmentOptimizeRequest, CommitmentOptimum};
pub(crate) use portfolio::start as portfolio_start;
pub use portfolio_wire::CommitmentPortfolioRequest;
pub(crate) use replay::replay;
pub use replay::{CommitmentReplay, CommitmentReplayRequest};
pub use reply::{CommitmentFinding, CommitmentInventory, CommitmentRequest, CommitmentsImportRequest};
pub(crate) use usage::CommitmentStep;
pub(crate) use whatif::{CommitmentAhead, CommitmentMonthAhead, whatif};
pub use whatif::{CommitmentWhatIf, CommitmentWhatIfRequest};

/// What the commands of commitments read from.
struct Ground<'a> {
    engagement: &'a Engagement,
    watch: &'a Watch,
    /// The question in one currency, without breakdown, with its period.
    question: Question,
}

impl<'a> Ground<'a> {
    fn new(engagement: &'a Engagement, question: &Question, watch: &'a Watch) -> Result<Self, ApiError> {
        let asked = asking::in_own_currency(engagement, question)?;
        if asked.convert.is_some() {
            return Err(ApiError::new(
                "question",
                "commitments are bought and billed in one currency; a conversion would mix rates of several days",
                "Ask without a conversion.",
            ));
        }
        let catalog = engagement.catalog()?;
        let period = asked.period.or(catalog.charges).ok_or(query::QueryError::NothingLoaded)?;
        let question =
            Question { by: Vec::new(), grain: None, compare: None, top: None, period: Some(period), ..asked };
        Ok(Self { engagement, watch, question })
    }

    fn period(&self) -> query::Period {
        self.question.period.unwrap_or(query::Period { from: chrono::NaiveDate::MIN, to: chrono::NaiveDate::MAX })
    }

    /// The rows of a statement, each read.
    fn read<T>(
        &self,
        sql: &str,
        row: impl Fn(Vec<query::Value>) -> Result<T, query::QueryError>,
    ) -> Result<Vec<T>, ApiError> {
        let rows = store::rows::result_set(&self.engagement.run(sql, self.watch)?)?;
        Ok(rows.into_iter().map(row).collect::<Result<_, _>>()?)
    }
}

fn note(code: &str, message: impl Into<String>) -> Note {
    Note { code: code.to_owned(), message: message.into() }
}

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}
