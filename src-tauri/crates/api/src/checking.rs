//! The FOCUS rules over the loaded charges.

use focus::{Rule, Version};
use money::Amount;
use serde::Serialize;
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::{ApiError, Context};

/// A rule that charges break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Finding {
    /// The rule's id: FOCUS's own, or `QD-...`.
    pub rule: String,
    /// `error`, `warning` or `notice`.
    pub severity: String,
    /// The breach in a few words.
    pub title: String,
    /// How many charges break it; for rules about sets, how many keys.
    pub count: u64,
    /// What `count` counts: `charges` or `keys`.
    pub counted: String,
    /// The billed cost of the charges concerned, by billing currency.
    pub cost: Vec<FindingCost>,
    /// What a breach means for the figures.
    pub meaning: String,
    /// What to do about it.
    pub action: String,
    /// Some of the charges, for `source`; or some of the keys.
    pub examples: Vec<String>,
}

/// The billed cost that a finding touches in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FindingCost {
    /// The billing currency.
    pub currency: String,
    /// The billed cost.
    pub billed: Amount,
}

/// The version by whose rules a load that is no FOCUS export is judged: its mapping fills that version's columns.
const MAPPED_VERSION: Version = Version::V1_4;

/// The findings, the gravest first.
pub(crate) fn check(context: &Context, watch: &Watch) -> Result<Vec<Finding>, ApiError> {
    let engagement = context.engagement()?;
    let loads = engagement.loads(false)?;
    let versions: Vec<(i64, Version)> = loads
        .iter()
        .map(|load| {
            (load.id, load.format_version.parse().ok().filter(|_| load.format == "focus").unwrap_or(MAPPED_VERSION))
        })
        .collect();
    let mut findings = Vec::new();
    for rule in focus::rules() {
        let subject: Vec<i64> =
            versions.iter().filter(|(_, version)| rule.applies_to(*version)).map(|(load, _)| *load).collect();
        if subject.is_empty() {
            continue;
        }
        findings.extend(finding(&engagement, rule, &subject, watch)?);
    }
    findings.sort_by(|left, right| {
        let grave = |finding: &Finding| match finding.severity.as_str() {
            "error" => 0,
            "warning" => 1,
            _ => 2,
        };
        grave(left).cmp(&grave(right)).then(left.rule.cmp(&right.rule))
    });
    Ok(findings)
}

fn finding(engagement: &Engagement, rule: &Rule, loads: &[i64], watch: &Watch) -> Result<Option<Finding>, ApiError> {
    let sql = focus::sql(&rule.test, "charge");
    let ids = loads.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let mut condition = format!("load_id IN ({ids}) AND ({})", sql.predicate);
    if let Some(restriction) = focus::load_condition(rule, "charge") {
        condition = format!("{restriction} AND {condition}");
    }
    let texts = |statement: &str| -> Result<Vec<Vec<Option<String>>>, ApiError> {
        Ok(store::rows::texts(&engagement.run(statement, watch)?)?)
    };
    let touched = texts(&format!(
        "SELECT billing_currency, count(*)::BIGINT, coalesce(sum(billed_cost), 0) FROM charge WHERE {condition}
         GROUP BY billing_currency ORDER BY billing_currency"
    ))?;
    let charges: u64 = touched.iter().filter_map(|row| row[1].as_deref()?.parse::<u64>().ok()).sum();
    if charges == 0 {
        return Ok(None);
    }
    let (count, counted, examples) = match &sql.keys {
        Some(keys) => {
            let keys = texts(&format!("SELECT * FROM ({keys}) AS keys ORDER BY 1, 2"))?;
            let examples =
                keys.iter().take(5).map(|row| row.iter().flatten().cloned().collect::<Vec<_>>().join(": ")).collect();
            (keys.len() as u64, "keys", examples)
        }
        None => {
            let rows = texts(&format!(
                "SELECT concat_ws('.', file_id, source_row, CASE WHEN part > 0 THEN part END) FROM charge WHERE {condition}
                 ORDER BY abs(billed_cost) DESC NULLS LAST, file_id, source_row, part LIMIT 5"
            ))?;
            (charges, "charges", rows.into_iter().flatten().flatten().collect())
        }
    };
    let cost = touched
        .iter()
        .map(|row| FindingCost {
            currency: row[0].clone().unwrap_or_default(),
            billed: row[2].as_deref().and_then(|text| text.parse().ok()).unwrap_or(Amount::ZERO).normalized(),
        })
        .collect();
    Ok(Some(Finding {
        rule: rule.id.to_owned(),
        severity: serde_json::to_value(rule.severity)
            .ok()
            .and_then(|word| Some(word.as_str()?.to_owned()))
            .unwrap_or_default(),
        title: rule.title.clone(),
        count,
        counted: counted.to_owned(),
        cost,
        meaning: rule.meaning.clone(),
        action: rule.action.clone(),
        examples,
    }))
}
