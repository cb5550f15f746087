//! [`Completion`]: what the analyst tells of commitments where the bill is silent, as CSV.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use money::Amount;

use super::terms::{instant_of, payment_of, term_of};
use super::{Figures, Finding, Held, Known};
use crate::model::{Capacity, Payment, Program, Term};

/// The columns of the table; only `id` is needed.
pub const COMPLETION_COLUMNS: [&str; 16] = [
    "id",
    "name",
    "provider",
    "program",
    "account",
    "region",
    "zone",
    "family",
    "instance_type",
    "platform",
    "term",
    "payment",
    "start",
    "end",
    "hourly",
    "upfront",
];

/// What a table tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The file's name.
    pub file: String,
    /// The rows that can be used.
    pub rows: Vec<CompletionRow>,
    /// What is wrong with others, or with cells of these.
    pub findings: Vec<Finding>,
}

/// One row; what is missing is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompletionRow {
    /// The row, the header being the first.
    pub row: u64,
    /// The commitment's id.
    pub id: String,
    /// Texts by column: name, provider, account, region, zone, family, instance type, platform.
    pub texts: BTreeMap<&'static str, String>,
    /// The programme.
    pub program: Option<Program>,
    /// Its length.
    pub term: Option<Term>,
    /// When it is paid.
    pub payment: Option<Payment>,
    /// The first instant.
    pub start: Option<DateTime<Utc>>,
    /// The instant after the last.
    pub end: Option<DateTime<Utc>>,
    /// What it covers in an hour: money, or units.
    pub hourly: Option<Amount>,
    /// Paid at the start.
    pub upfront: Option<Amount>,
}

/// Reads a table of commitments. What cannot be read is told by row and column, and left out.
#[must_use]
pub fn completions(file: &str, bytes: &[u8]) -> Completion {
    let mut completion = Completion { file: file.to_owned(), ..Completion::default() };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let headers: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(|name| name.to_lowercase().replace([' ', '-'], "_")).collect(),
        Err(error) => {
            completion.say("unreadable", None, "", format!("The table cannot be read: {error}."));
            return completion;
        }
    };
    if headers.iter().all(String::is_empty) {
        return completion;
    }
    if !headers.iter().any(|name| name == "id") {
        completion.say(
            "no_id",
            Some(1),
            "",
            format!("The table has no column `id`; its columns can be {}.", COMPLETION_COLUMNS.join(", ")),
        );
        return completion;
    }
    for name in &headers {
        if !COMPLETION_COLUMNS.contains(&name.as_str()) {
            let message = format!("The column `{name}` is not known and is not used.");
            completion.say("unknown_column", Some(1), "", message);
        }
    }
    let mut ids = BTreeSet::new();
    for (place, record) in reader.records().enumerate() {
        let row = place as u64 + 2;
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                completion.say("unreadable", Some(row), "", format!("Row {row} cannot be read: {error}."));
                continue;
            }
        };
        let cell = |column: &str| {
            let at = headers.iter().position(|name| name == column)?;
            record.get(at).filter(|text| !text.is_empty())
        };
        let Some(id) = cell("id").map(str::to_owned) else {
            completion.say("no_id", Some(row), "", format!("Row {row} names no commitment in the column `id`."));
            continue;
        };
        if !ids.insert(id.clone()) {
            completion.say("twice", Some(row), &id, format!("Row {row}: {id} is told twice; the first row counts."));
            continue;
        }
        let mut wrong = Vec::new();
        let mut read = |column: &'static str, expected: &str, value: Option<()>| {
            if let (Some(text), None) = (cell(column), value) {
                let shown: String = text.chars().take(40).collect();
                wrong.push(format!("Row {row}, {column}: `{shown}` is no {expected}."));
            }
        };
        let term = cell("term").and_then(term_of);
        read("term", "length: write 1yr, 3yr or a number of months", term.map(|_| ()));
        let payment = cell("payment").and_then(payment_of);
        read("payment", "payment option: write no_upfront, partial_upfront or all_upfront", payment.map(|_| ()));
        let start = cell("start").and_then(instant_of);
        read("start", "day: write YYYY-MM-DD or an instant in UTC", start.map(|_| ()));
        let mut end = cell("end").and_then(instant_of);
        read("end", "day: write YYYY-MM-DD or an instant in UTC", end.map(|_| ()));
        let number = |column| cell(column).and_then(|text| text.parse::<Amount>().ok()).filter(|it| !it.is_negative());
        let (hourly, upfront) = (number("hourly"), number("upfront"));
        read("hourly", "amount of zero or more", hourly.map(|_| ()));
        read("upfront", "amount of zero or more", upfront.map(|_| ()));
        let program: Option<Program> =
            cell("program").and_then(|key| key.to_lowercase().replace('_', "-").parse().ok());
        if let Some(Program::Other(key)) = &program {
            wrong.push(format!(
                "Row {row}, program: `{key}` is none that is known ({}); it is taken as a programme of its own.",
                Program::NAMED.map(|one| one.key().to_owned()).join(", ")
            ));
        }
        if let (Some(first), Some(last)) = (start, end)
            && last <= first
        {
            wrong.push(format!("Row {row}: the commitment ends before it begins; its end is not used."));
            end = None;
        }
        for message in wrong {
            completion.say("bad_cell", Some(row), &id, message);
        }
        let texts = ["name", "provider", "account", "region", "zone", "family", "instance_type", "platform"];
        let texts = texts.into_iter().filter_map(|column| Some((column, cell(column)?.to_owned()))).collect();
        completion.rows.push(CompletionRow { row, id, texts, program, term, payment, start, end, hourly, upfront });
    }
    completion
}

impl Completion {
    fn say(&mut self, code: &'static str, row: Option<u64>, subject: &str, message: String) {
        let file = Some(self.file.clone());
        self.findings.push(Finding { code, subject: subject.to_owned(), file, row, message });
    }

    fn source(&self, row: &CompletionRow) -> String {
        format!("{}, row {}", self.file, row.row)
    }

    /// Lets what the table tells of a commitment count instead of what the bill lets infer. What the bill states itself is not
    /// overruled: the difference is told.
    pub(super) fn apply(&self, held: &mut Held, findings: &mut Vec<Finding>) {
        let Some(row) = self.rows.iter().find(|row| row.id == held.id) else { return };
        let source = self.source(row);
        let mut differs: Vec<&str> = Vec::new();
        let put_text = |column: &'static str, place: &mut Option<String>| {
            if let Some(text) = row.texts.get(column) {
                *place = Some(text.clone());
            }
        };
        let mut name = Some(held.name.clone());
        put_text("name", &mut name);
        held.name = name.unwrap_or_default();
        put_text("account", &mut held.account);
        put_text("region", &mut held.region);
        put_text("zone", &mut held.zone);
        put_text("family", &mut held.family);
        put_text("instance_type", &mut held.instance_type);
        put_text("platform", &mut held.platform);
        let mut program = Some(held.program.clone());
        put(&mut program, row.program.clone(), &source, "program", &mut differs);
        held.program = program.unwrap_or_else(|| held.program.clone());
        put(&mut held.term, row.term, &source, "term", &mut differs);
        put(&mut held.payment, row.payment, &source, "payment", &mut differs);
        put(&mut held.start, row.start, &source, "start", &mut differs);
        put(&mut held.end, row.end, &source, "end", &mut differs);
        put(&mut held.upfront, row.upfront, &source, "upfront", &mut differs);
        let capacity = row.hourly.map(|hourly| match &held.capacity {
            Some(known) => known.value.with_hourly(hourly),
            None if held.program.value.reserves_usage() => Capacity::Units(hourly),
            None => Capacity::DiscountedSpend(hourly),
        });
        put(&mut held.capacity, capacity, &source, "hourly", &mut differs);
        if !differs.is_empty() {
            findings.push(Finding {
                code: "bill_says_otherwise",
                subject: held.id.clone(),
                file: Some(self.file.clone()),
                row: Some(row.row),
                message: format!(
                    "Row {}: the bill says otherwise of {} ({}); the bill counts.",
                    row.row,
                    held.name,
                    differs.join(", ")
                ),
            });
        }
    }

    /// A commitment that only the table knows, where it tells enough.
    pub(super) fn added(&self, row: &CompletionRow, findings: &mut Vec<Finding>) -> Option<Held> {
        let source = self.source(row);
        let missing: Vec<&str> = [
            ("provider", !row.texts.contains_key("provider")),
            ("program", row.program.is_none()),
            ("start", row.start.is_none()),
            ("end or term", row.end.is_none() && row.term.is_none()),
            ("hourly", row.hourly.is_none()),
        ]
        .into_iter()
        .filter_map(|(column, missing)| missing.then_some(column))
        .collect();
        let mut say = |code, message| {
            let (subject, file) = (row.id.clone(), Some(self.file.clone()));
            findings.push(Finding { code, subject, file, row: Some(row.row), message });
        };
        if !missing.is_empty() {
            let message = format!(
                "Row {}: no charge in the period names {}, and the row lacks {}; it is left out.",
                row.row,
                row.id,
                missing.join(", ")
            );
            say("not_in_the_bill", message);
            return None;
        }
        say(
            "only_in_the_table",
            format!("Row {}: no charge in the period names {}; it is held as the row says.", row.row, row.id),
        );
        let (start, program, hourly) = (row.start?, row.program.clone()?, row.hourly?);
        let end = row.end.or_else(|| row.term.and_then(|term| term.end_of(start)))?;
        let text = |column: &str| row.texts.get(column).cloned();
        let capacity =
            if program.reserves_usage() { Capacity::Units(hourly) } else { Capacity::DiscountedSpend(hourly) };
        Some(Held {
            id: row.id.clone(),
            name: text("name").unwrap_or_else(|| row.id.clone()),
            provider: text("provider")?,
            program: Known::new(program, source.clone()),
            type_name: None,
            account: text("account"),
            account_name: None,
            region: text("region"),
            zone: text("zone"),
            family: text("family"),
            instance_type: text("instance_type"),
            platform: text("platform"),
            term: row.term.map(|term| Known::new(term, source.clone())),
            payment: row.payment.map(|payment| Known::new(payment, source.clone())),
            start: Some(Known::new(start, source.clone())),
            end: Some(Known::new(end, source.clone())),
            capacity: Some(Known::new(capacity, source.clone())),
            upfront: row.upfront.map(|upfront| Known::new(upfront, source.clone())),
            recurring: None,
            first_seen: start,
            last_seen: start,
            figures: Figures::default(),
        })
    }
}

/// Puts a told value in place of a missing or inferred one.
fn put<T: PartialEq>(
    place: &mut Option<Known<T>>,
    told: Option<T>,
    source: &str,
    column: &'static str,
    differs: &mut Vec<&'static str>,
) {
    let Some(told) = told else { return };
    match place {
        Some(known) if known.source.starts_with("the bill") => {
            if known.value != told {
                differs.push(column);
            }
        }
        _ => *place = Some(Known::new(told, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_cannot_be_used_are_named() {
        let text = "id,term,start,end,hourly,colour\n\
                    a,1yr,2026-01-01,2026-12-31,8,red\n\
                    ,1yr,,,,\n\
                    a,3yr,,,,\n\
                    b,soon,2026-02-30,2026-01-01,-4,\n\
                    c,1yr,2026-05-01,2026-04-01,1,\n";
        let found = completions("commitments.csv", text.as_bytes());
        assert_eq!(found.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        let said: Vec<(Option<u64>, &str)> = found.findings.iter().map(|one| (one.row, one.code)).collect();
        assert_eq!(
            said,
            [
                (Some(1), "unknown_column"),
                (Some(3), "no_id"),
                (Some(4), "twice"),
                (Some(5), "bad_cell"),
                (Some(5), "bad_cell"),
                (Some(5), "bad_cell"),
                (Some(6), "bad_cell"),
            ]
        );
        assert!(found.findings[3].message.contains("`soon`"));
        assert!(found.rows[2].end.is_none(), "an end before the start is not used");
        assert!(completions("x", b"").rows.is_empty());
        assert_eq!(completions("x", b"name\nx\n").findings[0].code, "no_id");
    }
}
