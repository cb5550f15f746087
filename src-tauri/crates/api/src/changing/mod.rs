//! What moved between two periods, and why: `change` and `change_items`.

mod lines;
mod reply;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use money::{Amount, Currency, Ratio, Rounding};
use query::{Answer, Catalog, ChangeLine, Comparison, Dimension, MovedValue, Period, PeriodBasis, Question};
use store::{Engagement, Watch};
use variance::{Bridge, Days, Effect, Movement};

pub(crate) use crate::changing::lines::RememberedLines;
use crate::changing::lines::{Sku, skus};
pub use crate::changing::reply::{
    BridgeConvention, ChangeEffect, ChangeItem, ChangeItemsReply, ChangeItemsRequest, ChangePart, ChangeReply,
    ChangeRequest, Mover, OtherItems, OtherMovers,
};
use crate::{ApiError, Context, asking, planning};

/// How many movers and items are listed where the request does not say.
const LISTED: u32 = 20;

/// The most of them: each mover has a bridge of its own, and nobody reads more.
const MOVERS_MAX: u32 = 1_000;
const ITEMS_MAX: u32 = 10_000;

/// The decimals of ratios and unit prices.
const RATIO_DECIMALS: u8 = 6;
const PRICE_DECIMALS: u8 = 9;

/// Both periods of a question, added up by SKU and split into effects.
struct Change {
    header: Answer,
    catalog: Arc<Catalog>,
    days: Days,
    skus: Vec<Sku>,
    lines: Arc<Vec<ChangeLine>>,
    bridge: Bridge,
    /// Whether the question names no period, so that the last month was taken.
    period_assumed: bool,
}

/// How many to list.
fn listed(limit: Option<u32>, most: u32) -> Result<u32, ApiError> {
    match limit.unwrap_or(LISTED) {
        many if many > most => Err(ApiError::new(
            "usage",
            format!("a list of {many} is too long"),
            format!("At most {most}; the others are one line. Filters narrow it."),
        )),
        few => Ok(few),
    }
}

pub(crate) fn change(context: &Context, request: &ChangeRequest, watch: &Watch) -> Result<ChangeReply, ApiError> {
    let engagement = context.engagement()?;
    let found = compute(context, &engagement, &request.question, request.convention, watch)?;
    let by = request.by.clone().unwrap_or(Dimension::Service);
    let (movers, other_movers) = movers(context, &engagement, &found, request, &by, watch)?;
    let Change { header, bridge, days, .. } = &found;
    let currency = header.currency;
    let counts = |effect: Effect| bridge.of_items.iter().filter(|parts| !parts.of(effect).is_zero()).count() as u64;
    let effects = bridge.parts.iter().map(|(effect, amount)| ChangeEffect {
        effect: effect.name().to_owned(),
        label: effect.label().to_owned(),
        amount: shown(*amount, currency),
        share: Ratio::of(*amount, bridge.difference.abs(), RATIO_DECIMALS),
        explanation: effect.meaning().to_owned(),
        items: counts(*effect),
    });
    Ok(ChangeReply {
        question: header.question.clone(),
        currency,
        period: header.period,
        compared_with: compared_with(header)?,
        days: days.current,
        compared_days: days.base,
        convention: request.convention,
        convention_in_words: request.convention.of().sentence().to_owned(),
        base: shown(bridge.base, currency),
        current: shown(bridge.current, currency),
        difference: shown(bridge.difference, currency),
        change_ratio: Ratio::of(bridge.difference, bridge.base.abs(), RATIO_DECIMALS),
        effects: effects.collect(),
        headline: words::sentence(
            Movement::between(Some(bridge.base), Some(bridge.current)),
            Some(bridge.base),
            bridge.difference,
            &bridge.parts,
            currency,
        ),
        items: bridge.items as u64,
        by,
        movers,
        other_movers,
        notes: words::notes(&found, request.convention),
        evidence: words::evidence(&found, request.convention),
    })
}

pub(crate) fn change_items(
    context: &Context,
    request: &ChangeItemsRequest,
    watch: &Watch,
) -> Result<ChangeItemsReply, ApiError> {
    let effect: Effect = request
        .effect
        .parse()
        .map_err(|error: variance::UnknownEffect| ApiError::new("question", error.to_string(), ""))?;
    let engagement = context.engagement()?;
    let found = compute(context, &engagement, &request.question, request.convention, watch)?;
    let currency = found.header.currency;
    let mut moved: Vec<(&Sku, Amount)> = found
        .skus
        .iter()
        .zip(&found.bridge.of_items)
        .map(|(sku, parts)| (sku, parts.of(effect)))
        .filter(|(_, amount)| !amount.is_zero())
        .collect();
    // The order of SKUs is total, and the sort keeps it among equals.
    moved.sort_by_key(|(_, amount)| std::cmp::Reverse(amount.abs()));
    let amount = Amount::sum(moved.iter().map(|(_, amount)| *amount)).map_err(query::QueryError::from)?;
    let limit = listed(request.limit, ITEMS_MAX)? as usize;
    let rest = moved.get(limit..).unwrap_or_default();
    let other = if rest.is_empty() {
        None
    } else {
        let amount = Amount::sum(rest.iter().map(|(_, amount)| *amount)).map_err(query::QueryError::from)?;
        Some(OtherItems { items: rest.len() as u64, amount: shown(amount, currency) })
    };
    let items = moved.iter().take(limit).map(|(sku, amount)| item(sku, *amount, currency));
    Ok(ChangeItemsReply {
        effect: effect.name().to_owned(),
        label: effect.label().to_owned(),
        explanation: effect.meaning().to_owned(),
        currency,
        period: found.header.period,
        compared_with: compared_with(&found.header)?,
        amount: shown(amount, currency),
        count: moved.len() as u64,
        items: items.collect::<Result<_, ApiError>>()?,
        other,
        notes: words::notes(&found, request.convention),
        evidence: words::evidence(&found, request.convention),
        question: found.header.question,
    })
}

fn compared_with(header: &Answer) -> Result<Period, ApiError> {
    Ok(header.compared_with.ok_or(query::QueryError::NotCompared)?)
}

fn compute(
    context: &Context,
    engagement: &Engagement,
    question: &Question,
    convention: BridgeConvention,
    watch: &Watch,
) -> Result<Change, ApiError> {
    let asked = asking::in_own_currency(engagement, question)?;
    let period_assumed = asked.period.is_none();
    let held = engagement.catalog()?;
    let period = asked.period.or_else(|| last_month(&held, asked.on));
    let question = Question {
        measures: asked.measures.iter().take(1).cloned().collect(),
        by: Vec::new(),
        grain: None,
        top: None,
        period,
        compare: asked.compare.or(Some(Comparison::Previous)),
        against: None,
        ..asked
    };
    let catalog = planning::catalog(engagement, &question, watch)?;
    // Planned first: a question that has no bridge is refused before anything is read.
    query::plan_change(&question, &catalog, None, false)?;
    let header = asking::answer(context, engagement, &question, watch)?;
    let days = days(&header, &catalog)?;
    let (lines, plan) = read(context, engagement, &question, &catalog, None, watch)?;
    let (skus, bridge) = bridged(lines.iter(), &header, days, convention)?;
    // Two ways to the same totals: the one statement that every screen asks, and the lines.
    let total = header.total.first().cloned().unwrap_or_default();
    agree("base period", bridge.base, total.previous)?;
    agree("current period", bridge.current, total.value)?;
    let evidence = query::Evidence { sql: plan.sql, source: plan.source, ..header.evidence };
    Ok(Change { header: Answer { evidence, ..header }, catalog, days, lines, skus, bridge, period_assumed })
}

/// The last calendar month that is loaded whole; where there is none, the last one.
pub(crate) fn last_month(catalog: &Catalog, basis: PeriodBasis) -> Option<Period> {
    let month = |day: NaiveDate| Period::month(day.year(), day.month());
    let loaded = match basis {
        PeriodBasis::Charge => catalog.covered.or(catalog.charges)?,
        PeriodBasis::Billing => catalog.bills?,
    };
    let last = month(loaded.last_day())?;
    let before = month(last.from.pred_opt()?)?;
    Some(if last.to <= loaded.to || before.from < loaded.from { last } else { before })
}

/// How many days the two periods have, as far as they are loaded: a month that is half there is compared by its days.
fn days(header: &Answer, catalog: &Catalog) -> Result<Days, ApiError> {
    let count = |period: Period| {
        let loaded = match header.question.on {
            PeriodBasis::Charge => catalog.covered.and_then(|covered| covered.intersection(&period)),
            PeriodBasis::Billing => None,
        };
        u32::try_from(loaded.unwrap_or(period).days()).unwrap_or(1).max(1)
    };
    Ok(Days { base: count(compared_with(header)?), current: count(header.period) })
}

/// The lines of both periods. A cube does not know the description that usage without a SKU goes by; where there is such usage, the
/// charges are read.
fn read(
    context: &Context,
    engagement: &Engagement,
    question: &Question,
    catalog: &Catalog,
    by: Option<(&Dimension, &[Option<String>])>,
    watch: &Watch,
) -> Result<(Arc<Vec<ChangeLine>>, query::ChangePlan), ApiError> {
    let plan = query::plan_change(question, catalog, by, false)?;
    let lines = context.bridge_lines.read(engagement, &plan, watch)?;
    if plan.describes || !lines.iter().any(|line| line.class == "usage" && line.sku.is_none()) {
        return Ok((lines, plan));
    }
    let plan = query::plan_change(question, catalog, by, true)?;
    Ok((context.bridge_lines.read(engagement, &plan, watch)?, plan))
}

fn bridged<'a>(
    lines: impl IntoIterator<Item = &'a ChangeLine>,
    header: &Answer,
    days: Days,
    convention: BridgeConvention,
) -> Result<(Vec<Sku>, Bridge), ApiError> {
    let skus = skus(lines, header.question.convert.is_some())?;
    let items: Vec<variance::Item> = skus.iter().map(|sku| sku.item).collect();
    let bridge = variance::bridge(&items, days, convention.of())
        .map_err(|error| ApiError::new("internal", error.to_string(), ""))?;
    Ok((skus, bridge))
}

/// Refuses a bridge whose ends are not the answer's.
pub(crate) fn agree(what: &str, lines: Amount, total: Option<Amount>) -> Result<(), ApiError> {
    let total = total.unwrap_or_default();
    if lines == total {
        return Ok(());
    }
    Err(ApiError::from(query::QueryError::PartsDiffer {
        column: format!("cost of the {what}"),
        parts: lines.normalized().to_string(),
        total: total.normalized().to_string(),
    }))
}

/// The values of a dimension that moved most, each with the bridge that it has by itself, and the rest.
fn movers(
    context: &Context,
    engagement: &Engagement,
    found: &Change,
    request: &ChangeRequest,
    by: &Dimension,
    watch: &Watch,
) -> Result<(Vec<Mover>, Option<OtherMovers>), ApiError> {
    let Change { header, catalog, days, bridge, .. } = found;
    let limit = listed(request.limit, MOVERS_MAX)?;
    let sql = query::moved_values_sql(&header.question, by, limit, catalog)?;
    let (values, all) = query::moved_values(&context.run(engagement, &sql, watch)?.rows)?;
    let mut lines: BTreeMap<Option<&str>, Vec<&ChangeLine>> = BTreeMap::new();
    let listed: Vec<Option<String>> = values.iter().map(|moved| moved.value.clone()).collect();
    let wanted: BTreeSet<Option<&str>> = listed.iter().map(Option::as_deref).collect();
    let own;
    // What a line knows by itself needs no second reading.
    let of_line: fn(&ChangeLine) -> Option<&str> = match by {
        Dimension::Provider => |line| line.provider.as_deref(),
        Dimension::Service => |line| line.service.as_deref(),
        Dimension::Region => |line| line.region.as_deref(),
        _ => |line| line.by.as_deref(),
    };
    let known = matches!(by, Dimension::Provider | Dimension::Service | Dimension::Region);
    let read_lines: &Arc<Vec<ChangeLine>> = if known || listed.is_empty() {
        &found.lines
    } else {
        own = read(context, engagement, &header.question, catalog, Some((by, &listed)), watch)?.0;
        &own
    };
    for line in read_lines.iter() {
        let value = of_line(line);
        if wanted.contains(&value) {
            lines.entry(value).or_default().push(line);
        }
    }
    let currency = header.currency;
    let mut movers = Vec::with_capacity(values.len());
    let mut rest = (bridge.base, bridge.current);
    let none = Vec::new();
    for moved in &values {
        let of_value = lines.get(&moved.value.as_deref()).unwrap_or(&none);
        let (_, bridge) = bridged(of_value.iter().copied(), header, *days, request.convention)?;
        agree("base period", bridge.base, moved.base)?;
        agree("current period", bridge.current, moved.current)?;
        rest.0 = rest.0.checked_sub(bridge.base).map_err(query::QueryError::from)?;
        rest.1 = rest.1.checked_sub(bridge.current).map_err(query::QueryError::from)?;
        movers.push(mover(moved, &bridge, currency));
    }
    let others = all.saturating_sub(values.len() as u64);
    let difference = rest.1.checked_sub(rest.0).map_err(query::QueryError::from)?;
    let other = (others > 0).then(|| OtherMovers {
        values: others,
        base: shown(rest.0, currency),
        current: shown(rest.1, currency),
        difference: shown(difference, currency),
    });
    Ok((movers, other))
}

fn mover(moved: &MovedValue, bridge: &Bridge, currency: Currency) -> Mover {
    let movement = Movement::between(moved.base, moved.current);
    let parts = bridge.parts.iter().filter(|(_, amount)| !amount.is_zero());
    Mover {
        value: moved.value.clone(),
        base: moved.base.map(|amount| shown(amount, currency)),
        current: moved.current.map(|amount| shown(amount, currency)),
        difference: shown(bridge.difference, currency),
        change_ratio: Ratio::of(bridge.difference, bridge.base.abs(), RATIO_DECIMALS),
        status: movement.into(),
        effects: parts
            .map(|(effect, amount)| ChangePart {
                effect: effect.name().to_owned(),
                label: effect.label().to_owned(),
                amount: shown(*amount, currency),
            })
            .collect(),
        driver: variance::driver(&bridge.parts, bridge.difference).map(|(effect, _)| effect.name().to_owned()),
        sentence: words::sentence(movement, moved.base, bridge.difference, &bridge.parts, currency),
    }
}

/// A SKU behind a bar.
fn item(sku: &Sku, amount: Amount, currency: Currency) -> Result<ChangeItem, ApiError> {
    let cells = [sku.item.base, sku.item.current];
    let cost = cells.map(|cell| cell.map(|cell| shown(cell.cost, currency)));
    let quantity = cells.map(|cell| cell.and_then(|cell| cell.quantity).map(Amount::normalized));
    let unit_price = |pick: fn(&variance::Cell) -> Option<Amount>| {
        cells.map(|cell| {
            let cell = cell?;
            Ratio::of(pick(&cell)?, cell.quantity?, PRICE_DECIMALS).map(Amount::normalized)
        })
    };
    let [base_price, current_price] = unit_price(|cell| Some(cell.cost));
    let [base_list_price, current_list_price] = unit_price(|cell| cell.list);
    let difference = cost[1].unwrap_or_default().checked_sub(cost[0].unwrap_or_default());
    Ok(ChangeItem {
        provider: sku.provider.clone(),
        service: sku.service.clone(),
        region: sku.region.clone(),
        sku: sku.name.clone(),
        named_by: sku.named_by.clone(),
        label: sku.label.clone(),
        unit: sku.unit.clone(),
        class: sku.item.class.name().to_owned(),
        base: cost[0],
        current: cost[1],
        difference: shown(difference.map_err(query::QueryError::from)?, currency),
        base_quantity: quantity[0],
        current_quantity: quantity[1],
        base_price,
        current_price,
        base_list_price,
        current_list_price,
        amount: shown(amount, currency),
        filters: sku.filters(),
    })
}

/// The amount without zeros at its end, but with the decimals of its currency.
fn shown(amount: Amount, currency: Currency) -> Amount {
    let plain = amount.normalized();
    let decimals = currency.minor_digits();
    if plain.scale() >= decimals { plain } else { plain.rescaled(decimals, Rounding::HalfEven).unwrap_or(plain) }
}
