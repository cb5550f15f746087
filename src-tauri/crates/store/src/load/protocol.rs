//! What parent and reading child say to each other: a request file, then JSON lines on the child's stdout.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::combine::Signs;
use super::derived::Derived;
use super::side::SideStaged;
use crate::DecimalType;

/// What the child is asked to read.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReadRequest {
    /// The export.
    pub(crate) file: PathBuf,
    /// An empty folder for what the child writes; the parent removes it.
    pub(crate) staging: PathBuf,
    /// Memory for the child's engine, in MiB.
    pub(crate) memory_mib: u32,
    /// Threads for the child's engine.
    pub(crate) threads: u32,
    /// Whose charges they are where the export does not say.
    pub(crate) provider: Option<String>,
    /// What the engagement chose of what a format leaves open.
    #[serde(default)]
    pub(crate) settings: std::collections::BTreeMap<String, String>,
    /// The analyst's own mappings, as text.
    #[serde(default)]
    pub(crate) mappings: Vec<String>,
    /// Only to tell what it holds.
    #[serde(default)]
    pub(crate) look: bool,
}

/// A line of the child.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "say")]
pub(crate) enum ReaderMessage {
    /// How far it is.
    Progress { phase: String, bytes: u64 },
    /// All is staged.
    Done { result: ReadResult },
    /// Its columns and first rows.
    Looked { columns: Vec<String>, rows: Vec<Vec<Option<String>>> },
    /// The file cannot be loaded; with `no_room` because the disk is full, which no other file can do anything about.
    Failed { file: String, problem: String, hint: String, no_room: bool },
    /// The file is sound as far as one can tell, but no billing export.
    NotABill { file: String, problem: String, hint: String },
}

/// What was staged from one file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReadResult {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    /// One for a plain file, one for each export in an archive.
    pub(crate) inputs: Vec<StagedInput>,
    /// Members of an archive that are no exports, each with the reason why it was left.
    pub(crate) passed_over: Vec<(String, String)>,
    /// The manifests in an archive: member and text.
    pub(crate) manifests: Vec<(String, String)>,
}

/// One staged table of charges.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StagedInput {
    /// The archive member, if the file is an archive.
    pub(crate) member: Option<String>,
    /// The staging database; the view `charge`, tables `reject` and `tag_set`.
    pub(crate) database: PathBuf,
    /// SQL of the 1-based source row within the staged table.
    pub(crate) row: String,
    /// The first and the last row of this file where the staged table holds several; the first is its row 1.
    pub(crate) range: Option<(u64, u64)>,
    pub(crate) format: String,
    pub(crate) format_version: String,
    /// The columns of the charge table that hold a value in some row; only these are passed on.
    pub(crate) filled: Vec<String>,
    /// Those of them that follow from others, or are alike in every row.
    pub(crate) derived: Derived,
    /// How tags, and what is kept beside them, were staged.
    pub(crate) texts: StagedTexts,
    /// Which of the format's reports it is.
    pub(crate) signs: Signs,
    /// The source's column names, in order.
    pub(crate) header: Vec<String>,
    /// The mapping as it was applied, for the analyst: JSON, kept as the text that it is stored as.
    pub(crate) mapping: String,
    /// Source rows, rejected and excluded ones included.
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    /// How many values of a column had more decimals than can be kept.
    pub(crate) rounded: Vec<(String, u64)>,
    /// Rows that are no charges: why, and how many.
    pub(crate) excluded: Vec<(String, u64)>,
    pub(crate) notes: Vec<String>,
    /// The rung of each decimal column.
    pub(crate) decimals: Vec<(String, DecimalType)>,
    pub(crate) tag_keys: Vec<(String, u64)>,
    pub(crate) units: Vec<StagedUnit>,
    /// Whether the file is a piece of its billing periods that leaves the pieces before it in place.
    pub(crate) increment: bool,
    /// What was staged where the file is no list of charges but a dataset beside them; then there are no units.
    pub(crate) side: Option<SideStaged>,
}

/// How tags and the JSON objects of what no FOCUS column takes were staged: as numbers of texts as long as there is room for those, then
/// as themselves.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct StagedTexts {
    /// Some charges have the number of an object in the table `extra_text`, in the column `extra_number`.
    pub(crate) extra_numbered: bool,
    /// Some charges have the object itself, in the column `extra`.
    pub(crate) extra_written: bool,
    /// Some charges have their tags themselves, in the column `tags`; the others have their number in `tag_set`, in `tags_number`.
    pub(crate) tags_written: bool,
    /// Some tags are no JSON object, and are kept among what no FOCUS column takes.
    pub(crate) tags_odd: bool,
    /// There are few distinct texts of tags.
    pub(crate) tags_few: bool,
}

/// The charges of one (provider, billing account, billing period) in one staged table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StagedUnit {
    pub(crate) provider: String,
    pub(crate) billing_account: String,
    /// `YYYY-MM-DD`.
    pub(crate) billing_period: String,
    pub(crate) rows: u64,
    /// `YYYY-MM-DD` of the first and the last charge.
    pub(crate) first_day: String,
    pub(crate) last_day: String,
}
