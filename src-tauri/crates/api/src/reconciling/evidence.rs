//! The charges of a reconciliation, asked for as any figure is: each line and each part has the question whose total it is.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use money::{Amount, Currency};
use query::{Comparison, Dimension, Evidence, Filter, Grain, Measure, Operator, Period, PeriodBasis, Question};
use reconciliation::{ChargeGroup, Circumstances, Invoice, Kind, MatchedBy, Part};
use store::{Engagement, Watch};

use super::{PartReply, category, named, overflow, shown};
use crate::{ApiError, Context, asking};

/// Asks on one state of the engagement.
pub(super) struct Asker<'a> {
    context: &'a Context,
    engagement: &'a Engagement,
    watch: &'a Watch,
}

impl<'a> Asker<'a> {
    pub(super) const fn new(context: &'a Context, engagement: &'a Engagement, watch: &'a Watch) -> Self {
        Self { context, engagement, watch }
    }

    /// All charges by what tells them apart for a reconciliation, and the evidence of it for each currency.
    pub(super) fn groups(&self) -> Result<(Vec<ChargeGroup>, Vec<Evidence>), ApiError> {
        let mut groups: Vec<ChargeGroup> = Vec::new();
        let mut evidence = Vec::new();
        for currency in self.engagement.catalog()?.currencies.clone() {
            let question = Question {
                by: vec![
                    Dimension::BillingAccount,
                    Dimension::Invoice,
                    Dimension::InvoiceIssuer,
                    Dimension::Provider,
                    Dimension::Publisher,
                    Dimension::ChargeCategory,
                    Dimension::ChargeClass,
                ],
                grain: Some(Grain::Month),
                ..billed(currency, None, Vec::new())
            };
            let answer = asking::answer(self.context, self.engagement, &question, self.watch)?;
            for row in &answer.rows {
                let [Some(period), account, invoice, issuer, provider, publisher, kind, class] = row.keys.as_slice()
                else {
                    continue;
                };
                let third_party = is_third_party(publisher.as_deref(), provider.as_deref(), issuer.as_deref());
                let amount = row.cells.first().and_then(|cell| cell.value).unwrap_or(Amount::ZERO);
                let group = ChargeGroup {
                    currency,
                    period: period.clone(),
                    account: account.clone(),
                    invoice: invoice.clone(),
                    issuer: issuer.clone(),
                    kind: Kind::of(kind.as_deref(), class.as_deref(), third_party),
                    amount,
                };
                let alike = |known: &&mut ChargeGroup| ChargeGroup { amount, ..(**known).clone() } == group;
                match groups.iter_mut().rev().take(64).find(alike) {
                    Some(known) => known.amount = known.amount.checked_add(amount).map_err(overflow)?,
                    None => groups.push(group),
                }
            }
            evidence.push(answer.evidence);
        }
        Ok((groups, evidence))
    }

    /// What else must be known of an invoice that differs.
    pub(super) fn circumstances(
        &self,
        invoice: &Invoice,
        by: MatchedBy,
        own: &[usize],
        groups: &[ChargeGroup],
    ) -> Result<Circumstances, ApiError> {
        let Some(scope) = own_charges(invoice, by, own, groups) else { return Ok(Circumstances::default()) };
        let ask = |question: Question| asking::answer(self.context, self.engagement, &question, self.watch);
        let by_line = vec![Dimension::Service, Dimension::SubAccount, Dimension::ChargeCategory];
        let lines = ask(Question { by: by_line, top: Some(1), ..scope.clone() })?.groups;
        let Some(month) = month(&invoice.period) else {
            return Ok(Circumstances { lines, ..Circumstances::default() });
        };
        let mut outside_month = None;
        if named(by) {
            let by_usage = ask(Question { on: PeriodBasis::Charge, period: None, grain: Some(Grain::Month), ..scope })?;
            let outside = by_usage.rows.iter().filter(|row| row.keys[0].as_deref() != Some(&invoice.period));
            let sum = Amount::sum(outside.filter_map(|row| row.cells.first()?.value)).map_err(overflow)?;
            outside_month = Some(sum).filter(|sum| !sum.is_zero());
        }
        let mut accounts: Vec<Option<&String>> = own.iter().map(|place| groups[*place].account.as_ref()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let [Some(account)] = accounts.as_slice() else {
            return Ok(Circumstances { lines, outside_month, ..Circumstances::default() });
        };
        let of_account = vec![is(Dimension::BillingAccount, [account.as_str()])];
        let usage = Question { on: PeriodBasis::Charge, ..billed(invoice.currency, Some(month), of_account.clone()) };
        let usage_month = ask(usage)?.total.first().and_then(|cell| cell.value);
        let by_account = Question {
            by: vec![Dimension::SubAccount],
            compare: Some(Comparison::Previous),
            ..billed(invoice.currency, Some(month), of_account)
        };
        let mut gone = Vec::new();
        for row in &ask(by_account)?.rows {
            if let (Some(Some(name)), Some(cell)) = (row.keys.first(), row.cells.first())
                && let (None, Some(before)) = (cell.value, cell.previous)
                && !before.is_zero()
            {
                gone.push((name.clone(), before));
            }
        }
        Ok(Circumstances { lines, outside_month, usage_month, gone })
    }

    /// A part with the charges behind it and their question.
    pub(super) fn part(
        &self,
        part: &Part,
        scope: Option<&Question>,
        (currency, own): (Currency, &[usize]),
        groups: &[ChargeGroup],
    ) -> Result<PartReply, ApiError> {
        let (places, scope) = if part.groups.is_empty() {
            let kind = part.kind.filter(|_| part.own);
            (own.iter().filter(|place| kind == Some(groups[**place].kind)).copied().collect(), scope.cloned())
        } else {
            (part.groups.clone(), one_slot(&part.groups, groups))
        };
        let charges = if places.is_empty() { None } else { Some(super::sum(groups, &places)?) };
        let whole_slot = |question: &Question| {
            // A part of several kinds has a question only when it is all of the slot.
            part.kind.is_some() || self.total(question).is_ok_and(|total| total == charges)
        };
        let question = match (scope, part.kind) {
            (Some(scope), Some(kind)) if charges.is_some() => Some(self.of_kind(scope, kind)?),
            (Some(scope), None) if charges.is_some() => Some(scope).filter(whole_slot),
            _ => None,
        };
        Ok(PartReply {
            class: part.class.name().to_owned(),
            amount: shown(part.amount, currency),
            rule: part.rule.clone(),
            proven: part.proven,
            by: "rule".to_owned(),
            charges: charges.map(|charges| shown(charges, currency)),
            question,
        })
    }

    fn total(&self, question: &Question) -> Result<Option<Amount>, ApiError> {
        let answer = asking::answer(self.context, self.engagement, question, self.watch)?;
        Ok(answer.total.first().and_then(|cell| cell.value))
    }

    /// The question narrowed to charges of one kind.
    fn of_kind(&self, scope: Question, kind: Kind) -> Result<Question, ApiError> {
        let mut filters = scope.filters.clone();
        let correction = Dimension::ChargeClass;
        match (kind, category(kind)) {
            (Kind::Refund, _) => filters.push(is(correction, ["Correction"])),
            (_, Some(category)) => {
                filters.push(is_not(correction, ["Correction"]));
                filters.push(is(Dimension::ChargeCategory, [category]));
            }
            _ => {
                filters.push(is_not(correction, ["Correction"]));
                filters.push(is_not(Dimension::ChargeCategory, ["Tax", "Credit", "Adjustment"]));
                let sellers = self.other_sellers(&scope)?;
                match (kind, sellers.is_empty()) {
                    (Kind::ThirdParty, _) => {
                        filters.push(is(Dimension::Publisher, sellers.iter().map(String::as_str)));
                    }
                    (_, false) => filters.push(is_not(Dimension::Publisher, sellers.iter().map(String::as_str))),
                    _ => {}
                }
            }
        }
        Ok(Question { filters, ..scope })
    }

    /// The publishers in a scope that are firms of their own.
    fn other_sellers(&self, scope: &Question) -> Result<BTreeSet<String>, ApiError> {
        let by = vec![Dimension::Publisher, Dimension::Provider, Dimension::InvoiceIssuer];
        let question = Question { by, ..scope.clone() };
        let answer = asking::answer(self.context, self.engagement, &question, self.watch)?;
        let sellers = answer.rows.into_iter().filter_map(|row| match row.keys.as_slice() {
            [Some(publisher), provider, issuer]
                if is_third_party(Some(publisher), provider.as_deref(), issuer.as_deref()) =>
            {
                Some(publisher.clone())
            }
            _ => None,
        });
        Ok(sellers.collect())
    }
}

/// Whether a publisher is neither the provider nor the issuer of the invoice.
fn is_third_party(publisher: Option<&str>, provider: Option<&str>, issuer: Option<&str>) -> bool {
    publisher.is_some_and(|publisher| {
        provider.is_some()
            && [provider, issuer].iter().flatten().all(|firm| !reconciliation::same_firm(publisher, firm))
    })
}

/// The billed cost of some bills.
fn billed(currency: Currency, period: Option<Period>, filters: Vec<Filter>) -> Question {
    Question {
        measures: vec![Measure::BilledCost],
        on: PeriodBasis::Billing,
        currency: Some(currency),
        period,
        filters,
        ..Question::default()
    }
}

/// The question whose total is what an invoice's charges come to; none where it has none.
pub(super) fn own_charges(invoice: &Invoice, by: MatchedBy, own: &[usize], groups: &[ChargeGroup]) -> Option<Question> {
    let mut filters: Vec<Filter> =
        invoice.account.iter().map(|account| is(Dimension::BillingAccount, [account.as_str()])).collect();
    match by {
        MatchedBy::Nothing => return None,
        MatchedBy::Number => filters.push(is(Dimension::Invoice, [invoice.number.as_str()])),
        MatchedBy::Account => filters.push(missing(Dimension::Invoice)),
        MatchedBy::Issuer => {
            filters.push(missing(Dimension::Invoice));
            let issuers: BTreeSet<&str> = own.iter().filter_map(|place| groups[*place].issuer.as_deref()).collect();
            filters.push(is(Dimension::InvoiceIssuer, issuers));
        }
    }
    let period = if named(by) { None } else { Some(month(&invoice.period)?) };
    Some(billed(invoice.currency, period, filters))
}

/// The question about the charges of one number, account and month.
pub(super) fn slot(currency: Currency, period: &str, account: Option<&str>, number: Option<&str>) -> Question {
    let one = |dimension: Dimension, value: Option<&str>| match value {
        Some(value) => is(dimension, [value]),
        None => missing(dimension),
    };
    let filters = vec![one(Dimension::BillingAccount, account), one(Dimension::Invoice, number)];
    billed(currency, month(period), filters)
}

/// The same for groups that are all of one slot; none where they are of several.
fn one_slot(places: &[usize], groups: &[ChargeGroup]) -> Option<Question> {
    let slot_of = |place: &usize| {
        let group = &groups[*place];
        (group.currency, group.period.as_str(), group.account.as_deref(), group.invoice.as_deref())
    };
    let first = places.first().map(slot_of)?;
    let (currency, period, account, number) = first;
    places.iter().all(|place| slot_of(place) == first).then(|| slot(currency, period, account, number))
}

/// The days of a month written `YYYY-MM`.
fn month(text: &str) -> Option<Period> {
    let from: NaiveDate = format!("{text}-01").parse().ok()?;
    Period::new(from, from.checked_add_months(Months::new(1))?).ok()
}

fn is<'a>(dimension: Dimension, values: impl IntoIterator<Item = &'a str>) -> Filter {
    Filter { dimension, operator: Operator::Is, values: values.into_iter().map(str::to_owned).collect() }
}

fn is_not<'a>(dimension: Dimension, values: impl IntoIterator<Item = &'a str>) -> Filter {
    Filter { operator: Operator::IsNot, ..is(dimension, values) }
}

fn missing(dimension: Dimension) -> Filter {
    Filter { dimension, operator: Operator::Missing, values: Vec::new() }
}
