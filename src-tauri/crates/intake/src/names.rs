//! What a name of a mapping file means in one file: a column, whatever its spelling or alias, or a value inside a column.

use std::collections::BTreeMap;

use crate::header::{Header, fold};
use crate::{Expression, SourceColumn, SourceKind};

/// The other header names of a source column, by the name that the formulas use.
pub type Aliases = BTreeMap<String, Vec<String>>;

/// Where a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<'a> {
    /// A column.
    Column(&'a SourceColumn),
    /// A value inside a column that holds objects, with the keys on the way.
    Inside(&'a SourceColumn, Vec<String>),
}

impl Place<'_> {
    pub fn column(&self) -> &SourceColumn {
        match self {
            Self::Column(column) | Self::Inside(column, _) => column,
        }
    }

    pub fn expression(&self) -> Expression {
        match self {
            Self::Column(column) => Expression::Column(column.name.clone()),
            Self::Inside(column, path) => Expression::Field { column: column.name.clone(), path: path.clone() },
        }
    }
}

/// Where a name leads to: the column of exactly that name, else the value inside a column that is known to hold objects, else the
/// column of that name in any spelling, else the first alias that the file has, else the value inside the column that the name's
/// first pieces name (`service.description`).
pub fn find<'a>(header: &Header<'a>, aliases: &Aliases, name: &str) -> Option<Place<'a>> {
    let column = |name: &str| header.find(name);
    let alias = || aliases.get(name).into_iter().flatten().find_map(|other| column(other));
    let found = column(name);
    if found.is_none_or(|found| found.name != name)
        && let Some(inside) = inside(header, name).filter(|inside| inside.column().kind != SourceKind::Text)
    {
        return Some(inside);
    }
    found.or_else(alias).map(Place::Column).or_else(|| inside(header, name))
}

/// The value inside the column that the name's first pieces name.
fn inside<'a>(header: &Header<'a>, name: &str) -> Option<Place<'a>> {
    // The longest beginning that is a column: `project.labels.env` is a value of the column `project.labels` before `project`.
    let dots: Vec<usize> = name.match_indices('.').map(|(at, _)| at).collect();
    dots.into_iter().rev().find_map(|dot| {
        let outer = header.find(&name[..dot])?;
        let holds_objects = matches!(outer.kind, SourceKind::Map | SourceKind::Json | SourceKind::Text);
        holds_objects.then(|| Place::Inside(outer, keys(&name[dot + 1..])))
    })
}

/// As [`find`], but in a column that is known to hold objects: a text column may hold anything.
pub fn find_surely<'a>(header: &Header<'a>, aliases: &Aliases, name: &str) -> Option<Place<'a>> {
    find(header, aliases, name).filter(|place| match place {
        Place::Column(_) => true,
        Place::Inside(column, _) => column.kind != SourceKind::Text,
    })
}

/// The keys of a path that is written with dots.
pub fn keys(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// Every header name, folded, that a name may stand under, the columns that it may be inside of included.
pub fn spellings(aliases: &Aliases, name: &str) -> Vec<String> {
    let outer = name.match_indices('.').map(|(at, _)| &name[..at]);
    let others = aliases.get(name).into_iter().flatten().map(String::as_str);
    std::iter::once(name).chain(others).chain(outer).map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: SourceKind) -> SourceColumn {
        SourceColumn { name: name.to_owned(), kind }
    }

    fn found(columns: &[SourceColumn], aliases: &Aliases, name: &str) -> Option<Expression> {
        find(&Header::new(columns), aliases, name).map(|place| place.expression())
    }

    #[test]
    fn a_name_with_dots_is_a_column_before_it_is_a_value_inside_one() {
        let flat = [column("service.description", SourceKind::Text), column("service", SourceKind::Json)];
        let whole = Some(Expression::Column("service.description".to_owned()));
        assert_eq!(found(&flat, &Aliases::new(), "service.description"), whole, "the column of that name comes first");
        let path = vec!["description".to_owned()];
        let inside = Some(Expression::Field { column: "service".to_owned(), path });
        assert_eq!(
            found(&flat[1..], &Aliases::new(), "service.description"),
            inside,
            "else the value inside the object"
        );
        let numbers = [column("service", SourceKind::Integer)];
        assert_eq!(found(&numbers, &Aliases::new(), "service.description"), None, "a number holds no object");
    }

    #[test]
    fn the_longest_column_holds_the_rest_of_the_path() {
        let columns = [column("project", SourceKind::Json), column("project.labels", SourceKind::Json)];
        let path = vec!["env".to_owned(), "name".to_owned()];
        let inside = Some(Expression::Field { column: "project.labels".to_owned(), path });
        assert_eq!(found(&columns, &Aliases::new(), "project.labels.env.name"), inside);
    }

    #[test]
    fn an_alias_stands_in_where_the_name_is_absent() {
        let aliases =
            Aliases::from([("CostInBillingCurrency".to_owned(), vec!["Cost".to_owned(), "PreTaxCost".to_owned()])]);
        let both = [column("pre_tax_cost", SourceKind::Text), column("cost", SourceKind::Text)];
        let cost = Some(Expression::Column("cost".to_owned()));
        assert_eq!(found(&both, &aliases, "CostInBillingCurrency"), cost, "aliases count in their own order");
        let own = [column("cost", SourceKind::Text), column("costInBillingCurrency", SourceKind::Text)];
        let name = Some(Expression::Column("costInBillingCurrency".to_owned()));
        assert_eq!(found(&own, &aliases, "CostInBillingCurrency"), name, "the name itself comes first");
    }

    #[test]
    fn a_text_column_proves_no_format() {
        let columns = [column("service", SourceKind::Text)];
        let header = Header::new(&columns);
        assert!(find(&header, &Aliases::new(), "service.id").is_some(), "JSON may stand in a text column");
        assert_eq!(
            find_surely(&header, &Aliases::new(), "service.id"),
            None,
            "but nobody knows before the rows are read"
        );
    }
}
