//! Real files, spoilt at random: whatever is done to a bill, loading it ends in a message or in charges, never in a crash or a hang,
//! and never touches what was loaded before.
//!
//! The suite runs the same few cases each time. `QUARTERDECK_MUTATE_SECONDS=1800` goes on for that long with each format instead,
//! from `QUARTERDECK_MUTATE_SEED` on; a case that fails prints its seed and leaves the file behind.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::io::Read;
use std::path::PathBuf;
use std::process::Child;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use testsupport::bill::Bill;
use testsupport::{Workbench, container, shared_data};

/// Cases of a format in the suite.
const CASES: u64 = 8;

/// Lines that are kept of a real file: enough for every kind of row, few enough for many cases.
const LINES: usize = 40;

/// What was spoilt and loaded all the same slows the next loads down, so a new engagement is taken now and then.
const CASES_IN_ONE_ENGAGEMENT: u64 = 50;

/// A load of some dozen rows that takes this long hangs.
const HANGS: Duration = Duration::from_secs(180);

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn one_of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// What breaks readers.
const TOKENS: [&[u8]; 22] = [
    b"\"",
    b"\"\"\"",
    b"\0",
    b"\xff\xfe",
    b"\r",
    b"\n\n",
    b"\xef\xbb\xbf",
    b",",
    b",,,,,,,,",
    b"\x01",
    b"\\N",
    b"1e400",
    b"NaN",
    b"-Infinity",
    b"99999999999999999999999999999999999999999.9",
    b"0.0000000000000000000000000000001",
    b"=cmd()|'x'!A1",
    b"'; DROP TABLE charge; --",
    b"{\"a\":{\"a\":[",
    b"9999-12-31T23:59:60Z",
    b"31/31/2026",
    b"\xf0\x9f\x92\xa9",
];

fn mutate(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut spoilt = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(spoilt.len());
        let end = (at + 1 + random.below(200)).min(spoilt.len());
        match random.below(7) {
            0 if at < spoilt.len() => spoilt[at] ^= 1 << random.below(8),
            1 => drop(spoilt.drain(at..end)),
            2 => {
                let again = spoilt[at..end].to_vec();
                spoilt.splice(at..at, again);
            }
            3 => spoilt.truncate(at),
            4 => {
                let mut lines: Vec<Vec<u8>> = spoilt.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
                let (one, other) = (random.below(lines.len()), random.below(lines.len()));
                lines.swap(one, other);
                spoilt = lines.join(&b'\n');
            }
            _ => {
                let token = random.one_of(&TOKENS);
                spoilt.splice(at..at, token.iter().copied());
            }
        }
    }
    spoilt
}

/// The first lines of a real file, out of its gzip if it is in one.
fn first_lines(path: &str) -> Vec<u8> {
    let path = shared_data(path);
    let zipped = path.extension().is_some_and(|extension| extension == "gz");
    let plain = if zipped { container::gunzip(&path) } else { std::fs::read(&path).unwrap() };
    plain.split_inclusive(|byte| *byte == b'\n').take(LINES).flatten().copied().collect()
}

/// Writes a spoilt file into the folder of a case; gives what is to be loaded.
type Deliver = fn(&Workbench, &str, &[u8]) -> PathBuf;

/// A bill that must not change, and what is beside it.
struct Kept {
    bench: Workbench,
    before: String,
}

impl Kept {
    fn new() -> Self {
        let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
        let base = Bill::new().usual("BillingAccountId", "kept").usual("ProviderName", "Kept Cloud");
        let base = base.charge(&[]).charge(&[("BilledCost", "7.25")]);
        bench.loaded(&[bench.write("kept.csv", base.csv())]);
        let mut kept = Self { bench, before: String::new() };
        kept.before = kept.now();
        kept
    }

    /// Not the types: a load may widen them, which changes no value.
    fn now(&self) -> String {
        let costs = ["billed_cost", "effective_cost", "list_cost"];
        let costs = costs.map(|cost| format!("sum({cost})::DECIMAL(38,18)")).join(", ");
        let texts = "count(*), count(DISTINCT resource_id), min(charge_period_start), max(tags), min(service_name)";
        self.bench.value(&format!("SELECT concat_ws(' ', {costs}, {texts}) FROM charge WHERE load_id = 1"))
    }
}

/// Spoils `sound` again and again and loads it beside a bill that must not change. Every third case is spoilt within a gzip, so that
/// what comes out of it is spoilt too.
fn survives_as(sound: &[u8], deliver: Deliver) {
    let mut kept = Kept::new();
    let sound_one = kept.bench.load(&[deliver(&kept.bench, "sound", sound)]);
    assert!(matches!(sound_one.status, Some(0 | 3)), "it loads as it is: {}", sound_one.stderr);
    let seconds = std::env::var("QUARTERDECK_MUTATE_SECONDS").ok().and_then(|text| text.parse().ok());
    let first: u64 = std::env::var("QUARTERDECK_MUTATE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let began = Instant::now();
    let mut seed = first;
    loop {
        let done = match seconds {
            Some(seconds) => began.elapsed() >= Duration::from_secs(seconds),
            None => seed >= first + CASES,
        };
        if done {
            break;
        }
        if (seed - first + 1).is_multiple_of(CASES_IN_ONE_ENGAGEMENT) {
            kept = Kept::new();
        }
        let mut random = Random(seed);
        let spoilt = match seed % 3 {
            0 => container::gzip(&mutate(sound, &mut random)),
            1 => mutate(&container::gzip(sound), &mut random),
            _ => mutate(sound, &mut random),
        };
        let folder = seed.to_string();
        let file = deliver(&kept.bench, &folder, &spoilt);
        let told = finished(&kept.bench, &file);
        let fine = matches!(told.0, Some(0 | 1 | 3));
        let crashed = ["panicked", "the reader stopped", "[internal]"].iter().any(|word| told.1.contains(word));
        if !fine || crashed || kept.now() != kept.before {
            let left = std::env::temp_dir().join(format!("mutated-{seed}-{}", file.file_name().unwrap().display()));
            std::fs::write(&left, &spoilt).unwrap();
            panic!("seed {seed} ({}): status {:?}, {}", left.display(), told.0, told.1);
        }
        std::fs::remove_dir_all(kept.bench.path(&folder)).unwrap();
        seed += 1;
    }
    assert_eq!(kept.now(), kept.before, "the bill that was loaded before is as it was");
    println!("{} cases", seed - first);
}

macro_rules! survives {
    ($name:literal, $sound:expr $(,)?) => {
        survives_as($sound, |bench, folder, spoilt| bench.write(&format!("{folder}/{}", $name), spoilt))
    };
}

/// Loads a file; status and what was said. A load that hangs is ended, and has no status.
fn finished(bench: &Workbench, file: &PathBuf) -> (Option<i32>, String) {
    let mut command = bench.started_with(&["--quiet", "load"]);
    command.arg(file).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let mut child: Child = command.spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let listener = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stderr.read_to_end(&mut bytes);
        // Nobody listens any more only when the test has failed already.
        let _gone = sender.send(());
        read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    });
    let hangs = receiver.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout);
    if hangs {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap().code();
    let said = listener.join().unwrap();
    if hangs { (None, "it hangs".to_owned()) } else { (status, said) }
}

#[test]
fn focus_as_csv() {
    survives!("focus.csv", &first_lines("focus-sample-data/focus_sample.csv"));
}

#[test]
fn aws_cost_and_usage_report_as_csv() {
    survives!("cur.csv", &first_lines("focus_converters/sample-anonymous-aws-export-dataset.csv"));
}

#[test]
fn aws_cost_and_usage_report_as_hive_text() {
    survives!("hive", &first_lines("aws-well-architected-labs/BeforeCUR.gz"));
}

#[test]
fn aws_cost_and_usage_report_2_as_csv() {
    survives!("cur2.csv", &first_lines("aws-cur-anonymize/sample-cur20.csv"));
}

#[test]
fn azure_enterprise_agreement_as_csv() {
    survives!("ea.csv", &first_lines("finops-toolkit/EA_AmortizedCost_Small.csv"));
}

#[test]
fn azure_customer_agreement_as_csv() {
    survives!("mca.csv", &first_lines("generated/nise/costreport_27680f11-513d-4937-8f76-4ac5f73cbf2b.csv"));
}

#[test]
fn google_cloud_as_csv() {
    survives!(
        "gcp.csv",
        &first_lines("generated/nise/gcp_202608_b25511b8-0b0e-469c-b720-af2358dea47f_2026-08-01_2026-09-01.csv.gz"),
    );
}

#[test]
fn google_cloud_as_json_lines() {
    let line = r#"{"billing_account_id":"1","service":{"id":"S","description":"Compute Engine"},"sku":{"id":"K","description":"Core"},"usage_start_time":"2026-01-01 00:00:00 UTC","usage_end_time":"2026-01-01 01:00:00 UTC","project":{"id":"p","labels":[{"key":"team","value":"a"}]},"labels":[{"key":"env","value":"prod"}],"cost":1.25,"currency":"USD","currency_conversion_rate":1,"usage":{"amount":3600,"unit":"seconds","amount_in_pricing_units":1,"pricing_unit":"hour"},"credits":[{"name":"c","amount":-0.25,"type":"PROMOTION"}],"invoice":{"month":"202601"},"cost_type":"regular","export_time":"2026-01-02 00:00:00 UTC"}"#;
    survives!("gcp.json", format!("{line}\n").repeat(5).as_bytes());
}

#[test]
fn oracle_cloud_as_csv() {
    survives!("oci.csv", &first_lines("focus_converters/reports_cost-csv_0000000030000269.csv"));
}

#[test]
fn a_dataset_beside_the_charges_as_parquet() {
    let path = "generated/focus-data-toolkit/aws-1.4-synthetic/synthetic_focus_1_4_billing_period.parquet";
    survives!("periods.parquet", &std::fs::read(shared_data(path)).unwrap());
}

#[test]
fn charges_as_parquet() {
    let path = "generated/focus-data-toolkit/aws-1.4-synthetic/synthetic_focus_1_4_cost_and_usage.parquet";
    survives!("charges.parquet", &std::fs::read(shared_data(path)).unwrap());
}

/// A container's allocation of a day, as OpenCost writes it.
const OPENCOST: &str = "Date,Namespace,ControllerKind,ControllerName,Pod,Container,Labels,CPUCoreUsageAverage,CPUCoreRequestAverage,\
RAMBytesUsageAverage,RAMBytesRequestAverage,NetworkReceiveBytes,NetworkTransferBytes,GPUs,PVBytes,CPUCost,RAMCost,NetworkCost,PVCost,\
GPUCost,TotalCost
2026-01-30,shop,deployment,front,front-1,main,\"{\"\"app\"\":\"\"front\"\"}\",0.25,0.5,1e8,2e8,0,0,0,0,1.5,0.25,0,0,0,1.75
2026-01-31,shop,deployment,front,front-1,main,\"{\"\"app\"\":\"\"front\"\"}\",0.25,0.5,1e8,2e8,0,0,0,0,1.5,0.25,0,0,0,1.75
";

#[test]
fn opencost_as_csv() {
    survives!("opencost.csv", OPENCOST.as_bytes());
}

/// Two months of a bill and a text that is none.
fn archived() -> Vec<(&'static str, Vec<u8>)> {
    let bill = |account: &str| Bill::of(5).usual("BillingAccountId", account).csv();
    vec![("bills/one.csv", bill("one")), ("bills/two.csv", bill("two")), ("read.me", b"What this is.".to_vec())]
}

#[test]
fn an_archive_as_tar() {
    let files = archived();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    survives!("bills.tar", &container::tar_of(&files));
}

#[test]
fn an_archive_as_zip() {
    let files = archived();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    survives!("bills.zip", &container::zip(&files));
}

/// A manifest of an AWS report with the part that it names beside it.
#[test]
fn a_manifest_of_an_aws_report() {
    let manifest = serde_json::json!({
        "assemblyId": "0a1b2c3d", "account": "111122223333", "charset": "UTF-8", "compression": "ZIP", "contentType": "text/csv",
        "reportId": "f0", "reportName": "hourly", "billingPeriod": { "start": "20260101T000000.000Z", "end": "20260201T000000.000Z" },
        "bucket": "bucket", "reportKeys": ["pre/hourly/20260101-20260201/0a1b2c3d/hourly-1.csv"],
        "additionalArtifactKeys": [], "columns": [],
    });
    survives_as(manifest.to_string().as_bytes(), |bench, folder, spoilt| {
        let root = format!("{folder}/pre/hourly/20260101-20260201");
        let _part = bench.write(&format!("{root}/0a1b2c3d/hourly-1.csv"), Bill::of(5).csv());
        let _manifest = bench.write(&format!("{root}/hourly-Manifest.json"), spoilt);
        bench.path(folder)
    });
}

/// A manifest of an Azure export with the part that it names beside it.
#[test]
fn a_manifest_of_an_azure_export() {
    let manifest = serde_json::json!({
        "manifestVersion": "2024-04-01", "exportConfig": { "exportName": "daily", "type": "FocusCost", "dataVersion": "1.0" },
        "runInfo": { "runId": "r1", "executionType": "Scheduled", "submittedTime": "2026-02-03T04:05:06Z", "startDate": "2026-01-01T00:00:00" },
        "blobCount": 1, "dataRowCount": 5, "blobs": [{ "blobName": "daily/20260101-20260131/r1/part_0_0001.csv", "byteCount": 1, "dataRowCount": 5 }],
    });
    survives_as(manifest.to_string().as_bytes(), |bench, folder, spoilt| {
        let root = format!("{folder}/daily/20260101-20260131/r1");
        let _part = bench.write(&format!("{root}/part_0_0001.csv"), Bill::of(5).csv());
        let _manifest = bench.write(&format!("{root}/manifest.json"), spoilt);
        bench.path(folder)
    });
}
