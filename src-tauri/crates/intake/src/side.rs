//! Files of the datasets that FOCUS puts beside Cost and Usage: told by their columns, like a bill.

use std::sync::LazyLock;

use focus::{Column, Dataset, Version, datasets};
use serde::{Deserialize, Serialize};

use crate::format::FormatError;
use crate::header::Header;
use crate::{NotRecognised, SourceColumn, SourceKind};

/// A recognised file of a dataset beside Cost and Usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideFile {
    /// The dataset.
    pub dataset: &'static Dataset,
    /// The first version of FOCUS that has all of the file's columns.
    pub version: Version,
    /// Every column of the dataset with the exact name of the source column that fills it, if the file has one.
    pub columns: Vec<SideColumn>,
    /// The source columns' names, in file order.
    pub header: Vec<String>,
    /// Those of the source columns that hold keys and values, or lists, in a type of their own (a Parquet map).
    pub nested: Vec<String>,
    /// Source columns that no column of the dataset takes, with their exact names, in file order.
    pub extra: Vec<String>,
    /// What tells whose the rows are, where the file has no column for it.
    pub owner_signs: Vec<OwnerSign>,
}

/// Rows whose column begins so, in lower case, are of this owner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerSign {
    /// The id of a column of the dataset.
    pub column: String,
    /// How its values begin.
    pub starts_with: String,
    /// The owner.
    pub owner: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    owner_signs: Vec<OwnerSign>,
}

static OWNER_SIGNS: LazyLock<Result<Vec<OwnerSign>, FormatError>> = LazyLock::new(|| {
    let file: Result<File, _> = toml::from_str(include_str!("../formats/side-datasets.toml"));
    file.map(|file| file.owner_signs).map_err(|error| FormatError::Shape(error.to_string()))
});

/// A column of a dataset and where its values come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SideColumn {
    /// The column of the dataset; serialised as its id.
    #[serde(serialize_with = "id_of")]
    pub target: &'static Column,
    /// The source column.
    pub source: Option<String>,
}

fn id_of<S: serde::Serializer>(column: &&'static Column, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(column.id)
}

/// Columns that every list of charges has: a file with them is a bill, whatever else it has.
const OF_CHARGES: [&str; 2] = ["ChargePeriodStart", "ServiceName"];

/// The dataset that a file is of; none where it is not one of those beside Cost and Usage.
///
/// # Errors
/// [`NotRecognised::Incomplete`] when columns are missing without which its rows say nothing,
/// [`NotRecognised::DuplicateColumns`] when a name stands twice.
pub fn side_file(columns: &[SourceColumn]) -> Result<Option<SideFile>, NotRecognised> {
    let header = Header::new(columns);
    let has = |id: &&str| header.find(id).is_some();
    if OF_CHARGES.iter().all(has) {
        return Ok(None);
    }
    let Some(dataset) = datasets().iter().find(|dataset| dataset.signs.iter().all(has)) else { return Ok(None) };
    let missing: Vec<String> = dataset.essential.iter().filter(|id| !has(id)).map(|id| (*id).to_owned()).collect();
    if !missing.is_empty() {
        let (format, title) = (dataset.name.to_owned(), format!("a {} export", dataset.title));
        return Err(NotRecognised::Incomplete { format, title, missing });
    }
    let mut names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    names.sort_unstable();
    let mut twice: Vec<String> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned()).collect();
    twice.dedup();
    if !twice.is_empty() {
        return Err(NotRecognised::DuplicateColumns { names: twice });
    }
    let mapped: Vec<SideColumn> = dataset
        .columns
        .iter()
        .map(|target| SideColumn { target, source: header.find(target.id).map(|column| column.name.clone()) })
        .collect();
    let present = mapped.iter().filter(|column| column.source.is_some());
    let version = present.map(|column| column.target.since).max().unwrap_or(Version::V1_3);
    let taken: Vec<&str> = mapped.iter().filter_map(|column| column.source.as_deref()).collect();
    let extra = columns.iter().map(|column| &column.name).filter(|name| !taken.contains(&name.as_str()));
    let extra = extra.cloned().collect();
    let signs = OWNER_SIGNS.as_ref().map_err(|error| NotRecognised::Format(error.clone()))?;
    let of_dataset = |sign: &&OwnerSign| !has(&dataset.owner) && dataset.column(&sign.column).is_some();
    let owner_signs = signs.iter().filter(of_dataset).cloned().collect();
    let header = columns.iter().map(|column| column.name.clone()).collect();
    let nested = columns.iter().filter(|column| column.kind == SourceKind::Map);
    let nested = nested.map(|column| column.name.clone()).collect();
    Ok(Some(SideFile { dataset, version, header, nested, extra, columns: mapped, owner_signs }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<SourceColumn> {
        names.into_iter().map(|name| SourceColumn { name: name.to_owned(), kind: SourceKind::Text }).collect()
    }

    #[test]
    fn each_dataset_is_told_by_its_own_columns() {
        for dataset in datasets() {
            let header = columns(dataset.columns.iter().map(|column| column.id));
            let found = side_file(&header).unwrap().expect("a full header is recognised");
            assert_eq!((found.dataset.name, found.version), (dataset.name, Version::V1_4));
            assert_eq!(found.extra, [""; 0], "every column has its place");
        }
    }

    #[test]
    fn the_first_version_has_fewer_columns() {
        let commitments = &datasets()[0];
        let first = commitments.columns.iter().filter(|column| column.since == Version::V1_3);
        let header = columns(first.map(|column| column.id).chain(["x_Note"]));
        let found = side_file(&header).unwrap().expect("thirteen columns are enough");
        assert_eq!(found.version, Version::V1_3);
        assert_eq!(found.extra, ["x_Note"], "what FOCUS does not know is kept");
        assert_eq!(found.owner_signs[0].owner, "AWS", "no column names the provider, so the identifiers tell");
    }

    #[test]
    fn a_bill_with_invoice_lines_stays_a_bill() {
        let bill = columns(focus::columns().iter().map(|column| column.id).chain(["InvoiceIssueStatus"]));
        assert_eq!(side_file(&bill), Ok(None), "charges that name their invoice line are charges");
        assert_eq!(side_file(&columns(["Date", "Amount"])), Ok(None));
    }

    #[test]
    fn what_is_missing_is_told() {
        let header =
            columns(["InvoiceDetailId", "InvoiceIssueStatus", "BilledCost", "InvoiceId", "BillingPeriodStart"]);
        let error = side_file(&header).unwrap_err().to_string();
        let expected = "this looks like a FOCUS Invoice Detail export, but BillingAccountId, BillingCurrency and InvoiceIssuerName are missing";
        assert_eq!(error, expected);
    }
}
