//! What tells whether a file is loaded already: its content, and how its columns became charges. The same file by another mapping,
//! or under another choice of what its format leaves open, makes other charges.

use sha2::{Digest, Sha256};

use super::deliveries::Incoming;

/// SQL of it over `source_file`.
pub(super) const LOADED: &str = "concat(sha256, '!' || member, ' ', sha256(mapping))";

/// The same of a file that comes.
pub(super) fn coming(one: &Incoming) -> String {
    let member = one.input.member.as_deref().map(|member| format!("!{member}")).unwrap_or_default();
    let mapping: String = Sha256::digest(&one.input.mapping).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}{member} {mapping}", one.staged.result.sha256)
}
