//! Questions and answers.

use query::{Answer, Cell, Dimension, Plan, Question, ValuePage};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::planned;
use crate::together::together;
use crate::{ApiError, Context, planning};

/// `ask` and others that take a question alone.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct AskRequest {
    pub(crate) question: Question,
}

/// `ask_all`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct AskAllRequest {
    questions: Vec<Question>,
}

/// `explore`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ExploreRequest {
    question: Question,
    /// The leaderboards.
    dimensions: Vec<Dimension>,
    /// Rows of each.
    limit: u32,
}

/// What Explore shows for one question, all from one state of the engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ExploreReply {
    /// The header: a cell for each measure.
    pub total: Vec<Cell>,
    /// The total's answer, for its evidence and notes.
    pub header: Answer,
    /// The measures over time.
    pub trend: Answer,
    /// The same over the compared period; its n-th bucket goes with the n-th of `trend`.
    pub previous_trend: Option<Answer>,
    /// One answer for each dimension asked for.
    pub leaderboards: Vec<Leaderboard>,
}

/// The groups of one dimension.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct Leaderboard {
    /// The dimension.
    pub dimension: Dimension,
    /// Its groups under all filters but those on the dimension itself, so that the list that made a filter keeps its rows.
    pub answer: Answer,
}

/// `dimension_values`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ValuesRequest {
    dimension: Dimension,
    #[serde(default)]
    search: String,
    #[serde(default)]
    offset: u64,
    limit: u64,
    question: Question,
}

/// A page of a dimension's values.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ValuesReply {
    /// The values, the dearest first.
    pub values: Vec<DimensionValue>,
    /// How many there are under the search.
    pub total: u64,
}

/// A value of a dimension.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct DimensionValue {
    /// The value; null where charges have none.
    pub value: Option<String>,
    /// Its figure.
    pub cell: Cell,
}

/// A dimension that can be asked by.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct DimensionInfo {
    /// The name in questions, such as `sub_account` or `tag:team`.
    pub name: String,
    /// The label for a person.
    pub label: String,
    /// What it belongs to: `account`, `service`, `tag` and so on.
    pub kind: String,
    /// How many values it has, where that was counted.
    pub values: Option<u64>,
}

/// `dimensions`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct DimensionsRequest {
    /// Whether to count the values, which reads the charges.
    #[serde(default)]
    #[ts(optional)]
    count: Option<bool>,
}

/// `evidence_recompute`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct RecomputeRequest {
    question: Question,
    /// The evidence id that is to come out again.
    id: String,
}

/// What a recomputation gave.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RecomputeReply {
    /// Whether the charges themselves give the same figures, and the loads are the same.
    pub equal: bool,
    /// The total over the charges.
    pub total: Vec<Cell>,
    /// The evidence id of today.
    pub id: String,
}

/// Answers a question on the open engagement.
pub(crate) fn ask(context: &Context, question: &Question, watch: &Watch) -> Result<Answer, ApiError> {
    let engagement = context.engagement()?;
    answer(context, &engagement, question, watch)
}

/// Answers several questions of one screen; the answers stand in the order of the questions.
pub(crate) fn ask_all(context: &Context, request: &AskAllRequest, watch: &Watch) -> Result<Vec<Answer>, ApiError> {
    let engagement = context.engagement()?;
    together(&request.questions, |question| answer(context, &engagement, question, watch)).into_iter().collect()
}

pub(crate) fn answer(
    context: &Context,
    engagement: &Engagement,
    question: &Question,
    watch: &Watch,
) -> Result<Answer, ApiError> {
    let Some(planned) = &question.against else { return plain(context, engagement, question, watch) };
    let answer = plain(context, engagement, &without_plan(question)?, watch)?;
    let plan = planned::Plan::of(context, engagement, planned, answer.currency, watch)?;
    planned::laid(answer, &plan)
}

/// What is asked of the charges where costs are held against a plan.
fn without_plan(question: &Question) -> Result<Question, ApiError> {
    if question.against.is_some() && question.compare.is_some() {
        return Err(ApiError::new(
            "usage",
            "costs are held against another period or against a plan, not against both",
            "Leave out one of the two.",
        ));
    }
    Ok(Question { against: None, ..question.clone() })
}

fn plain(context: &Context, engagement: &Engagement, question: &Question, watch: &Watch) -> Result<Answer, ApiError> {
    let plan = query::plan(question, &*planning::catalog(engagement, question, watch)?)?;
    run(context, engagement, &plan, watch)
}

/// The question as a screen or a pack means it: in the engagement's own currency unless it says otherwise. What is in others is then
/// named in a note; only a question that is asked by itself has to say which currency it means.
pub(crate) fn in_own_currency(engagement: &Engagement, question: &Question) -> Result<Question, ApiError> {
    let catalog = engagement.catalog()?;
    let filtered = question.filters.iter().any(|filter| filter.dimension == Dimension::BillingCurrency);
    let own = (catalog.currencies.len() > 1 && question.convert.is_none() && !filtered).then_some(catalog.currency);
    Ok(Question { currency: question.currency.or(own), ..question.clone() })
}

fn run(context: &Context, engagement: &Engagement, plan: &Plan, watch: &Watch) -> Result<Answer, ApiError> {
    let result = context.run(engagement, &plan.sql, watch)?;
    Ok(query::assemble(plan, (*result).clone())?)
}

pub(crate) fn explore(context: &Context, request: &ExploreRequest, watch: &Watch) -> Result<ExploreReply, ApiError> {
    let engagement = context.engagement()?;
    let own = in_own_currency(&engagement, &request.question)?;
    let asked = &without_plan(&own)?;
    let header = Question { by: Vec::new(), grain: None, top: None, ..asked.clone() };
    let trend = Question { by: Vec::new(), compare: None, top: None, ..asked.clone() };
    let leaderboards = request.dimensions.iter().map(|dimension| asked.leaderboard(dimension, request.limit));
    let questions: Vec<Question> = [header, trend.clone()].into_iter().chain(leaderboards).collect();
    let mut answers = together(&questions, |question| answer(context, &engagement, question, watch));
    let (header, answered) = (answers.remove(0)?, answers.remove(0)?);
    let previous_trend = match header.compared_with {
        Some(period) if asked.grain.is_some() => {
            let previous = Question { period: Some(period), ..trend };
            Some(answer(context, &engagement, &previous, watch)?)
        }
        _ => None,
    };
    let trend = answered;
    let leaderboards = request.dimensions.iter().zip(answers);
    let leaderboards = leaderboards
        .map(|(dimension, answer)| Ok(Leaderboard { dimension: dimension.clone(), answer: answer? }))
        .collect::<Result<Vec<_>, ApiError>>()?;
    let reply = ExploreReply { total: header.total.clone(), header, trend, previous_trend, leaderboards };
    match &own.against {
        None => Ok(reply),
        Some(against) => {
            let plan = planned::Plan::of(context, &engagement, against, reply.header.currency, watch)?;
            held_against(reply, &plan)
        }
    }
}

/// The same with a plan in the place of an earlier period.
fn held_against(reply: ExploreReply, plan: &planned::Plan) -> Result<ExploreReply, ApiError> {
    let header = planned::laid(reply.header, plan)?;
    let previous_trend = planned::trend(&reply.trend, plan)?;
    // The notes of the header say it once for all.
    let trend = Answer { notes: reply.trend.notes.clone(), ..planned::laid(reply.trend, plan)? };
    let leaderboards = reply
        .leaderboards
        .into_iter()
        .map(|Leaderboard { dimension, answer }| Ok(Leaderboard { dimension, answer: planned::laid(answer, plan)? }));
    let leaderboards = leaderboards.collect::<Result<_, ApiError>>()?;
    Ok(ExploreReply { total: header.total.clone(), header, trend, previous_trend, leaderboards })
}

/// Answers again, this time from the charges themselves whatever cubes there are, and compares.
pub(crate) fn recompute(
    context: &Context,
    request: &RecomputeRequest,
    watch: &Watch,
) -> Result<RecomputeReply, ApiError> {
    let engagement = context.engagement()?;
    let catalog = planning::catalog(&engagement, &request.question, watch)?;
    let shown = answer(context, &engagement, &request.question, watch)?;
    let plan = query::plan_on_charges(&without_plan(&request.question)?, &catalog)?;
    // Past the memory of earlier answers: a recomputation that is remembered proves nothing.
    let rows = store::rows::result_set(&engagement.run(&plan.sql, watch)?)?;
    let again = query::assemble(&plan, query::ResultSet { rows })?;
    let again = match &request.question.against {
        Some(planned) => {
            planned::laid(again, &planned::Plan::of(context, &engagement, planned, shown.currency, watch)?)?
        }
        None => again,
    };
    let equal = shown.evidence.id == request.id && again.total == shown.total && again.rows == shown.rows;
    Ok(RecomputeReply { equal, total: again.total, id: shown.evidence.id })
}

/// The most values of a page: a reply is held in memory, and nobody reads more.
const VALUES_PAGE_MAX: u64 = 10_000;

pub(crate) fn dimension_values(
    context: &Context,
    request: &ValuesRequest,
    watch: &Watch,
) -> Result<ValuesReply, ApiError> {
    if request.limit > VALUES_PAGE_MAX {
        return Err(ApiError::new(
            "usage",
            format!("a page of {} values is too long", request.limit),
            format!("At most {VALUES_PAGE_MAX}; ask for the next ones by --offset, or search."),
        ));
    }
    let engagement = context.engagement()?;
    let page = ValuePage { search: request.search.clone(), offset: request.offset, limit: request.limit };
    let question = in_own_currency(&engagement, &request.question)?;
    let catalog = planning::catalog(&engagement, &question, watch)?;
    let plan = query::plan_values(&question, &request.dimension, &page, &catalog)?;
    let result = context.run(&engagement, &plan.sql, watch)?;
    let found = query::assemble_values(&plan, (*result).clone())?;
    let values = found.values.into_iter().map(|(value, cell)| DimensionValue { value, cell }).collect();
    Ok(ValuesReply { values, total: found.found })
}

pub(crate) fn dimensions(
    context: &Context,
    request: &DimensionsRequest,
    watch: &Watch,
) -> Result<Vec<DimensionInfo>, ApiError> {
    let engagement = context.engagement()?;
    let catalog = planning::with_rules(&engagement)?;
    let tags = catalog.tag_keys().into_iter().map(Dimension::Tag);
    let all: Vec<Dimension> = Dimension::all().chain(tags).collect();
    let counts = if request.count == Some(true) {
        count_values(&engagement, &catalog, &all, watch)?
    } else {
        vec![None; all.len()]
    };
    Ok(all
        .iter()
        .zip(counts)
        .map(|(dimension, values)| DimensionInfo {
            name: dimension.name().into_owned(),
            label: dimension.label(),
            kind: serde_json::to_value(dimension.group())
                .ok()
                .and_then(|kind| Some(kind.as_str()?.to_owned()))
                .unwrap_or_default(),
            values,
        })
        .collect())
}

/// The number of distinct values of each dimension, in one pass over the charges.
fn count_values(
    engagement: &Engagement,
    catalog: &query::Catalog,
    dimensions: &[Dimension],
    watch: &Watch,
) -> Result<Vec<Option<u64>>, ApiError> {
    let columns: Vec<Option<String>> =
        dimensions.iter().map(|dimension| catalog.charge_expression(dimension)).collect();
    let list = columns.iter().flatten().map(|value| format!("count(DISTINCT {value})")).collect::<Vec<_>>().join(", ");
    if list.is_empty() {
        return Ok(vec![None; dimensions.len()]);
    }
    let rows = store::rows::result_set(&engagement.run(&format!("SELECT {list} FROM charge"), watch)?)?;
    let mut counts = rows.into_iter().next().unwrap_or_default().into_iter();
    Ok(columns
        .iter()
        .map(|column| match column.as_ref().and_then(|_| counts.next()) {
            Some(query::Value::Integer(count)) => u64::try_from(count).ok(),
            _ => None,
        })
        .collect())
}
