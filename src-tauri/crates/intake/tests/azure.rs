//! Telling Azure's cost details from their headers, in all the spellings that they come with.

use std::fs;
use std::path::PathBuf;

use intake::{Expression, NotRecognised, Recognised, Sample, SourceColumn, SourceKind, recognise};

fn recognised(file: &str) -> Result<Recognised, NotRecognised> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data").join(file);
    let text = fs::read_to_string(path).expect("the file is beside the checkout");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let names = reader.headers().expect("a header").clone();
    let columns: Vec<SourceColumn> =
        names.iter().map(|name| SourceColumn { name: name.to_owned(), kind: SourceKind::Text }).collect();
    recognise(&Sample { columns: &columns, rows: &[] })
}

/// The source column that a FOCUS column is taken from, where it is taken as it is.
fn source(recognised: &Recognised, name: &str) -> Option<String> {
    match &recognised.mapping.column(name, 0)?.expression {
        Expression::Column(name) => Some(name.clone()),
        _ => None,
    }
}

#[test]
fn each_agreement_is_told_by_its_columns() {
    for (file, version) in [
        ("finops-toolkit/EA_ActualCost_Small.csv", "Enterprise Agreement"),
        ("finops-toolkit/EA_AmortizedCost_Small.csv", "Enterprise Agreement"),
        ("finops-toolkit/EA_NoRows.csv", "Enterprise Agreement"),
        ("focus_converters/sample-anonymous-ea-export-dataset.csv", "Enterprise Agreement"),
        ("opencost-azure/headersets/Enterprise.csv", "Enterprise Agreement"),
        ("opencost-azure/headersets/EnterpriseCamel.csv", "Microsoft Customer Agreement"),
        ("generated/nise/costreport_27680f11-513d-4937-8f76-4ac5f73cbf2b.csv", "Microsoft Customer Agreement"),
        ("opencost-azure/headersets/BOM.csv", "pay as you go"),
        ("opencost-azure/headersets/German.csv", "pay as you go"),
        ("opencost-azure/headersets/PayAsYouGo.csv", "pay as you go"),
    ] {
        let found = recognised(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!((found.format.as_str(), found.version.as_str()), ("azure", version), "{file}");
        assert_eq!(found.mapping.provider, Expression::Text("Microsoft".to_owned()));
        assert!(!found.mapping.extra.is_empty(), "{file}: what FOCUS has no column for is kept");
    }
}

#[test]
fn a_name_in_brackets_is_the_name() {
    let found = recognised("opencost-azure/headersets/German.csv").expect("German is one of Azure's languages");
    assert_eq!(source(&found, "charge_period_start").as_deref(), Some("UsageDateTime (UsageDateTime)"));
    assert_eq!(source(&found, "charge_description"), None, "made of several columns");
    let kept = &found.mapping.extra;
    assert!(kept.iter().any(|name| name == "Ressourcengruppe (ResourceGroup)"), "under its own name: {kept:?}");
}

#[test]
fn a_file_without_its_currency_is_told_what_is_missing() {
    for file in ["opencost-azure/values/Template.csv", "spruce/native-us-dates.csv", "spruce/native-iso-dates.csv"] {
        let Err(NotRecognised::Incomplete { format, missing, .. }) = recognised(file) else {
            panic!("{file} cannot be loaded");
        };
        assert_eq!(
            (format.as_str(), missing.as_slice()),
            ("azure", ["BillingCurrency".to_owned()].as_slice()),
            "{file}"
        );
    }
}

#[test]
fn the_reports_of_one_bill_are_named() {
    let found = recognised("finops-toolkit/EA_ActualCost_Small.csv").expect("an actual cost");
    let names: Vec<&str> = found.mapping.datasets.iter().map(|dataset| dataset.name.as_str()).collect();
    assert_eq!(names, ["amortised", "actual"]);
    let [gives_way] = found.mapping.yields.as_slice() else { panic!("one of the two gives way") };
    assert_eq!((gives_way.dataset.as_str(), gives_way.to.as_str()), ("actual", "amortised"));
}
