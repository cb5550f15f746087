//! What the first rows of a file tell of how it writes days, period ends and amounts, for formats that prescribe one way and have
//! files that do it in another, or that a spreadsheet has been through. Deciding it before the file is read keeps the ordinary file as quick as it is.

use focus::Kind;

use crate::{DateSpelling, Expression, Mapping, Sample};

/// Settles the ways to write days and takes the signs of a spreadsheet off the amounts; says what the analyst should know.
pub fn settle(mapping: &mut Mapping, sample: &Sample<'_>) -> Vec<String> {
    let mut told = Vec::new();
    let times: Vec<&str> = mapping.columns.iter().filter(|mapped| mapped.target.kind == Kind::DateTime).fold(
        Vec::new(),
        |mut names, mapped| {
            let mut inner = Vec::new();
            mapped.expression.walk(&mut inner);
            names.extend(inner.into_iter().filter_map(|one| match one {
                Expression::Column(name) => Some(name.as_str()),
                _ => None,
            }));
            names
        },
    );
    let mut days = times.iter().flat_map(|name| texts(sample, name)).peekable();
    // `4/1/25` can be read as a day of the year 4, so the other ways stand alone where they stand at all.
    let iso = days.peek().is_none() || days.any(is_iso);
    mapping.dates.retain(|spelling| (*spelling == DateSpelling::Iso) == iso);
    for mapped in mapping.columns.iter_mut().filter(|mapped| mapped.target.id.ends_with("PeriodEnd")) {
        let Expression::Column(name) = &mapped.expression else { continue };
        if texts(sample, name).any(|text| text.contains(":59:59")) {
            mapped.expression = Expression::EndExclusive(Box::new(mapped.expression.clone()));
            mapped.reason =
                Some("the periods of the file end with their last second; periods here are half-open".to_owned());
        }
    }
    let mut dressed = false;
    for mapped in mapping.columns.iter_mut().filter(|mapped| mapped.target.kind == Kind::Decimal) {
        let Expression::Column(name) = &mapped.expression else { continue };
        let mut amounts = texts(sample, name).peekable();
        if amounts.peek().is_some() && amounts.all(|text| text.contains('$')) {
            mapped.expression = undressed(mapped.expression.clone());
            mapped.reason = Some("the amounts of the file have a dollar sign, and commas between thousands".to_owned());
            dressed = true;
        }
    }
    if dressed {
        told.push(
            "Amounts are written with a dollar sign, as a spreadsheet does; it was taken off, and so were commas between thousands."
                .to_owned(),
        );
    }
    told
}

fn undressed(column: Expression) -> Expression {
    let bare =
        |of: Expression, from: &str| Expression::Replace { of: Box::new(of), from: from.to_owned(), to: String::new() };
    bare(bare(Expression::Trim(Box::new(column)), "$"), ",")
}

/// The source column of an amount whose dollar sign and commas are taken off; none for any other expression. Whoever reads the file
/// has all of its rows, and leaves a column as it is where one of them is written otherwise.
pub fn dressed_amount(expression: &Expression) -> Option<&str> {
    let mut inner = Vec::new();
    expression.walk(&mut inner);
    let name = inner.into_iter().find_map(|one| match one {
        Expression::Column(name) => Some(name),
        _ => None,
    })?;
    (*expression == undressed(Expression::Column(name.clone()))).then_some(name)
}

/// The sampled values of a column.
fn texts<'a>(sample: &Sample<'a>, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let at = sample.columns.iter().position(|column| column.name == name);
    let rows = sample.rows;
    rows.iter().filter_map(move |row| row.get(at?)?.as_deref()).filter(|text| !text.is_empty())
}

/// Whether a text begins with a year of four digits.
fn is_iso(text: &str) -> bool {
    text.len() > 4 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit) && text.as_bytes()[4] == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SourceColumn, SourceKind, recognise};

    fn settled(row: &[(&str, &str)]) -> (Mapping, Vec<String>) {
        let usual =
            [("BillingCurrency", "USD"), ("ServiceName", "One"), ("ProviderName", "Two"), ("ChargePeriodEnd", "")];
        let cells: Vec<(&str, &str)> = row.iter().chain(&usual).copied().collect();
        let columns: Vec<SourceColumn> =
            cells.iter().map(|(name, _)| SourceColumn { name: (*name).to_owned(), kind: SourceKind::Text }).collect();
        let rows = vec![cells.iter().map(|(_, value)| (!value.is_empty()).then(|| (*value).to_owned())).collect()];
        let recognised = recognise(&Sample { columns: &columns, rows: &rows }).expect("FOCUS");
        (recognised.mapping, recognised.notes)
    }

    #[test]
    fn an_ordinary_file_stays_as_it_is() {
        let (mapping, notes) = settled(&[("BilledCost", "1.5"), ("ChargePeriodStart", "2026-01-31T00:00:00Z")]);
        assert_eq!(mapping.dates, [DateSpelling::Iso], "there is nothing left to choose");
        let cost = mapping.column("billed_cost", 0).map(|mapped| &mapped.expression);
        assert_eq!(cost, Some(&Expression::Column("BilledCost".to_owned())));
        assert_eq!(cost.and_then(dressed_amount), None);
        assert!(notes.iter().all(|note| !note.contains("dollar")), "{notes:?}");
    }

    #[test]
    fn an_end_with_its_last_second_is_made_exclusive() {
        let row = [
            ("BilledCost", "1"),
            ("ChargePeriodStart", "2026-01-31T00:00:00Z"),
            ("BillingPeriodEnd", "2026-01-31T23:59:59Z"),
        ];
        let (mapping, _) = settled(&row);
        let end = mapping.column("billing_period_end", 0).expect("mapped");
        let column = Box::new(Expression::Column("BillingPeriodEnd".to_owned()));
        assert_eq!(end.expression, Expression::EndExclusive(column));
    }

    #[test]
    fn a_spreadsheet_shows_in_the_first_rows() {
        let (mapping, notes) = settled(&[("BilledCost", "$1,500.25 "), ("ChargePeriodStart", "1/31/26")]);
        assert_eq!(mapping.dates, [DateSpelling::MonthDayYear]);
        let cost = mapping.column("billed_cost", 0).expect("mapped");
        assert_eq!(dressed_amount(&cost.expression), Some("BilledCost"), "{:?}", cost.expression);
        assert!(notes.iter().any(|note| note.contains("dollar sign")), "{notes:?}");
    }
}
