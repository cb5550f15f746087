//! Recognition of real and generated files, by what is in them.

use crate::common::{Table, charges, columns, decimal};
use intake::{NotRecognised, Sample, recognise};
use rust_decimal::Decimal;

const COMMA: u8 = b',';

#[test]
fn every_focus_file_is_told_with_its_version() {
    for (path, version, provider) in [
        ("focus-sample-data/focus_sample.csv", "1.0", "AWS"),
        ("generated/focus-data-toolkit/focus_1_2_cost_and_usage_aws.csv.gz", "1.2", "AWS"),
        ("generated/focus-data-toolkit/focus_1_2_cost_and_usage_gcp.csv.gz", "1.2", "Google Cloud"),
        ("generated/focus-data-toolkit/focus_1_3_cost_and_usage_aws.csv.gz", "1.3", "AWS"),
        ("generated/focus-data-toolkit/focus_1_3_cost_and_usage_gcp.csv.gz", "1.3", "Google Cloud"),
        ("focus-spec-data/saas_examples/spend_agreements/saas_spend_agreements_b2.csv", "1.1", "Acme Co"),
        ("focus-spec-data/saas_examples/virtual_currency_pricing_model_a1.csv", "1.2", "ACMECORP"),
    ] {
        let table = Table::read(path, COMMA);
        let recognised = table.recognise().unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!((recognised.format.as_str(), recognised.version.as_str()), ("focus", version), "{path}");
        assert_eq!(recognised.title, format!("FOCUS {version}"));
        let mapping = &recognised.mapping;
        assert!(mapping.parts.is_empty() && mapping.excluded.is_empty(), "a FOCUS row is one charge");
        let charge = charges(mapping, &table.columns, &table.rows[0]);
        assert_eq!(charge[0].text("provider_name"), Some(provider), "{path}");
    }
}

#[test]
fn the_official_sample_keeps_its_totals_and_its_odd_column() {
    let table = Table::read("focus-sample-data/focus_sample.csv", COMMA);
    let mapping = table.recognise().expect("FOCUS").mapping;
    assert_eq!(mapping.extra, ["Id"], "the column that FOCUS does not know is kept");
    let total = |column: &str| -> Decimal {
        let all = table.rows.iter().flat_map(|row| charges(&mapping, &table.columns, row));
        all.filter_map(|charge| charge.number(column)).sum()
    };
    assert_eq!(total("billed_cost"), decimal("20.52022672899"));
    assert_eq!(total("effective_cost"), decimal("14.97651418586"));
    assert_eq!(total("list_cost"), decimal("20.39090575119"));
    let first = &charges(&mapping, &table.columns, &table.rows[0])[0];
    assert_eq!(first.text("availability_zone"), None, "the literal NULL is no value");
}

#[test]
fn every_cost_and_usage_report_is_told() {
    for (path, delimiter, version) in [
        ("focus_converters/sample-anonymous-aws-export-dataset.csv", COMMA, "legacy"),
        ("aws-well-architected-labs/BeforeCUR.gz", 1, "legacy"),
        ("generated/nise/aws_cur_August-2026-None-2.csv.gz", COMMA, "legacy"),
        ("generated/nise/aws_cur_sep2026_sp_ri_static.csv.gz", COMMA, "legacy"),
        ("fivetran/aws_cost_report.csv", COMMA, "2.0"),
        ("aws-cur-anonymize/sample-legacy-csv.csv", COMMA, "legacy"),
        ("aws-cur-anonymize/sample-cur20.csv", COMMA, "legacy"),
    ] {
        let recognised = Table::read(path, delimiter).recognise().unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!((recognised.format.as_str(), recognised.version.as_str()), ("aws-cur", version), "{path}");
    }
}

#[test]
fn real_reports_keep_their_totals() {
    for (path, delimiter, billed, effective, list) in [
        (
            "focus_converters/sample-anonymous-aws-export-dataset.csv",
            COMMA,
            "1.6823086974",
            "1.6823086974",
            "3.4361726949",
        ),
        ("aws-well-architected-labs/BeforeCUR.gz", 1, "89.170632878", "89.170632878", "89.2316424927"),
    ] {
        let table = Table::read(path, delimiter);
        let mapping = table.recognise().expect("a report").mapping;
        let all: Vec<_> = table.rows.iter().flat_map(|row| charges(&mapping, &table.columns, row)).collect();
        let total = |column: &str| -> Decimal { all.iter().filter_map(|charge| charge.number(column)).sum() };
        assert_eq!(total("billed_cost"), decimal(billed), "{path}");
        assert_eq!(total("effective_cost"), decimal(effective), "{path}");
        assert_eq!(total("list_cost"), decimal(list), "{path}");
    }
}

#[test]
fn files_that_are_no_charges_are_told_by_name() {
    for (path, title) in [
        ("aws-well-architected-labs/30_day_EC2_RI_Rec.csv", "a list of AWS reservation recommendations"),
        (
            "aws-well-architected-labs/WALAB-ec2-rightsizing-recommendations.csv",
            "a list of AWS rightsizing recommendations",
        ),
    ] {
        let refused = Table::read(path, COMMA).recognise().expect_err(path);
        let NotRecognised::OtherKind { title: found, hint } = &refused else { panic!("{path}: {refused}") };
        assert_eq!(found, title, "{path}");
        assert!(hint.ends_with('.'), "the hint says what to load instead");
    }
}

#[test]
fn a_file_that_lacks_columns_is_told_which() {
    let scenario = "focus-spec-data/commitment_discount_scenarios/commitment_discount_purchase_scenario_1.csv";
    let refused = Table::read(scenario, COMMA).recognise().expect_err(scenario);
    assert_eq!(refused.to_string(), "this looks like FOCUS, but BillingCurrency and ServiceName are missing");
    assert_eq!(refused.hint(), "Export the file again with these columns.");
}

#[test]
fn a_wrong_separator_and_a_missing_header_are_told() {
    let hive = Table::read("aws-well-architected-labs/BeforeCUR.gz", b'\x02').recognise().expect_err("one column");
    assert!(matches!(&hive, NotRecognised::OneColumn { separator: Some("the control character 1"), .. }), "{hive}");

    let table = Table::read("focus_converters/sample-anonymous-aws-export-dataset.csv", COMMA);
    let first: Vec<String> = table.rows[0].iter().map(|field| field.clone().unwrap_or_default()).collect();
    let headless = recognise(&Sample { columns: &columns(&first), rows: &table.rows[1..3] }).expect_err("no header");
    assert!(matches!(headless, NotRecognised::NoHeader { .. }), "{headless}");
}

/// The Parquet of the two real months: the columns that decide.
#[test]
fn athena_spelling_is_the_same_report() {
    let names = [
        "bill_billing_period_start_date",
        "bill_billing_period_end_date",
        "line_item_line_item_type",
        "line_item_usage_start_date",
        "line_item_usage_end_date",
        "line_item_product_code",
        "line_item_currency_code",
        "line_item_unblended_cost",
        "reservation_effective_cost",
        "reservation_reservation_a_r_n",
        "reservation_unused_recurring_fee",
        "product_region",
        "resource_tags_aws_created_by",
        "resource_tags_user_cost_center",
    ];
    let columns = columns(&names);
    let recognised = recognise(&Sample { columns: &columns, rows: &[] }).expect("a report");
    assert_eq!((recognised.format.as_str(), recognised.version.as_str()), ("aws-cur", "legacy"));
    assert_eq!(recognised.title, "AWS Cost and Usage Report (legacy)");
    let value = |name: &str| Some(format!("{name}!"));
    let row: Vec<Option<String>> = names
        .iter()
        .map(|name| match *name {
            "line_item_line_item_type" => Some("DiscountedUsage".to_owned()),
            name if name.contains("cost") && !name.contains("tags") || name.contains("fee") => Some("1".to_owned()),
            name if name.contains("date") => Some("2018-10-01 00:00:00".to_owned()),
            name => value(name),
        })
        .collect();
    let charge = &charges(&recognised.mapping, &columns, &row)[0];
    assert_eq!(charge.text("commitment_discount_id"), Some("reservation_reservation_a_r_n!"));
    let tags =
        r#"{"aws:created_by":"resource_tags_aws_created_by!","user:cost_center":"resource_tags_user_cost_center!"}"#;
    assert_eq!(charge.text("tags"), Some(tags), "the prefixes are upright again");
}
