//! A basket of commitments as the page that is put before the one who approves it: what is decided, what it costs and saves, what it binds, how
//! wrong it may go, and on which assumptions.

use money::{Amount, Currency, Rounding};
use query::{Evidence, EvidenceLoad, Question};
use report::{Pinned, PinnedCell, PinnedColumn, PinnedTable, Unit, words};
use sha2::{Digest, Sha256};
use store::{Engagement, Watch};

use crate::committing::{self, CommitmentBands, CommitmentBandsRequest, CommitmentWhatIf, CommitmentWhatIfRequest};
use crate::{ApiError, Context};

/// Ways of demand behind the page's risk.
const PATHS: u32 = 100;
/// Remarks beyond these are in the engagement, not on the page.
const REMARKS_MAX: usize = 4;

/// The page.
pub(super) fn memo(
    context: &Context,
    engagement: &Engagement,
    question: &Question,
    basket: &str,
    watch: &Watch,
) -> Result<Pinned, ApiError> {
    let found = committing::whatif(context, &CommitmentWhatIfRequest::of(question, basket), watch)?;
    let kept = committing::usable_basket(context, basket)?;
    // A history that is too short to draw from is told in the place of the risk.
    let risk = committing::bands(context, engagement, &CommitmentBandsRequest::of(question, basket, PATHS), watch);
    let risk = match risk {
        Ok(risk) => Some(risk),
        Err(error) if error.code == "cancelled" => return Err(error),
        Err(_) => None,
    };
    let currency = found.currency;
    let evidence = evidence(engagement, &found, basket)?;
    let mut said = Vec::new();
    if !kept.note.trim().is_empty() {
        said.push(kept.note.trim().to_owned());
    }
    said.push(in_short(&found, currency));
    said.extend(decisions(&found, &kept, currency));
    said.push(bound(&found, currency));
    said.push(risk.as_ref().map_or_else(
        || "Risk: the history is too short to draw ways of demand from.".to_owned(),
        |risk| in_the_worst(risk, currency),
    ));
    said.push(assumptions(&found, &kept));
    // That days hide hours is said once, by the reading of the bill.
    let by_day = found.notes.iter().any(|one| one.code == "days");
    let again = |one: &&query::Note| by_day && one.code == "replay" && one.message.starts_with("The usage is by day");
    let remarks: Vec<&query::Note> = found.notes.iter().filter(|one| !again(one)).collect();
    said.extend(remarks.iter().take(REMARKS_MAX).map(|remark| format!("To know: {}", remark.message)));
    if remarks.len() > REMARKS_MAX {
        let further = match remarks.len() - REMARKS_MAX {
            1 => "One further remark".to_owned(),
            more => format!("{more} further remarks"),
        };
        said.push(format!("{further}: see `qd commit whatif \"{basket}\" --show memo`."));
    }
    let approver = kept.approver.trim();
    said.push(format!(
        "Approved by: {}          Date and signature: ..............................",
        if approver.is_empty() { ".............................." } else { approver }
    ));
    Ok(Pinned::Table(Box::new(PinnedTable {
        caption: format!("The plan by month beside deciding nothing, {currency}"),
        said,
        columns: columns(currency),
        rows: rows(&found)?,
        total: Some(total(&found)?),
        // A chart of lines that run side by side says less than the table, and the two do not fit on one page.
        chart: None,
        evidence,
    })))
}

fn money(amount: Amount, currency: Currency) -> String {
    words::money_with_currency(amount, currency)
}

fn percent(ratio: Option<Amount>) -> String {
    ratio.map_or_else(|| "none".to_owned(), words::percent)
}

fn in_short(found: &CommitmentWhatIf, currency: Currency) -> String {
    let cost = |total: &Option<committing::CommitmentMonthAhead>| {
        total.as_ref().map_or_else(String::new, |total| money(total.cost, currency))
    };
    let verb = if found.saves.is_negative() { "costs more by" } else { "saves" };
    let rest = found.total.as_ref().map_or_else(String::new, |total| {
        format!(
            " Coverage {}, utilisation {}, {} of commitment unused; {} paid in cash.",
            percent(total.figures.coverage),
            percent(total.figures.utilisation),
            money(total.figures.unused, currency),
            money(total.cash, currency),
        )
    });
    format!(
        "From {} to {} the plan {verb} {}: {} in place of {} when nothing is decided.{rest}",
        found.from,
        found.until,
        money(found.saves.abs(), currency),
        cost(&found.total),
        cost(&found.undecided_total),
    )
}

fn decisions(found: &CommitmentWhatIf, kept: &committing::CommitmentBasket, currency: Currency) -> Vec<String> {
    let line =
        |decision: &committing::CommitmentDecision| match found.commitments.iter().find(|one| one.id == decision.id) {
            Some(bought) => format!(
                "Buy {}: {}, {} an hour, from {} to {}; {} at the start and {currency} {} an hour.",
                bought.id,
                bought.program,
                sized(bought, currency),
                day(&bought.start),
                day(&bought.end),
                money(bought.upfront, currency),
                bought.recurring.normalized(),
            ),
            None => format!(
                "{}: {} {}.",
                decision.id,
                decision.kind.in_words(),
                decision.commitment.as_deref().unwrap_or_default()
            ),
        };
    kept.decisions.iter().map(line).collect()
}

/// How much it covers: money, or units of a size.
fn sized(bought: &committing::CommitmentAhead, currency: Currency) -> String {
    let hourly = bought.hourly.normalized();
    match bought.hourly_in.as_str() {
        "units" => format!("{hourly} units"),
        "normalised_units" => format!("{hourly} normalised units"),
        _ => format!("{currency} {hourly}"),
    }
}

fn day(instant: &str) -> &str {
    instant.split('T').next().unwrap_or(instant)
}

fn bound(found: &CommitmentWhatIf, currency: Currency) -> String {
    let lock_in = &found.lock_in;
    let months = lock_in.months_of_spend.map_or_else(String::new, |months| {
        format!(", {} months of what this usage costs on demand", months.rounded(1, Rounding::HalfEven))
    });
    format!(
        "Bound on the first day: {}{months}; of it {} are prepaid.",
        money(lock_in.remaining, currency),
        money(lock_in.prepaid, currency)
    )
}

fn in_the_worst(risk: &CommitmentBands, currency: Currency) -> String {
    let share = |thousandth: u32| format!("{}.{}%", thousandth / 10, thousandth % 10);
    format!(
        "Risk, over {} ways of demand from the forecasts of each service: on four of five the plan saves {} to {}; on the worst twentieth it {} on average; on {} of them it costs more than deciding nothing.",
        risk.paths,
        money(risk.saves.low, currency),
        money(risk.saves.high, currency),
        risk.tail_saves.map_or_else(
            || "is not known what it saves".to_owned(),
            |amount| {
                let verb = if amount.is_negative() { "costs more by" } else { "saves" };
                format!("{verb} {}", money(amount.abs(), currency))
            },
        ),
        share(risk.worse_than_nothing),
    )
}

fn assumptions(found: &CommitmentWhatIf, kept: &committing::CommitmentBasket) -> String {
    let mut assumed = vec![format!(
        "usage repeats the weeks of {}, by the {}",
        found.history,
        if found.step == committing::CommitmentStep::Hour { "hour" } else { "day" }
    )];
    assumed.extend(kept.demand.iter().map(|change| change.name.clone()));
    format!("Assumed: {}.", assumed.join("; "))
}

fn columns(currency: Currency) -> Vec<PinnedColumn> {
    let column = |label: &str, unit: Option<Unit>, adds: bool| PinnedColumn { label: label.to_owned(), unit, adds };
    let money = || Some(Unit::Money { currency });
    vec![
        column("Month", None, false),
        column("With the plan", money(), true),
        column("Nothing decided", money(), true),
        column("Saved", money(), true),
        column("Unused", money(), true),
        column("Cash", money(), true),
        column("Coverage", Some(Unit::Share), false),
        column("Utilisation", Some(Unit::Share), false),
    ]
}

type Cells = Vec<Option<PinnedCell>>;

fn cells(
    name: &str,
    month: &committing::CommitmentMonthAhead,
    before: Option<&committing::CommitmentMonthAhead>,
) -> Result<Cells, ApiError> {
    let figure = |amount: Amount| Some(PinnedCell::Figure(amount));
    let undecided = before.map_or(month.cost, |before| before.cost);
    Ok(vec![
        Some(PinnedCell::Text(name.to_owned())),
        figure(month.cost),
        figure(undecided),
        figure(undecided.checked_sub(month.cost)?),
        figure(month.figures.unused),
        figure(month.cash),
        month.figures.coverage.and_then(figure),
        month.figures.utilisation.and_then(figure),
    ])
}

fn rows(found: &CommitmentWhatIf) -> Result<Vec<Cells>, ApiError> {
    let months = found.months.iter().enumerate();
    months.map(|(place, month)| cells(&month.month, month, found.undecided.get(place))).collect()
}

fn total(found: &CommitmentWhatIf) -> Result<Cells, ApiError> {
    match &found.total {
        Some(total) => cells("Total", total, found.undecided_total.as_ref()),
        None => Ok(vec![None; 8]),
    }
}

fn evidence(engagement: &Engagement, found: &CommitmentWhatIf, basket: &str) -> Result<Evidence, ApiError> {
    let catalog = engagement.catalog()?;
    let loads: Vec<EvidenceLoad> = catalog.loads.iter().map(|info| info.load.clone()).collect();
    let files: Vec<&str> = loads.iter().map(|load| load.sha256.as_str()).collect();
    let written = format!("{}\n{}\n{}", found.evidence.sql, found.scenario_text, files.join("\n"));
    let digest = Sha256::digest(written.as_bytes());
    Ok(Evidence {
        id: digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect(),
        definition: vec![format!(
            "The basket {basket} on usage laid forward: commitments replayed in the provider's order, month by month, beside deciding nothing."
        )],
        scope: found.evidence.scope.clone(),
        sql: found.evidence.sql.clone(),
        source: "commitments".to_owned(),
        charges: found.evidence.charges.unwrap_or_default(),
        loads,
        rates: None,
        rules: Vec::new(),
    })
}
