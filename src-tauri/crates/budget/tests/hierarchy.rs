//! Budgets within budgets.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use budget::{Budget, FiscalCalendar, Hierarchy, Period, PeriodRule, Scope};
use money::Amount;
use proptest::prelude::*;

fn periods() -> Vec<Period> {
    FiscalCalendar::new(1, PeriodRule::Months).unwrap().periods(2027).unwrap()[..3].to_vec()
}

fn budget(name: &str, scope: Scope, amount: i64) -> Budget {
    Budget {
        name: name.to_owned(),
        scope,
        currency: "USD".parse().unwrap(),
        amounts: vec![Amount::from_integer(amount); 3],
        parent: None,
        net_new: false,
    }
}

fn scope(pairs: &[(&str, &str)]) -> Scope {
    pairs.iter().fold(Scope::everything(), |scope, (dimension, value)| scope.with(dimension, value))
}

fn told(hierarchy: &Hierarchy) -> String {
    hierarchy.findings.iter().map(|finding| format!("{}: {}\n", finding.budget, finding.message)).collect()
}

#[test]
fn a_budget_goes_under_the_smallest_that_holds_it() {
    let budgets = [
        budget("all", Scope::everything(), 100),
        budget("web", scope(&[("owner", "web")]), 60),
        budget("web compute", scope(&[("owner", "web"), ("service", "compute")]), 45),
        budget("data", scope(&[("owner", "data")]), 30),
    ];
    let hierarchy = Hierarchy::new(&periods(), &budgets).unwrap();
    let parents: Vec<Option<usize>> = hierarchy.nodes.iter().map(|node| node.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(1), Some(0)]);
    let rest = |node: usize| hierarchy.nodes[node].breakdowns[0].rest.as_ref().unwrap();
    assert_eq!(rest(0)[0], Amount::from_integer(10), "100 less 60 and 30");
    assert_eq!(rest(1)[2], Amount::from_integer(15));
    assert!(hierarchy.nodes[3].breakdowns.is_empty(), "a budget without parts has no rest");
    assert_eq!(told(&hierarchy), "", "nothing is wrong");
    assert_eq!(hierarchy.roots().count(), 1);
}

#[test]
fn what_does_not_fit_is_told() {
    let mut euro = budget("euro", scope(&[("owner", "web"), ("region", "eu")]), 1);
    euro.currency = "EUR".parse().unwrap();
    euro.parent = Some("web".to_owned());
    let mut astray = budget("astray", scope(&[("owner", "data")]), 1);
    astray.parent = Some("web".to_owned());
    let mut lost = budget("lost", scope(&[("owner", "data"), ("service", "x")]), 1);
    lost.parent = Some("nobody".to_owned());
    let budgets = [
        budget("web", scope(&[("owner", "web")]), 10),
        budget("compute", scope(&[("service", "compute")]), 10),
        budget("both", scope(&[("owner", "web"), ("service", "compute")]), 7),
        budget("one", scope(&[("owner", "web"), ("service", "storage"), ("service", "network")]), 4),
        budget("two", scope(&[("owner", "web"), ("service", "storage"), ("service", "disk")]), 3),
        euro,
        astray,
        lost,
    ];
    let hierarchy = Hierarchy::new(&periods(), &budgets).unwrap();
    let told = told(&hierarchy);
    for part in [
        "both: it is within both \"web\" and \"compute\": it is counted in \"web\"; name its parent",
        "web: its parts \"one\" and \"two\" can hold the same charges",
        "web: its parts by service are 4 more than it has in 2027-01",
        "euro: it is in EUR, \"web\" in USD: it stands alone",
        "astray: its scope (owner = data) is not within that of \"web\"",
        "lost: it is to be a part of \"nobody\", which there is not",
    ] {
        assert!(told.contains(part), "{told}\ndoes not say {part:?}");
    }
}

#[test]
fn a_whole_has_parts_in_more_than_one_way() {
    let budgets = [
        budget("all", Scope::everything(), 100),
        budget("web", scope(&[("owner", "web")]), 60),
        budget("AWS", scope(&[("provider", "AWS")]), 70),
        budget("nobody", Scope::everything().with_missing("owner"), 10),
        budget("Azure", scope(&[("provider", "Azure")]), 30),
    ];
    let hierarchy = Hierarchy::new(&periods(), &budgets).unwrap();
    let all = &hierarchy.nodes[0];
    assert_eq!(all.children, [1, 2, 3, 4]);
    let told_apart: Vec<(&str, &[usize], Amount)> = all
        .breakdowns
        .iter()
        .map(|part| (part.dimensions[0].as_str(), part.children.as_slice(), part.rest.as_ref().unwrap()[0]))
        .collect();
    let wanted: [(&str, &[usize], Amount); 2] =
        [("owner", &[1, 3], Amount::from_integer(30)), ("provider", &[2, 4], Amount::ZERO)];
    assert_eq!(told_apart, wanted, "owners and providers each add up to the whole, and are never added to each other");
    assert_eq!(told(&hierarchy), "");
    let alone = Hierarchy::new(&periods(), &budgets[1..]).unwrap();
    assert_eq!(alone.roots.len(), 2, "so do budgets that are part of no other");
    assert!(alone.roots.iter().all(|breakdown| breakdown.rest.is_none()), "of which nobody says what they leave");
}

#[test]
fn ten_thousand_budgets_are_put_in_their_places() {
    let mut budgets = vec![budget("all", Scope::everything(), 10_000)];
    budgets.extend((0..10_000).map(|at| budget(&format!("b{at}"), scope(&[("account", &at.to_string())]), 1)));
    let hierarchy = Hierarchy::new(&periods(), &budgets).unwrap();
    assert_eq!(hierarchy.nodes[0].children.len(), 10_000);
    assert_eq!(hierarchy.nodes[0].breakdowns[0].rest.as_ref().unwrap()[0], Amount::ZERO);
    assert_eq!(told(&hierarchy), "");
}

#[test]
fn parents_in_a_circle_are_cut() {
    let mut budgets = [budget("a", Scope::everything(), 1), budget("b", Scope::everything(), 1)];
    budgets[0].parent = Some("b".to_owned());
    budgets[1].parent = Some("a".to_owned());
    let hierarchy = Hierarchy::new(&periods(), &budgets).unwrap();
    assert_eq!(hierarchy.roots().count(), 1, "one of them is the root");
    assert!(told(&hierarchy).contains("a part of itself"));
    let mut short = budget("short", Scope::everything(), 1);
    short.amounts.pop();
    let refused = Hierarchy::new(&periods(), &[short]).unwrap_err().to_string();
    assert!(refused.contains("has 2 amounts for 3 periods"));
}

proptest! {
    #[test]
    fn parts_are_made_to_be_the_whole(whole in -100_000_i128..1_000_000, parts in prop::collection::vec(-2_000_i128..100_000, 1..12)) {
        let cents = |units: &i128| Amount::new(*units, 2).unwrap();
        let given: Vec<Amount> = parts.iter().map(cents).collect();
        let made = budget::conform(cents(&whole), &given, 2).unwrap();
        prop_assert_eq!(Amount::sum(made.iter().copied()).unwrap(), cents(&whole), "to the cent");
        if whole >= 0 && parts.iter().all(|part| *part >= 0) {
            prop_assert!(made.iter().all(|part| !part.is_negative()), "what costs something never comes to pay: {made:?}");
        }
        let kept = budget::conform(Amount::sum(given.iter().copied()).unwrap(), &given, 2).unwrap();
        prop_assert_eq!(kept, given, "parts that add up stay as they are");
    }

    #[test]
    fn children_and_rest_are_the_parent(
        made in prop::collection::vec((0..4_usize, 0..4_usize, 0..3_usize, -1_000_i128..10_000, prop::bool::ANY), 1..12),
    ) {
        let budgets: Vec<Budget> = made.iter().enumerate().map(|(place, &(owner, service, region, units, euro))| {
            let mut scope = Scope::everything();
            for (dimension, value) in [("owner", owner), ("service", service), ("region", region)] {
                // Zero does not restrict.
                if value > 0 {
                    scope = scope.with(dimension, &value.to_string());
                }
            }
            let amounts = (0..3).map(|month| Amount::new(units * (month + 1), 2).unwrap()).collect();
            let currency = if euro { "EUR" } else { "USD" }.parse().unwrap();
            Budget { name: format!("b{place}"), scope, currency, amounts, parent: None, net_new: false }
        }).collect();
        let hierarchy = Hierarchy::new(&periods(), &budgets).unwrap();
        let mut seen = 0;
        for node in &hierarchy.nodes {
            for &child in &node.children {
                seen += 1;
                prop_assert_eq!(hierarchy.nodes[child].parent, Some(node.budget));
                prop_assert!(budgets[node.budget].scope.contains(&budgets[child].scope));
                prop_assert_eq!(budgets[node.budget].currency, budgets[child].currency, "currencies are never added");
            }
            let mut parts: Vec<usize> =
                node.breakdowns.iter().flat_map(|breakdown| breakdown.children.clone()).collect();
            parts.sort_unstable();
            prop_assert_eq!(&parts, &node.children, "each part is in one breakdown");
            for breakdown in &node.breakdowns {
                for (month, rest) in breakdown.rest.iter().flatten().enumerate() {
                    let parts = breakdown.children.iter().map(|&child| budgets[child].amounts[month]);
                    let whole = Amount::sum(parts.chain([*rest])).unwrap();
                    prop_assert_eq!(whole, budgets[node.budget].amounts[month], "children and rest are the parent");
                }
            }
        }
        prop_assert_eq!(seen + hierarchy.roots().count(), budgets.len(), "each is a root or the part of one");
    }
}
