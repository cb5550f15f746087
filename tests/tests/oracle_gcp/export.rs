//! Made-up rows of a Google Cloud billing export, and the three shapes that they are taken out of BigQuery in.

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use serde_json::{Value, json};

/// A row as the export has it. Every number is a text, so that each shape writes the same digits.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub account: String,
    pub service: (String, String),
    pub sku: (String, String),
    pub start: String,
    pub end: String,
    /// Id, name and labels.
    pub project: Option<(String, String, Pairs)>,
    pub labels: Pairs,
    pub system_labels: Pairs,
    pub tags: Pairs,
    /// Location, region and zone.
    pub location: (Option<String>, Option<String>, Option<String>),
    pub cost: String,
    pub cost_at_list: Option<String>,
    pub currency: String,
    /// Amount, unit, amount in pricing units, pricing unit.
    pub usage: Option<(String, String, String, String)>,
    pub credits: Vec<Credit>,
    pub month: String,
    pub cost_type: String,
    pub adjustment: Option<String>,
    /// Name and global name.
    pub resource: Option<(String, String)>,
    /// Effective price, start of the tier, units that the price is of.
    pub price: Option<(String, String, String)>,
    pub subscription: Option<String>,
}

pub type Pairs = Vec<(String, String)>;

#[derive(Clone, Debug, Default)]
pub struct Credit {
    pub id: Option<String>,
    pub kind: String,
    pub name: String,
    pub full_name: Option<String>,
    pub amount: String,
}

/// A number as JSON writes it: the digits and nothing else.
fn number(text: &str) -> Value {
    // The quotes around the marks are taken away again when the line is written.
    Value::from(format!("\u{2}{text}\u{2}"))
}

fn pairs(pairs: &Pairs) -> Value {
    pairs.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn credits(row: &Row) -> Value {
    let one = |credit: &Credit| {
        json!({
            "name": credit.name, "amount": number(&credit.amount), "full_name": credit.full_name, "id": credit.id,
            "type": credit.kind,
        })
    };
    row.credits.iter().map(one).collect()
}

fn written(value: &Value) -> String {
    value.to_string().replace("\"\\u0002", "").replace("\\u0002\"", "")
}

/// One line of newline-delimited JSON.
fn json_line(row: &Row) -> String {
    let mut line = json!({
        "billing_account_id": row.account,
        "service": {"id": row.service.0, "description": row.service.1},
        "sku": {"id": row.sku.0, "description": row.sku.1},
        "usage_start_time": row.start,
        "usage_end_time": row.end,
        "labels": pairs(&row.labels),
        "system_labels": pairs(&row.system_labels),
        "tags": pairs(&row.tags),
        "location": {"location": row.location.0, "region": row.location.1, "zone": row.location.2},
        "cost": number(&row.cost),
        "currency": row.currency,
        "credits": credits(row),
        "invoice": {"month": row.month},
        "cost_type": row.cost_type,
    });
    let object = line.as_object_mut().unwrap();
    // What is null in BigQuery is not there in a line.
    if let Some((id, name, labels)) = &row.project {
        object.insert("project".to_owned(), json!({"id": id, "name": name, "labels": pairs(labels)}));
    }
    if let Some((amount, unit, priced, pricing_unit)) = &row.usage {
        let usage = json!({
            "amount": number(amount), "unit": unit, "amount_in_pricing_units": number(priced), "pricing_unit": pricing_unit,
        });
        object.insert("usage".to_owned(), usage);
    }
    if let Some(cost) = &row.cost_at_list {
        object.insert("cost_at_list".to_owned(), Value::from(cost.clone()));
    }
    if let Some(mode) = &row.adjustment {
        object.insert("adjustment_info".to_owned(), json!({"mode": mode}));
    }
    if let Some((name, global_name)) = &row.resource {
        object.insert("resource".to_owned(), json!({"name": name, "global_name": global_name}));
    }
    if let Some((price, tier, units)) = &row.price {
        let price =
            json!({"effective_price": price, "tier_start_amount": tier, "pricing_unit_quantity": number(units)});
        object.insert("price".to_owned(), price);
    }
    if let Some(id) = &row.subscription {
        object.insert("subscription".to_owned(), json!({"instance_id": id}));
    }
    written(&line)
}

/// Newline-delimited JSON.
pub fn json_lines(rows: &[Row]) -> String {
    rows.iter().map(|row| json_line(row) + "\n").collect()
}

/// A leaf of the table: its name with dots and its text in a row. A list has its texts as JSON in the CSV file.
struct Leaf {
    name: &'static str,
    number: bool,
    text: fn(&Row) -> Option<String>,
}

const fn leaf(name: &'static str, text: fn(&Row) -> Option<String>) -> Leaf {
    Leaf { name, number: false, text }
}

const fn amount(name: &'static str, text: fn(&Row) -> Option<String>) -> Leaf {
    Leaf { name, number: true, text }
}

static LEAVES: [Leaf; 28] = [
    leaf("billing_account_id", |row| Some(row.account.clone())),
    leaf("service.id", |row| Some(row.service.0.clone())),
    leaf("service.description", |row| Some(row.service.1.clone())),
    leaf("sku.id", |row| Some(row.sku.0.clone())),
    leaf("sku.description", |row| Some(row.sku.1.clone())),
    leaf("usage_start_time", |row| Some(row.start.clone())),
    leaf("usage_end_time", |row| Some(row.end.clone())),
    leaf("project.id", |row| row.project.as_ref().map(|project| project.0.clone())),
    leaf("project.name", |row| row.project.as_ref().map(|project| project.1.clone())),
    leaf("location.location", |row| row.location.0.clone()),
    leaf("location.region", |row| row.location.1.clone()),
    leaf("location.zone", |row| row.location.2.clone()),
    amount("cost", |row| Some(row.cost.clone())),
    leaf("cost_at_list", |row| row.cost_at_list.clone()),
    leaf("currency", |row| Some(row.currency.clone())),
    amount("usage.amount", |row| row.usage.as_ref().map(|usage| usage.0.clone())),
    leaf("usage.unit", |row| row.usage.as_ref().map(|usage| usage.1.clone())),
    amount("usage.amount_in_pricing_units", |row| row.usage.as_ref().map(|usage| usage.2.clone())),
    leaf("usage.pricing_unit", |row| row.usage.as_ref().map(|usage| usage.3.clone())),
    leaf("invoice.month", |row| Some(row.month.clone())),
    leaf("cost_type", |row| Some(row.cost_type.clone())),
    leaf("adjustment_info.mode", |row| row.adjustment.clone()),
    leaf("resource.name", |row| row.resource.as_ref().map(|resource| resource.0.clone())),
    leaf("resource.global_name", |row| row.resource.as_ref().map(|resource| resource.1.clone())),
    leaf("price.effective_price", |row| row.price.as_ref().map(|price| price.0.clone())),
    leaf("price.tier_start_amount", |row| row.price.as_ref().map(|price| price.1.clone())),
    amount("price.pricing_unit_quantity", |row| row.price.as_ref().map(|price| price.2.clone())),
    leaf("subscription.instance_id", |row| row.subscription.clone()),
];

/// The lists: name, the fields of their objects, and the texts of the objects in a row.
type Objects = Vec<Vec<Option<String>>>;

struct List {
    name: &'static str,
    fields: &'static [&'static str],
    objects: fn(&Row) -> Objects,
}

fn objects(pairs: &Pairs) -> Objects {
    pairs.iter().map(|(key, value)| vec![Some(key.clone()), Some(value.clone())]).collect()
}

const PAIR: &[&str] = &["key", "value"];

static LISTS: [List; 5] = [
    List { name: "labels", fields: PAIR, objects: |row| objects(&row.labels) },
    List { name: "system_labels", fields: PAIR, objects: |row| objects(&row.system_labels) },
    List { name: "tags", fields: PAIR, objects: |row| objects(&row.tags) },
    List {
        name: "project.labels",
        fields: PAIR,
        objects: |row| row.project.as_ref().map(|project| objects(&project.2)).unwrap_or_default(),
    },
    List {
        name: "credits",
        fields: &["name", "full_name", "id", "type", "amount"],
        objects: |row| {
            let one = |credit: &Credit| {
                vec![
                    Some(credit.name.clone()),
                    credit.full_name.clone(),
                    credit.id.clone(),
                    Some(credit.kind.clone()),
                    Some(credit.amount.clone()),
                ]
            };
            row.credits.iter().map(one).collect()
        },
    },
];

/// CSV with dotted headers, lists as JSON.
pub fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = LEAVES.iter().map(|leaf| leaf.name).chain(LISTS.iter().map(|list| list.name));
    writer.write_record(names).unwrap();
    for row in rows {
        let mut fields: Vec<String> = LEAVES.iter().map(|leaf| (leaf.text)(row).unwrap_or_default()).collect();
        for list in &LISTS {
            let value = match list.name {
                "credits" => credits(row),
                _ => {
                    let pairs = (list.objects)(row);
                    pairs.iter().map(|pair| json!({"key": pair[0], "value": pair[1]})).collect()
                }
            };
            fields.push(written(&value));
        }
        writer.write_record(fields).unwrap();
    }
    writer.into_inner().unwrap()
}

/// What fills a column of the Parquet file.
enum Filled {
    Leaf(&'static Leaf),
    /// A field of the objects of a list.
    Field(&'static List, usize),
}

/// Parquet with structs and lists of structs, numbers as floats.
pub fn parquet(rows: &[Row]) -> Vec<u8> {
    use std::sync::Arc;

    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::{Type, TypePtr};

    let scalar = |name: &str, number: bool| -> TypePtr {
        let kind = if number { Physical::DOUBLE } else { Physical::BYTE_ARRAY };
        let builder = Type::primitive_type_builder(name, kind).with_repetition(Repetition::OPTIONAL);
        let builder = if number { builder } else { builder.with_logical_type(Some(LogicalType::String)) };
        Arc::new(builder.build().unwrap())
    };
    let group = |name: &str, repetition, logical, fields| -> TypePtr {
        let builder = Type::group_type_builder(name).with_repetition(repetition).with_logical_type(logical);
        Arc::new(builder.with_fields(fields).build().unwrap())
    };
    let list = |list: &List| {
        let fields = list.fields.iter().map(|field| scalar(field, *field == "amount")).collect();
        let element = group("element", Repetition::OPTIONAL, None, fields);
        let repeated = group("list", Repetition::REPEATED, None, vec![element]);
        let name = list.name.rsplit('.').next().unwrap();
        group(name, Repetition::OPTIONAL, Some(LogicalType::List), vec![repeated])
    };
    // The leaves of one struct stand together, a list inside a struct after its leaves.
    let mut order: Vec<&str> = Vec::new();
    for leaf in &LEAVES {
        let outer = leaf.name.split('.').next().unwrap();
        if !order.contains(&outer) {
            order.push(outer);
        }
    }
    let inside = |name: &str, outer: &str| name.split_once('.').is_some_and(|(first, _)| first == outer);
    let mut fields = Vec::new();
    let mut columns: Vec<Filled> = Vec::new();
    for outer in order {
        if let Some(leaf) = LEAVES.iter().find(|leaf| leaf.name == outer) {
            fields.push(scalar(outer, leaf.number));
            columns.push(Filled::Leaf(leaf));
            continue;
        }
        let mut inner = Vec::new();
        for leaf in LEAVES.iter().filter(|leaf| inside(leaf.name, outer)) {
            inner.push(scalar(leaf.name.split_once('.').unwrap().1, leaf.number));
            columns.push(Filled::Leaf(leaf));
        }
        for one in LISTS.iter().filter(|list| inside(list.name, outer)) {
            inner.push(list(one));
            columns.extend((0..one.fields.len()).map(|at| Filled::Field(one, at)));
        }
        fields.push(group(outer, Repetition::OPTIONAL, None, inner));
    }
    for one in LISTS.iter().filter(|list| !list.name.contains('.')) {
        fields.push(list(one));
        columns.extend((0..one.fields.len()).map(|at| Filled::Field(one, at)));
    }
    let schema = Arc::new(Type::group_type_builder("rows").with_fields(fields).build().unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = file.next_row_group().unwrap();
    for column in columns {
        let (number, values, definitions, repetitions) = match column {
            Filled::Leaf(leaf) => leaf_levels(leaf, rows),
            Filled::Field(list, at) => list_levels(list, at, rows),
        };
        write(&mut group, number, &values, &definitions, repetitions.as_deref());
    }
    group.close().unwrap();
    file.into_inner().unwrap()
}

type Levels = (bool, Vec<String>, Vec<i16>, Option<Vec<i16>>);

fn leaf_levels(leaf: &Leaf, rows: &[Row]) -> Levels {
    let deepest = i16::from(leaf.name.contains('.')) + 1;
    let texts: Vec<Option<String>> = rows.iter().map(leaf.text).collect();
    let definitions = texts.iter().map(|text| if text.is_some() { deepest } else { deepest - 1 }).collect();
    (leaf.number, texts.into_iter().flatten().collect(), definitions, None)
}

/// Levels of a field of the objects: the struct around it, the list, its repetition, the object, the field itself.
fn list_levels(list: &List, at: usize, rows: &[Row]) -> Levels {
    let around = i16::from(list.name.contains('.'));
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let objects = (list.objects)(row);
        if objects.is_empty() {
            definitions.push(around + 1);
            repetitions.push(0);
        }
        for (place, object) in objects.into_iter().enumerate() {
            repetitions.push(i16::from(place > 0));
            definitions.push(around + if object[at].is_some() { 4 } else { 3 });
            values.extend(object[at].clone());
        }
    }
    (list.fields[at] == "amount", values, definitions, Some(repetitions))
}

fn write(
    group: &mut parquet::file::writer::SerializedRowGroupWriter<'_, Vec<u8>>,
    number: bool,
    values: &[String],
    definitions: &[i16],
    repetitions: Option<&[i16]>,
) {
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};

    let mut column = group.next_column().unwrap().unwrap();
    if number {
        let values: Vec<f64> = values.iter().map(|text| text.parse().unwrap()).collect();
        column.typed::<DoubleType>().write_batch(&values, Some(definitions), repetitions).unwrap();
    } else {
        let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(text.as_str())).collect();
        column.typed::<ByteArrayType>().write_batch(&values, Some(definitions), repetitions).unwrap();
    }
    column.close().unwrap();
}
