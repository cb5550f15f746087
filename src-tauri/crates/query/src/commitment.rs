//! What commitments need of the charges: what is billed of each commitment, and usage by the hour. Each statement has a reader for its rows.

use money::Amount;

use crate::change::Reader;
use crate::dialect::DuckDb;
use crate::plan::{Settled, charge_table};
use crate::sql::Writer;
use crate::{Catalog, Dimension, QueryError, Question, Value};

/// The charges of one commitment that agree in their nature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitmentCharges {
    /// The provider.
    pub provider: String,
    /// The commitment's id.
    pub commitment: String,
    /// `Usage`, `Purchase` and so on.
    pub category: Option<String>,
    /// `One-Time`, `Recurring` or `Usage-Based`.
    pub frequency: Option<String>,
    /// `Correction`, or none.
    pub class: Option<String>,
    /// `Used`, `Unused` or none.
    pub status: Option<String>,
    /// The name that the bill gives the commitment.
    pub name: Option<String>,
    /// `Spend` or `Usage`.
    pub kind: Option<String>,
    /// The provider's word for it, such as `Reserved Instance`.
    pub type_name: Option<String>,
    /// The unit of the commitment's quantity.
    pub unit: Option<String>,
    /// The last account in the order of text.
    pub account: Option<String>,
    /// The name of an account.
    pub account_name: Option<String>,
    /// A service.
    pub service: Option<String>,
    /// A region; none where there are several.
    pub region: Option<String>,
    /// A zone; none where there are several.
    pub zone: Option<String>,
    /// A meter.
    pub meter: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// Details of the price, a JSON object.
    pub details: Option<String>,
    /// What the provider tells beyond FOCUS, a JSON object.
    pub extra: Option<String>,
    /// Billed cost.
    pub billed: Amount,
    /// Effective cost.
    pub effective: Amount,
    /// Contracted cost; none where no charge has it.
    pub contracted: Option<Amount>,
    /// List cost; none where no charge has it.
    pub list: Option<Amount>,
    /// The commitment's quantity; none where no charge has it.
    pub quantity: Option<Amount>,
    /// The pricing quantity; none where no charge has it.
    pub pricing_quantity: Option<Amount>,
    /// How many charges.
    pub charges: u64,
    /// The seconds of their distinct charge periods, added up.
    pub seconds: i64,
    /// The first start, in seconds since 1970.
    pub from: i64,
    /// The last end.
    pub until: i64,
}

/// Usage that agrees in everything that commitments look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageKind {
    /// Its number in [`UsageStep`].
    pub key: i64,
    /// The provider.
    pub provider: String,
    /// The account.
    pub account: Option<String>,
    /// Who answers for it, by the dimension that was asked for.
    pub owner: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The zone.
    pub zone: Option<String>,
    /// The SKU.
    pub sku: Option<String>,
    /// What is metered.
    pub meter: Option<String>,
    /// The unit of the price.
    pub unit: Option<String>,
    /// Details of the price, a JSON object.
    pub details: Option<String>,
    /// The provider's operation, where the details are silent.
    pub operation: Option<String>,
    /// The account's name.
    pub account_name: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// How many charges.
    pub charges: u64,
    /// How many of them a commitment covers.
    pub covered: u64,
    /// The seconds of the longest charge period.
    pub longest: i64,
    /// Effective cost.
    pub effective: Amount,
}

/// Usage of a kind in one charge period, as far as one commitment covers it, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageStep {
    /// The kind.
    pub key: i64,
    /// The start of the charge period, in seconds since 1970.
    pub start: i64,
    /// The commitment that covers it.
    pub commitment: Option<String>,
    /// Whether it is priced under a commitment, named or not.
    pub committed: bool,
    /// Contracted cost of the charges that have it.
    pub contracted: Option<Amount>,
    /// List cost of the charges that have it.
    pub list: Option<Amount>,
    /// Effective cost.
    pub effective: Amount,
    /// The pricing quantity.
    pub quantity: Option<Amount>,
    /// The commitment's quantity.
    pub commitment_quantity: Option<Amount>,
    /// How many charges.
    pub charges: u64,
    /// How many of them have no contracted cost, or one of zero although they cost something.
    pub unpriced: u64,
    /// The effective cost of those.
    pub unpriced_effective: Amount,
    /// The pricing quantity of those.
    pub unpriced_quantity: Option<Amount>,
    /// How many have no list cost.
    pub unlisted: u64,
}

/// When a provider's usage is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsagePresence {
    /// The provider.
    pub provider: String,
    /// The start of an hour or of a day, in seconds since 1970.
    pub start: i64,
}

/// What the charges of a commitment are told apart by.
const CHARGE_KEYS: [&str; 6] = [
    "provider",
    "commitment_discount_id",
    "charge_category",
    "charge_frequency",
    "charge_class",
    "commitment_discount_status",
];

/// The texts of which one is taken.
const CHARGE_TEXTS: [&str; 11] = [
    "commitment_discount_name",
    "commitment_discount_category",
    "commitment_discount_type",
    "commitment_discount_unit",
    "sub_account_id",
    "sub_account_name",
    "service_name",
    "sku_meter",
    "charge_description",
    "sku_price_details",
    "extra",
];

/// The texts that count where there is only one.
const CHARGE_PLACES: [&str; 2] = ["region_id", "availability_zone"];

/// What is added up.
const CHARGE_SUMS: [&str; 6] = [
    "billed_cost",
    "effective_cost",
    "contracted_cost",
    "list_cost",
    "commitment_discount_quantity",
    "pricing_quantity",
];

/// The statement for what is billed of each commitment. Its rows are read by [`commitment_charges`].
///
/// # Errors
/// As [`crate::plan`].
pub fn commitment_charges_sql(question: &Question, catalog: &Catalog) -> Result<String, QueryError> {
    on_charges(question, catalog, |writer| {
        let dialect = writer.dialect;
        let column = |name: &str| dialect.identifier(name);
        let named = |expression: String, name: &str| format!("{expression} AS {}", column(name));
        let (start, end) = (column("charge_period_start"), column("charge_period_end"));
        // Charges of the same period count its length once: first by period, then together.
        let mut inner: Vec<String> = CHARGE_KEYS.iter().map(|name| column(name)).collect();
        inner.push(named(start.clone(), "from"));
        inner.push(named(format!("coalesce({end}, {start})"), "until"));
        inner.extend(CHARGE_TEXTS.iter().map(|name| named(format!("max({})", column(name)), name)));
        for name in CHARGE_PLACES {
            inner.push(named(format!("min({})", column(name)), &format!("first_{name}")));
            inner.push(named(format!("max({})", column(name)), &format!("last_{name}")));
        }
        inner.extend(CHARGE_SUMS.iter().map(|name| named(format!("sum({})", column(name)), name)));
        inner.push(named("count(*)".to_owned(), "charges"));
        let grouped = |count: usize| (1..=count).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
        let condition = writer.condition(&writer.query.current)?;
        let body = format!(
            "  SELECT {}\n  FROM {}\n  WHERE {condition}\n    AND {} IS NOT NULL\n  GROUP BY {}",
            inner.join(", "),
            writer.rows(),
            column("commitment_discount_id"),
            grouped(CHARGE_KEYS.len() + 2),
        );
        let (from, until) = (column("from"), column("until"));
        let mut outer: Vec<String> = CHARGE_KEYS.iter().map(|name| column(name)).collect();
        outer.extend(CHARGE_TEXTS.iter().map(|name| format!("max({})", column(name))));
        for name in CHARGE_PLACES {
            let (first, last) = (column(&format!("first_{name}")), column(&format!("last_{name}")));
            outer.push(format!("CASE WHEN min({first}) = max({last}) THEN max({last}) END"));
        }
        outer.extend(CHARGE_SUMS.iter().map(|name| format!("sum({})", column(name))));
        outer.push(dialect.big_integer(&format!("sum({})", column("charges"))));
        let length = format!("{} - {}", dialect.seconds(&until), dialect.seconds(&from));
        outer.push(dialect.big_integer(&format!("sum({length})")));
        outer.push(dialect.seconds(&format!("min({from})")));
        outer.push(dialect.seconds(&format!("max({until})")));
        let order: Vec<String> = (1..=CHARGE_KEYS.len()).map(|place| format!("{place} NULLS LAST")).collect();
        Ok(format!(
            "WITH {}\nSELECT {}\nFROM {}\nGROUP BY {}\nORDER BY {}",
            dialect.common_table("piece", &body),
            outer.join(", "),
            column("piece"),
            grouped(CHARGE_KEYS.len()),
            order.join(", "),
        ))
    })
}

/// Reads a row of [`commitment_charges_sql`].
///
/// # Errors
/// [`QueryError::ResultShape`] when it is not one.
pub fn commitment_charges(values: Vec<Value>) -> Result<CommitmentCharges, QueryError> {
    let mut values = Reader::new(values);
    Ok(CommitmentCharges {
        provider: values.text()?.unwrap_or_default(),
        commitment: values.text()?.unwrap_or_default(),
        category: values.text()?,
        frequency: values.text()?,
        class: values.text()?,
        status: values.text()?,
        name: values.text()?,
        kind: values.text()?,
        type_name: values.text()?,
        unit: values.text()?,
        account: values.text()?,
        account_name: values.text()?,
        service: values.text()?,
        meter: values.text()?,
        description: values.text()?,
        details: values.text()?,
        extra: values.text()?,
        region: values.text()?,
        zone: values.text()?,
        billed: values.amount()?.unwrap_or_default(),
        effective: values.amount()?.unwrap_or_default(),
        contracted: values.amount()?,
        list: values.amount()?,
        quantity: values.amount()?,
        pricing_quantity: values.amount()?,
        charges: values.count()?,
        seconds: values.whole()?,
        from: values.whole()?,
        until: values.whole()?,
    })
}

/// What usage is told apart by, after its owner.
const USAGE_KEYS: [&str; 9] = [
    "provider",
    "sub_account_id",
    "service_name",
    "region_id",
    "availability_zone",
    "sku_id",
    "sku_meter",
    "pricing_unit",
    "sku_price_details",
];

/// Where providers name the operation, which tells the platform of AWS's instances.
const OPERATIONS: [&str; 3] = ["x_Operation", "line_item_operation", "lineItem/Operation"];

/// The statement for the kinds of usage, each with its number. Spot usage, which no commitment covers, and what nobody used of
/// commitments are left out. Its rows are read by [`usage_kind`].
///
/// # Errors
/// As [`crate::plan`].
pub fn usage_kinds_sql(
    question: &Question,
    catalog: &Catalog,
    owner: Option<&Dimension>,
) -> Result<String, QueryError> {
    on_charges(question, catalog, |writer| {
        let dialect = writer.dialect;
        let keys = usage_keys(writer, owner)?;
        let column = |name: &str| dialect.identifier(name);
        let (start, end) = (column("charge_period_start"), column("charge_period_end"));
        let length = format!("{} - {}", dialect.seconds(&format!("coalesce({end}, {start})")), dialect.seconds(&start));
        let covered = format!("sum(CASE WHEN {} = 'Used' THEN 1 ELSE 0 END)", column("commitment_discount_status"));
        let groups = (1..=keys.len() + 1).map(|place| place.to_string()).collect::<Vec<_>>();
        let order: Vec<String> = (2..=keys.len() + 1).map(|place| format!("{place} NULLS LAST")).collect();
        Ok(format!(
            "SELECT {key}, {keys}, max({account_name}), max({description}), {charges}, {covered}, {longest}, sum({effective})\n\
             FROM {rows}\nWHERE {condition}\nGROUP BY {groups}\nORDER BY {order}, 1",
            key = dialect.fingerprint(&keys),
            keys = keys.join(", "),
            account_name = column("sub_account_name"),
            description = column("charge_description"),
            charges = dialect.big_integer("count(*)"),
            covered = dialect.big_integer(&covered),
            longest = dialect.big_integer(&format!("max({length})")),
            effective = column("effective_cost"),
            rows = writer.rows(),
            condition = usage_condition(writer)?,
            groups = groups.join(", "),
            order = order.join(", "),
        ))
    })
}

/// Reads a row of [`usage_kinds_sql`].
///
/// # Errors
/// [`QueryError::ResultShape`] when it is not one.
pub fn usage_kind(values: Vec<Value>) -> Result<UsageKind, QueryError> {
    let mut values = Reader::new(values);
    Ok(UsageKind {
        key: values.whole()?,
        owner: values.text()?,
        provider: values.text()?.unwrap_or_default(),
        account: values.text()?,
        service: values.text()?,
        region: values.text()?,
        zone: values.text()?,
        sku: values.text()?,
        meter: values.text()?,
        unit: values.text()?,
        details: values.text()?,
        operation: values.text()?,
        account_name: values.text()?,
        description: values.text()?,
        charges: values.count()?,
        covered: values.count()?,
        longest: values.whole()?,
        effective: values.amount()?.unwrap_or_default(),
    })
}

/// The statement for usage of some kinds by charge period and covering commitment. Its rows are read by [`usage_step`].
///
/// # Errors
/// As [`crate::plan`].
pub fn usage_steps_sql(
    question: &Question,
    catalog: &Catalog,
    owner: Option<&Dimension>,
    kinds: &[i64],
) -> Result<String, QueryError> {
    on_charges(question, catalog, |writer| {
        let dialect = writer.dialect;
        let column = |name: &str| dialect.identifier(name);
        let key = dialect.fingerprint(&usage_keys(writer, owner)?);
        let (contracted, effective) = (column("contracted_cost"), column("effective_cost"));
        let (list, quantity) = (column("list_cost"), column("pricing_quantity"));
        let unpriced = format!("({contracted} IS NULL OR ({contracted} = 0 AND {effective} > 0))");
        let when = |condition: &str, value: &str| format!("CASE WHEN {condition} THEN {value} END");
        let committed = format!("CASE WHEN {} = 'Committed' THEN 1 ELSE 0 END", column("pricing_category"));
        let figures = [
            format!("sum({})", when(&format!("NOT {unpriced}"), &contracted)),
            format!("sum({list})"),
            format!("sum({effective})"),
            format!("sum({quantity})"),
            format!("sum({})", column("commitment_discount_quantity")),
            dialect.big_integer("count(*)"),
            dialect.big_integer(&format!("count({})", when(&unpriced, "1"))),
            format!("sum({})", when(&unpriced, &effective)),
            format!("sum({})", when(&unpriced, &quantity)),
            dialect.big_integer(&format!("count(*) - count({list})")),
        ];
        let kinds: Vec<String> = kinds.iter().map(i64::to_string).collect();
        let among = if kinds.is_empty() { "FALSE".to_owned() } else { format!("{key} IN ({})", kinds.join(", ")) };
        Ok(format!(
            "SELECT {key}, {start}, {commitment}, {committed}, {figures}\nFROM {rows}\nWHERE {condition}\n    AND {among}\n\
             GROUP BY 1, 2, 3, 4\nORDER BY 1, 2, 3 NULLS FIRST, 4",
            start = dialect.seconds(&column("charge_period_start")),
            commitment = column("commitment_discount_id"),
            figures = figures.join(", "),
            rows = writer.rows(),
            condition = usage_condition(writer)?,
        ))
    })
}

/// Reads a row of [`usage_steps_sql`].
///
/// # Errors
/// [`QueryError::ResultShape`] when it is not one.
pub fn usage_step(values: Vec<Value>) -> Result<UsageStep, QueryError> {
    let mut values = Reader::new(values);
    Ok(UsageStep {
        key: values.whole()?,
        start: values.whole()?,
        commitment: values.text()?,
        committed: values.whole()? == 1,
        contracted: values.amount()?,
        list: values.amount()?,
        effective: values.amount()?.unwrap_or_default(),
        quantity: values.amount()?,
        commitment_quantity: values.amount()?,
        charges: values.count()?,
        unpriced: values.count()?,
        unpriced_effective: values.amount()?.unwrap_or_default(),
        unpriced_quantity: values.amount()?,
        unlisted: values.count()?,
    })
}

/// The statement for the hours, or the days, in which each provider has any usage, whatever the filters. Its rows are read by
/// [`usage_presence`].
///
/// # Errors
/// As [`crate::plan`].
pub fn usage_presence_sql(question: &Question, catalog: &Catalog, by_hour: bool) -> Result<String, QueryError> {
    let question = Question { filters: Vec::new(), ..question.clone() };
    on_charges(&question, catalog, |writer| {
        let dialect = writer.dialect;
        let grain = if by_hour { crate::Grain::Hour } else { crate::Grain::Day };
        let start = dialect.truncated(&dialect.identifier("charge_period_start"), grain);
        Ok(format!(
            "SELECT {}, {}\nFROM {}\nWHERE {}\n    AND {} = 'Usage'\nGROUP BY 1, 2\nORDER BY 1, 2",
            dialect.identifier("provider"),
            dialect.seconds(&start),
            writer.rows(),
            writer.condition(&writer.query.current)?,
            dialect.identifier("charge_category"),
        ))
    })
}

/// Reads a row of [`usage_presence_sql`].
///
/// # Errors
/// [`QueryError::ResultShape`] when it is not one.
pub fn usage_presence(values: Vec<Value>) -> Result<UsagePresence, QueryError> {
    let mut values = Reader::new(values);
    Ok(UsagePresence { provider: values.text()?.unwrap_or_default(), start: values.whole()? })
}

/// A statement over the charges themselves, under a question's period, currency and filters.
fn on_charges(
    question: &Question,
    catalog: &Catalog,
    write: impl FnOnce(&Writer<'_>) -> Result<String, QueryError>,
) -> Result<String, QueryError> {
    let question =
        Question { by: Vec::new(), grain: None, compare: None, top: None, convert: None, ..question.clone() };
    let settled = Settled::new(&question, catalog)?;
    let table = charge_table(&settled.logical, catalog)?;
    write(&Writer { query: &settled.logical, table, catalog, dialect: &DuckDb })
}

fn usage_keys(writer: &Writer<'_>, owner: Option<&Dimension>) -> Result<Vec<String>, QueryError> {
    let dialect = writer.dialect;
    let owner = match owner {
        Some(dimension) => writer.dimension(dimension)?,
        None => "CAST(NULL AS VARCHAR)".to_owned(),
    };
    let mut keys = vec![owner];
    keys.extend(USAGE_KEYS.iter().map(|name| dialect.identifier(name)));
    let operations = OPERATIONS
        .map(|name| dialect.json_text(&dialect.identifier("extra"), name))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let silent = format!("{} IS NULL", dialect.identifier("sku_price_details"));
    keys.push(format!("CASE WHEN {silent} THEN coalesce({}) END", operations.join(", ")));
    Ok(keys)
}

fn usage_condition(writer: &Writer<'_>) -> Result<String, QueryError> {
    let column = |name: &str| writer.identifier(name);
    Ok(format!(
        "{}\n    AND {} = 'Usage' AND coalesce({}, '') <> 'Unused' AND coalesce({}, '') <> 'Dynamic'",
        writer.condition(&writer.query.current)?,
        column("charge_category"),
        column("commitment_discount_status"),
        column("pricing_category"),
    ))
}
