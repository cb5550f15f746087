//! What tells whether a file is loaded already: its content, and what the engagement chose of what its format leaves open. The same
//! file under another choice makes other charges.

use super::deliveries::Incoming;

/// SQL of it over `source_file`.
pub(super) const LOADED: &str = "concat(sha256, '!' || member, ' ' || json_extract(mapping, '$.settings')::VARCHAR)";

/// The same of a file that comes.
pub(super) fn coming(one: &Incoming) -> String {
    let member = one.input.member.as_deref().map(|member| format!("!{member}")).unwrap_or_default();
    let settings = one.input.mapping.get("settings").map(|settings| format!(" {settings}")).unwrap_or_default();
    format!("{}{member}{settings}", one.staged.result.sha256)
}
