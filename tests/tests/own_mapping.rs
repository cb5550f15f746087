//! A bill of no known format, mapped by the analyst: drafted, tried, saved, loaded, and traced back to its cells.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use testsupport::Workbench;

const BILL: &str = "\u{feff}Invoice #,Date,Product,Workspace,Qty,Unit Price,Amount\r\n\
    INV-1,03/31/2026,Seats,core,12,$10.00,\"$1,120.00\"\r\n\
    INV-1,04/01/2026,Storage,core,1,$10.00,$10.505\r\n\
    INV-1,04/02/2026,=cmd(),<b>core</b>,1,$0.10,-$0.105\r\n";

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

/// Drafts a mapping for a bill and writes it beside the bill.
fn drafted(bench: &Workbench, bill: &std::path::Path) -> std::path::PathBuf {
    let draft = bench.qd(&["mapping", "draft", bill.to_str().unwrap(), "--provider", "Acme"]);
    assert_eq!(draft.status, Some(0), "{}", draft.stderr);
    bench.write("mapping.toml", draft.stdout)
}

#[test]
fn a_bill_of_no_known_format_is_drafted_tried_saved_loaded_and_traced() {
    let bench = bench();
    let bill = bench.write("acme.csv", BILL);
    let path = bill.to_str().unwrap();
    let refused = bench.load(&[path]);
    assert_eq!(refused.status, Some(1), "nothing knows this header");
    assert!(refused.stderr.contains("qd mapping draft"), "the way out is told: {}", refused.stderr);

    let mapping = drafted(&bench, &bill);
    let before = (bench.state(), bench.leftovers());
    let tried = bench.qd(&["--format", "json", "mapping", "try", path, mapping.to_str().unwrap()]);
    let tried = tried.json();
    assert_eq!(tried["charges"], 3);
    assert_eq!(tried["totals"][0]["billed"], "1130.4", "1120.00 + 10.505 - 0.105");
    assert_eq!((bench.state(), bench.leftovers()), before, "a try loads nothing and leaves nothing");

    let saved = bench.qd(&["mapping", "save", mapping.to_str().unwrap()]);
    assert_eq!(saved.status, Some(0), "{}", saved.stderr);
    let report = bench.json(&["load", path]);
    assert_eq!(report["loads"].as_array().unwrap().len(), 2, "a load for each month: {report}");
    let answer = bench.json(&["ask", "--cost", "billed", "--by", "service"]);
    assert_eq!(answer["total"]["billed_cost"], "1130.4", "{answer}");
    let source = bench.qd(&["source", "1.1"]);
    assert!(source.stdout.contains("$1,120.00"), "the vendor's own cells: {}", source.stdout);
}

#[test]
fn a_value_that_the_mapping_cannot_read_is_told_with_its_row() {
    let bench = bench();
    let bill = bench.write("acme.csv", BILL);
    let mapping = drafted(&bench, &bill);
    assert_eq!(bench.qd(&["mapping", "save", mapping.to_str().unwrap()]).status, Some(0));
    let spoilt = bench.write("april.csv", BILL.replace("$10.505", "ten"));
    let tried = bench.qd(&["mapping", "try", spoilt.to_str().unwrap(), mapping.to_str().unwrap()]);
    assert_eq!(tried.status, Some(3), "there is something to look at: {}", tried.stderr);
    assert!(tried.stderr.contains("row 2, BilledCost"), "{}", tried.stderr);
}

#[test]
fn a_mapping_that_cannot_work_is_refused_when_it_is_saved() {
    let bench = bench();
    let bill = bench.write("acme.csv", BILL);
    let text = std::fs::read_to_string(drafted(&bench, &bill)).unwrap();
    for (spoilt, told) in [
        (text.replace("format = \"own-acme\"", "format = \"aws-cur\""), "cannot be its name"),
        (text.replace("format = \"own-acme\"", "format = \"../../x\""), "cannot be its name"),
        (text.replace("BilledCost", "BiledCost"), "BilledCost"),
        (text.replace("{ from = \"Product\" }", "{ from = \"first(Product\" }"), "first(Product"),
    ] {
        let path = bench.write("spoilt.toml", &spoilt);
        let saved = bench.qd(&["mapping", "save", path.to_str().unwrap()]);
        assert_eq!(saved.status, Some(1), "{spoilt}");
        assert!(saved.stderr.contains(told), "{told} in {}", saved.stderr);
    }
    assert_eq!(bench.json(&["mapping", "list"]).as_array().unwrap().len(), 0, "none of them was kept");
}

#[test]
fn an_own_mapping_goes_before_the_formats_of_the_program_and_can_be_taken_back() {
    let bench = bench();
    let focus = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName,House Account\n\
                 5,4,6,6,USD,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z,Compute,AWS,h1\n";
    let bill = bench.write("house.csv", focus);
    let mapping = bench.write(
        "house.toml",
        "format = 'house'\nmandatory = ['House Account', 'BilledCost']\nprovider = { from = \"'House'\" }\n[columns]\n\
         BilledCost = { from = 'EffectiveCost', why = 'we book amortised' }\nBillingCurrency = { from = 'BillingCurrency' }\n\
         ChargePeriodStart = { from = 'ChargePeriodStart' }\nServiceName = { from = 'ServiceName' }\n\
         SubAccountId = { from = '`House Account`' }\n",
    );
    assert_eq!(bench.qd(&["mapping", "save", mapping.to_str().unwrap()]).status, Some(0));
    let report = bench.json(&["load", bill.to_str().unwrap()]);
    assert_eq!(report["loads"][0]["format"], "house", "it was made for this file: {report}");
    assert_eq!(bench.json(&["ask", "--cost", "billed"])["total"]["billed_cost"], "4");
    let edited = std::fs::read_to_string(&mapping).unwrap().replace("'EffectiveCost'", "'ListCost'");
    let edited = bench.write("edited.toml", &edited);
    assert_eq!(bench.qd(&["mapping", "save", edited.to_str().unwrap()]).status, Some(0));
    let report = bench.json(&["load", bill.to_str().unwrap()]);
    assert_eq!(
        report["loads"][0]["rows"], 1,
        "the same file by an edited mapping is no file that is loaded already: {report}"
    );
    assert_eq!(
        bench.json(&["ask", "--cost", "billed"])["total"]["billed_cost"],
        "6",
        "it takes the place of the older one"
    );
    let report = bench.json(&["load", bill.to_str().unwrap()]);
    assert_eq!(report["skipped"][0]["code"], "already_loaded", "by the same mapping it is: {report}");
    assert_eq!(bench.qd(&["mapping", "delete", "house"]).status, Some(0));
    let report = bench.json(&["load", bill.to_str().unwrap()]);
    assert_eq!(report["loads"][0]["format"], "focus", "without it the file is FOCUS: {report}");
}

#[test]
fn columns_that_cannot_be_watched_are_told() {
    const TEXTS: [&str; 16] = [
        "AvailabilityZone",
        "CapacityReservationId",
        "ChargeDescription",
        "CommitmentDiscountId",
        "CommitmentDiscountName",
        "CommitmentDiscountType",
        "ConsumedUnit",
        "HostProviderName",
        "InvoiceId",
        "PricingUnit",
        "RegionId",
        "RegionName",
        "ResourceId",
        "ResourceName",
        "ResourceType",
        "SkuId",
    ];
    let load = |decided: usize| {
        let bench = bench();
        let mut mapping =
            "format = 'ledger'\nmandatory = ['Net', 'Sign']\nprovider = { from = \"'House'\" }\n[columns]\n\
                           BilledCost = { from = 'Net' }\nBillingCurrency = { from = \"'USD'\" }\n\
                           ChargePeriodStart = { from = 'Day' }\nServiceName = { from = 'Item' }\n"
                .to_owned();
        for id in &TEXTS[..decided] {
            mapping += &format!("{id} = {{ from = \"if(negative(Sign), 'back', 'out')\" }}\n");
        }
        let mapping = bench.write("ledger.toml", mapping);
        let saved = bench.qd(&["mapping", "save", mapping.to_str().unwrap()]);
        assert_eq!(saved.status, Some(0), "{}", saved.stderr);
        let bill = bench.write(
            "ledger.csv",
            "Day,Item,Net,Sign\n2026-01-01T00:00:00Z,Rack,5,-1\n2026-01-02T00:00:00Z,Rack,6,minus\n",
        );
        let output = bench.qd(&["--format", "json", "load", bill.to_str().unwrap()]);
        assert_eq!(output.status, Some(3), "a value is refused: {}", output.stderr);
        let report = output.json();
        let told = |note: &&serde_json::Value| note.as_str().unwrap().contains("more columns than can be watched");
        let notes: Vec<String> = report["notes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(told)
            .map(|note| note.as_str().unwrap().to_owned())
            .collect();
        (notes, report["refused_values"].as_u64().unwrap())
    };
    let (notes, refused) = load(13);
    assert_eq!((notes.len(), refused), (0, 13), "there is room for each: {notes:?}");
    let (notes, refused) = load(16);
    assert_eq!((notes.len(), refused), (1, 13), "three of them are not watched");
    assert!(notes[0].contains("in 3 of them (ResourceName, ResourceType, SkuId) a number"), "{notes:?}");
}

#[test]
fn how_a_charge_was_made_is_told_in_text_with_the_cells_behind_it() {
    let bench = bench();
    let mapping = bench.write(
        "ledger.toml",
        "format = 'ledger'\nmandatory = ['Net', 'Tax']\nprovider = { from = \"'House'\" }\n\
         [define]\nall_in = 'Net + Tax'\n[columns]\n\
         BilledCost = { from = 'all_in', why = 'tax is on the bill' }\nBillingCurrency = { from = \"'USD'\" }\n\
         ChargePeriodStart = { from = '`Posting Day`' }\nServiceName = { from = 'Item' }\n",
    );
    let saved = bench.qd(&["mapping", "save", mapping.to_str().unwrap()]);
    assert_eq!(saved.status, Some(0), "{}", saved.stderr);
    let bill = bench.write("ledger.csv", "Posting Day,Item,Net,Tax\n2026-01-01T00:00:00Z,Rack\u{1b}[2J,5,0.5\n");
    let _report = bench.loaded(&[&bill]);
    let output = bench.qd(&["--format", "table", "source", "1.1"]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let lines: Vec<&str> = output.stdout.lines().collect();
    let beneath = |column: &str| -> Vec<&str> {
        let at = lines.iter().position(|line| line.starts_with(&format!("{column} "))).unwrap();
        lines[at + 1..].iter().take_while(|line| line.starts_with("    ")).map(|line| line.trim()).collect()
    };
    assert_eq!(
        beneath("BilledCost"),
        ["from Net = 5", "from Tax = 0.5", "by all_in", "because tax is on the bill"],
        "the cells behind the definition: {}",
        output.stdout
    );
    assert_eq!(beneath("ServiceName"), ["from Item, as it is"]);
    assert!(!output.stdout.contains('\u{1b}'), "text of a bill does not drive the terminal");
    assert!(output.stdout.contains("\ncolumn_as_written"), "the row as it is written follows: {}", output.stdout);
    let csv = bench.qd(&["--format", "csv", "source", "1.1"]);
    assert!(csv.stdout.starts_with("column,value\nPosting Day,"), "a CSV has the row alone: {}", csv.stdout);
    std::fs::remove_file(&bill).unwrap();
    let csv = bench.qd(&["--format", "csv", "source", "1.1"]);
    assert!(csv.stdout.contains("BilledCost,5.5,all_in,\"Net, Tax\"\n"), "without it what was made: {}", csv.stdout);
    let text = bench.qd(&["--format", "table", "source", "1.1"]);
    assert_eq!(text.status, Some(3));
    assert!(text.stdout.contains("\n    from Net\n    from Tax\n    by all_in\n"), "{}", text.stdout);
}
