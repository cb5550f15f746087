//! Which way the arrows point, read from what cargo resolves.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Every room, and the rooms it may lean on. A room that is not here fails the test, and so does an arrow that is not.
const ARROWS: &[(&str, &[&str])] = &[
    ("money", &[]),
    ("focus", &["money"]),
    ("intake", &["focus", "money"]),
    ("reconciliation", &["money"]),
    ("variance", &["money"]),
    ("unit-economics", &["money"]),
    ("forecast", &["money"]),
    ("scenario", &["focus", "money"]),
    ("budget", &["money"]),
    ("commitment", &["money"]),
    ("query", &["focus", "money"]),
    ("vectors", &[]),
    ("store", &["focus", "intake", "money", "query", "vectors"]),
    ("report", &["money", "query"]),
    ("pdf", &["money", "report"]),
    (
        "api",
        &[
            "budget",
            "commitment",
            "focus",
            "forecast",
            "intake",
            "money",
            "pdf",
            "query",
            "reconciliation",
            "report",
            "scenario",
            "store",
            "unit-economics",
            "variance",
        ],
    ),
    ("cli", &["api", "money", "query"]),
    ("bridge", &["api"]),
    ("quarterdeck", &["api"]),
    ("testsupport", &[]),
    ("xtask", &[]),
];

/// Rooms that take values and give values: no file, no network, no clock, no threads of their own.
const PURE: &[&str] = &[
    "money",
    "focus",
    "intake",
    "reconciliation",
    "variance",
    "unit-economics",
    "forecast",
    "scenario",
    "budget",
    "commitment",
    "query",
];

/// Each crate that only one room may know, and that room.
const ONE_USER: &[(&str, &[&str])] = &[
    ("duckdb", &["store", "vectors"]),
    ("tauri", &["quarterdeck"]),
    ("tauri-plugin-dialog", &["quarterdeck"]),
    ("webkit2gtk", &["quarterdeck"]),
    ("tauri-plugin-single-instance", &["quarterdeck"]),
    ("axum", &["bridge"]),
    ("typst", &["pdf"]),
    ("typst-pdf", &["pdf"]),
    ("clap", &["cli"]),
    ("clarabel", &["commitment"]),
    ("rust_xlsxwriter", &["report"]),
    ("calamine", &["api"]),
    ("plotters", &["report"]),
    ("statrs", &["unit-economics"]),
];

/// Clients for the network; none may be inside a program that ships.
const NETWORK: &[&str] =
    &["reqwest", "ureq", "curl", "rustls", "native-tls", "openssl", "hyper", "hyper-util", "isahc"];

/// A workspace package's dependencies by kind: `normal`, `dev` or `build`.
type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// The room's short name: packages are called `quarterdeck-<room>`.
fn room(package: &str) -> &str {
    package.strip_prefix("quarterdeck-").unwrap_or(package)
}

fn rooms(metadata: &Value) -> BTreeMap<String, Dependencies> {
    let members: BTreeSet<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let mut rooms = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        if !members.contains(package["id"].as_str().unwrap()) {
            continue;
        }
        let mut dependencies = Dependencies::new();
        for dependency in package["dependencies"].as_array().unwrap() {
            let kind = dependency["kind"].as_str().unwrap_or("normal").to_owned();
            let name = room(dependency["name"].as_str().unwrap()).to_owned();
            dependencies.entry(kind).or_default().insert(name);
        }
        rooms.insert(room(package["name"].as_str().unwrap()).to_owned(), dependencies);
    }
    rooms
}

#[test]
fn every_room_leans_only_on_the_rooms_it_may() {
    let rooms = rooms(&house::metadata());
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(name, below)| (*name, below.iter().copied().collect())).collect();
    let known: BTreeSet<&str> = allowed.keys().copied().chain(["tests"]).collect();
    let found: BTreeSet<&str> = rooms.keys().map(String::as_str).collect();
    assert_eq!(found, known, "a room came or went: say in ARROWS what it may lean on");
    for (name, dependencies) in &rooms {
        let Some(below) = allowed.get(name.as_str()) else { continue };
        for (kind, names) in dependencies {
            let inside = names.iter().map(String::as_str).filter(|dependency| known.contains(dependency));
            let wrong: Vec<&str> = inside
                .filter(|dependency| kind != "dev" || *dependency != "testsupport")
                .filter(|dependency| !below.contains(dependency))
                .collect();
            assert!(wrong.is_empty(), "{name} leans ({kind}) on {wrong:?}; it may lean on {below:?}");
        }
    }
}

#[test]
fn the_arrows_have_no_circle() {
    let mut above = BTreeSet::new();
    for (name, below) in ARROWS {
        for dependency in *below {
            assert!(
                above.contains(dependency),
                "{name} leans on {dependency}, which stands beside or below it in ARROWS"
            );
        }
        above.insert(name);
    }
}

#[test]
fn what_one_room_owns_no_other_knows() {
    for (name, dependencies) in rooms(&house::metadata()) {
        for (owned, owners) in ONE_USER {
            let knows = dependencies.values().any(|names| names.contains(*owned));
            assert!(
                !knows || owners.contains(&name.as_str()),
                "{name} depends on {owned}, which belongs to {owners:?}"
            );
        }
    }
}

/// The files in a folder and the folders in it.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn the_pure_rooms_touch_nothing_outside() {
    let outside = [
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "std::thread",
        "SystemTime::now",
        "Instant::now",
        "Utc::now",
        "Local::now",
    ];
    let crates = ["tokio", "tempfile", "directories", "tracing-subscriber", "getrandom", "rand"];
    let rooms = rooms(&house::metadata());
    for name in PURE {
        let normal = rooms[*name].get("normal").cloned().unwrap_or_default();
        for forbidden in crates {
            assert!(!normal.contains(forbidden), "{name} is pure; it must not depend on {forbidden}");
        }
        let folder = house::checkout().join("src-tauri/crates").join(name.replace('-', "_")).join("src");
        for path in files_below(&folder) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in product.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                for forbidden in outside {
                    assert!(
                        !line.contains(forbidden),
                        "{}:{} uses {forbidden}, and {name} is pure",
                        path.display(),
                        number + 1
                    );
                }
            }
        }
    }
}

#[test]
fn nothing_that_ships_can_reach_the_network() {
    let metadata = house::metadata();
    for program in ["quarterdeck", "quarterdeck-cli"] {
        let inside = house::shipped_in(&metadata, program);
        assert!(inside.len() > 50, "{program} resolves to {} packages: the search is broken", inside.len());
        for forbidden in NETWORK {
            assert!(!inside.contains_key(*forbidden), "{program} carries {forbidden}: nothing may leave the machine");
        }
    }
}
