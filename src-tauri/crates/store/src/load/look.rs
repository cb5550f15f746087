//! A look at a file of no known format, for the analyst who makes a mapping for it: its columns and first rows. A child process
//! reads it, as for a load.

use std::path::Path;
use std::sync::Arc;

use intake::{SourceColumn, SourceKind};

use super::child::{self, Reading};
use super::protocol::{ReadRequest, ReaderMessage};
use super::{FileCode, LoadOptions, reader, stage};
use crate::{Engagement, Result, StoreError, Watch};

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Its first rows, fields in the order of the columns.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Look {
    /// A first mapping for the file, by the name `name` and with `provider` as who sells.
    #[must_use]
    pub fn draft(&self, name: &str, provider: &str) -> String {
        let column = |name: &String| SourceColumn { name: name.clone(), kind: SourceKind::Text };
        let columns: Vec<SourceColumn> = self.columns.iter().map(column).collect();
        intake::draft(&intake::Sample { columns: &columns, rows: &self.rows }, name, provider)
    }
}

impl Engagement {
    /// Looks at a file.
    ///
    /// # Errors
    /// [`StoreError::File`] when it is no table, [`StoreError::Cancelled`]; see [`StoreError`].
    pub fn look(&self, path: &Path, options: &LoadOptions, watch: &Arc<Watch>) -> Result<Look> {
        let workshop = tempfile::Builder::new()
            .prefix(".staging-")
            .tempdir_in(self.folder())
            .map_err(StoreError::io(self.folder()))?;
        let request = ReadRequest {
            file: path.canonicalize().map_err(StoreError::io(path))?,
            staging: workshop.path().to_owned(),
            memory_mib: options.memory_mib,
            threads: 1,
            provider: None,
            settings: std::collections::BTreeMap::new(),
            mappings: Vec::new(),
            look: true,
        };
        let mut looked = Err(StoreError::Unexpected { found: "nothing".to_owned(), expected: "look at the file" });
        child::read(&options.reader, &[request], watch, &|_, _, _| {}, &mut |_, reading| {
            looked = match reading {
                Reading::Looked(look) => Ok(look),
                Reading::Failed(error) => Err(error),
                Reading::NotABill { file, problem, hint } => {
                    Err(StoreError::File { file, code: FileCode::of_unknown(path), problem, hint })
                }
                Reading::Staged { .. } => return Ok(()),
            };
            Ok(())
        })?;
        looked
    }
}

/// The child's part.
pub(super) fn look(request: &ReadRequest, say: &dyn Fn(ReaderMessage)) {
    match stage::first_rows(request) {
        Ok(Look { columns, rows }) => say(ReaderMessage::Looked { columns, rows }),
        Err(unfit) => say(ReaderMessage::Failed {
            file: reader::label(&request.file, unfit.member.as_deref()),
            problem: unfit.problem,
            hint: unfit.hint,
            no_room: unfit.no_room,
        }),
    }
}
