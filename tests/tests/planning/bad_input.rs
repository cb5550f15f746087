//! What a scenario may be written like: each line of what a planner must withstand, with what is said.

use super::{PROGRAM, amount, keep, months};
use money::Amount;
use testsupport::{Output, Workbench};

fn opened() -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let costs: Vec<String> = (0..15).map(|month| format!("{}.50", 900 + 11 * month)).collect();
    let bill = months(&costs.iter().map(String::as_str).collect::<Vec<_>>());
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    bench
}

/// Tries to keep a scenario of these operations, each an id, its kind and its other lines.
fn save(bench: &Workbench, operations: &[(&str, &str, &str)]) -> Output {
    let text = operations.iter().fold("baseline = \"forecast\"\n".to_owned(), |text, (id, kind, rest)| {
        format!("{text}\n[[operation]]\nid = \"{id}\"\nkind = \"{kind}\"\n{rest}\n")
    });
    let file = bench.write("scenario.toml", text);
    bench.qd(&["scenario", "save", "wrong", file.to_str().unwrap()])
}

/// Runs them; they are written well enough to be kept.
fn run(bench: &Workbench, operations: &[(&str, &str, &str)]) -> Output {
    let kept = save(bench, operations);
    assert_eq!(kept.status, Some(0), "{}", kept.stderr);
    bench.qd(&["scenario", "run", "wrong"])
}

const EVERYTHING: &str = "where = \"everything\"\n";

#[test]
fn a_service_that_does_not_exist() {
    let bench = opened();
    let near =
        run(&bench, &[("a", "retire", "where = { service = \"Amazon Elastic Compute Clod\" }\nfrom = \"2027-06\"")]);
    assert_eq!(near.status, Some(1), "it cannot be applied");
    assert!(near.stderr.contains("operation `a`") && near.stderr.contains("Clod"), "{}", near.stderr);
    let far = run(&bench, &[("a", "retire", "where = { service = \"Mainframe\" }\nfrom = \"2027-06\"")]);
    assert!(far.stderr.contains("the baseline has no service \"Mainframe\""), "{}", far.stderr);
}

#[test]
fn contradictory_operations() {
    let bench = opened();
    let retire = format!("{EVERYTHING}from = \"2027-06\"");
    let twice = run(&bench, &[("a", "retire", &retire), ("b", "retire", &retire)]);
    assert_eq!(twice.status, Some(1));
    assert!(
        twice.stderr.contains("operation `b`") && twice.stderr.contains("retires the same lines"),
        "{}",
        twice.stderr
    );
    let later = format!("{EVERYTHING}change = \"10 %\"\nfrom = \"2027-08\"");
    let after = run(&bench, &[("a", "retire", &retire), ("b", "price_change", &later)]);
    assert_eq!(after.status, Some(3), "it runs, and there is something to look at: {}", after.stderr);
    assert!(after.stderr.contains("nothing is left of them"), "{}", after.stderr);
}

#[test]
fn percentages_over_a_hundred() {
    let bench = opened();
    let from = "from = \"2027-06\"";
    let into = "into = { service = \"New\" }\nnew = true\n";
    for (kind, rest, said) in [
        ("shift", format!("{EVERYTHING}{into}share = \"140 %\"\n{from}"), "no more than all of it"),
        ("scale", format!("{EVERYTHING}change = \"-140 %\"\n{from}"), "less than nothing would be left"),
        ("scale", format!("{EVERYTHING}change = \"10 %\"\nconfidence = \"101 %\"\n{from}"), "no probability"),
    ] {
        let output = save(&bench, &[("a", kind, &rest)]);
        assert_eq!(output.status, Some(1), "{rest}");
        assert!(output.stderr.contains(said) && output.stderr.contains("hint:"), "{rest}: {}", output.stderr);
    }
    let doubled = format!("{EVERYTHING}change = \"140 %\"\n{from}");
    let output = run(&bench, &[("a", "scale", &doubled)]);
    assert_eq!(output.status, Some(0), "growth may be more than a hundred percent: {}", output.stderr);
}

#[test]
fn dates_outside_the_horizon() {
    let bench = opened();
    let late = format!("{EVERYTHING}change = \"5 %\"\nfrom = \"2031-01\"");
    let output = run(&bench, &[("late", "price_change", &late)]);
    assert_eq!(output.status, Some(3), "it runs, and there is something to look at: {}", output.stderr);
    assert!(output.stderr.contains("after the horizon ends"), "{}", output.stderr);
    let over = format!("{EVERYTHING}change = \"5 %\"\nfrom = \"2024-01\"\nto = \"2024-03\"");
    let output = run(&bench, &[("over", "price_change", &over)]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    assert!(output.stderr.contains("before the horizon begins"), "{}", output.stderr);
    let begun = format!("{EVERYTHING}change = \"5 %\"\nfrom = \"2024-01\"");
    let output = run(&bench, &[("begun", "price_change", &begun)]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("may be in the bill already"), "what it did until now is: {}", output.stderr);
    let nonsense =
        save(&bench, &[("no", "price_change", &format!("{EVERYTHING}change = \"5 %\"\nfrom = \"2027-13\""))]);
    assert!(nonsense.stderr.contains("2027-13"), "{}", nonsense.stderr);
}

#[test]
fn nothing_is_below_zero_whatever_is_taken_away() {
    let bench = opened();
    let less = format!("{EVERYTHING}change = \"-100 %\"\nfrom = \"2027-05\"");
    let dearer = format!("{EVERYTHING}change = \"300 %\"\nfrom = \"2027-06\"");
    let text = format!(
        "baseline = \"forecast\"\n\n[[operation]]\nid = \"a\"\nkind = \"scale\"\n{less}\n[[operation]]\nid = \"b\"\nkind = \"price_change\"\n{dearer}\n"
    );
    keep(&bench, "gone", &text);
    let run = bench.json(&["scenario", "run", "gone"]);
    for figure in super::list(&run["likely"]).iter().chain(super::list(&run["band"]).iter().map(|band| &band["low_95"]))
    {
        assert!(amount(figure) >= Amount::ZERO, "{figure}");
    }
}
