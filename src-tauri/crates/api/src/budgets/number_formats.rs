//! Which cells of a sheet are shown as percentages: their numbers are shares, whatever the sheet calls them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The formats `0%` and `0.00%`, which every workbook has (ECMA-376, part 1, 18.8.30).
const BUILT_IN: [u32; 2] = [9, 10];

/// The places (row, column) of cells with a percentage format. Empty where the workbook does not say.
pub(super) fn percentages(bytes: &[u8], sheet: &str) -> BTreeSet<(u32, u32)> {
    found(bytes, sheet).unwrap_or_default()
}

fn found(bytes: &[u8], sheet: &str) -> Option<BTreeSet<(u32, u32)>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut part = |name: &str| -> Option<Vec<u8>> {
        let mut text = Vec::new();
        archive.by_name(name).ok()?.read_to_end(&mut text).ok()?;
        Some(text)
    };
    let styles = percent_styles(&part("xl/styles.xml")?);
    if styles.is_empty() {
        return None;
    }
    let relation = sheet_relation(&part("xl/workbook.xml")?, sheet)?;
    let target = target_of(&part("xl/_rels/workbook.xml.rels")?, &relation)?;
    let path = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{target}"),
    };
    Some(cells_of(&part(&path)?, &styles))
}

/// Calls back with the name of every element that begins, and of every one that ends without it.
fn elements(text: &[u8], mut each: impl FnMut(&str, Option<&BytesStart<'_>>)) {
    let mut reader = Reader::from_reader(text);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => each(element.local_name().as_ref(), Some(&element)),
            Ok(Event::End(element)) => each(element.local_name().as_ref(), None),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
        buffer.clear();
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|one| one.key.local_name().as_ref() == name)?;
    Some(found.value.into_owned())
}

/// The places among the formats of cells that show percentages.
fn percent_styles(text: &[u8]) -> BTreeSet<usize> {
    let mut formats: BTreeMap<u32, bool> = BUILT_IN.iter().map(|number| (*number, true)).collect();
    let mut styles = BTreeSet::new();
    let (mut inside, mut place) = (false, 0);
    elements(text, |name, element| match (name, element) {
        ("numFmt", Some(element)) => {
            let number = attribute(element, "numFmtId").and_then(|number| number.parse().ok());
            if let (Some(number), Some(code)) = (number, attribute(element, "formatCode")) {
                formats.insert(number, shows_percent(&code));
            }
        }
        ("cellXfs", element) => inside = element.is_some(),
        ("xf", Some(element)) if inside => {
            let number: Option<u32> = attribute(element, "numFmtId").and_then(|number| number.parse().ok());
            if number.and_then(|number| formats.get(&number).copied()).unwrap_or(false) {
                styles.insert(place);
            }
            place += 1;
        }
        _ => {}
    });
    styles
}

/// Whether a format code has a percent sign that is not part of a text.
fn shows_percent(code: &str) -> bool {
    let plain = code.replace("&quot;", "\"");
    let (mut quoted, mut escaped) = (false, false);
    for letter in plain.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '%' if !quoted => return true,
            _ => {}
        }
    }
    false
}

fn sheet_relation(text: &[u8], wanted: &str) -> Option<String> {
    let mut found = None;
    elements(text, |name, element| {
        let Some(element) = element.filter(|_| name == "sheet" && found.is_none()) else { return };
        let own = attribute(element, "name").and_then(|own| Some(quick_xml::escape::unescape(&own).ok()?.into_owned()));
        if own.as_deref() == Some(wanted) {
            found = attribute(element, "id");
        }
    });
    found
}

fn target_of(text: &[u8], relation: &str) -> Option<String> {
    let mut found = None;
    elements(text, |_, element| {
        if let Some(element) = element.filter(|element| attribute(element, "Id").as_deref() == Some(relation)) {
            found = attribute(element, "Target");
        }
    });
    found
}

fn cells_of(text: &[u8], styles: &BTreeSet<usize>) -> BTreeSet<(u32, u32)> {
    let mut cells = BTreeSet::new();
    elements(text, |name, element| {
        let Some(element) = element.filter(|_| name == "c") else { return };
        let style = attribute(element, "s").and_then(|style| style.parse::<usize>().ok());
        if style.is_some_and(|style| styles.contains(&style)) {
            cells.extend(attribute(element, "r").and_then(|place| place_of(&place)));
        }
    });
    cells
}

/// `B3` as row 2, column 1.
fn place_of(reference: &str) -> Option<(u32, u32)> {
    let digits = reference.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = reference.split_at(digits);
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let value = u32::from(letter.to_ascii_uppercase().checked_sub(b'A')?) + 1;
        column.checked_mul(26)?.checked_add(value)
    })?;
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_codes_are_read() {
        assert_eq!(place_of("A1"), Some((0, 0)));
        assert_eq!(place_of("AB12"), Some((11, 27)));
        assert_eq!(place_of("12"), None, "a cell has a column");
        assert!(shows_percent("0.0%") && shows_percent("[Red]-0%;0%"));
        assert!(
            !shows_percent("0.0&quot;% of bill&quot;") && !shows_percent("0\\%"),
            "a percent sign in a text is a text"
        );
    }
}
