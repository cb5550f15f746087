//! A Cost and Usage Report as a table of texts, read and written without the product.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;
use testsupport::container::gunzip;
use testsupport::parquet_file;

/// The header and the rows of a report. An empty field is none, and so is Hive's `\N`.
#[derive(Clone, Debug)]
pub struct Report {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Report {
    /// A CSV file, plain or gzip; `\x01` stands for Hive text, which knows no quotes.
    pub fn csv(path: &Path, delimiter: u8) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let bytes = if bytes.starts_with(&[0x1f, 0x8b]) { gunzip(path) } else { bytes };
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).quoting(delimiter != 1).from_reader(bytes.as_slice());
        let columns = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let field = |text: &str| (!text.is_empty() && text != "\\N").then(|| text.to_owned());
        let rows = reader.records().map(|record| record.unwrap().iter().map(field).collect()).collect();
        Self { columns, rows }
    }

    /// A Parquet file: every column, or only the named ones.
    pub fn parquet(path: &Path, names: Option<&[&str]>) -> Self {
        let mut columns = parquet_file::columns(path);
        if let Some(names) = names {
            columns.retain(|column| names.iter().any(|name| fold(name) == fold(column)));
        }
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mut rows = parquet_file::rows(path, &names);
        for field in rows.iter_mut().flatten() {
            if field.as_deref().is_some_and(|text| text.is_empty() || text == "\\N") {
                *field = None;
            }
        }
        Self { columns, rows }
    }

    /// The rows, each with its fields by name.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let places = Rc::new(Places {
            folded: self.columns.iter().enumerate().rev().map(|(place, name)| (fold(name), place)).collect(),
            asked: RefCell::default(),
        });
        self.rows.iter().map(move |fields| Line { report: self, places: Rc::clone(&places), fields })
    }

    /// The report as delimited text.
    pub fn delimited(&self, delimiter: u8, null: &str, headed: bool) -> Vec<u8> {
        let style = if delimiter == 1 { csv::QuoteStyle::Never } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(style).from_writer(Vec::new());
        if headed {
            writer.write_record(&self.columns).unwrap();
        }
        for row in &self.rows {
            writer.write_record(row.iter().map(|field| field.as_deref().unwrap_or(null))).unwrap();
        }
        writer.into_inner().unwrap()
    }
}

/// Where columns are, by what all spellings of their names have in common, and by the names asked for so far.
struct Places {
    folded: HashMap<String, usize>,
    asked: RefCell<HashMap<String, Option<usize>>>,
}

impl Places {
    fn of(&self, name: &str) -> Option<usize> {
        if let Some(place) = self.asked.borrow().get(name) {
            return *place;
        }
        let place = self.folded.get(&fold(name)).copied();
        self.asked.borrow_mut().insert(name.to_owned(), place);
        place
    }
}

/// One row of a report.
pub struct Line<'a> {
    report: &'a Report,
    places: Rc<Places>,
    fields: &'a [Option<String>],
}

impl<'a> Line<'a> {
    /// Whether the report has a column, under any of its spellings.
    pub fn has(&self, name: &str) -> bool {
        self.places.of(name).is_some()
    }

    /// The field of a column; the attributes of a product also out of the `product` map, whose keys are in snake case.
    pub fn text(&self, name: &str) -> Option<String> {
        let plain = self.places.of(name).and_then(|place| self.fields[place].clone());
        plain.or_else(|| {
            let (group, attribute) = name.split_once('/')?;
            let map = self.fields[self.places.of(group)?].as_deref()?;
            let map: Value = serde_json::from_str(map).ok()?;
            map[snake(attribute)].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        })
    }

    /// Tags with their prefix: columns such as `resourceTags/user:env`, or the `resource_tags` map with its `user_env`.
    pub fn tags(&self) -> BTreeMap<String, String> {
        let upright = |key: &str| {
            let prefixes = [("user_", "user:"), ("aws_", "aws:")];
            let found = prefixes.iter().find_map(|(flat, set)| Some(format!("{set}{}", key.strip_prefix(flat)?)));
            found.unwrap_or_else(|| key.to_owned())
        };
        if let Some(place) = self.places.of("resourceTags") {
            let Some(text) = &self.fields[place] else { return BTreeMap::new() };
            let map: BTreeMap<String, String> = serde_json::from_str(text).unwrap();
            return map.into_iter().map(|(key, value)| (upright(&key), value)).collect();
        }
        let named = self.report.columns.iter().zip(self.fields).filter_map(|(column, field)| {
            let key = ["resourceTags/", "resource_tags_"].iter().find_map(|group| column.strip_prefix(group))?;
            Some((upright(key), field.clone()?))
        });
        named.collect()
    }
}

/// Letters and digits in lower case: what all spellings of a name have in common.
pub fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// `regionCode` as `region_code`.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
