//! Columns of a charge that need not be stored while it is staged: a mapping says the same text for every row, or the same value for two
//! columns. Storing a column of text takes longer than anything else that is done with it.

use std::collections::BTreeMap;

use focus::Kind;
use intake::{Expression, Mapping};
use serde::{Deserialize, Serialize};

use super::stage::Staging;
use crate::Result;
use crate::sql::{identifier, literal};

/// The columns that are not stored, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Derived(BTreeMap<String, Origin>);

/// Where the values of such a column come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// This text, in every row.
    Text(String),
    /// The stored column of this name.
    Column(String),
}

impl Derived {
    /// What a mapping lets derive. Not a column that a further charge of the row has otherwise.
    pub(super) fn of(mapping: &Mapping) -> Self {
        let overridden =
            |name: &str| mapping.parts.iter().flat_map(|part| &part.overrides).any(|other| other.target.name == name);
        let mut derived = BTreeMap::new();
        if let Expression::Text(text) = &mapping.provider {
            derived.insert("provider".to_owned(), Origin::Text(text.clone()));
        }
        let mut stored: Vec<(&'static str, Kind, &Expression)> = Vec::new();
        for mapped in &mapping.columns {
            let (name, kind, expression) = (mapped.target.name, mapped.target.kind, &mapped.expression);
            if *expression == Expression::Null || overridden(name) {
                continue;
            }
            let same = stored.iter().find(|(_, other, value)| *other == kind && *value == expression);
            match (expression, same) {
                (Expression::Text(text), _) if kind == Kind::Text => {
                    derived.insert(name.to_owned(), Origin::Text(text.clone()));
                }
                (_, Some((other, ..))) => {
                    derived.insert(name.to_owned(), Origin::Column((*other).to_owned()));
                }
                (_, None) => stored.push((name, kind, expression)),
            }
        }
        Self(derived)
    }

    /// Whether a column is not stored.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Where a column comes from, if it is not stored.
    pub(super) fn origin(&self, name: &str) -> Option<&Origin> {
        self.0.get(name)
    }
}

impl Origin {
    /// SQL over the stored columns.
    pub(super) fn sql(&self) -> String {
        match self {
            Self::Text(text) => literal(text),
            Self::Column(name) => identifier(name),
        }
    }
}

impl Staging<'_> {
    /// Lets `charge` be what is stored, with what is derived from it. Anew whenever `stored` has other columns.
    pub(super) fn show(&self) -> Result<()> {
        let derived = Derived::of(self.mapping);
        let columns: String =
            derived.0.iter().map(|(name, origin)| format!(", {} AS {}", origin.sql(), identifier(name))).collect();
        Ok(self
            .connection
            .execute_batch(&format!("CREATE OR REPLACE VIEW charge AS SELECT rowid, *{columns} FROM stored;"))?)
    }
}

#[cfg(test)]
mod tests {
    use intake::{Condition, Part};

    use super::super::language_tests::mapping;
    use super::*;

    fn several(columns: &[(&str, Expression)]) -> Mapping {
        let each = columns.iter().map(|(name, expression)| mapping(name, expression.clone()).columns);
        Mapping { columns: each.flatten().collect(), ..mapping("billed_cost", Expression::Null) }
    }

    fn column(name: &str) -> Expression {
        Expression::Column(name.to_owned())
    }

    #[test]
    fn what_is_alike_in_every_row_or_said_twice_is_not_stored() {
        let mut mapping = several(&[
            ("publisher_name", Expression::Text("Oracle".to_owned())),
            ("list_cost", column("cost")),
            ("contracted_cost", column("cost")),
            ("charge_description", column("cost")),
            ("sku_meter", column("product")),
            ("service_name", column("product")),
            ("region_id", Expression::Null),
            ("region_name", Expression::Null),
        ]);
        let derived = Derived::of(&mapping);
        assert_eq!(derived.origin("publisher_name"), Some(&Origin::Text("Oracle".to_owned())));
        assert_eq!(
            derived.origin("contracted_cost"),
            Some(&Origin::Column("list_cost".to_owned())),
            "the first is stored"
        );
        assert_eq!(derived.origin("service_name"), Some(&Origin::Column("sku_meter".to_owned())));
        for stored in ["list_cost", "sku_meter", "charge_description", "region_id", "region_name", "provider"] {
            assert!(
                !derived.has(stored),
                "{stored}: an amount is no text, what is missing is no value, nobody names the provider"
            );
        }
        mapping.provider = Expression::Text("Oracle".to_owned());
        let overrides = several(&[("contracted_cost", column("other")), ("sku_meter", column("other"))]).columns;
        mapping.parts.push(Part { each: None, when: Condition::All(Vec::new()), overrides, reason: String::new() });
        let derived = Derived::of(&mapping);
        for stored in ["contracted_cost", "sku_meter", "service_name"] {
            assert!(
                !derived.has(stored),
                "{stored}: a further charge of the row may have it, or its origin, otherwise"
            );
        }
        assert!(derived.has("publisher_name") && derived.has("provider"), "those are alike in the further charge, too");
    }
}
