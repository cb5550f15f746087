//! The kinds of operations as data: what an editor of scenarios is made of.

use super::wire::{ScenarioChoice, ScenarioField, ScenarioInput, ScenarioKind, ScenarioUnit};

/// The kinds in the order in which they are applied.
pub(crate) fn kinds() -> Vec<ScenarioKind> {
    let kind = |kind, label, phase, what, fields: Vec<ScenarioField>| ScenarioKind { kind, label, what, phase, fields };
    vec![
        kind(
            "driver_override",
            "Driver",
            "drivers",
            "A business metric takes other values, and the lines that follow it move with it.",
            vec![
                text("driver", "Metric", "The metric, one that the baseline has."),
                optional(estimate(
                    "change",
                    "Change",
                    ScenarioUnit::Percent,
                    "By how much it changes; or give its values.",
                )),
                optional(field(
                    "values",
                    "Values",
                    ScenarioInput::Months,
                    Some(ScenarioUnit::Units),
                    "What it is in each month; other months keep their value.",
                )),
                from(),
                to(),
            ],
        ),
        kind(
            "scale",
            "Scale",
            "usage",
            "Usage grows or shrinks by a percentage.",
            vec![
                lines(),
                estimate("change", "Change", ScenarioUnit::Percent, "By how much usage changes, not below -100 %."),
                from(),
                to(),
                months("over_months", "Over months", "1", "Over how many months the change builds up, in equal steps."),
                or_else(
                    field(
                        "compound",
                        "Compound",
                        ScenarioInput::Boolean,
                        None,
                        "Whether the change is made anew each month upon the last one's level.",
                    ),
                    "false",
                ),
            ],
        ),
        kind(
            "add_flow",
            "Repeated amount",
            "usage",
            "A new amount is charged again and again.",
            vec![
                place("at", "Where", "Where the amount stands."),
                estimate("amount", "Amount", ScenarioUnit::Money, "The amount each time."),
                from(),
                to(),
                months("every_months", "Every months", "1", "After how many months it is charged again."),
            ],
        ),
        kind(
            "one_off",
            "One-off",
            "usage",
            "A single amount in one month.",
            vec![
                place("at", "Where", "Where the amount stands."),
                estimate("amount", "Amount", ScenarioUnit::Money, "The amount."),
                field("from", "Month", ScenarioInput::Month, None, "The month."),
            ],
        ),
        kind(
            "launch",
            "Launch",
            "usage",
            "Something new grows to a plateau.",
            vec![
                place("at", "Where", "Where its cost stands."),
                optional(estimate(
                    "plateau",
                    "Plateau",
                    ScenarioUnit::Money,
                    "What a month costs once it has grown; or give units and a price.",
                )),
                optional(estimate(
                    "plateau_units",
                    "Plateau in units",
                    ScenarioUnit::Units,
                    "How many units a month it grows to.",
                )),
                optional(estimate("unit_price", "Price of a unit", ScenarioUnit::Money, "What a unit costs.")),
                or_else(
                    choice(
                        "curve",
                        "Curve",
                        vec![
                            ScenarioChoice { value: "linear", label: "In equal steps" },
                            ScenarioChoice { value: "s_curve", label: "Slowly, then fast, then slowly" },
                        ],
                        "How it grows.",
                    ),
                    "linear",
                ),
                from(),
                to(),
                months("over_months", "Over months", "1", "After how many months the plateau is reached."),
            ],
        ),
        kind(
            "retire",
            "Retire",
            "usage",
            "Lines run down to nothing.",
            vec![
                lines(),
                from(),
                months("over_months", "Over months", "1", "Over how many months they run down, in equal steps."),
            ],
        ),
        kind(
            "price_change",
            "Price change",
            "price",
            "What a unit costs changes by a percentage.",
            vec![
                lines(),
                estimate("change", "Change", ScenarioUnit::Percent, "By how much the price changes, not below -100 %."),
                from(),
                to(),
            ],
        ),
        kind(
            "shift",
            "Migration",
            "migration",
            "Cost moves from lines to another place, both running side by side for a time.",
            vec![
                lines(),
                place("at", "To", "What changes about a line that moves: the dimensions named take these values."),
                or_else(
                    estimate("share", "Share", ScenarioUnit::Percent, "How much of the lines moves, 0 to 100 %."),
                    "100",
                ),
                or_else(
                    estimate(
                        "cost_ratio",
                        "Cost there",
                        ScenarioUnit::Percent,
                        "What the same work costs at the new place, in percent of what it costs now.",
                    ),
                    "100",
                ),
                from(),
                months("over_months", "Over months", "1", "Over how many months it moves, in equal steps."),
                months(
                    "double_running_months",
                    "Double running",
                    "0",
                    "For how many months the old place keeps running after a part has moved.",
                ),
            ],
        ),
        kind(
            "cap",
            "Cap",
            "caps",
            "The sum of lines is held at a limit; what is above it is taken off all of them in proportion.",
            vec![lines(), estimate("amount", "Limit", ScenarioUnit::Money, "The limit of a month."), from(), to()],
        ),
        kind(
            "commit",
            "Buy a commitment",
            "commitments",
            "A fee is paid for a term, and usage that it covers becomes cheaper.",
            vec![
                place("at", "Where", "Where its fee stands."),
                lines(),
                estimate(
                    "discount",
                    "Discount",
                    ScenarioUnit::Percent,
                    "By how much covered usage is cheaper than on demand, below 100 %.",
                ),
                from(),
                field(
                    "term_months",
                    "Term",
                    ScenarioInput::Count,
                    Some(ScenarioUnit::Months),
                    "How many months it runs.",
                ),
                or_else(amount("monthly_fee", "Monthly fee", "What is paid each month."), "0"),
                or_else(amount("upfront", "Upfront", "What is paid at the start."), "0"),
            ],
        ),
        kind(
            "expire",
            "Let a commitment end",
            "commitments",
            "A commitment ends, and what it covered costs its on-demand price.",
            vec![
                text(
                    "commitment",
                    "Commitment",
                    "The commitment: one of the baseline, or the id of one that is bought.",
                ),
                field("from", "From", ScenarioInput::Month, None, "The first month without it."),
            ],
        ),
        kind(
            "renew",
            "Renew a commitment",
            "commitments",
            "A commitment goes on for another term.",
            vec![
                text(
                    "commitment",
                    "Commitment",
                    "The commitment: one of the baseline, or the id of one that is bought.",
                ),
                optional(field(
                    "from",
                    "From",
                    ScenarioInput::Month,
                    None,
                    "The first month of the new term; without it the month after the old one's last.",
                )),
                field(
                    "term_months",
                    "Term",
                    ScenarioInput::Count,
                    Some(ScenarioUnit::Months),
                    "How many months the new term runs.",
                ),
                optional(amount(
                    "monthly_fee",
                    "Monthly fee",
                    "What is paid each month; without it as much as before.",
                )),
                or_else(amount("upfront", "Upfront", "What is paid at the start."), "0"),
                optional(estimate(
                    "discount",
                    "Discount",
                    ScenarioUnit::Percent,
                    "By how much covered usage is cheaper; without it as much as before.",
                )),
            ],
        ),
        kind(
            "currency",
            "Exchange rate",
            "currency",
            "The rate of a currency that lines are billed in changes.",
            vec![
                text("billed_in", "Billed in", "The currency, such as EUR."),
                optional(estimate(
                    "change",
                    "Change",
                    ScenarioUnit::Percent,
                    "By how much its rate changes; or give the rate.",
                )),
                optional(estimate("rate", "Rate", ScenarioUnit::Money, "What one unit of it costs.")),
                from(),
                to(),
            ],
        ),
        kind(
            "reallocate",
            "Reallocate",
            "allocation",
            "Cost changes its bearer.",
            vec![
                lines(),
                place("at", "To", "What changes about the part that moves."),
                or_else(estimate("share", "Share", ScenarioUnit::Percent, "How much moves, 0 to 100 %."), "100"),
                from(),
                to(),
            ],
        ),
    ]
}

fn field(
    key: &'static str,
    label: &'static str,
    input: ScenarioInput,
    unit: Option<ScenarioUnit>,
    what: &'static str,
) -> ScenarioField {
    ScenarioField { key, label, input, unit, required: true, choices: Vec::new(), default: None, what }
}

fn optional(field: ScenarioField) -> ScenarioField {
    ScenarioField { required: false, ..field }
}

fn or_else(field: ScenarioField, default: &'static str) -> ScenarioField {
    ScenarioField { required: false, default: Some(default), ..field }
}

fn lines() -> ScenarioField {
    field("where", "Lines", ScenarioInput::Where, None, "Which lines it is about; nothing named means everything.")
}

fn place(key: &'static str, label: &'static str, what: &'static str) -> ScenarioField {
    field(key, label, ScenarioInput::At, None, what)
}

fn estimate(key: &'static str, label: &'static str, unit: ScenarioUnit, what: &'static str) -> ScenarioField {
    field(key, label, ScenarioInput::Estimate, Some(unit), what)
}

fn amount(key: &'static str, label: &'static str, what: &'static str) -> ScenarioField {
    field(key, label, ScenarioInput::Amount, Some(ScenarioUnit::Money), what)
}

fn text(key: &'static str, label: &'static str, what: &'static str) -> ScenarioField {
    field(key, label, ScenarioInput::Text, None, what)
}

fn choice(key: &'static str, label: &'static str, choices: Vec<ScenarioChoice>, what: &'static str) -> ScenarioField {
    ScenarioField { choices, ..field(key, label, ScenarioInput::Choice, None, what) }
}

fn months(key: &'static str, label: &'static str, default: &'static str, what: &'static str) -> ScenarioField {
    or_else(field(key, label, ScenarioInput::Count, Some(ScenarioUnit::Months), what), default)
}

fn from() -> ScenarioField {
    field("from", "From", ScenarioInput::Month, None, "The first month.")
}

fn to() -> ScenarioField {
    optional(field("to", "To", ScenarioInput::Month, None, "The last month; without it all that follow."))
}
