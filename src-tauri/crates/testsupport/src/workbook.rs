//! Reads a workbook back, independently of the crate that wrote it: zip and the few XML elements that cells are made of.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// A cell as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text, where the cell holds text.
    pub text: Option<String>,
    /// The number as written, where it holds one; the cached result where it holds a formula.
    pub number: Option<String>,
    /// The formula, where it holds one.
    pub formula: Option<String>,
}

/// All parts of the file, and its sheets by name.
pub struct Workbook {
    /// The text of each part by its path in the archive: `xl/workbook.xml`.
    pub parts: BTreeMap<String, String>,
    /// The cells of each sheet by their place: `B12`.
    pub sheets: BTreeMap<String, BTreeMap<String, Cell>>,
}

/// Reads a workbook whose parts are all text.
#[must_use]
pub fn read(bytes: &[u8]) -> Workbook {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for position in 0..archive.len() {
        let mut file = archive.by_index(position).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        parts.insert(name, text);
    }
    let shared: Vec<String> = elements(&parts["xl/sharedStrings.xml"], "si")
        .map(|(_, body)| elements(body, "t").map(|(_, text)| unescaped(text)).collect())
        .collect();
    let names = elements(&parts["xl/workbook.xml"], "sheet")
        .map(|(attributes, _)| unescaped(attribute(attributes, "name").unwrap()));
    let mut sheets = BTreeMap::new();
    for (position, name) in names.enumerate() {
        let part = &parts[&format!("xl/worksheets/sheet{}.xml", position + 1)];
        let cells = elements(part, "c").map(|(attributes, body)| {
            let value = elements(body, "v").next().map(|(_, value)| unescaped(value));
            let is_shared = attribute(attributes, "t") == Some("s");
            let cell = Cell {
                text: value.as_ref().filter(|_| is_shared).map(|index| shared[index.parse::<usize>().unwrap()].clone()),
                number: value.filter(|_| !is_shared),
                formula: elements(body, "f").next().map(|(_, formula)| unescaped(formula)),
            };
            (attribute(attributes, "r").unwrap().to_owned(), cell)
        });
        sheets.insert(name, cells.collect());
    }
    Workbook { parts, sheets }
}

/// Attributes and body of every element of the name; none of those used here holds another of its own name.
fn elements<'a>(xml: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let open = format!("<{name}");
    let close = format!("</{name}>");
    let mut rest = xml;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(&open)?;
            let after = &rest[start + open.len()..];
            if !after.starts_with([' ', '>', '/']) {
                rest = after;
                continue;
            }
            let end = after.find('>')?;
            let attributes = &after[..end];
            if let Some(attributes) = attributes.strip_suffix('/') {
                rest = &after[end + 1..];
                return Some((attributes, ""));
            }
            let body = &after[end + 1..];
            let length = body.find(&close)?;
            rest = &body[length + close.len()..];
            return Some((attributes, &body[..length]));
        }
    })
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let start = attributes.find(&format!(" {name}=\""))? + name.len() + 3;
    attributes[start..].split('"').next()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}
