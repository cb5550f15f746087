//! Rows for benchmarks: a large FOCUS 1.2 bill, written as a stream, as many rows as asked.
//!
//! Twelve months, 200 accounts, 120 services, four tags, and 4,096 resources for each five million rows. Within a month most
//! resources have a row a day; as many as the count needs have a row an hour.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use flate2::{Compression, write::GzEncoder};

use super::{
    SampleError,
    calendar::{Month, Span},
    cannot_write,
    fixed::Fixed,
    random,
};

const FIRST_MONTH: Month = Month { year: 2025, month: 10 };
const MONTHS: u64 = 12;
const ACCOUNTS: u64 = 200;
const SERVICES: u64 = 120;
const RESOURCES_PER_PART: u64 = 4096;
const ROWS_PER_PART: u64 = 5_000_000;
const BUFFER_BYTES: usize = 1 << 20;

const HEADER: &str = "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,\
ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountId,CommitmentDiscountStatus,\
ConsumedQuantity,ConsumedUnit,ContractedCost,EffectiveCost,InvoiceId,InvoiceIssuerName,ListCost,PricingCategory,PricingQuantity,\
PricingUnit,ProviderName,PublisherName,RegionId,ResourceId,ServiceCategory,ServiceName,SkuId,SubAccountId,SubAccountName,Tags\n";

const CATEGORIES: [&str; 6] =
    ["Compute", "Storage", "Databases", "Networking", "Analytics", "Management and Governance"];
const REGIONS: [&str; 5] = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1"];
const ENVIRONMENTS: [&str; 4] = ["prod", "staging", "test", "dev"];

/// The container of the benchmark's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchFormat {
    /// Plain CSV.
    Csv,
    /// CSV in gzip, at the fast level.
    CsvGz,
}

/// What [`write_bench_rows`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BenchRows {
    /// One file a month.
    pub files: u64,
    /// Data rows, as many as asked.
    pub rows: u64,
    /// Bytes of text before compression.
    pub bytes: u64,
}

/// Writes `rows` rows into `target`, one file a month (`bench-2025-10.csv` and on). The same arguments give the same bytes.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write_bench_rows(target: &Path, rows: u64, format: BenchFormat, seed: u64) -> Result<BenchRows, SampleError> {
    fs::create_dir_all(target).map_err(|source| cannot_write(target, source))?;
    let parts = rows.div_ceil(ROWS_PER_PART).max(1);
    let resources: Vec<Resource> = (0..parts * RESOURCES_PER_PART).map(|number| Resource::new(number, seed)).collect();
    let mut written = BenchRows { files: 0, rows: 0, bytes: 0 };
    let mut month = FIRST_MONTH;
    for index in 0..MONTHS {
        let quota = rows * (index + 1) / MONTHS - rows * index / MONTHS;
        let suffix = if format == BenchFormat::Csv { "csv" } else { "csv.gz" };
        let path = target.join(format!("bench-{month}.{suffix}"));
        let bytes =
            write_month(&path, month, quota, format, &resources, seed).map_err(|source| cannot_write(&path, source))?;
        written = BenchRows { files: written.files + 1, rows: written.rows + quota, bytes: written.bytes + bytes };
        month = month.next();
    }
    Ok(written)
}

/// The text of a resource's rows that never changes.
struct Resource {
    /// What its costs and hours are drawn from.
    number: u64,
    /// In units of 10^-6.
    hourly_price: i64,
    is_committed: bool,
    commitment: String,
    description: String,
    middle: String,
    tail: String,
}

impl Resource {
    fn new(number: u64, seed: u64) -> Self {
        let draw = random::mix(seed ^ random::mix(number));
        let account = draw % ACCOUNTS;
        let service = random::mix(draw) % SERVICES;
        let is_committed = draw.is_multiple_of(5);
        let pick = |items: &[&'static str], salt: u64| -> &'static str {
            let count = u64::try_from(items.len()).unwrap_or(1);
            items[usize::try_from(random::mix(draw ^ salt) % count).unwrap_or(0)]
        };
        let category = CATEGORIES[usize::try_from(service % 6).unwrap_or(0)];
        let commitment = if is_committed { format!("savingsplan-{:03},Used", account % 40) } else { String::from(",") };
        Self {
            number: draw,
            hourly_price: random::between(random::mix(draw ^ 3), 5_000, 2_000_000),
            is_committed,
            commitment,
            description: format!("Service {service:03} meter {:02}", draw % 37),
            middle: format!(
                "Hours,AWS,AWS,{},arn:aws:service{service:03}:::resource/{:016x},{category},Service {service:03}",
                pick(&REGIONS, 5),
                random::mix(draw ^ 7),
            ),
            tail: format!(
                "SKU{service:03}{:02},{:012},account-{account:03},\"{{\"\"application\"\":\"\"app-{:02}\"\",\"\"cost-center\"\":\"\"CC-{:04}\"\",\
                 \"\"environment\"\":\"\"{}\"\",\"\"team\"\":\"\"team-{:02}\"\"}}\"\n",
                draw % 37,
                100_000_000_000 + account * 7_919,
                random::mix(draw ^ 11) % 60,
                1000 + random::mix(draw ^ 13) % 45,
                pick(&ENVIRONMENTS, 17),
                random::mix(draw ^ 19) % 24,
            ),
        }
    }
}

fn write_month(
    path: &Path,
    month: Month,
    quota: u64,
    format: BenchFormat,
    resources: &[Resource],
    seed: u64,
) -> io::Result<u64> {
    let out = BufWriter::with_capacity(BUFFER_BYTES, File::create(path)?);
    match format {
        BenchFormat::Csv => {
            let mut out = out;
            let bytes = write_rows(&mut out, month, quota, resources, seed)?;
            out.flush()?;
            Ok(bytes)
        }
        BenchFormat::CsvGz => {
            let mut gzip = GzEncoder::new(out, Compression::fast());
            let bytes = write_rows(&mut gzip, month, quota, resources, seed)?;
            gzip.finish()?.flush()?;
            Ok(bytes)
        }
    }
}

/// How many of the resources have a row an hour, and how many have one a day, so that a month reaches its quota.
fn granularity(month: Month, quota: u64, resources: u64) -> (u64, u64) {
    let days = month.length().unsigned_abs();
    let daily = quota.div_ceil(days).min(resources);
    let missing = quota.saturating_sub(daily * days);
    (missing.div_ceil(days * 23).min(resources), daily)
}

fn write_rows(out: &mut impl Write, month: Month, quota: u64, resources: &[Resource], seed: u64) -> io::Result<u64> {
    let (hourly, daily) = granularity(month, quota, u64::try_from(resources.len()).unwrap_or(0));
    let (hourly, daily) = (usize::try_from(hourly).unwrap_or(0), usize::try_from(daily).unwrap_or(0));
    let period = Texts::of(month);
    let mut buffer = String::with_capacity(BUFFER_BYTES + 4096);
    buffer.push_str(HEADER);
    let (mut left, mut bytes) = (quota, 0);
    for day in month.days() {
        let whole_day = SpanTexts::of(Span::day(day));
        for hour in 0..24_u32 {
            let one_hour = SpanTexts::of(Span::hour(day, hour));
            let present = if hour == 0 { daily.max(hourly) } else { hourly };
            for (index, resource) in resources.iter().enumerate().take(present) {
                if left == 0 {
                    break;
                }
                left -= 1;
                let (span, hours) = if index < hourly { (&one_hour, 1) } else { (&whole_day, 24) };
                push_row(&mut buffer, &period, span, resource, hours, seed);
                if buffer.len() > BUFFER_BYTES {
                    out.write_all(buffer.as_bytes())?;
                    bytes += buffer.len();
                    buffer.clear();
                }
            }
        }
    }
    out.write_all(buffer.as_bytes())?;
    bytes += buffer.len();
    Ok(u64::try_from(bytes).unwrap_or(u64::MAX))
}

/// The month as text.
struct Texts {
    account: String,
    invoice: String,
}

impl Texts {
    fn of(month: Month) -> Self {
        let mut account = String::from(",900000000001,Benchmark,USD,");
        let span = Span::month(month);
        span.end.write_to(&mut account);
        account.push(',');
        span.start.write_to(&mut account);
        account.push_str(",Usage,,");
        Self { account, invoice: format!(",INV-{month},\"Amazon Web Services, Inc.\",") }
    }
}

/// A charge period as text, and what its costs are drawn from.
struct SpanTexts {
    text: String,
    draw: u64,
}

impl SpanTexts {
    fn of(span: Span) -> Self {
        let mut text = String::from(",Usage-Based,");
        span.end.write_to(&mut text);
        text.push(',');
        span.start.write_to(&mut text);
        text.push(',');
        Self { draw: random::of_text(0, &text), text }
    }
}

/// Appends a row. A price has six places and a quantity three, so a list cost has nine; the other costs are shares of it.
fn push_row(out: &mut String, month: &Texts, span: &SpanTexts, resource: &Resource, hours: i64, seed: u64) {
    let draw = random::mix(resource.number ^ span.draw ^ seed);
    let thousandths = hours * random::between(draw, 800, 1000);
    let quantity = Fixed::thousandths(thousandths);
    let billionths = resource.hourly_price * thousandths;
    let list = Fixed::billionths(billionths);
    let contracted = Fixed::billionths(billionths / 100 * 94);
    let effective = if resource.is_committed { Fixed::billionths(billionths / 100 * 72) } else { contracted };
    let billed = if resource.is_committed { Fixed::ZERO } else { contracted };
    billed.write_to(out);
    out.push_str(&month.account);
    out.push_str(&resource.description);
    out.push_str(&span.text);
    out.push_str(&resource.commitment);
    out.push(',');
    quantity.write_to(out);
    out.push_str(",Hours,");
    contracted.write_to(out);
    out.push(',');
    effective.write_to(out);
    out.push_str(&month.invoice);
    list.write_to(out);
    out.push_str(if resource.is_committed { ",Committed," } else { ",Standard," });
    quantity.write_to(out);
    out.push(',');
    out.push_str(&resource.middle);
    out.push(',');
    out.push_str(&resource.tail);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rust_decimal::Decimal;

    use super::*;

    const ROWS: u64 = 30_000;

    fn months(folder: &Path) -> Vec<Vec<u8>> {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
    }

    #[test]
    fn the_same_arguments_give_the_same_bytes() {
        let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let write = |folder: usize, seed| {
            write_bench_rows(folders[folder].path(), ROWS, BenchFormat::CsvGz, seed).unwrap();
            months(folders[folder].path())
        };
        let first = write(0, 1);
        assert_eq!(first.len(), 12, "one file a month");
        assert_eq!(first, write(1, 1), "nothing but the arguments decides");
        assert_ne!(first, write(2, 2), "another seed gives other costs");
    }

    #[test]
    fn as_many_rows_as_asked_with_costs_of_nine_places() {
        let folder = tempfile::tempdir().unwrap();
        let written = write_bench_rows(folder.path(), ROWS, BenchFormat::Csv, 1).unwrap();
        let (mut rows, mut bytes, mut resources) = (0, 0, BTreeSet::new());
        for text in months(folder.path()) {
            bytes += text.len();
            let mut reader = csv::Reader::from_reader(text.as_slice());
            let headers = reader.headers().unwrap().clone();
            let at = |name: &str| headers.iter().position(|header| header == name).unwrap();
            let costs = ["BilledCost", "EffectiveCost", "ContractedCost", "ListCost"].map(at);
            for row in reader.records() {
                let row = row.unwrap();
                for cost in costs {
                    assert!(row[cost].parse::<Decimal>().unwrap().scale() <= 9, "{}: at most nine places", &row[cost]);
                }
                assert!(row[at("ChargePeriodStart")] < row[at("ChargePeriodEnd")], "a charge period goes forward");
                resources.insert(row[at("ResourceId")].to_owned());
                rows += 1;
            }
        }
        assert_eq!(rows, ROWS, "as many rows as asked");
        assert_eq!(bytes as u64, written.bytes, "the bytes are counted");
        assert!(resources.len() > 80, "the rows spread over resources");
    }

    #[test]
    fn a_month_reaches_its_quota() {
        for rows in [12, 400_000, 5_000_000, 50_000_000_u64] {
            let quota = rows / MONTHS;
            let resources = rows.div_ceil(ROWS_PER_PART) * RESOURCES_PER_PART;
            let (hourly, daily) = granularity(FIRST_MONTH, quota, resources);
            let days = FIRST_MONTH.length().unsigned_abs();
            assert!(days * (hourly * 24 + daily.max(hourly) - hourly) >= quota, "{rows} rows: a month holds its share");
        }
    }
}
