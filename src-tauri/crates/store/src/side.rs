//! The datasets beside Cost and Usage, as they lie in the engagement: what was promised, what was invoiced, which periods are closed.

use focus::{Dataset, Kind, datasets};
use serde::Serialize;
use ts_rs::TS;

use crate::load::{Counted, LoadManifest, LoadedFile, delivered, loaded_files, merged, plain};
use crate::sql::literal;
use crate::{DecimalType, Engagement, Result, StoreError, schema};

/// A delivery of a dataset beside Cost and Usage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SideLoad {
    /// The load's number; loads of charges and of datasets are numbered as one.
    pub id: i64,
    /// The dataset: `contract_commitment`, `invoice_detail` or `billing_period`.
    pub dataset: String,
    /// The dataset as FOCUS writes it.
    pub title: String,
    /// Whose it is: the service provider of commitments, the issuer of invoices.
    pub provider: String,
    /// The billing account, where the dataset is one for each.
    pub billing_account: Option<String>,
    /// The first day of the billing period, where the dataset is delivered by it.
    pub billing_period: Option<String>,
    /// The version of FOCUS.
    pub format_version: String,
    /// Its files.
    pub files: Vec<LoadedFile>,
    /// Its rows.
    pub rows: u64,
    /// Rows of its files that were refused.
    pub rejected: u64,
    /// Values that had more decimals than are kept, by column.
    pub rounded: Vec<Counted>,
    /// When it was loaded, UTC.
    pub loaded_at: String,
    /// `current` or `superseded`.
    pub state: String,
    /// The load that replaced it.
    pub superseded_by: Option<i64>,
    /// The manifests by which its files came; none for files that came without.
    pub manifests: Vec<LoadManifest>,
}

/// Rows of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SideRows {
    /// `Provider`, then the FOCUS ids of the dataset's columns, in their order.
    pub columns: Vec<String>,
    /// Text by column; decimals plain and exact, times in UTC with a `Z`.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many rows there are in all.
    pub total: u64,
}

/// What an invoice comes to, by the lines that its issuer delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedInvoice {
    /// The invoice's number.
    pub invoice_id: String,
    /// Who issued it.
    pub issuer: String,
    /// The billing account.
    pub billing_account: String,
    /// The billing period, `YYYY-MM`.
    pub period: String,
    /// The billing currency.
    pub currency: String,
    /// The sum of its lines, plain decimal.
    pub amount: String,
    /// The same by `ChargeCategory`, plain decimals.
    pub categories: Vec<(String, String)>,
}

/// The table of a dataset's superseded rows.
pub(crate) fn superseded(dataset: &Dataset) -> String {
    format!("{}_superseded", dataset.name)
}

/// The statements that make the tables where an engagement has them not yet.
pub(crate) fn create() -> String {
    let mut statements = vec![
        "CREATE TABLE IF NOT EXISTS side_load (
             load_id BIGINT NOT NULL, dataset VARCHAR NOT NULL, provider VARCHAR NOT NULL, billing_account VARCHAR NOT NULL,
             billing_period DATE, rows BIGINT NOT NULL, loaded_at TIMESTAMP NOT NULL, state VARCHAR NOT NULL, superseded_by BIGINT
         );"
        .to_owned(),
    ];
    for dataset in datasets() {
        let columns: Vec<String> = dataset
            .columns
            .iter()
            .map(|column| format!("{} {}", column.name, schema::column_type(column, DecimalType::WIDEST)))
            .collect();
        for table in [dataset.name.to_owned(), superseded(dataset)] {
            statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {table} (
                     load_id BIGINT, file_id BIGINT, source_row BIGINT, provider VARCHAR, {}, extra VARCHAR
                 );",
                columns.join(", ")
            ));
        }
    }
    statements.join("\n")
}

impl Engagement {
    /// The deliveries of datasets beside Cost and Usage; with `all` also the superseded ones.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn side_loads(&self, all: bool) -> Result<Vec<SideLoad>> {
        let state = if all { "true" } else { "state = 'current'" };
        let loads = self.texts(&format!(
            "SELECT load_id::VARCHAR, dataset, provider, billing_account, billing_period::VARCHAR, rows::VARCHAR,
                    strftime(loaded_at, '%Y-%m-%dT%H:%M:%SZ'), state, superseded_by::VARCHAR
             FROM side_load WHERE {state} ORDER BY dataset, billing_period DESC NULLS LAST, provider, billing_account, load_id DESC"
        ))?;
        let files = self.texts(
            "SELECT load_id::VARCHAR, file_id::VARCHAR, concat(name, '!' || member), path, sha256, bytes::VARCHAR,
                    source_file.rows::VARCHAR, rejected::VARCHAR, format_version, rounded
             FROM load_file JOIN source_file USING (file_id) JOIN side_load USING (load_id) ORDER BY load_id, file_id",
        )?;
        let mut manifests = delivered::by_load(self)?;
        let mut manifests_of =
            |load: &[Option<String>]| manifests.remove(load[0].as_deref().unwrap_or_default()).unwrap_or_default();
        Ok(loads.iter().map(|load| side_load(load, &files, manifests_of(load))).collect())
    }

    /// Rows of a dataset that is loaded, in order of owner, file and row.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a dataset that there is not; [`StoreError::Database`].
    pub fn side_rows(&self, dataset: &str, limit: u32, offset: u64) -> Result<SideRows> {
        let Some(dataset) = datasets().iter().find(|known| known.name == dataset) else {
            return Err(StoreError::NotFound { what: "dataset", id: dataset.to_owned() });
        };
        let values: Vec<String> = dataset
            .columns
            .iter()
            .map(|column| match column.kind {
                Kind::DateTime => format!("strftime({}, '%Y-%m-%dT%H:%M:%SZ')", column.name),
                Kind::Text | Kind::Json | Kind::Decimal => format!("{}::VARCHAR", column.name),
            })
            .collect();
        let mut rows = self.texts(&format!(
            "SELECT provider, {} FROM {} ORDER BY provider, file_id, source_row LIMIT {limit} OFFSET {offset}",
            values.join(", "),
            dataset.name
        ))?;
        for row in &mut rows {
            for (cell, column) in row.iter_mut().skip(1).zip(dataset.columns) {
                if column.kind == Kind::Decimal {
                    *cell = plain(cell);
                }
            }
        }
        let total = self.texts(&format!("SELECT count(*)::VARCHAR FROM {}", dataset.name))?;
        Ok(SideRows {
            columns: std::iter::once("Provider")
                .chain(dataset.columns.iter().map(|column| column.id))
                .map(str::to_owned)
                .collect(),
            rows,
            total: total.first().and_then(|row| row[0].as_deref()?.parse().ok()).unwrap_or(0),
        })
    }

    /// The invoices that the loaded invoice lines add up to, voided ones left out, in order of period, issuer and number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn issued_invoices(&self) -> Result<Vec<IssuedInvoice>> {
        let rows = self.texts(&format!(
            "SELECT invoice_id, invoice_issuer_name, billing_account_id, strftime(billing_period_start, '%Y-%m'),
                    billing_currency, charge_category, sum(billed_cost)::VARCHAR,
                    sum(sum(billed_cost)) OVER (
                        PARTITION BY invoice_id, invoice_issuer_name, billing_account_id, strftime(billing_period_start, '%Y-%m'), billing_currency
                    )::VARCHAR
             FROM invoice_detail WHERE invoice_issue_status IS DISTINCT FROM {}
             GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 4, 2, 1, 3, 5, 6",
            literal("Voided")
        ))?;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let amount = |value: &Option<String>| plain(value).unwrap_or_else(|| "0".to_owned());
        let mut invoices: Vec<IssuedInvoice> = Vec::new();
        for row in &rows {
            let one = IssuedInvoice {
                invoice_id: text(&row[0]),
                issuer: text(&row[1]),
                billing_account: text(&row[2]),
                period: text(&row[3]),
                currency: text(&row[4]),
                amount: amount(&row[7]),
                categories: Vec::new(),
            };
            let category = (text(&row[5]), amount(&row[6]));
            match invoices.last_mut().filter(|last| IssuedInvoice { categories: Vec::new(), ..(*last).clone() } == one)
            {
                Some(last) => last.categories.push(category),
                None => invoices.push(IssuedInvoice { categories: vec![category], ..one }),
            }
        }
        Ok(invoices)
    }
}

fn side_load(load: &[Option<String>], files: &[Vec<Option<String>>], manifests: Vec<LoadManifest>) -> SideLoad {
    let text = |row: &[Option<String>], at: usize| row[at].clone().unwrap_or_default();
    let number = |row: &[Option<String>], at: usize| text(row, at).parse::<u64>().unwrap_or(0);
    let of_load: Vec<&Vec<Option<String>>> = files.iter().filter(|file| file[0] == load[0]).collect();
    let name = text(load, 1);
    SideLoad {
        id: text(load, 0).parse().unwrap_or(0),
        title: datasets().iter().find(|dataset| dataset.name == name).map_or("", |dataset| dataset.title).to_owned(),
        dataset: name,
        provider: text(load, 2),
        billing_account: load[3].clone().filter(|account| !account.is_empty()),
        billing_period: load[4].clone(),
        format_version: of_load.first().map(|file| text(file, 8)).unwrap_or_default(),
        files: loaded_files(&of_load),
        rows: number(load, 5),
        rejected: of_load.iter().map(|file| number(file, 7)).sum(),
        rounded: merged(&of_load, 9),
        loaded_at: text(load, 6),
        state: text(load, 7),
        superseded_by: load[8].as_deref().and_then(|id| id.parse().ok()),
        manifests,
    }
}
