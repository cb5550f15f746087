//! Budget files.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeMap;

use budget::{FiscalCalendar, Import, ImportError, ImportSettings, Period, PeriodRule, Phasing, read_csv, read_rows};
use money::Amount;
use proptest::prelude::*;

fn periods(start: u32) -> Vec<Period> {
    FiscalCalendar::new(start, PeriodRule::Months).unwrap().periods(2027).unwrap()
}

fn known(dimension: &str) -> Option<Vec<String>> {
    let values: &[&str] = match dimension {
        "service" => &["Compute", "Storage"],
        "owner" => &["web", "data"],
        _ => return None,
    };
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

fn aliases() -> std::collections::BTreeMap<String, String> {
    // The bills know a dimension by the name of a column that every budget has.
    [("cost-center", "owner"), ("currency", "service")]
        .map(|(alias, dimension)| (alias.to_owned(), dimension.to_owned()))
        .into()
}

fn read_with(text: &str, start: u32) -> Result<Import, ImportError> {
    let dimensions = ["service", "owner", "sub_account"].map(str::to_owned);
    let settings = ImportSettings {
        periods: &periods(start),
        currency: "USD".parse().unwrap(),
        dimensions: &dimensions,
        aliases: &aliases(),
        known: &known,
        phasing: &Phasing::Even,
        phasing_of: &BTreeMap::new(),
    };
    read_csv(text, &settings)
}

fn read(text: &str) -> Import {
    read_with(text, 1).unwrap()
}

fn told(import: &Import) -> String {
    import.findings.iter().map(|finding| format!("{:?} {}\n", finding.row, finding.message)).collect()
}

#[test]
fn a_row_a_month() {
    let import = read(
        "Service,Owner,Month,Amount\nCompute,web,2027-01,100\nCompute,web,Feb 2027,\"1,200.50\"\nStorage,,03/2027,7\n",
    );
    assert_eq!(told(&import), "");
    let names: Vec<&str> = import.budgets.iter().map(|budget| budget.name.as_str()).collect();
    assert_eq!(names, ["owner = web, service = Compute", "service = Storage"]);
    assert_eq!(import.budgets[0].amounts[1].to_string(), "1200.50");
    assert_eq!(import.budgets[0].total().unwrap().to_string(), "1300.50");
    assert!(import.budgets[0].amounts[5].is_zero(), "a month that is not named has nothing");
}

#[test]
fn a_column_a_month_of_a_fiscal_year() {
    let import = read_with(
        "owner;name;2026-10;2026-11;2026-09;note\nweb;Web team;1.000,50;(20);5;x\nweb | data;Both;;12;;\n",
        10,
    )
    .unwrap();
    assert_eq!(import.budgets[0].name, "Web team");
    assert_eq!(import.budgets[0].amounts[0].to_string(), "1000.50", "a comma is the decimal sign of this file");
    assert_eq!(import.budgets[0].amounts[1].to_string(), "-20", "brackets are below zero");
    assert_eq!(import.budgets[0].total().unwrap().to_string(), "980.50", "September is no month of the year");
    assert_eq!(told(&import), "None column \"2026-09\" lies outside of the budget's periods; it does not count\n");
    assert_eq!(import.budgets[1].scope.to_string(), "owner = data | web");
    let numbered = read("owner,P1,P12\nweb,3,4\n");
    assert_eq!(
        (numbered.budgets[0].amounts[0], numbered.budgets[0].amounts[11]),
        (Amount::from_integer(3), Amount::from_integer(4))
    );
}

#[test]
fn an_amount_for_the_year_is_phased() {
    let import = read("owner,amount,currency,net_new,parent\nweb,1000,EUR,yes,All\n");
    let budget = &import.budgets[0];
    assert_eq!((budget.currency.code(), budget.net_new, budget.parent.as_deref()), ("EUR", true, Some("All")));
    assert_eq!(budget.total().unwrap(), Amount::from_integer(1000));
    assert_eq!((budget.amounts[0].to_string(), budget.amounts[11].to_string()), ("83.34".into(), "83.33".into()));
}

#[test]
fn rows_of_unknown_scopes_are_told_and_kept_apart() {
    let import = read(
        "service,owner,month,amount\nCompute,web,2027-01,10\nComptue,web,2027-01,5\nStorage,nobody,2027-02,3\nAny,web,2027-02,2\n",
    );
    assert_eq!(import.budgets.len(), 1);
    let rows: Vec<(usize, &str, Option<&str>)> =
        import.unmatched.iter().map(|row| (row.row, row.value.as_str(), row.nearest.as_deref())).collect();
    assert_eq!(
        rows,
        [(3, "Comptue", Some("Compute")), (4, "nobody", None), (5, "Any", None)],
        "rows count with the header"
    );
    let new = read("service,month,amount,net_new\nFresh,2027-01,10,yes\n");
    assert!(new.unmatched.is_empty() && new.budgets[0].net_new, "what is new need not be known");
    assert!(
        read("sub_account,month,amount\n123,2027-01,10\n").unmatched.is_empty(),
        "where values are not known any will do"
    );
}

#[test]
fn scopes_in_words() {
    let import = read(
        "month,scope,amount\n2027-01,total,100\n2027-01,cost-center=web,60\n2027-01,owner = none,5\n\
         2027-01,\"service = Compute, owner = web | data\",7\n2027-01,colour=red,1\n2027-01,web,1\n2027-01,owner=wbe,2\n\
         2027-01,owner=web|none,3\n",
    );
    let scopes: Vec<String> = import.budgets.iter().map(|budget| budget.scope.to_string()).collect();
    let wanted = ["everything", "owner = web", "owner = (none)", "owner = data | web, service = Compute"];
    assert_eq!(scopes, wanted);
    assert_eq!(import.unmatched.len(), 1, "a value that nobody has: {:?}", import.unmatched);
    let told = told(&import);
    for part in [
        "Some(6) the scope names \"colour\", which is no dimension",
        "Some(7) the scope \"web\" is neither",
        "Some(9) owner is to be missing and to have a value",
    ] {
        assert!(told.contains(part), "{told}\ndoes not say {part:?}");
    }
    let named = &import.named[&"USD".parse().unwrap()];
    assert_eq!(named.iter().filter(|named| **named).count(), 1, "eleven months have no budget at all");
}

#[test]
fn the_years_of_a_file_are_read_from_it() {
    let years = |text: &str, start: u32| {
        let calendar = FiscalCalendar::new(start, PeriodRule::Months).unwrap();
        let years = budget::fiscal_years(&budget::csv_rows(text).unwrap(), calendar);
        years.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(years("owner,month,amount\nweb,2025-07,1\nweb,2026-09,1\n", 1), [2025, 2026]);
    assert_eq!(years("owner,month,amount\nweb,2025-07,1\nweb,2026-09,1\n", 10), [2025, 2026]);
    assert_eq!(years("owner,2026-10,2026-11\nweb,1,1\n", 10), [2027]);
    assert_eq!(years("owner,amount\nweb,1\n", 1), [0_i32; 0], "which year is not said");
}

#[test]
fn rows_that_do_not_count_are_told() {
    let import = read(
        "owner,month,amount,currency\nweb,2027-01,10,\nweb,2027-01,11,\nweb,soon,1,\nweb,2030-01,1,\nweb,2027-02,ten,\nweb,2027-02,,\nweb,2027-03,4,dollars\nweb,2027-04,12 %,\n\n",
    );
    let told = told(&import);
    for part in [
        "Some(3) row 2 gives the same scope an amount for 2027-01 already; 11 does not count",
        "Some(4) \"soon\" is no month",
        "Some(5) 2030-01 lies outside",
        "Some(6) \"ten\" is no number",
        "Some(7) it has no amount",
        "Some(8) `dollars` is not a currency code",
        "Some(9) \"12 %\" is a percentage, not an amount",
    ] {
        assert!(told.contains(part), "{told}\ndoes not say {part:?}");
    }
    assert_eq!(import.budgets[0].total().unwrap(), Amount::from_integer(10));
    let doubt = read("owner,month,amount\nweb,2027-01,\"1,234\"\n");
    assert!(doubt.findings[0].message.contains("read with a point"), "a doubt about numbers is told");
}

#[test]
fn files_that_cannot_be_understood_are_refused() {
    let refused = |text: &str| read_with(text, 1).unwrap_err().to_string();
    for (text, part) in [
        ("", "no header"),
        ("\n,,\n", "no header"),
        ("onwer,month,amount\nweb,2027-01,1\n", "is `owner` meant?"),
        ("owner,colour,month,amount\n", "call it after one of"),
        ("owner,month\n", "no column `amount`"),
        ("owner,2027-01,amount\n", "keep one of the two"),
        ("owner,2027-01,Jan 2027\n", "the same month as column 2"),
        ("owner,amount,value,month\n", "the same as column 2"),
        ("owner,owner,amount\n", "two columns"),
        ("owner,2031-01,2031-02\n", "check the year"),
    ] {
        assert!(refused(text).contains(part), "{text:?} gave {:?}, not {part:?}", refused(text));
    }
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Compute".to_owned()),
        Just("web".to_owned()),
        Just("2027-03".to_owned()),
        Just("1,234.5".to_owned()),
        Just("owner".to_owned()),
        Just("amount".to_owned()),
        Just("month".to_owned()),
        "[ -~]{0,8}",
    ]
}

proptest! {
    #[test]
    fn no_sheet_brings_the_reader_down(rows in prop::collection::vec(prop::collection::vec(field(), 0..5), 0..8)) {
        let dimensions = ["service", "owner"].map(str::to_owned);
        let settings = ImportSettings {
            periods: &periods(1),
            currency: "USD".parse().unwrap(),
            dimensions: &dimensions,
            aliases: &aliases(),
            known: &known,
            phasing: &Phasing::ByDays,
            phasing_of: &BTreeMap::new(),
        };
        if let Ok(import) = read_rows(&rows, &settings) {
            prop_assert!(import.budgets.iter().all(|budget| budget.amounts.len() == 12));
        }
    }

    /// What the file says is in the budgets or told as unmatched: nothing gets lost, nothing is counted twice.
    #[test]
    fn nothing_is_lost(rows in prop::collection::vec((0..3_usize, 0..12_usize, -1_000_i128..10_000), 1..40)) {
        let mut text = String::from("owner,month,amount\n");
        let mut first_of = std::collections::BTreeMap::new();
        for &(owner, month, units) in &rows {
            let amount = Amount::new(units, 2).unwrap();
            text.push_str(&format!("{},2027-{:02},{amount}\n", ["web", "data", "nobody"][owner], month + 1));
            // Of two rows for one month of a budget the first counts; rows of unknown scopes are all told.
            if owner == 2 {
                first_of.insert((owner, first_of.len() + 100), amount);
            } else {
                first_of.entry((owner, month)).or_insert(amount);
            }
        }
        let import = read(&text);
        let wanted = Amount::sum(first_of.into_values()).unwrap();
        let budgets = import.budgets.iter().map(|budget| budget.total().unwrap());
        let found = Amount::sum(budgets.chain(import.unmatched.iter().map(|row| row.amount))).unwrap();
        prop_assert_eq!(found, wanted);
        prop_assert_eq!(import.total[&"USD".parse().unwrap()], wanted, "and the total says so");
    }
}
