//! A bill as a file: CSV in the container that the provider would use, the same bytes every time.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{
    bill::Bill,
    calendar::Month,
    column::{self, Column},
    model::{BillingAccount, Provider},
};

/// How a file is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Plain,
    Gzip,
    Zip,
}

/// A file that was written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// Relative to the sample's folder, with `/`.
    pub(crate) path: String,
    pub(crate) rows: usize,
}

/// Where the month's bill of an account lies, relative to the sample's folder.
pub(crate) fn path_of(account: &BillingAccount, month: Month, folder: &str) -> String {
    let suffix = match container(account, month) {
        Container::Plain => "csv",
        Container::Gzip => "csv.gz",
        Container::Zip => "csv.zip",
    };
    format!("{folder}/{}/focus-{month}.{suffix}", account.folder)
}

/// Azure zips its first half year; the small European account ends with a plain file.
fn container(account: &BillingAccount, month: Month) -> Container {
    match account.provider {
        Provider::Microsoft if account.currency == "EUR" && month == (Month { year: 2026, month: 9 }) => {
            Container::Plain
        }
        Provider::Microsoft if month < (Month { year: 2026, month: 1 }) => Container::Zip,
        Provider::Aws | Provider::Microsoft | Provider::GoogleCloud => Container::Gzip,
    }
}

/// Writes a bill below `target`.
///
/// # Errors
/// When the folder or the file cannot be written.
pub(crate) fn write(bill: &Bill<'_>, target: &Path, path: &str) -> io::Result<Written> {
    let columns: Vec<&Column> =
        column::columns(bill.account.provider, column::version(bill.account, bill.month)).collect();
    let file = target.join(path);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let out = BufWriter::new(File::create(&file)?);
    match container(bill.account, bill.month) {
        Container::Plain => {
            let mut out = out;
            write_csv(bill, &columns, &mut out)?;
            out.flush()?;
        }
        Container::Gzip => {
            let mut gzip = GzEncoder::new(out, Compression::best());
            write_csv(bill, &columns, &mut gzip)?;
            gzip.finish()?.flush()?;
        }
        Container::Zip => {
            let mut zip = ZipWriter::new(out);
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(9))
                .last_modified_time(DateTime::default());
            zip.start_file(format!("focus-{}.csv", bill.month), options)?;
            write_csv(bill, &columns, &mut zip)?;
            zip.finish()?.flush()?;
        }
    }
    Ok(Written { path: path.to_owned(), rows: bill.charges.len() })
}

/// Azure writes a byte order mark and ends its lines the Windows way; the others do neither.
fn write_csv(bill: &Bill<'_>, columns: &[&Column], out: &mut impl Write) -> io::Result<()> {
    let is_microsoft = bill.account.provider == Provider::Microsoft;
    if is_microsoft {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let terminator = if is_microsoft { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut csv = csv::WriterBuilder::new().terminator(terminator).from_writer(out);
    csv.write_record(columns.iter().map(|column| column.name))?;
    let mut cell = String::new();
    for charge in &bill.charges {
        for column in columns {
            cell.clear();
            (column.cell)(bill, charge, &mut cell);
            csv.write_field(&cell)?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}
