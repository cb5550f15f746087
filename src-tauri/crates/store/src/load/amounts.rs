//! Amounts as a spreadsheet writes them. The first rows of a file gave them away; here all of its rows are looked at, for a comma
//! that stands for something else than thousands must never be taken off.

use duckdb::Connection;
use intake::{Expression, Mapping};

use crate::Result;
use crate::sql::{identifier, literal, literals};

/// `$1,234.50`, `-$5`, `$1234`.
const DRESSED: &str = r"-?\$([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?";

/// Leaves a column as it is written where any of its values in the relation `from` is not written with a dollar sign throughout.
pub(crate) fn settle(connection: &Connection, from: &str, mapping: &mut Mapping) -> Result<()> {
    let tokens = literals(std::iter::once("").chain(mapping.null_tokens.iter().map(String::as_str)));
    for mapped in &mut mapping.columns {
        let Some(name) = intake::dressed_amount(&mapped.expression).map(str::to_owned) else { continue };
        let column = identifier(&name);
        let sql = format!(
            "SELECT count(*)::BIGINT FROM {from}
             WHERE {column} NOT IN ({tokens}) AND NOT regexp_full_match(trim({column}), {})",
            literal(DRESSED)
        );
        let others: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        if others > 0 {
            mapped.expression = Expression::Column(name);
            mapped.reason = None;
        }
    }
    Ok(())
}
