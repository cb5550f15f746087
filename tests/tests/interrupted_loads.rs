//! Loads that something comes between: a full disk, a kill, a dead reader, a busy file, another program, a folder that may not be
//! written to. Each ends in a clear message, and none changes what was loaded before.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod desk;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use desk::Desk;
use serde_json::json;
use testsupport::container::gzip;
use testsupport::{Bill, Workbench, workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

/// A bill of `count` charges, each of its own resource and with a text that does not compress, in January or December.
fn large(count: usize, month: &str) -> Bill {
    let december = Bill::new()
        .usual("BillingPeriodStart", "2025-12-01T00:00:00Z")
        .usual("BillingPeriodEnd", "2026-01-01T00:00:00Z")
        .usual("ChargePeriodStart", "2025-12-31T00:00:00Z")
        .usual("ChargePeriodEnd", "2026-01-01T00:00:00Z");
    let empty = if month == "2025-12" { december } else { Bill::new() };
    let mut noise = 88_172_645_463_325_252_u64;
    (0..count).fold(empty, |bill, _| {
        // Marsaglia's xorshift: the same bytes in every run.
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        let text = format!("{noise:016x}{:016x}", noise.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        bill.charge(&[("ResourceId", &text)])
    })
}

/// A workbench with December in it.
fn bench() -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("december.csv", large(300, "2025-12").csv())]);
    bench
}

#[track_caller]
fn unchanged(bench: &Workbench, before: &str) {
    assert_eq!(bench.state(), before, "what was loaded before is as it was");
    assert_eq!(bench.leftovers(), Vec::<String>::new(), "no half-done work is left");
}

/// The command line under a limit on the size of any file it writes, in blocks of 512 bytes: what a full disk is like, for any
/// user and on any disk.
fn with_full_disk(bench: &Workbench, blocks: u64, arguments: &[&str]) -> testsupport::Output {
    let mut command = bench.sealed(Path::new("/bin/sh"));
    // The signal is ignored, so that the write fails instead.
    command
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f \"$1\" || exit 99; shift; exec \"$@\"")
        .arg("sh")
        .arg(blocks.to_string());
    command.arg(PROGRAM).arg("-e").arg(bench.engagement()).args(arguments);
    workbench::run(&mut command)
}

#[test]
fn a_full_disk() {
    let bench = bench();
    let before = bench.state();
    let january = bench.write("january.csv", large(9000, "2026-01").csv());
    let packed = bench.write("packed.csv.gz", gzip(&large(9000, "2026-01").csv()));
    let engagement = std::fs::metadata(bench.engagement().join("engagement.duckdb")).unwrap().len() / 512;
    // Too little for unpacking; for staging; for writing the charges.
    for (blocks, file) in [(16, &packed), (16, &january), (engagement + 64, &january)] {
        let output = with_full_disk(&bench, blocks, &["load", file.to_str().unwrap()]);
        assert_eq!(output.status, Some(1), "{blocks} blocks: {}{}", output.stdout, output.stderr);
        assert!(output.stderr.contains("the disk is full"), "{blocks} blocks: {}", output.stderr);
        assert!(output.stderr.contains("hint: Free some space"), "{blocks} blocks: {}", output.stderr);
        unchanged(&bench, &before);
    }
    let output = bench.load(&[january]);
    assert_eq!(output.status, Some(0), "with room again it loads: {}", output.stderr);
    assert_eq!(bench.value("SELECT count(*) FROM charge"), "9300");
}

#[test]
fn a_load_that_is_kept_though_the_disk_is_full_after_it() {
    let bench = bench();
    let small = bench.write("january.csv", Bill::of(40).csv());
    let engagement = std::fs::metadata(bench.engagement().join("engagement.duckdb")).unwrap().len() / 512;
    let output = with_full_disk(&bench, engagement, &["--format", "json", "load", small.to_str().unwrap()]);
    // The journal has room for it, the file itself has not: what is told must be what is there.
    let told = output.status == Some(0);
    let there = bench.value("SELECT count(*) FROM charge WHERE billing_period_start >= '2026-01-01'");
    assert_eq!(there, if told { "40" } else { "0" }, "status {:?}: {}", output.status, output.stderr);
}

/// Starts a load, waits until `reached` says that it is far enough, and kills it.
fn killed(bench: &Workbench, file: &Path, reached: impl Fn(&Path) -> bool) {
    let file = file.to_str().unwrap();
    let mut load = bench.started_with(&["load", file]);
    let mut running = load.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !reached(&bench.engagement()) {
        assert!(running.try_wait().unwrap().is_none(), "the load ended before it could be killed");
        std::thread::yield_now();
    }
    running.kill().unwrap();
    assert_eq!(running.wait().unwrap().signal(), Some(9), "it was killed at work");
}

/// The staging databases of the load that is going on.
fn staged(engagement: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let staging = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(".staging-");
    let folders: Vec<PathBuf> =
        entries(engagement).filter(staging).flat_map(|folder| entries(&folder).collect::<Vec<_>>()).collect();
    folders
        .iter()
        .flat_map(|folder| entries(folder))
        .filter(|path| path.extension().is_some_and(|end| end == "duckdb"))
        .collect()
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |data| data.len())
}

#[test]
fn a_process_that_is_killed_in_mid_load() {
    let bench = bench();
    let before = bench.state();
    let january = bench.write("january.csv", large(20_000, "2026-01").csv());
    killed(&bench, &january, |engagement| !staged(engagement).is_empty());
    unchanged(&bench, &before);
    killed(&bench, &january, |engagement| staged(engagement).iter().any(|database| size(database) > 500_000));
    unchanged(&bench, &before);
    let output = bench.load(&[january]);
    assert_eq!(output.status, Some(0), "the next load goes on as if nothing had been: {}", output.stderr);
    assert_eq!(bench.value("SELECT count(*) FROM charge"), "20300");
}

#[test]
fn a_process_that_is_killed_while_it_writes() {
    let bench = bench();
    let before = bench.state();
    let january = bench.write("january.csv", large(20_000, "2026-01").csv());
    let database = bench.engagement().join("engagement.duckdb");
    let empty = size(&database);
    killed(&bench, &january, |_| size(&database) > empty || size(&database.with_extension("duckdb.wal")) > 0);
    let charges = bench.value("SELECT count(*) FROM charge");
    assert!(["300", "20300"].contains(&charges.as_str()), "all of the load is there or nothing: {charges}");
    if charges == "300" {
        assert_eq!(bench.state(), before, "what was loaded before is as it was");
    }
    let total = bench.json(&["ask", "--period", "2025-12"])["total"]["billed_cost"].clone();
    assert_eq!(total, "750", "December is as it was");
    assert!(!bench.leftovers().iter().any(|name| name.starts_with(".staging")), "no half-done work is left");
}

#[test]
fn a_load_that_is_cancelled() {
    let bench = bench();
    let before = bench.state();
    let january = bench.write("january.csv", large(20_000, "2026-01").csv());
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    let end = desk.load_until(&[&january], |status| status["bytes_done"].as_u64().is_some_and(|bytes| bytes > 0));
    assert_eq!((&end["state"], &end["error"]["code"]), (&json!("cancelled"), &json!("cancelled")), "{end}");
    assert_eq!(end["error"]["message"], "cancelled; nothing was changed");
    let end = desk.load_until(&[&january], |status| status["phase"] == "Writing charges");
    let charges = desk.call("engagement_info", json!({})).unwrap()["charges"].clone();
    match end["state"].as_str() {
        Some("cancelled") => assert_eq!(charges, 300, "cancelled in the middle of writing, it leaves nothing"),
        state => assert_eq!((state, charges), (Some("done"), json!(20_300)), "it was quicker: {end}"),
    }
    let cancelled = end["state"] == "cancelled";
    let asked = desk.call(
        "ask",
        json!({ "question": { "by": ["service"], "period": { "from": "2025-12-01", "to": "2026-01-01" } } }),
    );
    assert_eq!(asked.unwrap()["total"][0]["value"], "750.00", "questions are answered after it as before");
    drop(desk);
    if cancelled {
        unchanged(&bench, &before);
    }
}

#[test]
fn a_load_that_is_interrupted_from_the_keyboard() {
    let bench = bench();
    let before = bench.state();
    let january = bench.write("january.csv", large(20_000, "2026-01").csv());
    let mut load = bench.started_with(&["load", january.to_str().unwrap()]);
    let mut running = load.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while staged(&bench.engagement()).is_empty() {
        assert!(running.try_wait().unwrap().is_none(), "the load ended before it could be interrupted");
        std::thread::yield_now();
    }
    let sent = std::process::Command::new("/bin/kill").args(["-INT", &running.id().to_string()]).status().unwrap();
    assert!(sent.success(), "the interrupt was sent");
    let ended = running.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "it ends in its own way: {said}");
    assert!(said.contains("cancelled; nothing was changed"), "{said}");
    unchanged(&bench, &before);
}

#[test]
fn a_reader_that_dies() {
    let bench = bench();
    let before = bench.state();
    let january = bench.write("january.csv", Bill::of(3).csv());
    let script = |name: &str, text: &str| {
        let path = bench.write(name, format!("#!/bin/sh\n{text}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let readers = [
        (PathBuf::from("/bin/false"), "exit status: 1"),
        (script("killed", "kill -SEGV $$"), "signal: 11"),
        (script("complaining", "echo terrible trouble >&2; exit 7"), "terrible trouble"),
        (script("flooding", "yes trouble | head -c 300000 >&2; exit 7"), "exit status: 7"),
        (script("babbling", "echo this is no message; sleep 600"), "line of the reader"),
    ];
    for (reader, words) in readers {
        let desk = Desk::new(&bench, &reader);
        let error = desk.load(&[&january]).unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(words), "{}: {message}", reader.display());
        drop(desk);
        unchanged(&bench, &before);
    }
    let desk = Desk::new(&bench, &bench.path("absent"));
    let error = desk.load(&[&january]).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("absent"), "a reader that is not there is named: {error}");
    let asked = desk.call("ask", json!({ "question": {} })).unwrap();
    assert_eq!(asked["total"][0]["value"], "750.00", "the engagement is as usable as before");
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    let bench = bench();
    let before = bench.state();
    let january = bench.write("january.csv", large(3000, "2026-01").csv());
    let done = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            let file = std::fs::OpenOptions::new().append(true).open(&january).unwrap();
            let mut time = SystemTime::now();
            while !done.load(Ordering::SeqCst) {
                time += Duration::from_secs(1);
                file.set_modified(time).unwrap();
            }
        });
        let output = bench.load(&[&january]);
        done.store(true, Ordering::SeqCst);
        output
    });
    assert_eq!(output.status, Some(1), "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains("january.csv: the file changed while it was read"), "{}", output.stderr);
    unchanged(&bench, &before);
}

#[test]
fn a_pipe_in_place_of_a_file() {
    let bench = bench();
    let before = bench.state();
    let output = bench.load(&["/dev/null"]);
    assert_eq!(output.status, Some(1));
    assert!(output.stderr.contains("/dev/null: this is a pipe or a device"), "{}", output.stderr);
    unchanged(&bench, &before);
}

#[test]
fn a_second_program_on_the_same_engagement() {
    let bench = bench();
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    for arguments in [vec!["ask"], vec!["loads"], vec!["load", "january.csv"]] {
        let output = bench.qd(&arguments);
        assert_eq!(output.status, Some(1), "{arguments:?}");
        assert!(output.stderr.contains("is open in another program"), "{arguments:?}: {}", output.stderr);
        let holder = format!("(process {})", std::process::id());
        assert!(output.stderr.contains(&holder), "it says which: {}", output.stderr);
    }
    let total = desk.call("ask", json!({ "question": {} })).unwrap()["total"][0]["value"].clone();
    assert_eq!(total, "750.00", "the first program is not disturbed");
    drop(desk);
    assert_eq!(bench.qd(&["ask"]).status, Some(0), "and when it is gone the door is open");
}

#[test]
fn a_folder_that_may_not_be_written_to() {
    let bench = bench();
    let before = bench.state();
    // Nobody may make a folder in sysfs, not even root.
    let made = workbench::run(bench.command().args(["new", "/sys/quarterdeck", "--currency", "USD"]));
    assert_eq!(made.status, Some(1), "{}", made.stderr);
    assert!(made.stderr.contains("/sys/quarterdeck"), "the folder is named: {}", made.stderr);
    assert!(made.stderr.contains("hint: Choose a folder that may be written to"), "{}", made.stderr);
    let january = bench.write("january.csv", Bill::of(3).csv());
    let modes = [(bench.engagement(), 0o555), (bench.engagement().join("engagement.duckdb"), 0o444)];
    let usual: Vec<u32> = modes.iter().map(|(path, _)| std::fs::metadata(path).unwrap().mode()).collect();
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    modes.iter().for_each(|(path, mode)| set(path, *mode));
    let output = workbench::run(&mut without_privileges(&bench, &["load", january.to_str().unwrap()]));
    modes.iter().zip(usual).for_each(|((path, _), mode)| set(path, mode));
    assert_eq!(output.status, Some(1), "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains(bench.engagement().to_str().unwrap()), "the folder is named: {}", output.stderr);
    assert!(output.stderr.contains("hint: Choose a folder that may be written to"), "{}", output.stderr);
    unchanged(&bench, &before);
}

/// The command line as somebody who is bound by the permissions of files: root runs it without the power to override them.
fn without_privileges(bench: &Workbench, arguments: &[&str]) -> std::process::Command {
    let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = if root {
        let mut command = bench.sealed(Path::new("setpriv"));
        command.args(["--bounding-set", "-dac_override", "--"]).arg(PROGRAM);
        command
    } else {
        bench.command()
    };
    command.arg("-e").arg(bench.engagement()).args(arguments);
    command
}

#[test]
fn a_damaged_engagement() {
    let bench = bench();
    let database = bench.engagement().join("engagement.duckdb");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[..4096].fill(0x5a);
    std::fs::write(&database, bytes).unwrap();
    let output = bench.qd(&["ask"]);
    assert_eq!(output.status, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains("engagement.duckdb"), "the file is named: {}", output.stderr);
    assert!(
        !output.stderr.contains("open in another program"),
        "and the fault is not put on others: {}",
        output.stderr
    );
}
