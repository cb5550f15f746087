//! What is told of a rule: how grave a breach is, the breach in a few words, what it means and what to do. Made from the form of
//! the rule's test, so that a rule needs words of its own only where they say more.

use serde::Deserialize;

use super::{Condition, SetTest, Severity, Test};
use crate::{Column, Kind, Level};

/// Words of a rule's own; what is missing is made from its form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    severity: Option<String>,
    title: Option<String>,
    meaning: Option<String>,
    action: Option<String>,
}

/// What is told of a rule.
pub(super) struct Told {
    pub(super) severity: Severity,
    pub(super) title: String,
    pub(super) meaning: String,
    pub(super) action: String,
}

/// What is told of a rule about `column` with this test; `level` is the word of FOCUS: `MUST`, `SHOULD NOT`, ...
pub(super) fn told(column: &'static Column, test: &Test, level: &str, own: Words) -> Told {
    let made = made(column, test, level);
    let firm = level.starts_with("MUST");
    let severity = match own.severity.as_deref() {
        Some("error") => Severity::Error,
        Some("warning") => Severity::Warning,
        Some("notice") => Severity::Notice,
        _ if firm => made.severity,
        _ => Severity::Notice,
    };
    Told {
        severity,
        title: own.title.unwrap_or(made.title),
        meaning: own.meaning.unwrap_or(made.meaning),
        action: own.action.unwrap_or(made.action),
    }
}

const COSTS: [&str; 4] = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"];
const MISSING_ONE: &str = "Ask the provider for the missing one of the two.";

fn made(column: &'static Column, test: &Test, level: &str) -> Told {
    let tell = |severity, title: String, meaning: String, action: &str| Told {
        severity,
        title,
        meaning,
        action: action.to_owned(),
    };
    let name = column.id;
    let described = || column.description.to_owned();
    match test {
        Test::Present(_) => tell(
            if column.level == Level::Mandatory { Severity::Warning } else { Severity::Notice },
            if level.starts_with("MUST") {
                format!("The export has no {name}")
            } else {
                format!("The export has no {name}, which FOCUS recommends")
            },
            format!("Nothing can be asked by it. {}", column.description),
            "Choose the column when setting up the export, or ask the provider for it; where the provider has no such feature, switch the rule off.",
        ),
        Test::Text(_) => tell(
            Severity::Warning,
            format!("{name} is no text"),
            described(),
            "Ask the provider to write the column as text.",
        ),
        Test::Readable(_) => tell(
            if COSTS.contains(&name) { Severity::Error } else { Severity::Warning },
            match column.kind {
                Kind::DateTime => format!("{name} holds values that are no times"),
                _ => format!("{name} holds values that are no numbers"),
            },
            "Loading refused these values: they count as missing, or their rows do not count at all.".to_owned(),
            "List them with their rows among the rejects, and export the file anew.",
        ),
        Test::Set(SetTest::OneValuePer { key, column, .. }) => tell(
            Severity::Warning,
            format!("One {} has several {} values", key.id, column.id),
            format!(
                "What belongs together is split: a breakdown by {} shows parts of the same {} apart.",
                column.id, key.id
            ),
            &format!("Break down by {}, or map it to one {}.", key.id, column.id),
        ),
        Test::Charge { requirement, when } => of_charge(column, requirement, when.as_ref()),
        Test::Set(_) | Test::Sense(_) => tell(Severity::Warning, name.to_owned(), described(), "Look at the examples."),
    }
}

fn of_charge(column: &'static Column, requirement: &Condition, when: Option<&Condition>) -> Told {
    use Condition::{
        Any, Currency, Is, KeyValue, NationalCurrency, NotNegative, NotNull, Null, Product, Unit, WrittenText,
    };
    let name = column.id;
    let described = column.description;
    let tell = |severity, title: String, meaning: String, action: &str| Told {
        severity,
        title,
        meaning,
        action: action.to_owned(),
    };
    let follows = if name.ends_with("Unit") { Severity::Warning } else { Severity::Notice };
    match (requirement, when) {
        (NotNull(_), None) if COSTS.contains(&name) => tell(
            Severity::Error,
            format!("{name} is null"),
            format!("Totals by this cost leave these charges out. {described}"),
            "Ask the provider for the missing amounts; until then compare by another cost.",
        ),
        (NotNull(_), None) => tell(
            if column.level == Level::Recommended { Severity::Notice } else { Severity::Warning },
            format!("{name} is null"),
            described.to_owned(),
            "Ask the provider to fill the column; these charges stand under \"(missing)\" until then.",
        ),
        (Null(_), Some(Is(_, values))) if values == &["Tax"] => tell(
            Severity::Notice,
            format!("A tax has a {name}"),
            "A tax follows from other charges; it has no price and no SKU of its own.".to_owned(),
            "Leave these charges out of unit costs.",
        ),
        (Null(_), Some(Null(other))) if name.starts_with("CommitmentDiscount") && other.id == "CommitmentDiscountId" => tell(
            Severity::Warning,
            format!("{name} without {}", other.id),
            "The charge draws on a commitment, but which one is not told; coverage and use leave it out.".to_owned(),
            "Ask the provider for the commitment's id.",
        ),
        (Null(_), Some(Null(other))) => {
            tell(follows, format!("{name} without {}", other.id), described.to_owned(), MISSING_ONE)
        }
        (NotNull(_), Some(NotNull(other))) if other.id == "CommitmentDiscountId" => tell(
            Severity::Warning,
            format!("{} without {name}", other.id),
            described.to_owned(),
            "Tell the kind of commitment by its id.",
        ),
        (NotNull(_), Some(NotNull(other))) => {
            tell(follows, format!("{} without {name}", other.id), described.to_owned(), MISSING_ONE)
        }
        (NotNull(_), Some(when)) if when.words().contains("Usage or Purchase") => tell(
            Severity::Notice,
            format!("{name} of usage or a purchase is null"),
            format!("Without it these charges cannot be explained by price and quantity. {described}"),
            "Ask the provider for it; some state in their conformance notes that they leave it out.",
        ),
        (NotNegative(_), _) => tell(
            Severity::Warning,
            format!("{name} is negative"),
            "A price is never negative; what is taken back has a negative quantity.".to_owned(),
            "Read the charge as a correction and compare it with what it corrects.",
        ),
        (Product { price, cost, .. }, _) => tell(
            Severity::Error,
            format!("{} x PricingQuantity is not {}", price.id, cost.id),
            format!("Price and quantity of these charges do not explain their {}; savings and unit costs may be off.", cost.id),
            "Look at the examples: one of the three is rounded or in another unit. Report it to the provider.",
        ),
        (Any(_) | Is(..), _) => tell(
            Severity::Warning,
            format!("{name} has a value that FOCUS does not know"),
            format!("Questions by {name} and rules that look at it pass these charges by."),
            "Ask the provider for the value of the closed list; upper and lower case count.",
        ),
        (Condition::SubcategoryParent, _) => tell(
            Severity::Warning,
            "ServiceSubcategory belongs to another ServiceCategory".to_owned(),
            "Questions by ServiceCategory and by ServiceSubcategory give different figures for the same services.".to_owned(),
            "Ask the provider for the category that the subcategory belongs to.",
        ),
        (NationalCurrency(_), _) => tell(
            Severity::Error,
            format!("{name} is no ISO 4217 currency"),
            "Amounts in a currency that does not exist can be added to nothing.".to_owned(),
            "Check the export's currency settings.",
        ),
        (Currency(_), _) => tell(
            Severity::Warning,
            format!("{name} is not written as a currency code"),
            "The same currency under two spellings falls apart into two.".to_owned(),
            "Ask the provider for the three capital letters of ISO 4217.",
        ),
        (WrittenText(_), _) => tell(
            Severity::Notice,
            format!("{name} is written but tells nothing"),
            "A blank, a word such as \"N/A\" or a character that could not be read stands where FOCUS wants no value; it groups as a value of its own.".to_owned(),
            "Ask the provider to leave the field empty.",
        ),
        (Unit(_), _) => tell(
            Severity::Notice,
            format!("{name} is not written as FOCUS writes units"),
            "Quantities of one kind do not add up over providers while their units differ in spelling.".to_owned(),
            "Ask by quantity within one provider, or map the units.",
        ),
        (KeyValue(_), _) => tell(
            Severity::Warning,
            format!("{name} is no object of plain values"),
            "Keys within it may be missed or read differently by other tools.".to_owned(),
            "Ask the provider for a JSON object whose keys occur once and whose values are plain.",
        ),
        (requirement, Some(when)) => tell(
            Severity::Warning,
            format!("Not so: {} where {}", requirement.words(), when.words()),
            described.to_owned(),
            "Look at the examples and ask the provider.",
        ),
        (requirement, None) => tell(
            Severity::Warning,
            format!("Not so: {}", requirement.words()),
            described.to_owned(),
            "Look at the examples and ask the provider.",
        ),
    }
}
