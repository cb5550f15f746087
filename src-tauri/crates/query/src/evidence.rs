//! What evidence says in words, and the id that follows from it.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::logical::LogicalQuery;
use crate::parse::quoted;
use crate::{EvidenceLoad, EvidenceRule, Filter, Grain, Operator, Period, PeriodBasis, Question};

/// The first twelve hex digits of the SHA-256 over the settled question, the files behind it, its rates and rules. Neither the order of filters nor
/// the numbers of the loads matter: the same question on the same data has the same id.
pub(crate) fn evidence_id(
    question: &Question,
    logical: &LogicalQuery,
    loads: &[EvidenceLoad],
    rules: &[EvidenceRule],
) -> String {
    let settled = Question { filters: logical.filters.clone(), top: logical.top, ..question.clone() };
    let mut files: Vec<(&str, u64)> = loads.iter().map(|load| (load.sha256.as_str(), load.rows)).collect();
    files.sort_unstable();
    let rates = logical.rates.as_ref().map(|rates| rates.sha256.as_str());
    let rules: Vec<&str> = rules.iter().map(|rule| rule.version.as_str()).collect();
    // Serialising plain data of our own cannot fail.
    let text = serde_json::to_string(&(settled, files, rates, rules)).unwrap_or_default();
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The filters and the period as one sentence: "Billed cost in USD by service, charges from 2018-10-01 to 2018-10-31, where service
/// is "Amazon EC2"".
pub(crate) fn scope_sentence(question: &Question, logical: &LogicalQuery) -> String {
    let labels: Vec<_> = question.measures.iter().map(crate::Measure::label).collect();
    let mut sentence = listed(&labels);
    if question.measures.iter().any(crate::Measure::is_money) {
        sentence = format!("{sentence} in {}", logical.currency.code());
        if let Some(conversion) = &question.convert {
            let billed = logical.billed_in.map(|currency| format!(" from {currency}")).unwrap_or_default();
            sentence = format!("{sentence} (converted{billed} with rate table {})", quoted(&conversion.table));
        }
    }
    let grain = logical.time.map(|grain| match grain {
        Grain::Month => "month".to_owned(),
        Grain::Day => "day".to_owned(),
        Grain::Hour => "hour".to_owned(),
    });
    let by: Vec<String> = grain.into_iter().chain(logical.keys.iter().map(|key| key.phrase())).collect();
    if !by.is_empty() {
        sentence = format!("{sentence} by {}", listed(&by));
    }
    if let Some(top) = logical.top {
        sentence = format!("{sentence} (top {top})");
    }
    let subject = match logical.basis {
        PeriodBasis::Charge => "charges",
        PeriodBasis::Billing => "bills",
    };
    sentence = format!("{sentence}, {subject} {}", days(&logical.current));
    if let Some(previous) = &logical.previous {
        sentence = format!("{sentence}, compared with those {}", days(previous));
    }
    if !logical.filters.is_empty() {
        let conditions: Vec<String> = logical.filters.iter().map(condition).collect();
        sentence = format!("{sentence}, where {}", listed(&conditions));
    }
    sentence
}

fn days(period: &Period) -> String {
    let text = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
    format!("from {} to {}", text(period.from), text(period.last_day()))
}

fn condition(filter: &Filter) -> String {
    let values: Vec<String> = filter.values.iter().map(|value| quoted(value)).collect();
    let several = values.len() > 1;
    let test = match filter.operator {
        Operator::Is if several => format!("is one of {}", values.join(", ")),
        Operator::Is => format!("is {}", values.join(", ")),
        Operator::IsNot if several => format!("is none of {}", values.join(", ")),
        Operator::IsNot => format!("is not {}", values.join(", ")),
        Operator::Contains => format!("contains {}", values.join(", ")),
        Operator::NotContains => format!("does not contain {}", values.join(", ")),
        Operator::Missing => "is missing".to_owned(),
        Operator::Present => "is present".to_owned(),
    };
    format!("{} {test}", filter.dimension.phrase())
}

/// "a, b and c".
fn listed(parts: &[impl AsRef<str>]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [others @ .., last] => {
            let others: Vec<&str> = others.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", others.join(", "), last.as_ref())
        }
    }
}
