//! The header of a file, and finding a column in it whatever the spelling.
//!
//! The same column is written `lineItem/UnblendedCost`, `line_item_unblended_cost` and `LineItem_UnblendedCost`; an engine that
//! splits camel case makes `reservation_reservation_a_r_n` of `reservation/ReservationARN`. Compared are the letters and digits
//! alone, without case.

use crate::{SourceColumn, SourceKind};

/// Stands behind the name of a column that differs in case alone from one before it (`resourceTags/user:Name` and
/// `resourceTags/user:name`), where an engine that knows no case would take the two for one. It can be seen nowhere.
pub const TWIN: char = '\u{2060}';

/// The columns of one file.
pub struct Header<'a> {
    columns: &'a [SourceColumn],
    folded: Vec<String>,
}

impl<'a> Header<'a> {
    pub fn new(columns: &'a [SourceColumn]) -> Self {
        Self { columns, folded: columns.iter().map(|column| fold(&column.name)).collect() }
    }

    /// The columns, in file order.
    pub fn columns(&self) -> &'a [SourceColumn] {
        self.columns
    }

    /// The column that this name means: the exact name first, then the first column that reads the same.
    pub fn find(&self, name: &str) -> Option<&'a SourceColumn> {
        let folded = fold(name);
        self.columns.iter().find(|column| column.name == name).or_else(|| {
            self.columns.iter().zip(&self.folded).find(|(_, own)| **own == folded).map(|(column, _)| column)
        })
    }

    /// The columns of a group that are written one by one (`resourceTags/user:env`, `resource_tags_user_env`), each with the
    /// rest of its name.
    pub fn group(&self, prefix: &str) -> Vec<(&'a SourceColumn, String)> {
        let wanted = fold(prefix);
        self.columns.iter().filter_map(|column| Some((column, rest_of(&column.name, &wanted)?))).collect()
    }

    /// The column that holds a whole group as keys and values: `resource_tags`.
    pub fn whole(&self, name: &str) -> Option<&'a SourceColumn> {
        self.find(name).filter(|column| matches!(column.kind, SourceKind::Text | SourceKind::Map | SourceKind::Json))
    }
}

/// Letters and digits only, in lower case.
pub fn fold(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What follows a prefix (folded) and its separator in a name.
fn rest_of(name: &str, prefix: &str) -> Option<String> {
    let mut seen = String::new();
    for (index, character) in name.char_indices() {
        if seen == prefix {
            let separated = matches!(character, '/' | '_' | '.');
            let rest = name[index + character.len_utf8()..].trim_start_matches('_').trim_end_matches(TWIN);
            return (separated && !rest.is_empty()).then(|| rest.to_owned());
        }
        if character.is_alphanumeric() {
            seen.extend(character.to_lowercase());
        }
        if !prefix.starts_with(&seen) {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<SourceColumn> {
        names.iter().map(|name| SourceColumn { name: (*name).to_owned(), kind: SourceKind::Text }).collect()
    }

    #[test]
    fn one_column_has_many_spellings() {
        for spelling in ["lineItem/UnblendedCost", "line_item_unblended_cost", "\u{feff}lineitem_UnblendedCost "] {
            let columns = columns(&["other", spelling]);
            let found = Header::new(&columns).find("lineItem/UnblendedCost").map(|column| column.name.clone());
            assert_eq!(found.as_deref(), Some(spelling), "found whatever the spelling, under its own name");
        }
        let athena = columns(&["reservation_reservation_a_r_n"]);
        assert!(Header::new(&athena).find("reservation/ReservationARN").is_some(), "split camel case is the same name");
    }

    #[test]
    fn the_exact_name_wins() {
        let columns = columns(&["billed_cost", "BilledCost"]);
        assert_eq!(Header::new(&columns).find("BilledCost").map(|c| c.name.as_str()), Some("BilledCost"));
    }

    #[test]
    fn a_group_keeps_the_rest_of_its_names() {
        let rests = |names: &[&str]| -> Vec<String> {
            Header::new(&columns(names)).group("resourceTags").into_iter().map(|(_, rest)| rest).collect()
        };
        let names = ["resourceTags/user:Cost-Center", "resource_tags_aws_created_by", "resource_tags", "resourceTagsX"];
        let found = ["user:Cost-Center", "aws_created_by"];
        assert_eq!(rests(&names), found, "only names with something after a separator");
        let doubled = ["resource_tags__user__env", "resourcetags/user:_env"];
        assert_eq!(rests(&doubled), ["user__env", "user:_env"], "a doubled separator is one");
        let twins = ["resourceTags/user:Env", "resourceTags/user:env\u{2060}"];
        assert_eq!(rests(&twins), ["user:Env", "user:env"], "the mark of a twin is none of its name");
    }
}
