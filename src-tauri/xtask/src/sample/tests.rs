//! The written files, read back: against the ledger's count, against the invoices, against the rules of FOCUS.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Cursor, Read},
    path::Path,
    sync::OnceLock,
};

use flate2::read::GzDecoder;
use rust_decimal::Decimal;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    events::{EXPIRING_COMMITMENT, UPFRONT_RESERVATION},
    write_sample,
};

const COSTS: [(&str, &str); 4] =
    [("billed", "BilledCost"), ("effective", "EffectiveCost"), ("contracted", "ContractedCost"), ("list", "ListCost")];

/// One file of bills, read back.
struct File {
    path: String,
    provider: String,
    version: String,
    headers: BTreeMap<String, usize>,
    rows: Vec<csv::StringRecord>,
}

impl File {
    fn cells(&self) -> impl Iterator<Item = Cells<'_>> {
        self.rows.iter().map(|row| Cells { file: self, row })
    }
}

/// One row, by column name; an empty cell is null.
#[derive(Clone, Copy)]
struct Cells<'a> {
    file: &'a File,
    row: &'a csv::StringRecord,
}

impl<'a> Cells<'a> {
    fn text(self, column: &str) -> Option<&'a str> {
        let at = self.file.headers.get(column)?;
        self.row.get(*at).filter(|text| !text.is_empty())
    }

    fn is_null(self, column: &str) -> bool {
        self.text(column).is_none()
    }

    fn number(self, column: &str) -> Option<Decimal> {
        self.text(column).map(|text| text.parse().unwrap())
    }

    fn cost(self, column: &str) -> Decimal {
        self.number(column).unwrap()
    }

    fn is_category(self, category: &str) -> bool {
        self.text("ChargeCategory") == Some(category)
    }

    fn billing_period(self) -> &'a str {
        &self.text("BillingPeriodStart").unwrap()[..7]
    }

    fn invoice(self) -> &'a str {
        self.text("InvoiceId").or(self.text("x_InvoiceId")).unwrap()
    }

    fn is_correction(self) -> bool {
        self.text("ChargeClass") == Some("Correction")
    }
}

struct Written {
    folder: TempDir,
    truth: Value,
    files: Vec<File>,
}

impl Written {
    /// The rows that stand at the end: the second delivery instead of the first.
    fn final_rows(&self) -> impl Iterator<Item = Cells<'_>> {
        let replaced: BTreeSet<String> = self
            .files
            .iter()
            .filter_map(|file| file.path.strip_prefix("redelivered/").map(|path| format!("bills/{path}")))
            .collect();
        self.files.iter().filter(move |file| !replaced.contains(&file.path)).flat_map(File::cells)
    }

    fn list(&self, name: &str) -> &[Value] {
        self.truth[name].as_array().unwrap()
    }
}

/// The sample, written once for all tests.
fn sample() -> &'static Written {
    static SAMPLE: OnceLock<Written> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        write_sample(folder.path()).unwrap();
        let truth: Value =
            serde_json::from_str(&fs::read_to_string(folder.path().join("truth.json")).unwrap()).unwrap();
        let files = truth["files"].as_array().unwrap().iter().map(|file| read(folder.path(), file)).collect();
        Written { folder, truth, files }
    })
}

fn read(folder: &Path, file: &Value) -> File {
    let path = string(&file["path"]);
    let text = unpacked(&folder.join(path));
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    File {
        path: path.to_owned(),
        provider: string(&file["provider"]).to_owned(),
        version: string(&file["focus_version"]).to_owned(),
        headers,
        rows: reader.records().map(Result::unwrap).collect(),
    }
}

/// The text of a file, out of its container.
fn unpacked(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap(),
        Some("zip") => {
            zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_index(0).unwrap().read_to_string(&mut text).unwrap()
        }
        _ => bytes.as_slice().read_to_string(&mut text).unwrap(),
    };
    text
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn decimal(value: &Value) -> Decimal {
    string(value).parse().unwrap()
}

/// Sums the four costs of rows by a key.
fn sums<'a, Key: Ord>(
    rows: impl Iterator<Item = Cells<'a>>,
    key: impl Fn(Cells<'a>) -> Key,
) -> BTreeMap<Key, [Decimal; 4]> {
    let mut sums = BTreeMap::<Key, [Decimal; 4]>::new();
    for row in rows {
        let sum = sums.entry(key(row)).or_default();
        for (amount, (_, column)) in sum.iter_mut().zip(COSTS) {
            *amount += row.cost(column);
        }
    }
    sums
}

fn costs(truth: &Value) -> [Decimal; 4] {
    COSTS.map(|(name, _)| decimal(&truth[name]))
}

#[test]
fn the_committed_sample_is_what_the_generator_writes() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-data");
    let written = sample().folder.path();
    for name in ["truth.json", "README.md", "invoices.csv", "metrics.csv", "budgets.csv", "owners.csv"] {
        let text = |folder: &Path| fs::read_to_string(folder.join(name)).unwrap();
        assert!(text(&committed) == text(written), "{name} is out of date: run `cargo xtask sample-data`");
    }
    for File { path, .. } in &sample().files {
        assert!(
            unpacked(&committed.join(path)) == unpacked(&written.join(path)),
            "{path} is out of date: run `cargo xtask sample-data`"
        );
    }
}

#[test]
fn the_sample_is_small_enough_for_a_repository() {
    let bytes: u64 =
        sample().files.iter().map(|file| fs::metadata(sample().folder.path().join(&file.path)).unwrap().len()).sum();
    assert!(bytes < 8_000_000, "{bytes} bytes of bills: the sample may have 8 MB");
}

#[test]
fn each_file_has_the_columns_of_its_version() {
    for file in &sample().files {
        let own = file.headers.keys().filter(|name| !name.starts_with("x_")).count();
        let expected = match file.version.as_str() {
            "1.0" => 43,
            "1.2" => 57,
            "1.3" | "1.4" => 65,
            other => panic!("no file should have version {other}"),
        };
        assert_eq!(own, expected, "{}: FOCUS {} has so many columns", file.path, file.version);
        assert_eq!(
            file.headers.contains_key("ProviderName"),
            file.version != "1.4",
            "{}: FOCUS 1.4 has no ProviderName",
            file.path
        );
    }
}

#[test]
fn the_rows_add_up_to_the_truth() {
    let sample = sample();
    let key = |row: Cells<'_>| (row.text("BillingAccountId").unwrap().to_owned(), row.billing_period().to_owned());
    let read = sums(sample.final_rows(), key);
    let told = sample.list("totals");
    assert_eq!(read.len(), told.len(), "as many accounts and months as told");
    for total in told {
        let key = (string(&total["billing_account"]).to_owned(), string(&total["billing_period"]).to_owned());
        assert_eq!(read[&key], costs(&total["costs"]), "the four costs of {key:?}");
    }
    for (list, name, column) in
        [("categories", "charge_category", "ChargeCategory"), ("services", "service", "ServiceName")]
    {
        let read = sums(sample.final_rows(), |row| {
            [row.file.provider.as_str(), row.text("BillingCurrency").unwrap(), row.text(column).unwrap()]
        });
        assert_eq!(read.len(), sample.list(list).len(), "as many {list} as told");
        for total in sample.list(list) {
            let key = [string(&total["provider"]), string(&total["currency"]), string(&total[name])];
            assert_eq!(read[&key], costs(&total["costs"]), "the four costs of {key:?}");
        }
    }
}

#[test]
fn the_metrics_add_up_to_the_truth() {
    let text = fs::read_to_string(sample().folder.path().join("metrics.csv")).unwrap();
    let mut read = BTreeMap::<[String; 4], i64>::new();
    for row in csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap) {
        let [date, metric, value, region, market] = [0, 1, 2, 3, 4].map(|at| row[at].to_owned());
        *read.entry([metric, region, market, date[..7].to_owned()]).or_default() += value.parse::<i64>().unwrap();
    }
    let told = sample().list("metrics").iter().map(|one| {
        let key = ["metric", "region", "market", "month"].map(|name| one[name].as_str().unwrap_or_default().to_owned());
        (key, string(&one["total"]).parse::<i64>().unwrap())
    });
    assert_eq!(read, told.collect::<BTreeMap<_, _>>(), "each metric, region, market and month");
    assert_eq!(read.len(), 9 * 15, "nine series over fifteen months");
}

#[test]
fn the_first_delivery_adds_up_to_its_own_truth() {
    let sample = sample();
    let first = &sample.truth["first_delivery"];
    let path = format!("bills/aws/focus-{}.csv.gz", string(&first["billing_period"]));
    let file = sample.files.iter().find(|file| file.path == path).unwrap();
    let read = sums(file.cells(), |_| ());
    assert_eq!(read[&()], costs(&first["costs"]), "the first delivery as it was sent");
    let last = sample
        .list("totals")
        .iter()
        .find(|total| total["provider"] == "AWS" && total["billing_period"] == first["billing_period"]);
    assert_ne!(costs(&last.unwrap()["costs"]), read[&()], "the second delivery changes the month");
}

#[test]
fn applications_and_untagged_usage_add_up_to_the_truth() {
    let sample = sample();
    let tag = |row: Cells<'_>| -> String {
        let tags: Value = row.text("Tags").map_or(Value::Null, |tags| serde_json::from_str(tags).unwrap());
        string(if tags["application"].is_null() { &tags["Application"] } else { &tags["application"] }).to_owned()
    };
    let read = sums(sample.final_rows(), |row| {
        [row.file.provider.clone(), row.text("BillingCurrency").unwrap().to_owned(), tag(row)]
    });
    for total in sample.list("applications") {
        let key = [&total["provider"], &total["currency"], &total["application"]].map(|value| string(value).to_owned());
        assert_eq!(read[&key], costs(&total["costs"]), "the four costs of {key:?}");
    }
    let untagged = sums(sample.final_rows().filter(|row| row.is_category("Usage") && row.is_null("Tags")), |row| {
        [row.text("BillingAccountId").unwrap(), row.billing_period()]
    });
    for total in sample.list("untagged_usage") {
        let key = [string(&total["billing_account"]), string(&total["billing_period"])];
        assert_eq!(untagged[&key], costs(&total["costs"]), "untagged usage of {key:?}");
    }
}

#[test]
fn a_commitment_is_used_or_unused_and_nothing_else() {
    let sample = sample();
    let mut months = BTreeMap::<[&str; 2], [Decimal; 3]>::new();
    for row in sample.final_rows() {
        let Some(id) = row.text("CommitmentDiscountId") else { continue };
        let [purchased, used, unused] = months.entry([id, row.billing_period()]).or_default();
        match row.text("CommitmentDiscountStatus") {
            None => {
                assert_eq!(
                    row.cost("EffectiveCost"),
                    Decimal::ZERO,
                    "a purchase that covers usage has no effective cost"
                );
                *purchased += row.cost("BilledCost");
            }
            Some(status) => {
                assert_eq!(
                    row.cost("BilledCost"),
                    Decimal::ZERO,
                    "covered and unused hours are billed with the purchase"
                );
                *(if status == "Used" { used } else { unused }) += row.cost("EffectiveCost");
            }
        }
    }
    assert_eq!(months.len(), sample.list("commitments").len(), "as many months of commitments as told");
    let mut lives = BTreeMap::<&str, [Decimal; 2]>::new();
    for ([id, month], [purchased, used, unused]) in &months {
        let [bought, consumed] = lives.entry(id).or_default();
        *bought += purchased;
        *consumed += used + unused;
        if *id != UPFRONT_RESERVATION {
            assert_eq!(*purchased, used + unused, "{id} in {month}: used and unused make the purchase");
        }
    }
    for (id, [bought, consumed]) in lives {
        assert_eq!(bought, consumed, "{id}: used and unused make the purchase over its life");
    }
    assert_ne!(
        months[&[UPFRONT_RESERVATION, "2025-08"]][0],
        Decimal::ZERO,
        "the upfront fee is billed in its first month"
    );
    assert_eq!(months[&[UPFRONT_RESERVATION, "2025-09"]][0], Decimal::ZERO, "the upfront fee is billed once");
    for told in sample.list("commitments") {
        let read = months[&[string(&told["id"]), string(&told["billing_period"])]];
        assert_eq!(read, ["purchased", "used", "unused"].map(|name| decimal(&told[name])), "{}", told["id"]);
    }
    assert!(!months.contains_key(&[EXPIRING_COMMITMENT, "2026-07"]), "the plan that ended is not billed any more");
    assert!(months.contains_key(&[EXPIRING_COMMITMENT, "2026-06"]), "the plan ran until the end of June");
}

#[test]
fn the_invoices_equal_their_charges_but_for_the_told_exceptions() {
    let sample = sample();
    let billed = sums(sample.final_rows(), Cells::invoice);
    let text = fs::read_to_string(sample.folder.path().join("invoices.csv")).unwrap();
    let mut differences = BTreeMap::new();
    let mut invoices = csv::Reader::from_reader(text.as_bytes());
    let mut count = 0;
    for invoice in invoices.records() {
        let invoice = invoice.unwrap();
        let difference = invoice[5].parse::<Decimal>().unwrap() - billed[&invoice[0]][0];
        count += 1;
        if !difference.is_zero() {
            differences.insert(invoice[0].to_owned(), difference);
        }
    }
    assert_eq!(count, billed.len(), "every invoice number in the bills has its invoice");
    let told: BTreeMap<String, Decimal> = sample
        .list("invoice_exceptions")
        .iter()
        .map(|told| (string(&told["invoice_id"]).to_owned(), decimal(&told["invoice_less_charges"])))
        .collect();
    assert_eq!(differences, told, "the differences are exactly the told ones");
}

#[test]
fn prices_times_quantities_are_the_costs() {
    for row in sample().final_rows() {
        for (price, cost) in [("ListUnitPrice", "ListCost"), ("ContractedUnitPrice", "ContractedCost")] {
            match (row.number(price), row.number("PricingQuantity")) {
                (Some(price), Some(quantity)) => {
                    assert_eq!(price * quantity, row.cost(cost), "{}: {cost} is price times quantity", row.file.path);
                    assert!(price >= Decimal::ZERO, "{}: a price is never negative", row.file.path);
                }
                _ => assert!(
                    !row.is_category("Usage") && !row.is_category("Purchase"),
                    "{}: usage and purchases have a price and a quantity",
                    row.file.path
                ),
            }
        }
    }
}

#[test]
fn what_must_be_null_is_null_and_nothing_else() {
    for row in sample().final_rows() {
        let path = &row.file.path;
        let null = |column: &str| row.is_null(column);
        for column in ["ServiceName", "ServiceCategory", "BillingCurrency", "InvoiceIssuerName", "BillingAccountId"] {
            assert!(!null(column), "{path}: {column} is never null");
        }
        assert_eq!(null("PricingUnit"), null("PricingQuantity"), "{path}: a pricing unit goes with its quantity");
        assert_eq!(null("ConsumedUnit"), null("ConsumedQuantity"), "{path}: a consumed unit goes with its quantity");
        assert_eq!(null("SkuId"), null("SkuPriceId"), "{path}: a SKU goes with its price");
        let is_unused = row.text("CommitmentDiscountStatus") == Some("Unused");
        assert_eq!(
            null("ConsumedQuantity"),
            !row.is_category("Usage") || is_unused,
            "{path}: usage consumes, unused does not"
        );
        if is_unused {
            assert_eq!(
                row.text("ResourceId"),
                row.text("CommitmentDiscountId"),
                "{path}: the unused part is the commitment's"
            );
        }
        if row.is_category("Tax") || row.is_category("Credit") || row.is_category("Adjustment") {
            for column in ["ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "PricingCategory", "SkuId"] {
                assert!(null(column), "{path}: {column} is null for a charge without a price");
            }
        }
        if row.is_category("Credit") {
            assert!(row.cost("BilledCost") < Decimal::ZERO, "{path}: a credit is negative");
            assert_eq!(row.cost("ListCost"), row.cost("BilledCost"), "{path}: a credit stands alone");
        }
        assert_eq!(null("CommitmentDiscountId"), null("CommitmentDiscountType"), "{path}: a commitment has a type");
        assert!(
            !row.is_category("Purchase") || row.text("ChargeFrequency") != Some("Usage-Based"),
            "{path}: a purchase is not usage-based"
        );
    }
}

#[test]
fn periods_are_half_open_and_inside_their_bill() {
    for row in sample().final_rows() {
        let text = |column: &str| row.text(column).unwrap();
        let (start, end) = (text("ChargePeriodStart"), text("ChargePeriodEnd"));
        assert!(start < end && end.ends_with(":00:00Z"), "{}: {start} is before {end}", row.file.path);
        let inside = start >= text("BillingPeriodStart") && end <= text("BillingPeriodEnd");
        assert_ne!(inside, row.is_correction(), "{}: only a correction has an earlier charge period", row.file.path);
    }
    let hourly = sample().final_rows().filter(|row| {
        row.billing_period() == "2026-09" && row.text("ChargePeriodEnd").is_some_and(|end| !end.contains("T00:00:00Z"))
    });
    assert!(hourly.count() > 20_000, "the last quarter has compute by the hour");
}

#[test]
fn a_service_has_one_category_and_a_price_one_sku() {
    let (mut categories, mut skus) = (BTreeMap::new(), BTreeMap::new());
    for row in sample().final_rows() {
        let category = row.text("ServiceCategory");
        let first = *categories.entry(row.text("ServiceName")).or_insert(category);
        assert_eq!(first, category, "{:?} has one category", row.text("ServiceName"));
        let sku = row.text("SkuId");
        let first = *skus.entry(row.text("SkuPriceId")).or_insert(sku);
        assert_eq!(first, sku, "{:?} belongs to one SKU", row.text("SkuPriceId"));
    }
}

#[test]
fn json_cells_are_flat_objects() {
    let mut seen = BTreeSet::new();
    for row in sample().final_rows() {
        seen.extend(["Tags", "SkuPriceDetails"].into_iter().filter_map(|column| row.text(column)));
    }
    for text in &seen {
        let value: Value = serde_json::from_str(text).unwrap();
        let object = value.as_object().expect("key-value cells are objects");
        assert!(object.values().all(|value| !value.is_object() && !value.is_array()), "{text} is flat");
    }
    assert!(seen.iter().any(|text| text.contains("\"Team\"")), "some tags are written in another case");
}
