//! What is true of the sample, counted by the ledger and the events alone: `truth.json`.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{
    calendar::Month,
    charge::{Category, Costs},
    column, company,
    events::{
        self, CORRECTED_MONTH, CORRECTION_MONTH, CORRECTION_QUANTITY, Delivery, EXPIRING_COMMITMENT, LATE_ACCOUNT,
        LAUNCH_APPLICATION, MIGRATION_APPLICATION, PRICE_CHANGE_SKU, STRANDED_RESERVATION, UNTAGGED_ACCOUNT,
        UPFRONT_RESERVATION,
    },
    files::Written,
    fixed::Fixed,
    invoices::{self, EXCEPTIONS, with_cents},
    ledger::{Key, Ledger},
    model::{Event, Line, Model, Provider},
    usage,
};

/// An event as told: to a program as JSON, to a reader as a sentence.
pub(crate) struct Told {
    pub(crate) title: &'static str,
    pub(crate) sentence: String,
    pub(crate) json: Value,
}

/// Everything that a test can check.
pub(crate) struct Truth {
    pub(crate) events: Vec<Told>,
    pub(crate) json: Value,
}

/// Counts the truth of the whole sample. `files` are the bills that were written, first deliveries before final ones.
pub(crate) fn truth(model: &Model, ledger: &Ledger, files: &[(Written, usize, Month)]) -> Truth {
    let aws = billing_account_of(model, Provider::Aws);
    let first_delivery = Ledger::of_month(model, aws, CORRECTED_MONTH, Delivery::First).total(|_| true);
    let final_delivery = ledger.total(|key| key.billing_account == aws && key.month == CORRECTED_MONTH);
    let events = vec![
        price_change(model),
        expiring_commitment(model, ledger, aws),
        launch(ledger),
        migration(model, ledger),
        stranded_reservation(model, ledger),
        upfront_reservation(model, ledger),
        logging_spike(model),
        untagged_account(ledger),
        corrected_month(first_delivery, final_delivery),
        correction(model),
    ];
    let json = json!({
        "company": "Brightwater Logistics",
        "period": { "from": "2025-07", "to": "2026-09" },
        "files": files.iter().map(|file| file_json(model, file)).collect::<Vec<_>>(),
        "totals": totals(model, ledger),
        "first_delivery": {
            "provider": "AWS", "billing_period": CORRECTED_MONTH.to_string(), "costs": costs_json(first_delivery),
        },
        "categories": by(model, ledger, "charge_category", |key| key.category.name().to_owned()),
        "services": by(model, ledger, "service", |key| key.service.clone()),
        "applications": by(model, ledger, "application", |key| key.application.clone()),
        "untagged_usage": by_month(model, ledger, |key| !key.is_tagged && key.category == Category::Usage),
        "commitments": commitments(model, ledger),
        "metrics": metrics(),
        "invoice_exceptions": invoice_exceptions(model),
        "events": events.iter().map(|event| event.json.clone()).collect::<Vec<_>>(),
    });
    Truth { events, json }
}

/// An amount for a reader.
fn in_cents(amount: Fixed) -> String {
    with_cents(amount.to_cents())
}

fn billing_account_of(model: &Model, provider: Provider) -> usize {
    model.billing_accounts.iter().position(|account| account.provider == provider).unwrap_or_default()
}

fn costs_json(costs: Costs) -> Value {
    json!({
        "billed": costs.billed.to_string(),
        "effective": costs.effective.to_string(),
        "contracted": costs.contracted.to_string(),
        "list": costs.list.to_string(),
    })
}

fn file_json(model: &Model, (written, billing_account, month): &(Written, usize, Month)) -> Value {
    let account = &model.billing_accounts[*billing_account];
    let version = column::version(account, *month);
    json!({
        "path": written.path,
        "provider": account.provider.name(),
        "billing_account": account.id,
        "currency": account.currency,
        "billing_period": month.to_string(),
        "focus_version": format!("{}.{}", version / 10, version % 10),
        "rows": written.rows,
    })
}

/// One object per metric, region, market and month.
fn metrics() -> Vec<Value> {
    let mut totals = std::collections::BTreeMap::<(&str, &str, &str, Month), i64>::new();
    for one in company::metric_values() {
        *totals.entry((one.metric, one.region, one.market, Month::of(one.day))).or_default() += one.value;
    }
    totals
        .into_iter()
        .map(|((metric, region, market, month), total)| {
            let region = if region.is_empty() { Value::Null } else { Value::from(region) };
            json!({ "metric": metric, "region": region, "market": market, "month": month.to_string(), "total": total.to_string() })
        })
        .collect()
}

/// One object per billing account and group, with its four costs.
fn by(model: &Model, ledger: &Ledger, name: &str, group: impl Fn(&Key) -> String) -> Vec<Value> {
    let mut groups = std::collections::BTreeMap::<(usize, String), Costs>::new();
    for (key, costs) in &ledger.totals {
        *groups.entry((key.billing_account, group(key))).or_default() += *costs;
    }
    groups
        .into_iter()
        .map(|((billing_account, group), costs)| {
            let account = &model.billing_accounts[billing_account];
            let group = if group.is_empty() { Value::Null } else { Value::from(group) };
            let mut object = json!({ "provider": account.provider.name(), "currency": account.currency });
            object[name] = group;
            object["costs"] = costs_json(costs);
            object
        })
        .collect()
}

/// One object per billing account and month, with the four costs of what a condition picks.
fn by_month(model: &Model, ledger: &Ledger, picks: impl Fn(&Key) -> bool) -> Vec<Value> {
    let mut months = Vec::new();
    for (index, account) in model.billing_accounts.iter().enumerate() {
        for month in Month::all() {
            let costs = ledger.total(|key| key.billing_account == index && key.month == month && picks(key));
            months.push(json!({
                "provider": account.provider.name(),
                "billing_account": account.id,
                "currency": account.currency,
                "billing_period": month.to_string(),
                "costs": costs_json(costs),
            }));
        }
    }
    months
}

fn totals(model: &Model, ledger: &Ledger) -> Vec<Value> {
    by_month(model, ledger, |_| true)
}

fn commitments(model: &Model, ledger: &Ledger) -> Vec<Value> {
    ledger
        .commitments
        .iter()
        .map(|month| {
            json!({
                "id": model.commitments[month.commitment].id,
                "name": model.commitments[month.commitment].name,
                "billing_period": month.month.to_string(),
                "purchased": month.purchased.to_string(),
                "used": month.used.to_string(),
                "unused": month.unused().to_string(),
            })
        })
        .collect()
}

fn invoice_exceptions(model: &Model) -> Vec<Value> {
    EXCEPTIONS
        .iter()
        .filter_map(|exception| {
            let account = exception.account(model)?;
            Some(json!({
                "id": exception.id,
                "invoice_id": invoices::number(account, exception.month),
                "provider": account.provider.name(),
                "billing_account": account.id,
                "billing_period": exception.month.to_string(),
                "invoice_less_charges": exception.difference.to_string(),
                "reason": exception.reason,
            }))
        })
        .collect()
}

/// The amounts of the months in which there is one, by month.
fn monthly(amounts: impl IntoIterator<Item = (Month, Fixed)>) -> Value {
    let months: Map<String, Value> = amounts
        .into_iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|(month, amount)| (month.to_string(), Value::from(amount.to_string())))
        .collect();
    Value::Object(months)
}

fn lines_of(model: &Model, event: Event) -> impl Iterator<Item = &Line> {
    model.lines.iter().filter(move |line| line.event == Some(event))
}

fn days_of(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| *day <= last)
}

fn price_change(model: &Model) -> Told {
    let first = events::price_change_day();
    let (mut billed, mut list) = (Fixed::ZERO, Fixed::ZERO);
    let mut prices = (Fixed::ZERO, Fixed::ZERO);
    let mut sku_id = "";
    for line in &model.lines {
        let sku = &model.skus[line.sku];
        if sku.key != PRICE_CHANGE_SKU {
            continue;
        }
        sku_id = &sku.id;
        prices = (sku.list_price, events::list_price(sku, first));
        let before = sku.list_price.percent(100 - sku.negotiated_percent);
        let rise = events::contracted_price(sku, first) - before;
        let quantity: Fixed = Month::all()
            .flat_map(Month::days)
            .filter(|day| *day >= first)
            .map(|day| usage::quantity(model, line, day, Delivery::Final))
            .sum();
        billed += rise.times(quantity);
        list += (prices.1 - prices.0).times(quantity);
    }
    Told {
        title: "A price change",
        sentence: format!(
            "From {first} the list price of an hour of {PRICE_CHANGE_SKU} on Amazon Relational Database Service is {} instead of {} \
             (SKU {sku_id}). Until the end of September 2026 that costs {} more, billed, before tax.",
            prices.1,
            prices.0,
            in_cents(billed)
        ),
        json: json!({
            "id": "price-change", "kind": "price_change", "date": first.to_string(), "provider": "AWS",
            "scope": { "service": "Amazon Relational Database Service", "sku": sku_id },
            "effect": {
                "list_price_before": prices.0.to_string(), "list_price_after": prices.1.to_string(),
                "billed": billed.to_string(), "effective": billed.to_string(), "list": list.to_string(),
            },
            "computed": "hours from the date to the end, times the difference of the prices; before tax",
        }),
    }
}

fn expiring_commitment(model: &Model, ledger: &Ledger, aws: usize) -> Told {
    let mut renewed = model.clone();
    let commitment = renewed.commitments.iter_mut().find(|commitment| commitment.id == EXPIRING_COMMITMENT);
    let mut end = events::untagged_account_day();
    if let Some(commitment) = commitment {
        end = commitment.until;
        commitment.until = NaiveDate::MAX;
    }
    let before_tax =
        |key: &Key| key.billing_account == aws && !matches!(key.category, Category::Tax | Category::Adjustment);
    let extra: Vec<(Month, Fixed)> = Month::all()
        .filter(|month| month.first_day() >= end)
        .map(|month| {
            let real = ledger.total(|key| key.month == month && before_tax(key)).effective;
            let replayed = Ledger::of_month(&renewed, aws, month, Delivery::Final).total(before_tax).effective;
            (month, real - replayed)
        })
        .collect();
    let total: Fixed = extra.iter().map(|(_, amount)| *amount).sum();
    let covered = |month: Month| -> Fixed {
        let months = ledger.commitments.iter().filter(|other| other.month == month);
        months
            .filter(|other| model.commitments[other.commitment].billing_account == aws)
            .map(|other| other.covered)
            .sum()
    };
    let last = Month { year: 2026, month: 6 };
    let coverage = [last, last.next()].map(|month| {
        json!({
            "billing_period": month.to_string(),
            "covered_at_contracted_prices": covered(month).to_string(),
            "eligible_at_contracted_prices": eligible(model, aws, month).to_string(),
        })
    });
    Told {
        title: "An expiring commitment",
        sentence: format!(
            "The one-year Compute Savings Plan of 8 USD an hour ends on {end} and is not renewed. In July, August and September 2026 the \
             same usage costs {} more, effective, before tax, than it would under the plan. Covered usage falls from {} of {} in June \
             to {} of {} in July, at negotiated prices.",
            in_cents(total),
            in_cents(covered(last)),
            in_cents(eligible(model, aws, last)),
            in_cents(covered(last.next())),
            in_cents(eligible(model, aws, last.next()))
        ),
        json: json!({
            "id": "expiring-commitment", "kind": "commitment_expiry", "date": end.to_string(), "provider": "AWS",
            "scope": { "commitment": EXPIRING_COMMITMENT },
            "effect": { "effective": total.to_string(), "effective_by_month": monthly(extra), "coverage": coverage },
            "computed": "the same usage replayed with the plan still running; effective cost before tax, real less replayed",
        }),
    }
}

/// What the instances that a commitment may cover would cost in a month at negotiated prices.
fn eligible(model: &Model, billing_account: usize, month: Month) -> Fixed {
    let instances = model.lines.iter().filter(|line| {
        line.billing_account == billing_account
            && line.shape.is_instance()
            && model.skus[line.sku].committed_percent > 0
    });
    instances
        .map(|line| {
            let hours =
                month.days().map(|day| (0..24).filter(|hour| usage::runs(line, day, *hour)).count()).sum::<usize>();
            let price = events::contracted_price(&model.skus[line.sku], month.first_day());
            price.times(Fixed::whole(i64::try_from(hours).unwrap_or(0)))
        })
        .sum()
}

fn launch(ledger: &Ledger) -> Told {
    let of_month = |month: Month| ledger.total(|key| key.month == month && key.application == LAUNCH_APPLICATION);
    let by_month: Vec<(Month, Fixed)> = Month::all().map(|month| (month, of_month(month).effective)).collect();
    let total = ledger.total(|key| key.application == LAUNCH_APPLICATION);
    let first = events::launch_day();
    Told {
        title: "A launch",
        sentence: format!(
            "On {first} the application {LAUNCH_APPLICATION} starts on AWS, with services that were not used before (Amazon Bedrock, \
             Amazon SageMaker), and ramps up over ten weeks. It costs {} up to September 2026, {} of it in September.",
            in_cents(total.effective),
            in_cents(of_month(Month { year: 2026, month: 9 }).effective)
        ),
        json: json!({
            "id": "launch", "kind": "launch", "date": first.to_string(), "provider": "AWS",
            "scope": { "tag:application": LAUNCH_APPLICATION },
            "effect": { "costs": costs_json(total), "effective_by_month": monthly(by_month) },
            "computed": "every charge tagged with the application; none is covered by a commitment",
        }),
    }
}

fn migration(model: &Model, ledger: &Ledger) -> Told {
    let (azure, google) =
        (billing_account_of(model, Provider::Microsoft), billing_account_of(model, Provider::GoogleCloud));
    let of = |billing_account: usize, month: Month| {
        let picks = |key: &Key| {
            key.billing_account == billing_account && key.month == month && key.application == MIGRATION_APPLICATION
        };
        ledger.total(picks).effective
    };
    let by_month = |billing_account| monthly(Month::all().map(|month| (month, of(billing_account, month))));
    let (january, may) = (Month { year: 2026, month: 1 }, Month { year: 2026, month: 5 });
    let (first, end) = events::migration_days();
    Told {
        title: "A migration",
        sentence: format!(
            "Between {first} and {end} the application {MIGRATION_APPLICATION} moves from Microsoft Azure to Google Cloud, in three steps. \
             Its effective cost in January is {} on Azure and {} on Google Cloud; in May it is {} and {}.",
            in_cents(of(azure, january)),
            in_cents(of(google, january)),
            in_cents(of(azure, may)),
            in_cents(of(google, may))
        ),
        json: json!({
            "id": "migration", "kind": "migration", "date": first.to_string(), "until": end.to_string(),
            "provider": "Microsoft", "to_provider": "Google Cloud",
            "scope": { "tag:application": MIGRATION_APPLICATION },
            "effect": { "effective_by_month": { "Microsoft": by_month(azure), "Google Cloud": by_month(google) } },
            "computed": "every charge tagged with the application, by provider",
        }),
    }
}

fn stranded_reservation(model: &Model, ledger: &Ledger) -> Told {
    let months =
        ledger.commitments.iter().filter(|month| model.commitments[month.commitment].id == STRANDED_RESERVATION);
    let unused: Vec<(Month, Fixed)> = months.map(|month| (month.month, month.unused())).collect();
    let total: Fixed = unused.iter().map(|(_, amount)| *amount).sum();
    Told {
        title: "A reservation left behind",
        sentence: format!(
            "The Azure reservation VM_D8s_v5_3yr pays for six machines. After the migration one is left that it covers, and the \
             reservation runs on: {} of it is unused in the fifteen months.",
            in_cents(total)
        ),
        json: json!({
            "id": "stranded-reservation", "kind": "unused_commitment", "date": events::migration_days().0.to_string(),
            "provider": "Microsoft", "scope": { "commitment": STRANDED_RESERVATION },
            "effect": { "unused": total.to_string(), "unused_by_month": monthly(unused) },
            "computed": "six instance hours an hour at the reservation's price, less the hours that ran",
        }),
    }
}

fn upfront_reservation(model: &Model, ledger: &Ledger) -> Told {
    let months: Vec<_> = ledger
        .commitments
        .iter()
        .filter(|month| model.commitments[month.commitment].id == UPFRONT_RESERVATION)
        .collect();
    let purchased: Fixed = months.iter().map(|month| month.purchased).sum();
    let available = monthly(months.iter().map(|month| (month.month, month.available)));
    Told {
        title: "A fee paid upfront",
        sentence: format!(
            "In August 2025 the Azure reservation VM_E8s_v5_1yr_2025 is paid for a year: {} billed in that month, before tax. Its effective \
             cost is spread over the twelve months to July 2026. The next one, from August 2026, is paid by the month.",
            in_cents(purchased)
        ),
        json: json!({
            "id": "upfront-reservation", "kind": "upfront_commitment", "date": "2025-08-01", "provider": "Microsoft",
            "scope": { "commitment": UPFRONT_RESERVATION },
            "effect": { "billed": purchased.to_string(), "effective_by_month": available },
            "computed": "four instance hours an hour for 365 days at the reservation's price",
        }),
    }
}

fn logging_spike(model: &Model) -> Told {
    let (first, last) = events::logging_spike_days();
    let mut billed = Fixed::ZERO;
    for line in lines_of(model, Event::LoggingSpike) {
        let ordinary = Line { event: None, ..line.clone() };
        for day in days_of(first, last) {
            let quantity = |line: &Line| usage::quantity(model, line, day, Delivery::Final);
            billed += events::contracted_price(&model.skus[line.sku], day).times(quantity(line) - quantity(&ordinary));
        }
    }
    Told {
        title: "A logging spike",
        sentence: format!(
            "From {first} to {last} a debug setting multiplies the log volume of bw-tracking-prod on Google Cloud by fourteen. The excess \
             costs {} before tax.",
            in_cents(billed)
        ),
        json: json!({
            "id": "logging-spike", "kind": "spike", "date": first.to_string(), "last_day": last.to_string(),
            "provider": "Google Cloud", "scope": { "service": "Cloud Logging", "sub_account": "bw-tracking-prod" },
            "effect": { "billed": billed.to_string(), "effective": billed.to_string() },
            "computed": "metered less ordinary gigabytes of the three days, at the negotiated price; before tax",
        }),
    }
}

fn untagged_account(ledger: &Ledger) -> Told {
    let picks = |key: &Key| key.account == UNTAGGED_ACCOUNT;
    let total = ledger.total(picks);
    let by_month = Month::all()
        .map(|month| (month, ledger.total(|key| key.month == month && picks(key)).effective))
        .collect::<Vec<_>>();
    let september = ledger.total(|key| key.month == Month { year: 2026, month: 9 } && picks(key)).effective;
    let first = events::untagged_account_day();
    Told {
        title: "Untagged spend",
        sentence: format!(
            "On {first} the AWS account bw-lab ({UNTAGGED_ACCOUNT}) is opened. Nothing in it carries a tag. It costs {} up to September \
             2026, {} of it in September, before tax.",
            in_cents(total.effective),
            in_cents(september)
        ),
        json: json!({
            "id": "untagged-account", "kind": "untagged", "date": first.to_string(), "provider": "AWS",
            "scope": { "sub_account": UNTAGGED_ACCOUNT },
            "effect": { "costs": costs_json(total), "effective_by_month": monthly(by_month) },
            "computed": "every charge of the account",
        }),
    }
}

fn corrected_month(first: Costs, last: Costs) -> Told {
    let difference = Costs {
        billed: last.billed - first.billed,
        effective: last.effective - first.effective,
        contracted: last.contracted - first.contracted,
        list: last.list - first.list,
    };
    let (doubled, until) = events::doubled_days();
    Told {
        title: "A corrected month",
        sentence: format!(
            "The AWS bill of {CORRECTED_MONTH} is delivered twice. The first delivery (`bills/aws/`) counts the bytes of the NAT gateway \
             fulfilment-nat twice from {doubled} to {until} and lacks the last day of bw-data-prod ({LATE_ACCOUNT}, instances excepted). \
             The second (`redelivered/aws/`) replaces it: billed {} instead of {}.",
            in_cents(last.billed),
            in_cents(first.billed)
        ),
        json: json!({
            "id": "corrected-month", "kind": "redelivery", "date": "2026-05-12", "provider": "AWS",
            "scope": { "billing_period": CORRECTED_MONTH.to_string() },
            "effect": { "first": costs_json(first), "final": costs_json(last), "final_less_first": costs_json(difference) },
            "computed": "the month counted twice, with and without the two mistakes",
        }),
    }
}

fn correction(model: &Model) -> Told {
    let (first, last) = events::over_metered_days();
    let days = Fixed::whole((last - first).num_days() + 1);
    let mut costs = Costs::default();
    for line in lines_of(model, Event::Correction) {
        let quantity = -CORRECTION_QUANTITY.times(days);
        let sku = &model.skus[line.sku];
        let contracted = events::contracted_price(sku, first).times(quantity);
        costs += Costs { list: events::list_price(sku, first).times(quantity), ..Costs::equal(contracted) };
    }
    Told {
        title: "A correction",
        sentence: format!(
            "From {first} to {last} Google Cloud meters nine tebibytes of BigQuery analysis a day too many. The bill of {CORRECTION_MONTH} \
             takes them back in rows of class Correction with the original charge periods: {} billed.",
            in_cents(costs.billed)
        ),
        json: json!({
            "id": "correction", "kind": "correction", "date": CORRECTION_MONTH.first_day().to_string(),
            "provider": "Google Cloud",
            "scope": { "service": "BigQuery", "charge_class": "Correction", "billing_period": CORRECTION_MONTH.to_string() },
            "effect": { "costs": costs_json(costs), "charge_period": { "from": first.to_string(), "to": last.to_string() } },
            "computed": "nine tebibytes a day for ten days at the day's prices; before tax",
        }),
    }
}
