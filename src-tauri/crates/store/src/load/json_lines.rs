//! Charges as JSON: one object after the other (newline-delimited or not), one array of objects, or the reply of an interface that
//! has them by name in its `data`, as that of OpenCost (`{"code": 200, "data": [{"a pod": {...}}]}`). They become a CSV file in the
//! staging folder, so that everything after goes one way: a column for each key of the objects, a value as the file writes it,
//! digit by digit, what is nested as JSON.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter};
use std::path::Path;

use serde::de::IgnoredAny;

use super::json_blocks;

/// An object of more bytes is refused: as long as the longest row of a CSV file.
pub(super) const OBJECT_BYTES_MAX: usize = 16 << 20;

/// Deeper nesting than any bill has.
pub(super) const DEPTH_MAX: usize = 64;

/// More keys than that make no table.
pub(super) const KEYS_MAX: usize = 4_000;

/// A column of the table that the objects are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonColumn {
    pub(crate) name: String,
    /// Whether any of its values is an object or an array.
    pub(crate) nested: bool,
}

/// Whether a file that is known to be text holds JSON: its first character says so.
pub(crate) fn is_json(path: &Path) -> bool {
    let first = || -> io::Result<Option<u8>> {
        let mut reader = BufReader::new(File::open(path)?);
        skip_mark(&mut reader)?;
        loop {
            let buffer = reader.fill_buf()?;
            match buffer.iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(byte) => return Ok(Some(*byte)),
                None if buffer.is_empty() => return Ok(None),
                None => {
                    let length = buffer.len();
                    reader.consume(length);
                }
            }
        }
    };
    matches!(first(), Ok(Some(b'{' | b'[')))
}

/// JSON that cannot be laid out as a table.
#[derive(Debug)]
pub(crate) struct Broken {
    /// What is wrong, with the line.
    pub(crate) problem: String,
    /// The columns up to there: they tell whether it would have been a bill.
    pub(crate) columns: Vec<JsonColumn>,
}

/// Writes the objects of `source` into `target` as a CSV file with a header. The columns stand in the order in which their keys
/// first occur anywhere in the file.
///
/// # Errors
/// When the file is no such JSON.
pub(crate) fn to_csv(source: &Path, target: &Path) -> Result<Vec<JsonColumn>, Broken> {
    match json_blocks::to_csv(source, target) {
        Some(columns) => Ok(columns),
        None => one_by_one(source, target),
    }
}

/// The same of JSON written in any way.
fn one_by_one(source: &Path, target: &Path) -> Result<Vec<JsonColumn>, Broken> {
    let mut columns = Vec::new();
    match find_columns(source, &mut columns).and_then(|places| write_rows(source, target, &columns, &places)) {
        Ok(()) => Ok(columns),
        Err(problem) => Err(Broken { problem, columns }),
    }
}

/// Finds the columns, and where each key stands among them.
fn find_columns(source: &Path, columns: &mut Vec<JsonColumn>) -> Result<HashMap<String, usize>, String> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut objects = Objects::open(source)?;
    while let Some((text, line)) = objects.next()? {
        for (key, value) in fields(text, line)? {
            let place = *places.entry(key).or_insert_with_key(|key| {
                columns.push(JsonColumn { name: key.clone(), nested: false });
                columns.len() - 1
            });
            columns[place].nested |= matches!(value.first(), Some(b'{' | b'['));
        }
        if columns.len() > KEYS_MAX {
            return Err(format!("its objects have more than {KEYS_MAX} different keys up to line {line}"));
        }
    }
    if columns.is_empty() { Err("it holds no object with a key in it".to_owned()) } else { Ok(places) }
}

fn write_rows(
    source: &Path,
    target: &Path,
    columns: &[JsonColumn],
    places: &HashMap<String, usize>,
) -> Result<(), String> {
    let file = File::create(target).map_err(|error| format!("it cannot be laid out as a table ({error})"))?;
    let mut writer = csv::Writer::from_writer(BufWriter::with_capacity(1 << 18, file));
    let unwritable = |error: csv::Error| format!("it cannot be laid out as a table ({error})");
    writer.write_record(columns.iter().map(|column| column.name.as_str())).map_err(unwritable)?;
    let mut objects = Objects::open(source)?;
    let mut row: Vec<Option<String>> = Vec::new();
    while let Some((text, line)) = objects.next()? {
        row.clear();
        row.resize(columns.len(), None);
        for (key, value) in fields(text, line)? {
            if let Some(place) = places.get(&key) {
                row[*place] = plain(value, line)?;
            }
        }
        writer.write_record(row.iter().map(|field| field.as_deref().unwrap_or_default())).map_err(unwritable)?;
    }
    writer.flush().map_err(|error| format!("it cannot be laid out as a table ({error})"))
}

/// The 1-based `row`-th object as the file has it: keys and values, null where there is none.
///
/// # Errors
/// A message for the analyst.
pub(crate) fn row_of(source: &Path, row: u64) -> Result<Vec<(String, Option<String>)>, String> {
    let mut objects = Objects::open(source)?;
    let mut place = 0;
    while let Some((text, line)) = objects.next()? {
        place += 1;
        if place == row {
            return fields(text, line)?.into_iter().map(|(key, value)| Ok((key, plain(value, line)?))).collect();
        }
    }
    Err(format!("{} has no row {row}", source.display()))
}

/// The keys and the raw values of an object.
fn fields(object: &[u8], line: u64) -> Result<Vec<(String, &[u8])>, String> {
    let unsound = |problem: &dyn std::fmt::Display| format!("the object in line {line} is no JSON ({problem})");
    serde_json::from_slice::<IgnoredAny>(object).map_err(|error| unsound(&error))?;
    let mut found: Vec<(String, &[u8])> = Vec::new();
    // It is sound JSON, so what follows only has to find where each piece ends.
    let mut at = past_space(object, 1);
    while object.get(at).is_some_and(|byte| *byte != b'}') {
        let key_end = value_end(object, at);
        let key: String = serde_json::from_slice(&object[at..key_end]).map_err(|error| unsound(&error))?;
        let start = past_space(object, past_space(object, key_end) + 1);
        let end = value_end(object, start);
        if found.iter().any(|(other, _)| *other == key) {
            return Err(format!("the object in line {line} has the key \"{}\" twice", shortened(&key)));
        }
        if key.trim().is_empty() {
            return Err(format!("the object in line {line} has a key without a name"));
        }
        found.push((key, &object[start..end]));
        at = past_space(object, end);
        if object.get(at) == Some(&b',') {
            at = past_space(object, at + 1);
        }
    }
    Ok(found)
}

fn past_space(text: &[u8], from: usize) -> usize {
    text.get(from..).map_or(from, |rest| from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count())
}

/// Where the value that starts at `from` ends.
fn value_end(text: &[u8], from: usize) -> usize {
    let mut scan = Scan::default();
    let mut at = from;
    while let Some(&byte) = text.get(at) {
        let outside = scan.depth == 0 && !scan.quoted;
        if outside && at > from && (matches!(byte, b',' | b'}' | b']' | b':') || byte.is_ascii_whitespace()) {
            break;
        }
        scan.take(byte);
        at += 1;
    }
    at
}

/// A value as a field of a table: texts without quotes, numbers as written, nothing for null and for what is empty.
fn plain(value: &[u8], line: u64) -> Result<Option<String>, String> {
    let text = match value {
        [b'"', ..] => serde_json::from_slice::<String>(value).map_err(|error| format!("line {line}: {error}"))?,
        b"null" => return Ok(None),
        [b'{' | b'[', inner @ .., _] if inner.iter().all(u8::is_ascii_whitespace) => return Ok(None),
        _ => String::from_utf8_lossy(value).into_owned(),
    };
    if text.contains('\0') {
        return Err(format!("the object in line {line} holds a NUL character"));
    }
    Ok((!text.is_empty()).then_some(text))
}

fn shortened(key: &str) -> String {
    key.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

fn skip_mark(reader: &mut impl BufRead) -> io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}

/// Where one is inside of a JSON value.
#[derive(Default)]
struct Scan {
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Scan {
    fn take(&mut self, byte: u8) {
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// What may come next between objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Lines,
    /// In an array, before its first object or after a comma.
    BeforeElement,
    AfterElement,
    /// In the `data` of a reply, before a set of named objects or after a comma.
    BeforeSet,
    AfterSet,
    /// In a set, before a name or after a comma.
    BeforeName,
    AfterNamed,
    End,
    /// After the `data` of a reply: what else it says is no charge.
    Said,
}

/// A reply says how it went before its `data`, and in fewer bytes than these.
const REPLY_HEAD_MAX: usize = 4096;

/// Where the array of a reply's `data` begins, if the file begins as a reply does.
pub(super) fn reply_data(head: &[u8]) -> Option<usize> {
    let begins = past_space(head, 0);
    let code = past_space(head, begins + 1);
    if head.get(begins) != Some(&b'{') || !head[code..].starts_with(b"\"code\"") {
        return None;
    }
    let data = head.windows(6).position(|six| six == b"\"data\"")?;
    // Nothing nested stands before it, so the key is the reply's own.
    if head[begins + 1..data].iter().any(|byte| matches!(byte, b'{' | b'[')) {
        return None;
    }
    let colon = past_space(head, data + 6);
    let array = past_space(head, colon + 1);
    (head.get(colon) == Some(&b':') && head.get(array) == Some(&b'[')).then_some(array + 1)
}

/// The objects of a file, one after the other.
struct Objects {
    reader: BufReader<File>,
    buffer: Vec<u8>,
    line: u64,
    place: Place,
}

impl Objects {
    fn open(path: &Path) -> Result<Self, String> {
        let unreadable = |error: io::Error| format!("it cannot be read ({error})");
        let mut reader = BufReader::with_capacity(1 << 18, File::open(path).map_err(unreadable)?);
        skip_mark(&mut reader).map_err(unreadable)?;
        let head = reader.fill_buf().map_err(unreadable)?;
        let head = &head[..head.len().min(REPLY_HEAD_MAX)];
        let data = reply_data(head);
        let passed = &head[..data.unwrap_or(0)];
        let lines: u64 = passed.iter().map(|byte| u64::from(*byte == b'\n')).sum();
        reader.consume(data.unwrap_or(0));
        let place = if data.is_some() { Place::BeforeSet } else { Place::Start };
        Ok(Self { reader, buffer: Vec::new(), line: 1 + lines, place })
    }

    /// Goes past the name that has just begun, and past its colon.
    fn name(&mut self) -> Result<(), String> {
        let mut scan = Scan { quoted: true, ..Scan::default() };
        while scan.quoted {
            let chunk = self.reader.fill_buf().map_err(|error| format!("it cannot be read ({error})"))?;
            let Some(&byte) = chunk.first() else {
                return Err(format!("a name is not closed: the file is cut short in line {}", self.line));
            };
            self.reader.consume(1);
            scan.take(byte);
        }
        match self.byte()? {
            Some(b':') => Ok(()),
            _ => Err(format!("line {} holds no value where one is expected", self.line)),
        }
    }

    /// The next object with the line that it starts in.
    fn next(&mut self) -> Result<Option<(&[u8], u64)>, String> {
        loop {
            let Some(byte) = self.byte()? else {
                return match self.place {
                    Place::BeforeElement
                    | Place::AfterElement
                    | Place::BeforeSet
                    | Place::AfterSet
                    | Place::BeforeName
                    | Place::AfterNamed => {
                        Err(format!("the array is not closed: the file is cut short in line {}", self.line))
                    }
                    _ => Ok(None),
                };
            };
            self.place = match (self.place, byte) {
                (Place::Start | Place::Lines, b'{') => {
                    let line = self.object()?;
                    self.place = Place::Lines;
                    return Ok(Some((&self.buffer, line)));
                }
                (Place::BeforeElement, b'{') => {
                    let line = self.object()?;
                    self.place = Place::AfterElement;
                    return Ok(Some((&self.buffer, line)));
                }
                (Place::BeforeName, b'"') => {
                    self.name()?;
                    match self.byte()? {
                        Some(b'{') => {
                            let line = self.object()?;
                            self.place = Place::AfterNamed;
                            return Ok(Some((&self.buffer, line)));
                        }
                        _ => return Err(format!("line {} holds no JSON object where one is expected", self.line)),
                    }
                }
                (Place::BeforeSet, b'{') | (Place::AfterNamed, b',') => Place::BeforeName,
                (Place::BeforeName | Place::AfterNamed, b'}') => Place::AfterSet,
                (Place::AfterSet, b',') => Place::BeforeSet,
                (Place::BeforeSet | Place::AfterSet, b']') | (Place::Said, _) => Place::Said,
                (Place::Start, b'[') | (Place::AfterElement, b',') => Place::BeforeElement,
                (Place::BeforeElement | Place::AfterElement, b']') => Place::End,
                _ => return Err(format!("line {} holds no JSON object where one is expected", self.line)),
            };
        }
    }

    /// The next byte that is no white space.
    fn byte(&mut self) -> Result<Option<u8>, String> {
        loop {
            let chunk = self.reader.fill_buf().map_err(|error| format!("it cannot be read ({error})"))?;
            let Some(&byte) = chunk.first() else { return Ok(None) };
            self.reader.consume(1);
            self.line += u64::from(byte == b'\n');
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
        }
    }

    /// Reads to the end of the object that has just been opened; gives the line that it starts in.
    fn object(&mut self) -> Result<u64, String> {
        let line = self.line;
        self.buffer.clear();
        self.buffer.push(b'{');
        let mut scan = Scan { depth: 1, ..Scan::default() };
        loop {
            let chunk = self.reader.fill_buf().map_err(|error| format!("it cannot be read ({error})"))?;
            if chunk.is_empty() {
                return Err(format!("the object in line {line} is not closed: the file is cut short"));
            }
            let mut used = 0;
            for &byte in chunk {
                used += 1;
                scan.take(byte);
                self.line += u64::from(byte == b'\n');
                if scan.depth == 0 || scan.depth > DEPTH_MAX {
                    break;
                }
            }
            self.buffer.extend_from_slice(&chunk[..used]);
            self.reader.consume(used);
            if scan.depth == 0 {
                return Ok(line);
            }
            if scan.depth > DEPTH_MAX {
                return Err(format!("the object in line {line} nests more than {DEPTH_MAX} levels"));
            }
            if self.buffer.len() > OBJECT_BYTES_MAX {
                return Err(format!("the object in line {line} is longer than 16 MiB"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    fn written(text: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows.json");
        File::create(&path).and_then(|mut file| file.write_all(text)).expect("a file");
        (folder, path)
    }

    /// Header and rows of the table, or the message.
    fn table(text: &str) -> Result<Vec<Vec<String>>, String> {
        let (folder, path) = written(text.as_bytes());
        let target = folder.path().join("rows.csv");
        to_csv(&path, &target).map_err(|broken| broken.problem)?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(target).expect("a table");
        Ok(reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect())
    }

    fn rows(rows: &[&[&str]]) -> Result<Vec<Vec<String>>, String> {
        Ok(rows.iter().map(|row| row.iter().map(|field| (*field).to_owned()).collect()).collect())
    }

    #[test]
    fn the_objects_of_a_reply_are_in_its_data() {
        let reply = r#"{ "code": 200, "status": "success", "data": [
            { "a/b": { "name": "a/b", "cost": 0.10 }, "c\"}": { "name": "c", "cost": 2 } }, {}, { "d": { "name": "d" } }
        ], "message": "all [is] {well}" }"#;
        let expected: &[&[&str]] = &[&["name", "cost"], &["a/b", "0.10"], &["c", "2"], &["d", ""]];
        assert_eq!(table(reply), rows(expected), "the names are no columns, and what else is said is no charge");
        let cut = &reply[..reply.find("c\\").expect("the second name") - 3];
        assert!(table(cut).is_err_and(|told| told.contains("cut short")), "a reply that ends in the middle is told");
        assert_eq!(
            table(r#"{"code": 1, "data": "none"}"#),
            rows(&[&["code", "data"], &["1", "none"]]),
            "other objects are rows"
        );
    }

    #[test]
    fn lines_and_arrays_are_the_same_table() {
        let expected = rows(&[&["a", "b", "c"], &["1", "x", ""], &["", "y", "2.50"]]);
        let lines = "{\"a\":1,\"b\":\"x\"}\n\n{\"b\":\"y\",\"c\":2.50}\n";
        assert_eq!(table(lines), expected, "a key that only a later row has is a column");
        assert_eq!(table(&lines.replace('\n', "\r\n")), expected);
        assert_eq!(table("\u{feff}[ {\"a\":1,\"b\":\"x\"} ,\n{\"b\":\"y\",\n \"c\":2.50} ]\n"), expected);
        for nothing in ["[]", "[{}]", "  "] {
            assert!(table(nothing).is_err_and(|message| message.contains("no object")), "{nothing:?} is no table");
        }
    }

    #[test]
    fn values_keep_every_digit_and_what_is_nested_stays_json() {
        let line = r#"{"n":-0.12345678901234567890123e-5,"big":123456789012345678901234567890,"t":true,"none":null,"list":[ ],"credits":[{"amount":-1.00000000000000000001,"name":"a,\"b"}],"text":"a\nb,\u00e9"}"#;
        let found = table(line).expect("a table");
        let credits = r#"[{"amount":-1.00000000000000000001,"name":"a,\"b"}]"#;
        let expected =
            ["-0.12345678901234567890123e-5", "123456789012345678901234567890", "true", "", "", credits, "a\nb,é"];
        assert_eq!(found[1], expected);
        let (_folder, path) = written(line.as_bytes());
        let columns = to_csv(&path, &path.with_extension("csv")).expect("a table");
        let nested: Vec<&str> = columns.iter().filter(|column| column.nested).map(|one| one.name.as_str()).collect();
        assert_eq!(nested, ["list", "credits"]);
        let cells = row_of(&path, 1).expect("a row");
        assert_eq!(cells[5], ("credits".to_owned(), Some(credits.to_owned())), "the row as the file has it");
        assert!(row_of(&path, 2).is_err_and(|message| message.contains("no row 2")));
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let deep = format!("{{\"a\":1}}\n{{\"a\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
        for (text, message) in [
            ("{\"a\":1}\n{\"a\":2", "the object in line 2 is not closed"),
            ("[{\"a\":1},\n{\"a\":2}", "the array is not closed: the file is cut short in line 2"),
            ("{\"a\":1}\n{\"a\":1,\"a\":2}", "the object in line 2 has the key \"a\" twice"),
            ("{\"a\":1}\nnonsense", "line 2 holds no JSON object"),
            ("{\"a\":1}\n[{\"a\":1}]", "line 2 holds no JSON object"),
            ("[{\"a\":1}]\n{\"a\":1}", "line 2 holds no JSON object"),
            ("{\"a\":1}\n{\"a\":01}", "the object in line 2 is no JSON"),
            ("{\"a\":1}\n{\"a\":NaN}", "the object in line 2 is no JSON"),
            ("{\"a\":1}\n{\"a\":\"\\u0000\"}", "the object in line 2 holds a NUL character"),
            ("{\"a\":1}\n{\"\":1}", "the object in line 2 has a key without a name"),
            (&deep, "the object in line 2 nests more than 64 levels"),
        ] {
            let found = table(text);
            let shown = &text[..text.len().min(40)];
            assert!(found.as_ref().is_err_and(|found| found.starts_with(message)), "{shown}: {found:?}");
        }
    }

    #[test]
    fn json_is_told_by_its_first_character() {
        for (text, json) in [("  {}", true), ("\u{feff}\n[", true), ("a,b\n{},[]", false), ("", false)] {
            let (_folder, path) = written(text.as_bytes());
            assert_eq!(is_json(&path), json, "{text:?}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[^\\x00]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map("[^\\x00]{1,6}", inner, 0..3)
                    .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn every_value_arrives(objects in prop::collection::vec(prop::collection::hash_map("[a-e\"\\\\,]{1,3}", value(), 1..5), 1..6), pretty: bool) {
            let objects: Vec<Map<String, Value>> = objects.into_iter().map(|map| map.into_iter().collect()).collect();
            let text: String = objects
                .iter()
                .map(|object| if pretty { serde_json::to_string_pretty(object) } else { serde_json::to_string(object) })
                .map(|text| text.expect("JSON") + "\n")
                .collect();
            let found = table(&text).expect("a table");
            prop_assert_eq!(found.len(), objects.len() + 1);
            for (object, row) in objects.iter().zip(&found[1..]) {
                for (name, field) in found[0].iter().zip(row) {
                    let same = match object.get(name) {
                        None | Some(Value::Null) => field.is_empty(),
                        Some(Value::String(text)) => field == text,
                        Some(Value::Array(list)) if list.is_empty() => field.is_empty(),
                        Some(Value::Object(map)) if map.is_empty() => field.is_empty(),
                        Some(other) => serde_json::from_str::<Value>(field).is_ok_and(|value| value == *other),
                    };
                    prop_assert!(same, "{name} is {field:?} in the table and {:?} in the file", object.get(name));
                }
            }
        }

        #[test]
        fn lines_are_read_in_blocks_as_one_by_one(objects in prop::collection::vec(prop::collection::hash_map("[a-e\"\\\\,]{1,3}", value(), 1..5), 1..6), space in "[ \\r\\n]{0,2}") {
            let lines: String = objects
                .iter()
                .map(|fields| Value::Object(fields.clone().into_iter().collect::<Map<_, _>>()).to_string() + "\n" + &space)
                .collect();
            let (folder, path) = written(lines.as_bytes());
            let [blocks, single] = ["blocks.csv", "single.csv"].map(|name| folder.path().join(name));
            let columns = one_by_one(&path, &single).map_err(|broken| broken.problem);
            if let Some(found) = json_blocks::to_csv(&path, &blocks) {
                prop_assert_eq!(Ok(found), columns);
                prop_assert_eq!(std::fs::read(&blocks).expect("a table"), std::fs::read(&single).expect("a table"));
            } else {
                prop_assert!(columns.is_err() || lines.contains("\\u0000"), "lines of sound objects are read in blocks: {}", lines);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(text in "[\\[\\]{}\",:\\\\a0. \\n]{0,80}") {
            if let Err(message) = table(&text) {
                prop_assert!(message.contains("line") || message.contains("no object"), "{message} says where");
            }
        }
    }
}
