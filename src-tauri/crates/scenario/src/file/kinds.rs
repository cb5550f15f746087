//! What each kind of operation is written with.

use money::{Amount, Currency};

use super::fields::{Fields, Unit};
use crate::diagnostic::{nearest, quoted};
use crate::operation::{
    AddFlow, Cap, Commit, CurrencyRate, Curve, DriverOverride, DriverValues, Expire, Kind, Launch, OneOff, Operation,
    Plateau, PriceChange, RateChange, Reallocate, Renew, Retire, Scale, Shift,
};
use crate::{Estimate, Month};

const KINDS: &[&str] = &[
    "scale",
    "add_flow",
    "one_off",
    "price_change",
    "shift",
    "launch",
    "retire",
    "commit",
    "expire",
    "renew",
    "driver_override",
    "currency",
    "cap",
    "reallocate",
];

const BELOW_NOTHING: &str = "less than nothing would be left";
const MORE_THAN_ALL: &str = "no more than all of it can be meant";
/// In percent.
const HUNDRED: i64 = 100;

/// An operation, or none where a problem was noted.
pub(super) fn operation(fields: &mut Fields<'_>) -> Option<Operation> {
    let id = fields.text("id");
    fields.operation.clone_from(&id);
    let kind_name = fields.text("kind");
    let owner = fields.optional_text("owner").unwrap_or_default();
    let confidence = confidence(fields);
    let slip_months = fields.slip();
    let note = fields.optional_text("note").unwrap_or_default();
    let enabled = fields.boolean("enabled", true);
    let Some(kind_name) = kind_name else {
        fields.stop();
        return None;
    };
    let kind = kind(fields, &kind_name)?;
    Some(Operation { id: id?, kind, owner, confidence: confidence?, slip_months, note, enabled })
}

fn confidence(fields: &mut Fields<'_>) -> Option<Amount> {
    let certain = Amount::from_integer(HUNDRED);
    let confidence = fields.amount("confidence", Unit::Percent, Some(certain))?;
    if confidence.is_negative() || confidence > certain {
        fields.refuse_key("confidence", "`confidence` is no probability", "write a figure from 0 % to 100 %");
        return None;
    }
    Some(confidence)
}

fn kind(fields: &mut Fields<'_>, name: &str) -> Option<Kind> {
    match name {
        "scale" => scale(fields).map(Kind::Scale),
        "add_flow" => add_flow(fields).map(Kind::AddFlow),
        "one_off" => one_off(fields).map(Kind::OneOff),
        "price_change" => price_change(fields).map(Kind::PriceChange),
        "shift" => shift(fields).map(Kind::Shift),
        "launch" => launch(fields).map(Kind::Launch),
        "retire" => retire(fields).map(Kind::Retire),
        "commit" => commit(fields).map(Kind::Commit),
        "expire" => expire(fields).map(Kind::Expire),
        "renew" => renew(fields).map(Kind::Renew),
        "driver_override" => driver_override(fields).map(Kind::DriverOverride),
        "currency" => currency(fields).map(Kind::CurrencyRate),
        "cap" => cap(fields).map(Kind::Cap),
        "reallocate" => reallocate(fields).map(Kind::Reallocate),
        other => {
            let hint = match nearest(other, KINDS.iter().copied()) {
                Some(known) => format!("is `{known}` meant?"),
                None => format!("the kinds are {}", KINDS.join(", ")),
            };
            fields.refuse_key("kind", &format!("there is no kind of operation {}", quoted(other)), &hint);
            fields.stop();
            None
        }
    }
}

/// A change in percent that leaves at least nothing.
fn change(fields: &mut Fields<'_>, key: &str) -> Option<Estimate> {
    fields.estimate(key, Unit::Percent, None, (Some(-HUNDRED), None), BELOW_NOTHING)
}

fn share(fields: &mut Fields<'_>) -> Option<Estimate> {
    let all = Some(Amount::from_integer(HUNDRED));
    fields.estimate("share", Unit::Percent, all, (Some(0), Some(HUNDRED)), MORE_THAN_ALL)
}

fn scale(fields: &mut Fields<'_>) -> Option<Scale> {
    let (filter, change) = (fields.filter("where"), change(fields, "change"));
    let ((from, to), over_months) = (fields.dates(), fields.months("over_months", Some(1), 1));
    let compound = fields.boolean("compound", false);
    if compound && over_months.is_some_and(|months| months > 1) {
        let hint = "take one of `compound` and `over_months` out";
        fields.refuse_key("compound", "a change cannot both build up over months and be made anew each month", hint);
        return None;
    }
    Some(Scale { filter: filter?, change: change?, from: from?, to, over_months: over_months?, compound })
}

fn add_flow(fields: &mut Fields<'_>) -> Option<AddFlow> {
    let at = fields.placement("at");
    let amount = fields.estimate("amount", Unit::Plain, None, (None, None), "");
    let ((from, to), every_months) = (fields.dates(), fields.months("every_months", Some(1), 1));
    Some(AddFlow { at: at?, amount: amount?, from: from?, to, every_months: every_months? })
}

fn one_off(fields: &mut Fields<'_>) -> Option<OneOff> {
    let at = fields.placement("at");
    let amount = fields.estimate("amount", Unit::Plain, None, (None, None), "");
    let month = fields.month("month");
    Some(OneOff { at: at?, amount: amount?, month: month? })
}

fn price_change(fields: &mut Fields<'_>) -> Option<PriceChange> {
    let (filter, change, (from, to)) = (fields.filter("where"), change(fields, "change"), fields.dates());
    Some(PriceChange { filter: filter?, change: change?, from: from?, to })
}

fn shift(fields: &mut Fields<'_>) -> Option<Shift> {
    let (filter, into, share) = (fields.filter("where"), fields.placement("into"), share(fields));
    let same = Some(Amount::from_integer(HUNDRED));
    let cost_ratio = fields.estimate("cost_ratio", Unit::Percent, same, (Some(0), None), BELOW_NOTHING);
    let from = fields.month("from");
    let over_months = fields.months("over_months", Some(1), 1);
    let double_running_months = fields.months("double_running_months", Some(0), 0);
    Some(Shift {
        filter: filter?,
        into: into?,
        share: share?,
        cost_ratio: cost_ratio?,
        from: from?,
        over_months: over_months?,
        double_running_months: double_running_months?,
    })
}

fn launch(fields: &mut Fields<'_>) -> Option<Launch> {
    let at = fields.placement("at");
    let curve = match fields.optional_text("curve").as_deref() {
        None | Some("linear") => Some(Curve::Linear),
        Some("s_curve") => Some(Curve::SCurve),
        Some(other) => {
            let message = format!("there is no curve {}", quoted(other));
            fields.refuse_key("curve", &message, "write `curve = \"linear\"` or `curve = \"s_curve\"`");
            None
        }
    };
    let plateau = plateau(fields);
    let ((from, to), over_months) = (fields.dates(), fields.months("over_months", Some(1), 1));
    Some(Launch { at: at?, curve: curve?, plateau: plateau?, from: from?, to, over_months: over_months? })
}

fn plateau(fields: &mut Fields<'_>) -> Option<Plateau> {
    let range = (Some(0), None);
    match (fields.has("plateau"), fields.has("plateau_units")) {
        (true, true) => {
            fields.refuse_key("plateau_units", "the plateau is given both in money and in units", "take one out");
            None
        }
        (false, true) => {
            let units = fields.estimate("plateau_units", Unit::Plain, None, range, BELOW_NOTHING);
            let unit_price = fields.estimate("unit_price", Unit::Plain, None, range, BELOW_NOTHING);
            Some(Plateau::Units { units: units?, unit_price: unit_price? })
        }
        _ => fields.estimate("plateau", Unit::Plain, None, range, BELOW_NOTHING).map(Plateau::Money),
    }
}

fn retire(fields: &mut Fields<'_>) -> Option<Retire> {
    let (filter, from) = (fields.filter("where"), fields.month("from"));
    let over_months = fields.months("over_months", Some(1), 1);
    Some(Retire { filter: filter?, from: from?, over_months: over_months? })
}

/// A fee or a payment: not below zero.
fn payment(fields: &mut Fields<'_>, key: &str, default: Option<Amount>) -> Option<Amount> {
    let amount = fields.amount(key, Unit::Plain, default)?;
    if amount.is_negative() {
        fields.refuse_key(key, &format!("`{key}` is below zero"), "write what is paid, without a sign");
        return None;
    }
    Some(amount)
}

fn discount(fields: &mut Fields<'_>) -> Option<Estimate> {
    let estimate = fields.estimate("discount", Unit::Percent, None, (Some(0), Some(HUNDRED)), MORE_THAN_ALL)?;
    if estimate.high == Amount::from_integer(HUNDRED) {
        fields.refuse_key("discount", "a discount of 100 % would cover usage without end", "write less than 100 %");
        return None;
    }
    Some(estimate)
}

fn commit(fields: &mut Fields<'_>) -> Option<Commit> {
    let (at, filter, from) = (fields.placement("at"), fields.filter("where"), fields.month("from"));
    let term_months = fields.months("term_months", None, 1);
    let monthly_fee = payment(fields, "monthly_fee", Some(Amount::ZERO));
    let upfront = payment(fields, "upfront", Some(Amount::ZERO));
    let discount = discount(fields);
    if monthly_fee.is_some_and(Amount::is_zero) && upfront.is_some_and(Amount::is_zero) {
        fields.refuse_key("monthly_fee", "the commitment costs nothing", "write `monthly_fee` or `upfront`");
        return None;
    }
    Some(Commit {
        at: at?,
        filter: filter?,
        from: from?,
        term_months: term_months?,
        monthly_fee: monthly_fee?,
        upfront: upfront?,
        discount: discount?,
    })
}

fn expire(fields: &mut Fields<'_>) -> Option<Expire> {
    let (commitment, from) = (fields.text("commitment"), fields.month("from"));
    Some(Expire { commitment: commitment?, from: from? })
}

fn renew(fields: &mut Fields<'_>) -> Option<Renew> {
    let (commitment, from) = (fields.text("commitment"), fields.optional_month("from"));
    let term_months = fields.months("term_months", None, 1);
    let monthly_fee =
        if fields.has("monthly_fee") { payment(fields, "monthly_fee", None).map(Some) } else { Some(None) };
    let upfront = payment(fields, "upfront", Some(Amount::ZERO));
    let discount = if fields.has("discount") { discount(fields).map(Some) } else { Some(None) };
    // Known, even where they are absent.
    fields.take("monthly_fee");
    fields.take("discount");
    Some(Renew {
        commitment: commitment?,
        from,
        term_months: term_months?,
        monthly_fee: monthly_fee?,
        upfront: upfront?,
        discount: discount?,
    })
}

fn driver_override(fields: &mut Fields<'_>) -> Option<DriverOverride> {
    let driver = fields.text("driver");
    let (typed, changed) = (fields.has("values"), fields.has("change"));
    if typed && changed {
        fields.refuse_key("values", "the driver is given both values and a change", "take one out");
        return None;
    }
    let values = if typed {
        let Some(months) = fields.by_month("values") else {
            fields.stop();
            return None;
        };
        Some(DriverValues::Typed(months))
    } else {
        change(fields, "change").map(DriverValues::Change)
    };
    fields.take("values");
    fields.take("change");
    // Typed values carry their own months.
    let first = match &values {
        Some(DriverValues::Typed(months)) if !fields.has("from") => months.keys().next().copied(),
        _ => None,
    };
    let (from, to): (Option<Month>, Option<Month>) = match first {
        Some(first) => {
            fields.take("from");
            (Some(first), fields.optional_month("to"))
        }
        None => fields.dates(),
    };
    Some(DriverOverride { driver: driver?, values: values?, from: from?, to })
}

fn currency(fields: &mut Fields<'_>) -> Option<CurrencyRate> {
    let code = fields.text("billed_in");
    let billed_in = code.and_then(|code| {
        code.parse::<Currency>()
            .map_err(|error| fields.refuse_key("billed_in", &error.to_string(), "write `billed_in = \"EUR\"`"))
            .ok()
    });
    let rate = match (fields.has("rate"), fields.has("change")) {
        (true, true) => {
            fields.refuse_key("rate", "the currency is given both a rate and a change", "take one out");
            None
        }
        (true, false) => {
            let rate = fields.estimate("rate", Unit::Plain, None, (Some(0), None), BELOW_NOTHING);
            rate.map(RateChange::Rate)
        }
        _ => change(fields, "change").map(RateChange::Change),
    };
    fields.take("rate");
    fields.take("change");
    let (from, to) = fields.dates();
    Some(CurrencyRate { billed_in: billed_in?, rate: rate?, from: from?, to })
}

fn cap(fields: &mut Fields<'_>) -> Option<Cap> {
    let filter = fields.filter("where");
    let amount = fields.estimate("amount", Unit::Plain, None, (Some(0), None), BELOW_NOTHING);
    let (from, to) = fields.dates();
    Some(Cap { filter: filter?, amount: amount?, from: from?, to })
}

fn reallocate(fields: &mut Fields<'_>) -> Option<Reallocate> {
    let (filter, into, share) = (fields.filter("where"), fields.placement("into"), share(fields));
    let (from, to) = fields.dates();
    Some(Reallocate { filter: filter?, into: into?, share: share?, from: from?, to })
}
