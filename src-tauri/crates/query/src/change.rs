//! What a bridge between two periods needs: charges added up by SKU in both of them, and the values of a dimension that moved most.

use money::Amount;

use crate::dialect::{Dialect, DuckDb};
use crate::measure::Formula;
use crate::plan::{Settled, charge_table};
use crate::router::route;
use crate::sql::Writer;
use crate::{Catalog, Dimension, Measure, MeasureKind, Period, QueryError, Question, SumColumn, TableTime, Value};

/// The lines of both periods, as one statement. Its rows are read by [`change_line`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePlan {
    /// The statement, its values written in.
    pub sql: String,
    /// The table that answers: `charge` or one of the cubes.
    pub source: String,
    /// The period that is explained.
    pub current: Period,
    /// The period that it is compared with.
    pub base: Period,
    /// Whether the lines name usage without a SKU by its description; only the charges themselves have it.
    pub describes: bool,
}

/// The charges of one SKU and nature in one of the periods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeLine {
    /// Whether it is of the current period; else of the base.
    pub current: bool,
    /// The billing currency.
    pub currency: Option<String>,
    /// The provider.
    pub provider: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The nature of the charges: `usage`, `unused_commitment`, `commitment_purchase`, `other_purchase`, `credit`, `adjustment`, `tax` or
    /// `correction`.
    pub class: String,
    /// The dimension that `sku` is a value of: the first of SKU, SKU price, SKU meter and (of usage) the description that the charges
    /// have; of unused and purchased commitments the commitment.
    pub named_by: Option<String>,
    /// What is told apart within service and region.
    pub sku: Option<String>,
    /// The pricing unit.
    pub unit: Option<String>,
    /// The value of the dimension that was asked for.
    pub by: Option<String>,
    /// What the SKU is called: its meter, or the commitment's name.
    pub label: Option<String>,
    /// The cost, converted where the question converts.
    pub cost: Amount,
    /// The cost as it was billed.
    pub local: Amount,
    /// The list cost; none where a charge lacks it.
    pub list: Option<Amount>,
    /// The contracted cost; none where a charge lacks it.
    pub contracted: Option<Amount>,
    /// The pricing quantity; none where a charge lacks it.
    pub quantity: Option<Amount>,
    /// The cost of what commitments cover.
    pub covered: Amount,
    /// The contracted cost of what commitments cover.
    pub covered_contracted: Amount,
    /// How many charges.
    pub charges: u64,
}

/// What a dimension's value cost in both periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedValue {
    /// The value; none where charges have none.
    pub value: Option<String>,
    /// Its cost in the base period; none without charges.
    pub base: Option<Amount>,
    /// Its cost in the current period; none without charges.
    pub current: Option<Amount>,
}

/// What the lines tell apart beside the SKU, in the order of [`ChangeLine`].
const KEYS: [Dimension; 4] = [Dimension::BillingCurrency, Dimension::Provider, Dimension::Service, Dimension::Region];

/// What the lines are made from.
const READ: [Dimension; 14] = [
    Dimension::BillingCurrency,
    Dimension::Provider,
    Dimension::Service,
    Dimension::Region,
    Dimension::Sku,
    Dimension::SkuPrice,
    Dimension::SkuMeter,
    Dimension::PricingUnit,
    Dimension::ChargeCategory,
    Dimension::ChargeClass,
    Dimension::Commitment,
    Dimension::CommitmentName,
    Dimension::CommitmentCategory,
    Dimension::CommitmentStatus,
];

/// The columns of a line in the statement, after `period`.
const NAMES: [&str; 10] =
    ["currency", "provider", "service", "region", "class", "named_by", "sku", "unit", "by", "label"];

/// The question of a change, with everything that its lines are made from as dimensions, so that it is routed to a table that has it.
fn reading(question: &Question, by: Option<&Dimension>) -> Result<(Question, SumColumn), QueryError> {
    let measure = question.measures.first().ok_or(QueryError::NoMeasure)?;
    let cost = match (measure.formula(), measure.kind()) {
        (Formula::Sum(cost), MeasureKind::Currency) => cost,
        _ => return Err(QueryError::NotACost { measure: measure.clone() }),
    };
    let mut measures = vec![measure.clone()];
    for other in [Measure::ListCost, Measure::ContractedCost, Measure::PricingQuantity] {
        if !measures.contains(&other) {
            measures.push(other);
        }
    }
    let mut dimensions = READ.to_vec();
    dimensions.extend(by.filter(|by| !READ.contains(by)).cloned());
    Ok((Question { measures, by: dimensions, grain: None, top: None, ..question.clone() }, cost))
}

/// Plans the lines of a question's period and of the one that it compares with; with a dimension, each line is of one of its values,
/// and only those of `among` are read. `on_charges` reads the charges themselves, whatever cubes there are.
///
/// # Errors
/// As [`crate::plan`]; [`QueryError::NotACost`] when the first measure is no sum of a cost, [`QueryError::NotCompared`] when the question
/// compares with nothing.
pub fn plan_change(
    question: &Question,
    catalog: &Catalog,
    by: Option<(&Dimension, &[Option<String>])>,
    on_charges: bool,
) -> Result<ChangePlan, QueryError> {
    let (reading, cost) = reading(question, by.map(|(dimension, _)| dimension))?;
    let settled = Settled::new(&reading, catalog)?;
    settled.require_rates()?;
    let base = settled.logical.previous.ok_or(QueryError::NotCompared)?;
    let table = if on_charges { charge_table(&settled.logical, catalog)? } else { route(&settled.logical, catalog)? };
    let dialect = DuckDb;
    let writer = Writer { query: &settled.logical, table, catalog, dialect: &dialect };
    let current = settled.logical.current;
    let lines = Lines { writer: &writer, cost, by };
    Ok(ChangePlan {
        sql: lines.statement(&current, &base)?,
        source: table.name.clone(),
        current,
        base,
        describes: table.time == TableTime::Instant,
    })
}

/// Writes the statement of a [`ChangePlan`].
struct Lines<'a> {
    writer: &'a Writer<'a>,
    cost: SumColumn,
    by: Option<(&'a Dimension, &'a [Option<String>])>,
}

impl Lines<'_> {
    fn statement(&self, current: &Period, base: &Period) -> Result<String, QueryError> {
        let converted = self.writer.query.rates.is_some();
        // The period and all names but the label, which is aggregated.
        let keys = NAMES.len();
        let groups = (1..=keys).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
        let names = NAMES.map(|name| self.name(name));
        let (label, told_apart) = (&names[NAMES.len() - 1], &names[..NAMES.len() - 1]);
        let sum = |name: &str| format!("sum({name}) AS {name}", name = self.name(name));
        let local = if converted { sum("local") } else { format!("NULL AS {}", self.name("local")) };
        let figures = [
            sum("cost"),
            local,
            sum("list"),
            sum("contracted"),
            sum("quantity"),
            sum("covered"),
            sum("covered_contracted"),
            self.whole("sum", "charges"),
            self.whole("max", "unpriced"),
            self.whole("max", "unmeasured"),
        ];
        let read = format!("{}\n  UNION ALL\n{}", self.read(current, 1)?, self.read(base, 0)?);
        let rates = match self.writer.rate_table()? {
            Some((name, body)) => format!("WITH {}\n", self.writer.dialect.common_table(name, &body)),
            None => String::new(),
        };
        let order: Vec<String> =
            (1..=keys).map(|place| format!("{place}{}", if place == 1 { "" } else { " NULLS LAST" })).collect();
        Ok(format!(
            "{rates}SELECT {period}, {keys}, min({label}) AS {label}, {figures}\nFROM (\n{read}\n) AS {charges}\nGROUP BY {groups}\nORDER BY {order}",
            period = self.name("period"),
            keys = told_apart.join(", "),
            figures = figures.join(", "),
            charges = self.name("read"),
            order = order.join(", "),
        ))
    }

    /// The rows of one period with what is made of their columns.
    fn read(&self, period: &Period, place: u8) -> Result<String, QueryError> {
        let writer = self.writer;
        let keys = KEYS.iter().map(|key| writer.dimension(key)).collect::<Result<Vec<_>, _>>()?;
        let column = |name: &str| self.name(name);
        let money = |column: &str| match &writer.query.rates {
            Some(_) => format!("{column} * {}", self.name(crate::conversion::RATE_COLUMNS[2])),
            None => column.to_owned(),
        };
        let billed = column(self.cost.name());
        let (cost, list, contracted) = (money(&billed), money(&column("list_cost")), money(&column("contracted_cost")));
        let quantity = column("pricing_quantity");
        let covered = self.covered();
        let when = |condition: &str, value: &str| format!("CASE WHEN {condition} THEN {value} END");
        let flag = |missing: String| format!("CASE WHEN {billed} <> 0 AND ({missing}) THEN 1 ELSE 0 END");
        let charges = if self.writer.table.time == TableTime::Instant { "1".to_owned() } else { column("charges") };
        let [named_by, sku, label] = self.sku();
        let by = match self.by {
            Some((dimension, _)) => writer.dimension(dimension)?,
            None => "NULL".to_owned(),
        };
        let selected: Vec<(&str, String)> = ["currency", "provider", "service", "region"]
            .into_iter()
            .zip(keys)
            .chain([
                ("class", self.class()),
                ("named_by", named_by),
                ("sku", sku),
                ("unit", column("pricing_unit")),
                ("by", by),
                ("label", label),
                ("cost", cost.clone()),
                ("local", billed.clone()),
                ("list", list.clone()),
                ("contracted", contracted.clone()),
                ("quantity", quantity.clone()),
                ("covered", when(&covered, &cost)),
                ("covered_contracted", when(&covered, &contracted)),
                ("charges", charges),
                ("unpriced", flag(format!("{} IS NULL OR {} IS NULL", column("list_cost"), column("contracted_cost")))),
                ("unmeasured", flag(format!("{quantity} IS NULL"))),
            ])
            .collect();
        let selected: Vec<String> =
            selected.into_iter().map(|(name, expression)| format!("{expression} AS {}", self.name(name))).collect();
        Ok(format!(
            "  SELECT {place} AS {}, {}\n  FROM {}\n  WHERE {}{}",
            self.name("period"),
            selected.join(", "),
            writer.rows(),
            writer.condition(period)?,
            self.among()?
        ))
    }

    /// Only the values that are asked for.
    fn among(&self) -> Result<String, QueryError> {
        let Some((dimension, values)) = self.by else { return Ok(String::new()) };
        let tested = self.writer.dimension(dimension)?;
        let texts = values.iter().flatten().map(|value| self.writer.dialect.text(value));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        let mut conditions = Vec::new();
        if !texts.is_empty() {
            conditions.push(format!("{tested} IN ({})", texts.join(", ")));
        }
        if values.contains(&None) {
            conditions.push(format!("{tested} IS NULL"));
        }
        if conditions.is_empty() {
            conditions.push("FALSE".to_owned());
        }
        Ok(format!("\n    AND ({})", conditions.join(" OR ")))
    }

    fn name(&self, name: &str) -> String {
        self.writer.identifier(name)
    }

    fn whole(&self, aggregate: &str, name: &str) -> String {
        let name = self.name(name);
        format!("{} AS {name}", self.writer.dialect.big_integer(&format!("{aggregate}({name})")))
    }

    /// Whether a row is usage that a commitment covers.
    fn covered(&self) -> String {
        let (status, commitment) = (self.name("commitment_discount_status"), self.name("commitment_discount_id"));
        format!("({status} = 'Used' OR ({status} IS NULL AND {commitment} IS NOT NULL))")
    }

    /// The nature of a row, by its class, category and commitment.
    fn class(&self) -> String {
        let (class, category) = (self.name("charge_class"), self.name("charge_category"));
        let status = self.name("commitment_discount_status");
        format!(
            "CASE WHEN {class} = 'Correction' THEN 'correction' WHEN {category} = 'Tax' THEN 'tax' \
             WHEN {category} = 'Credit' THEN 'credit' WHEN {category} = 'Adjustment' THEN 'adjustment' \
             WHEN {category} = 'Purchase' THEN CASE WHEN {commitment} THEN 'commitment_purchase' ELSE 'other_purchase' END \
             WHEN {status} = 'Unused' THEN 'unused_commitment' ELSE 'usage' END",
            commitment = self.committed()
        )
    }

    fn committed(&self) -> String {
        let (commitment, category) = (self.name("commitment_discount_id"), self.name("commitment_discount_category"));
        format!("({commitment} IS NOT NULL OR {category} IS NOT NULL)")
    }

    /// By which dimension a row's SKU is named, the SKU, and what it is called.
    fn sku(&self) -> [String; 3] {
        let (sku, price, meter) = (self.name("sku_id"), self.name("sku_price_id"), self.name("sku_meter"));
        let (category, status) = (self.name("charge_category"), self.name("commitment_discount_status"));
        let commitment = self.name("commitment_discount_id");
        let of_commitment = format!(
            "({commitment} IS NOT NULL AND ({category} = 'Purchase' OR ({category} = 'Usage' AND {status} = 'Unused')))"
        );
        let described = format!("{category} = 'Usage'");
        let (described_by, description) = if self.writer.table.time == TableTime::Instant {
            let description = self.name("charge_description");
            (
                format!(" WHEN {described} AND {description} IS NOT NULL THEN 'charge_description'"),
                format!(", CASE WHEN {described} THEN {description} END"),
            )
        } else {
            (String::new(), String::new())
        };
        let name = self.name("commitment_discount_name");
        [
            format!(
                "CASE WHEN {of_commitment} THEN 'commitment' WHEN {sku} IS NOT NULL THEN 'sku' WHEN {price} IS NOT NULL THEN 'sku_price' \
                 WHEN {meter} IS NOT NULL THEN 'sku_meter'{described_by} END"
            ),
            format!(
                "CASE WHEN {of_commitment} THEN {commitment} ELSE coalesce({sku}, {price}, {meter}{description}) END"
            ),
            format!("CASE WHEN {of_commitment} THEN {name} ELSE {meter} END"),
        ]
    }
}

fn shape(problem: &str) -> QueryError {
    QueryError::ResultShape { problem: problem.to_owned() }
}

/// Reads a row that the engine returned for a [`ChangePlan`].
///
/// # Errors
/// [`QueryError::ResultShape`] when it is not one.
pub fn change_line(values: Vec<Value>) -> Result<ChangeLine, QueryError> {
    let mut values = Reader::new(values);
    let line = ChangeLine {
        current: values.whole()? == 1,
        currency: values.text()?,
        provider: values.text()?,
        service: values.text()?,
        region: values.text()?,
        class: values.text()?.unwrap_or_default(),
        named_by: values.text()?,
        sku: values.text()?,
        unit: values.text()?,
        by: values.text()?,
        label: values.text()?,
        cost: values.amount()?.unwrap_or_default(),
        local: values.amount()?.unwrap_or_default(),
        list: values.amount()?,
        contracted: values.amount()?,
        quantity: values.amount()?,
        covered: values.amount()?.unwrap_or_default(),
        covered_contracted: values.amount()?.unwrap_or_default(),
        charges: values.count()?,
    };
    let (unpriced, unmeasured) = (values.whole()? > 0, values.whole()? > 0);
    Ok(ChangeLine {
        list: line.list.filter(|_| !unpriced),
        contracted: line.contracted.filter(|_| !unpriced),
        quantity: line.quantity.filter(|_| !unmeasured),
        ..line
    })
}

/// Takes the values of a row one after the other.
pub(crate) struct Reader(std::vec::IntoIter<Value>);

impl Reader {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    fn next(&mut self) -> Result<Value, QueryError> {
        self.0.next().ok_or_else(|| shape("a row is too short"))
    }

    pub(crate) fn text(&mut self) -> Result<Option<String>, QueryError> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Integer(number) => Ok(Some(number.to_string())),
            Value::Amount(_) => Err(shape("a text was expected")),
        }
    }

    pub(crate) fn amount(&mut self) -> Result<Option<Amount>, QueryError> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Integer(number) => Ok(Some(Amount::from_integer(number))),
            Value::Amount(amount) => Ok(Some(amount.normalized())),
            Value::Text(_) => Err(shape("a decimal was expected")),
        }
    }

    pub(crate) fn whole(&mut self) -> Result<i64, QueryError> {
        match self.next()? {
            Value::Null => Ok(0),
            Value::Integer(number) => Ok(number),
            Value::Text(_) | Value::Amount(_) => Err(shape("a whole number was expected")),
        }
    }

    pub(crate) fn count(&mut self) -> Result<u64, QueryError> {
        u64::try_from(self.whole()?).map_err(|_| shape("a negative number of charges"))
    }
}

/// The statement for the values of a dimension that moved most, whichever way, between a question's periods: at most `limit`, each with
/// both costs, and in the first row how many there are. Its rows are read by [`moved_values`].
///
/// # Errors
/// As [`plan_change`].
pub fn moved_values_sql(
    question: &Question,
    dimension: &Dimension,
    limit: u32,
    catalog: &Catalog,
) -> Result<String, QueryError> {
    let (_, cost) = reading(question, None)?;
    let asked = Question {
        measures: question.measures[..1].to_vec(),
        by: vec![dimension.clone()],
        grain: None,
        top: None,
        ..question.clone()
    };
    let settled = Settled::new(&asked, catalog)?;
    settled.require_rates()?;
    let base = settled.logical.previous.ok_or(QueryError::NotCompared)?;
    let table = route(&settled.logical, catalog)?;
    let dialect = DuckDb;
    let writer = Writer { query: &settled.logical, table, catalog, dialect: &dialect };
    let one = |period: &Period, current: bool| -> Result<String, QueryError> {
        let (sum, charges) = (writer.sum(cost), writer.charges());
        let null = || "NULL".to_owned();
        let figures = if current { [null(), null(), sum, charges] } else { [sum, charges, null(), null()] };
        let [base_sum, base_charges, current_sum, current_charges] = figures;
        Ok(format!(
            "  SELECT {} AS \"value\", {base_sum} AS \"base\", {base_charges} AS \"base_charges\", {current_sum} AS \"current\", \
             {current_charges} AS \"current_charges\"\n  FROM {}\n  WHERE {}\n  GROUP BY 1",
            writer.dimension(dimension)?,
            writer.rows(),
            writer.condition(period)?
        ))
    };
    let parts = format!("{}\n  UNION ALL\n{}", one(&settled.logical.current, true)?, one(&base, false)?);
    let sums = ["base", "current"].map(|name| format!("sum(\"{name}\") AS \"{name}\"")).join(", ");
    let counts = ["base_charges", "current_charges"]
        .map(|name| format!("{} AS \"{name}\"", dialect.big_integer(&format!("sum(\"{name}\")"))))
        .join(", ");
    let rates = writer.rate_table()?.map(|(name, body)| format!("{}, ", dialect.common_table(name, &body)));
    let columns = "\"value\", \"base\", \"current\", \"base_charges\", \"current_charges\"";
    let order = "abs(coalesce(\"current\", 0) - coalesce(\"base\", 0)) DESC, \"value\" NULLS LAST";
    Ok(format!(
        "WITH {}{}, {}\nSELECT {columns}, (SELECT count(*) FROM \"moved\") AS \"values\"\nFROM \"moved\"\nORDER BY {order}\nLIMIT {limit}",
        rates.unwrap_or_default(),
        dialect.common_table("part", &parts),
        dialect.common_table("moved", &format!("  SELECT \"value\", {sums}, {counts}\n  FROM \"part\"\n  GROUP BY 1")),
    ))
}

/// Reads what the engine returned for [`moved_values_sql`]: the values, and how many there are in all.
///
/// # Errors
/// [`QueryError::ResultShape`] when it is something else.
pub fn moved_values(rows: &[Vec<Value>]) -> Result<(Vec<MovedValue>, u64), QueryError> {
    let mut values = Vec::with_capacity(rows.len());
    let mut all = 0;
    for row in rows {
        let mut row = Reader::new(row.clone());
        let value = row.text()?;
        let (base, current) = (row.amount()?, row.amount()?);
        let (base_charges, current_charges) = (row.count()?, row.count()?);
        all = row.count()?;
        // Charges that are there cost zero where they name no cost.
        let cost = |amount: Option<Amount>, charges: u64| (charges > 0).then(|| amount.unwrap_or_default());
        values.push(MovedValue { value, base: cost(base, base_charges), current: cost(current, current_charges) });
    }
    Ok((values, all))
}
