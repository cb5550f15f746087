//! Operations from the wire into a file's text, and from a file to the wire.

use std::collections::BTreeMap;

use money::Amount;
use scenario::operation::{Curve, DriverValues, Kind, Operation};
use scenario::{Diagnostic, Estimate, Filter, ScenarioFile, Severity};

use super::wire::{
    ScenarioDiagnostic, ScenarioDraft, ScenarioFigure, ScenarioOperation, ScenarioPlace, ScenarioProblem,
    ScenarioSeverity, ScenarioSlip,
};

/// Figures that are percentages.
const PERCENT: [&str; 4] = ["change", "share", "cost_ratio", "discount"];
/// Settings that are written as whole numbers.
const COUNTS: [&str; 4] = ["over_months", "every_months", "double_running_months", "term_months"];

/// A draft as the file that it would be. Everything in it is checked by reading that text: what is checked in one way cannot differ from
/// what a file may hold.
pub(super) fn parsed(draft: &ScenarioDraft) -> Result<ScenarioFile, Vec<ScenarioProblem>> {
    ScenarioFile::parse(&text(draft)).map_err(|refused| {
        let problems = refused.0.iter().map(|diagnostic| {
            let kind = draft.operations.iter().find(|operation| Some(&operation.id) == diagnostic.operation.as_ref());
            let mut problem = problem(diagnostic, kind.map(|operation| operation.kind.as_str()));
            // Lines of a text that nobody wrote help nobody.
            problem.line = None;
            problem
        });
        problems.collect()
    })
}

/// A diagnostic of the file as one of the fields that an editor shows.
pub(super) fn problem(diagnostic: &Diagnostic, kind: Option<&str>) -> ScenarioProblem {
    let key = diagnostic.key.as_deref().map(|key| match (key, kind) {
        ("month", Some("one_off")) => "from",
        ("into" | "new", _) => "at",
        (other, _) => other,
    });
    ScenarioProblem {
        operation: diagnostic.operation.clone(),
        key: key.map(str::to_owned),
        line: diagnostic.line,
        severity: severity(diagnostic.severity),
        message: diagnostic.message.clone(),
        hint: diagnostic.hint.clone(),
    }
}

pub(super) fn diagnostic(diagnostic: &Diagnostic) -> ScenarioDiagnostic {
    ScenarioDiagnostic {
        operation: diagnostic.operation.clone(),
        severity: severity(diagnostic.severity),
        message: diagnostic.message.clone(),
        hint: diagnostic.hint.clone(),
    }
}

fn severity(severity: Severity) -> ScenarioSeverity {
    match severity {
        Severity::Error => ScenarioSeverity::Error,
        Severity::Warning => ScenarioSeverity::Warning,
        Severity::Note => ScenarioSeverity::Note,
    }
}

fn text(draft: &ScenarioDraft) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
    if let Some(baseline) = &draft.baseline {
        line("baseline", quoted(baseline));
    }
    if let Some(based_on) = &draft.based_on {
        line("based_on", quoted(based_on));
    }
    if !draft.note.is_empty() {
        line("note", quoted(&draft.note));
    }
    if !draft.removed.is_empty() {
        line("removed", list(&draft.removed));
    }
    for operation in &draft.operations {
        text.push_str("\n[[operation]]\n");
        for (key, value) in entries(operation) {
            text.push_str(&format!("{} = {value}\n", toml_edit::Key::new(key)));
        }
    }
    text
}

/// The keys of an operation and their values as TOML. A field that is left empty is one that is not there.
fn entries(operation: &ScenarioOperation) -> BTreeMap<&str, String> {
    let mut entries = BTreeMap::new();
    let moves = matches!(operation.kind.as_str(), "shift" | "reallocate");
    entries.insert("id", quoted(&operation.id));
    entries.insert("kind", quoted(&operation.kind));
    if let Some(filter) = &operation.filter {
        let dimensions: Vec<String> = filter
            .iter()
            .map(|(dimension, values)| format!("{} = {}", toml_edit::Key::new(dimension), list(values)))
            .collect();
        let everything = dimensions.is_empty();
        let value = if everything { quoted("everything") } else { format!("{{ {} }}", dimensions.join(", ")) };
        entries.insert("where", value);
    }
    if let Some(at) = &operation.at {
        entries.insert(if moves { "into" } else { "at" }, table(&at.values, quoted));
        if at.new {
            entries.insert("new", "true".to_owned());
        }
    }
    for (key, figure) in &operation.figures {
        let percent = PERCENT.contains(&key.as_str());
        if let Some(value) = figure_text(figure, percent) {
            entries.insert(key, value);
        }
    }
    let first = if operation.kind == "one_off" { "month" } else { "from" };
    for (key, month) in [(first, &operation.from), ("to", &operation.to)] {
        if let Some(month) = month.as_deref().filter(|month| !month.trim().is_empty()) {
            entries.insert(key, quoted(month.trim()));
        }
    }
    for (key, value) in operation.settings.iter().filter(|(_, value)| !value.trim().is_empty()) {
        entries.insert(key, setting(key, value.trim()));
    }
    if let Some(values) = &operation.values {
        entries.insert("values", table(values, quoted));
    }
    if operation.slip_months != ScenarioSlip::default() {
        let ScenarioSlip { low, likely, high } = operation.slip_months;
        entries.insert("slip_months", format!("{{ low = {low}, likely = {likely}, high = {high} }}"));
    }
    if !operation.confidence.trim().is_empty() {
        entries.insert("confidence", number(&operation.confidence, true));
    }
    if !operation.owner.is_empty() {
        entries.insert("owner", quoted(&operation.owner));
    }
    if !operation.note.is_empty() {
        entries.insert("note", quoted(&operation.note));
    }
    if !operation.enabled {
        entries.insert("enabled", "false".to_owned());
    }
    entries
}

fn figure_text(figure: &ScenarioFigure, percent: bool) -> Option<String> {
    let filled = |text: &str| !text.trim().is_empty();
    if !filled(&figure.likely) && !filled(&figure.low) && !filled(&figure.high) {
        return None;
    }
    let or_likely = |text: &str| number(if filled(text) { text } else { &figure.likely }, percent);
    let (low, likely, high) = (or_likely(&figure.low), number(&figure.likely, percent), or_likely(&figure.high));
    if low == likely && likely == high {
        return Some(likely);
    }
    Some(format!("{{ low = {low}, likely = {likely}, high = {high} }}"))
}

/// A number as a text, so that no digit is lost on a float.
fn number(text: &str, percent: bool) -> String {
    let plain = text.trim();
    let plain = plain.strip_suffix('%').filter(|_| percent).map_or(plain, str::trim_end);
    quoted(&if percent { format!("{plain} %") } else { plain.to_owned() })
}

fn setting(key: &str, value: &str) -> String {
    let whole = COUNTS.contains(&key) && value.parse::<i64>().is_ok();
    let word = key == "compound" && matches!(value, "true" | "false");
    if whole || word { value.to_owned() } else { quoted(value) }
}

fn table(values: &BTreeMap<String, String>, written: impl Fn(&str) -> String) -> String {
    let entries: Vec<String> =
        values.iter().map(|(key, value)| format!("{} = {}", toml_edit::Key::new(key), written(value))).collect();
    format!("{{ {} }}", entries.join(", "))
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

/// An operation as an editor has it.
pub(super) fn operation(operation: &Operation) -> ScenarioOperation {
    let kind = &operation.kind;
    let (from, to) = kind.dates();
    let to = to.filter(|_| !matches!(kind, Kind::OneOff(_)));
    let filter = kind.filter().map(|filter| match filter {
        Filter::Everything => BTreeMap::new(),
        Filter::Values(values) => {
            values.iter().map(|(dimension, allowed)| (dimension.clone(), allowed.iter().cloned().collect())).collect()
        }
    });
    let at = kind.placement().map(|at| ScenarioPlace { values: at.values.clone(), new: at.new });
    let figures = kind.estimates().into_iter().map(|(key, estimate)| (key.to_owned(), figure(estimate)));
    let values = match kind {
        Kind::DriverOverride(driver) => match &driver.values {
            DriverValues::Typed(months) => {
                Some(months.iter().map(|(month, value)| (month.to_string(), plain(*value))).collect())
            }
            DriverValues::Change(_) => None,
        },
        _ => None,
    };
    let slip = operation.slip_months;
    ScenarioOperation {
        id: operation.id.clone(),
        kind: kind.name().to_owned(),
        enabled: operation.enabled,
        owner: operation.owner.clone(),
        note: operation.note.clone(),
        confidence: plain(operation.confidence),
        slip_months: ScenarioSlip { low: slip.low, likely: slip.likely, high: slip.high },
        filter,
        at,
        figures: figures.collect(),
        from: from.map(|month| month.to_string()),
        to: to.map(|month| month.to_string()),
        settings: settings(kind),
        values,
    }
}

fn figure(estimate: &Estimate) -> ScenarioFigure {
    ScenarioFigure { low: plain(estimate.low), likely: plain(estimate.likely), high: plain(estimate.high) }
}

fn plain(amount: Amount) -> String {
    amount.normalized().to_string()
}

fn settings(kind: &Kind) -> BTreeMap<String, String> {
    let count = |key, months: u32| (key, months.to_string());
    let set: Vec<(&str, String)> = match kind {
        Kind::Scale(scale) => {
            vec![count("over_months", scale.over_months), ("compound", scale.compound.to_string())]
        }
        Kind::AddFlow(flow) => vec![count("every_months", flow.every_months)],
        Kind::Shift(shift) => {
            vec![count("over_months", shift.over_months), count("double_running_months", shift.double_running_months)]
        }
        Kind::Launch(launch) => {
            let curve = if launch.curve == Curve::Linear { "linear" } else { "s_curve" };
            vec![("curve", curve.to_owned()), count("over_months", launch.over_months)]
        }
        Kind::Retire(retire) => vec![count("over_months", retire.over_months)],
        Kind::Commit(commit) => vec![
            count("term_months", commit.term_months),
            ("monthly_fee", plain(commit.monthly_fee)),
            ("upfront", plain(commit.upfront)),
        ],
        Kind::Expire(expire) => vec![("commitment", expire.commitment.clone())],
        Kind::Renew(renew) => {
            let mut set = vec![
                ("commitment", renew.commitment.clone()),
                count("term_months", renew.term_months),
                ("upfront", plain(renew.upfront)),
            ];
            set.extend(renew.monthly_fee.map(|fee| ("monthly_fee", plain(fee))));
            set
        }
        Kind::DriverOverride(driver) => vec![("driver", driver.driver.clone())],
        Kind::CurrencyRate(currency) => vec![("billed_in", currency.billed_in.code().to_owned())],
        Kind::OneOff(_) | Kind::PriceChange(_) | Kind::Cap(_) | Kind::Reallocate(_) => Vec::new(),
    };
    set.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_operation_goes_to_the_wire_and_back() {
        let file = ScenarioFile::parse(ScenarioFile::example_text()).unwrap();
        let draft = ScenarioDraft {
            baseline: file.baseline.clone(),
            based_on: None,
            note: file.note.clone(),
            removed: Vec::new(),
            operations: file.operations.iter().map(operation).collect(),
        };
        assert_eq!(parsed(&draft).unwrap(), file, "nothing is lost between a file and an editor");
        let kinds: std::collections::BTreeSet<&str> = file.operations.iter().map(|one| one.kind.name()).collect();
        let listed: std::collections::BTreeSet<&str> =
            super::super::kinds::kinds().iter().map(|one| one.kind).collect();
        assert_eq!(kinds, listed, "the example has every kind, and the editor knows every kind");
    }

    #[test]
    fn an_editor_knows_the_fields_of_each_operation() {
        let kinds = super::super::kinds::kinds();
        let file = ScenarioFile::parse(ScenarioFile::example_text()).unwrap();
        for one in file.operations.iter().map(operation) {
            let kind = kinds.iter().find(|kind| kind.kind == one.kind).unwrap();
            let known = |key: &str| kind.fields.iter().any(|field| field.key == key);
            let mut keys: Vec<&str> = one.figures.keys().chain(one.settings.keys()).map(String::as_str).collect();
            keys.extend(one.filter.as_ref().map(|_| "where"));
            keys.extend(one.at.as_ref().map(|_| "at"));
            keys.extend(one.from.as_ref().map(|_| "from"));
            keys.extend(one.to.as_ref().map(|_| "to"));
            for key in keys {
                assert!(known(key), "{} has no field {key}", one.kind);
            }
        }
    }

    #[test]
    fn all_problems_of_a_draft_are_told_with_operation_and_field() {
        let mut operations: Vec<ScenarioOperation> =
            ScenarioFile::parse(ScenarioFile::example_text()).unwrap().operations.iter().map(operation).collect();
        let of = |operations: &mut Vec<ScenarioOperation>, kind: &str| {
            operations.iter().position(|operation| operation.kind == kind).unwrap()
        };
        let place = of(&mut operations, "one_off");
        operations[place].from = Some("2027-13".to_owned());
        let place = of(&mut operations, "commit");
        operations[place].figures.get_mut("discount").unwrap().high = "140".to_owned();
        let place = of(&mut operations, "scale");
        operations[place].confidence = "120".to_owned();
        operations[place].figures.clear();
        let draft = ScenarioDraft { baseline: Some("forecast".to_owned()), operations, ..ScenarioDraft::default() };
        let problems = parsed(&draft).unwrap_err();
        let found: std::collections::BTreeSet<(&str, &str)> = problems
            .iter()
            .map(|problem| (problem.operation.as_deref().unwrap_or(""), problem.key.as_deref().unwrap_or("")))
            .collect();
        for wanted in [
            ("load-test", "from"),
            ("compute-plan", "discount"),
            ("web-growth", "confidence"),
            ("web-growth", "change"),
        ] {
            assert!(found.contains(&wanted), "{wanted:?} is missing in {problems:?}");
        }
    }
}
