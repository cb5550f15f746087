//! The datasets beside Cost and Usage: which are loaded, and their rows.

use serde::Deserialize;
use store::{SideLoad, SideRows};
use ts_rs::TS;

use crate::{ApiError, Context};

/// `side_datasets`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct SideDatasetsRequest {
    /// Also the deliveries that later ones replaced.
    #[serde(default)]
    all: bool,
}

/// `contract_commitments`, `invoice_details`, `billing_periods`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct SideRowsRequest {
    limit: u32,
    #[serde(default)]
    #[ts(type = "number")]
    offset: u64,
}

pub(crate) fn loads(context: &Context, request: &SideDatasetsRequest) -> Result<Vec<SideLoad>, ApiError> {
    Ok(context.engagement()?.side_loads(request.all)?)
}

/// Rows of one dataset, in order of owner, file and row.
pub(crate) fn rows(context: &Context, dataset: &str, request: &SideRowsRequest) -> Result<SideRows, ApiError> {
    Ok(context.engagement()?.side_rows(dataset, request.limit, request.offset)?)
}
