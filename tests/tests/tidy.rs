//! The house rules that a reader would otherwise have to remember.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod house;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A file with more lines than this has more than one subject.
const LONGEST_FILE: usize = 700;

/// Licences that the product may carry.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OFL-1.1",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages of the page whose licence is only in their licence file, and what it is.
const READ_IN_THE_FILE: &[(&str, &str)] = &[("node_modules/svelte-toolbelt", "MIT")];

/// A file of the project's own making, with its path relative to the checkout.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is(&self, extensions: &[&str]) -> bool {
        self.path.rsplit('.').next().is_some_and(|extension| extensions.contains(&extension))
    }

    /// Lines with their number, from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// Every text file that git holds or would hold.
fn sources() -> Vec<Source> {
    let checkout = house::checkout();
    let mut git = Command::new("git");
    git.current_dir(&checkout).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().unwrap();
    assert!(output.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let paths: BTreeSet<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
    let sources: Vec<Source> = paths
        .into_iter()
        .filter_map(|path| Some(Source { path: path.into(), text: fs::read_to_string(checkout.join(path)).ok()? }))
        .collect();
    assert!(sources.len() > 50, "only {} files were found: the search is broken", sources.len());
    sources
}

/// Fails with every finding at once, so that one run shows them all.
fn none(findings: Vec<String>, rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn a_file_has_one_subject() {
    let long = sources()
        .iter()
        .filter(|source| source.is(&["rs", "ts", "svelte", "css", "js"]))
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(source, lines)| format!("{} has {lines} lines", source.path))
        .collect();
    none(long, "a file has one subject and at most 700 lines");
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not hold what it looks for.
    let words = [
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("#[ign", "ore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("dbg", "!("),
        concat!("test.sk", "ip("),
        concat!("it.sk", "ip("),
        concat!("describe.sk", "ip("),
        concat!("debug", "ger;"),
    ];
    let mut left = Vec::new();
    for source in sources().iter().filter(|source| source.is(&["rs", "ts", "svelte", "css", "toml", "js"])) {
        for (number, line) in source.lines() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                left.push(format!("{}:{number} holds {word}", source.path));
            }
        }
    }
    none(left, "finished work only: nothing is marked for later, skipped or left from debugging");
}

#[test]
fn text_from_a_bill_is_never_markup() {
    let doors =
        [concat!("{@", "html"), concat!("inner", "HTML"), concat!("outer", "HTML"), concat!("insertAdjacent", "HTML")];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("ui/src/")) {
        for (number, line) in source.lines() {
            if let Some(door) = doors.iter().find(|door| line.contains(**door)) {
                found.push(format!("{}:{number} uses {door}", source.path));
            }
        }
    }
    none(found, "the page sets text, never markup");
}

#[test]
fn colours_come_from_the_tokens() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("ui/src/") && source.is(&["svelte", "ts"])) {
        if source.path.contains(".test.") || source.path.contains("token") {
            continue;
        }
        let mut in_style = false;
        for (number, line) in source.lines() {
            in_style = (in_style || line.contains("<style")) && !line.contains("</style");
            let functions = ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab("];
            let by_function = functions.iter().any(|function| {
                line.split(function).skip(1).any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
            });
            if (by_function && (in_style || source.is(&["ts"]))) || has_hex_colour(line, in_style) {
                found.push(format!("{}:{number} {}", source.path, line.trim()));
            }
        }
    }
    none(found, "a colour is a design token, so that light and dark and the palette stay in one place");
}

/// Whether a line holds `#` and 3, 4, 6 or 8 hexadecimal digits: anywhere in a style, else only as a whole quoted word.
fn has_hex_colour(line: &str, in_style: bool) -> bool {
    let bytes = line.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'#').any(|(at, _)| {
        let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let next = bytes.get(at + 1 + digits).copied().unwrap_or(b' ');
        let whole = !next.is_ascii_alphanumeric() && next != b'-' && next != b'_';
        let before = if at == 0 { b' ' } else { bytes[at - 1] };
        let quoted = matches!((before, next), (b'"', b'"') | (b'\'', b'\'') | (b'`', b'`'));
        matches!(digits, 3 | 4 | 6 | 8) && whole && (in_style || quoted)
    })
}

#[test]
fn a_colour_is_recognised() {
    assert!(has_hex_colour("  color: #1a2b3c;", true), "a colour in a style");
    assert!(has_hex_colour("const accent = \"#fff\";", false), "a colour as a word of its own");
    assert!(!has_hex_colour("{#each rows as row}", false), "a block of the template is no colour");
    assert!(!has_hex_colour("<a href=\"#added-later\">", false), "an anchor is no colour");
}

#[test]
fn money_is_never_a_float() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.is(&["rs"])) {
        for (number, line) in source.lines() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(name) = float_named_like_money(code) {
                found.push(format!("{}:{number} `{name}` is a float", source.path));
            }
        }
    }
    none(found, "money is an Amount, from the first byte read to the last digit shown");
}

/// The name before a colon whose type holds a float, when it is a word for money.
fn float_named_like_money(code: &str) -> Option<String> {
    let words =
        ["amount", "billed", "budget", "charge", "cost", "currency", "fee", "money", "price", "saving", "spend"];
    let float = ["f32", "f64"].iter().filter_map(|float| code.find(float)).min()?;
    let typed = code[..float].rfind(": ")?;
    let between = &code[typed + 2..float];
    if !between.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"<&[('_: ".contains(&byte)) {
        return None;
    }
    let name: String = code[..typed]
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect::<String>()
        .chars()
        .rev()
        .collect();
    let lower = name.to_lowercase();
    lower.split('_').any(|part| words.iter().any(|word| part.starts_with(word))).then_some(name)
}

#[test]
fn a_float_for_money_is_recognised() {
    // The type stands apart, so that this file does not hold what it looks for.
    let found = |name: &str, rest: &str| float_named_like_money(&format!("{name}: {rest}"));
    assert_eq!(found("    billed_cost", "f64,").as_deref(), Some("billed_cost"), "a field");
    assert_eq!(found("fn show(price", "Option<f32>) {").as_deref(), Some("price"), "an optional argument");
    assert_eq!(found("    width", "f64,"), None, "geometry may be a float");
    assert_eq!(found("    cost: Amount, width", "f64,"), None, "only the float's own name counts");
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/tm", "p/qd"),
        concat!("C:\\Us", "ers"),
    ];
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| !source.is(&["csv", "lock"])) {
        for (number, line) in source.lines() {
            if let Some(place) = places.iter().find(|place| line.contains(**place)) {
                found.push(format!("{}:{number} names {place}", source.path));
            }
        }
    }
    none(found, "paths are relative to the checkout or come from the user");
}

#[test]
fn what_ships_is_free_to_ship() {
    let metadata = house::metadata();
    let mut wrong = Vec::new();
    for program in ["quarterdeck", "quarterdeck-cli"] {
        for (package, licence) in house::shipped_in(&metadata, program) {
            if !allowed(&licence) {
                wrong.push(format!("{package} in {program}: {licence}"));
            }
        }
    }
    none(wrong, "only licences that let the product be given away in binary form");
}

#[test]
fn what_the_page_carries_is_free_to_ship() {
    let lock = fs::read(house::checkout().join("ui/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_slice(&lock).unwrap();
    let packages = lock["packages"].as_object().unwrap();
    let shipped = packages.iter().filter(|(path, package)| !path.is_empty() && package["dev"] != true);
    let wrong = shipped
        .map(|(path, package)| {
            let in_file = READ_IN_THE_FILE.iter().find(|(name, _)| name == path).map(|(_, licence)| *licence);
            (path, package["license"].as_str().or(in_file).unwrap_or("none"))
        })
        .filter(|(_, licence)| !allowed(licence))
        .map(|(path, licence)| format!("{path}: {licence}"))
        .collect();
    none(wrong, "only licences that let the page be given away");
}

/// Whether an SPDX expression can be met with the allowed licences: one side of an OR, both sides of an AND.
fn allowed(expression: &str) -> bool {
    let words: Vec<String> = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut words = words.as_slice();
    either(&mut words) && words.is_empty()
}

fn either(words: &mut &[String]) -> bool {
    let mut met = both(words);
    while words.first().is_some_and(|word| word == "OR") {
        *words = &words[1..];
        met |= both(words);
    }
    met
}

fn both(words: &mut &[String]) -> bool {
    let mut met = one(words);
    while words.first().is_some_and(|word| word == "AND") {
        *words = &words[1..];
        met &= one(words);
    }
    met
}

fn one(words: &mut &[String]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    *words = rest;
    if first == "(" {
        let met = either(words);
        let closed = words.first().is_some_and(|word| word == ")");
        *words = words.get(1..).unwrap_or_default();
        return met && closed;
    }
    let mut licence = first.clone();
    if let [with, exception, rest @ ..] = *words
        && with == "WITH"
    {
        licence = format!("{licence} WITH {exception}");
        *words = rest;
    }
    LICENCES.contains(&licence.as_str())
}

#[test]
fn a_licence_expression_is_read_as_it_is_meant() {
    for free in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
    ] {
        assert!(allowed(free), "{free} can be met");
    }
    for bound in ["GPL-3.0", "MIT AND GPL-3.0", "none", "", "(MIT", "MIT)", "Apache-2.0 WITH Some-exception"] {
        assert!(!allowed(bound), "{bound:?} cannot be met");
    }
}

#[test]
fn the_commands_are_the_same_in_build_script_and_capability() {
    let shell = house::checkout().join("src-tauri");
    let script = fs::read_to_string(shell.join("build.rs")).unwrap();
    let listed = script.split("const COMMANDS").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
    let listed: BTreeSet<String> = listed.split('"').skip(1).step_by(2).map(|name| name.replace('_', "-")).collect();
    let capability: Value = serde_json::from_slice(&fs::read(shell.join("capabilities/main.json")).unwrap()).unwrap();
    let permissions: BTreeSet<&str> =
        capability["permissions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let own: BTreeSet<String> =
        permissions.iter().filter_map(|name| name.strip_prefix("allow-")).map(str::to_owned).collect();
    assert_eq!(
        own, listed,
        "each command is listed in build.rs and allowed in capabilities/main.json, and nowhere else"
    );
    let rest: Vec<&str> = permissions.into_iter().filter(|name| !name.starts_with("allow-")).collect();
    assert_eq!(rest, ["core:event:allow-listen", "core:event:allow-unlisten"], "the page may listen, and nothing more");
    assert_eq!(capability["windows"], serde_json::json!(["main"]), "only the main window");
    assert!(!Path::new(&shell.join("capabilities/default.json")).exists(), "one capability file tells everything");
}
