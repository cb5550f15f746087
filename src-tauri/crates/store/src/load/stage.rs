//! One table of an export becomes a staged table of typed charges, in the order of the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use duckdb::{Config, Connection};
use intake::{Mapping, NotRecognised, Recognised, Sample};
use vectors::Numbers;

use super::derived::Derived;
use super::look::Look;
use super::mapping_sql::{Flag, MACROS, Selection, Source, any_bad};
use super::parts::LeftOut;
use super::protocol::{ReadRequest, StagedInput, StagedTexts, StagedUnit};
use super::refusing::{reason, refused, refused_csv, unfit, unrecognised, unwatched};
use super::relation::{Relation, check_dates, csv_relation, read_csv, settle_dates};
use super::side::{self, SideRows};
use super::unpack::{self, Plain, Unfit};
use super::{amounts, combine};
use crate::database::TIME_ZONE;
use crate::sql::{identifier, literal};
use crate::{DecimalType, Result, StoreError, rows};

/// Rows looked at to choose the decimal types before the whole file is read.
const PROBED_ROWS: u32 = 4_000;

/// So many refused values of a column of a file are listed one by one; refused rows are counted all of them.
pub(super) const REJECTS_KEPT_MAX: u32 = 10_000;

/// What a charge cannot be placed without, whether a row or the whole file lacks it: the column, its FOCUS id, and what is said then.
const PLACED_BY: [(&str, &str, &str); 3] = [
    ("provider", "ProviderName", "the charge names no provider"),
    ("billing_period_start", "BillingPeriodStart", "the charge has no billing period"),
    ("charge_period_start", "ChargePeriodStart", "the charge has no time"),
];

/// The columns that say whose a row is, by their FOCUS ids.
const OWNERS: [&str; 3] = ["ProviderName", "ServiceProviderName", "InvoiceIssuerName"];

/// What is said of a file that is empty but for its header.
pub(super) const NO_ROWS: &str = "The file has a header and no rows.";

const SETTINGS: &str = "Check the export's settings.";

/// Rows that the staging database keeps together. A batch of wide CSV rows is smaller than the engine's own 122,880, and of 16,384, too: it
/// would gather several and write each of them twice. Measured, that is from a third of the time of reading (Azure MCA) to nothing (Google).
const ROW_GROUP: u32 = 8_192;

/// So many distinct texts of tags are few: they are looked up by number.
const TAG_SETS_FEW: u64 = 100_000;

/// The columns that every later step looks at.
const LOOKED_AT: [&str; 5] = ["provider", "billing_account_id", "billing_period_start", "charge_period_start", "tags"];

/// The analyst's own mappings. They were checked when they were saved; one that was spoilt by hand since then is told.
fn own(texts: &[String]) -> Result<Vec<intake::OwnFormat>, Unfit> {
    let read = |text: &String| {
        intake::OwnFormat::read(text)
            .map_err(|error| unfit(format!("an own mapping cannot be used: {error}"), &error.hint()))
    };
    texts.iter().map(read).collect()
}

/// The columns and first rows of the first table in a file.
pub(super) fn first_rows(request: &ReadRequest) -> Result<Look, Unfit> {
    let plains = unpack::plains(&request.file, &request.staging)?;
    let Some(plain) = plains.first() else {
        return Err(unfit("there is no table in it", "Give a CSV, JSON or Parquet file."));
    };
    let database = request.staging.join("look.duckdb");
    let (connection, _) = open(&database, &plain.path, request).map_err(|error| refused(&error))?;
    let (relation, _) = Relation::of(&connection, plain, &database)?;
    let columns = relation.columns.into_iter().map(|column| column.name).collect();
    Ok(Look { columns, rows: relation.sample })
}

/// Stages one table.
pub(super) fn stage(plain: &Plain, database: PathBuf, request: &ReadRequest) -> Result<StagedInput, Unfit> {
    let (connection, numbers) = open(&database, &plain.path, request).map_err(|error| refused(&error))?;
    let (mut relation, path) = Relation::of(&connection, plain, &database)?;
    let path = &path;
    if let Some(file) = intake::side_file(&relation.columns).map_err(|problem| unrecognised(&problem))? {
        let rows = match &relation.csv {
            Some(shape) => SideRows::Csv { path, delimiter: shape.delimiter },
            None => SideRows::Relation { from: &relation.from, row: relation.row.unwrap_or("row_number() OVER ()") },
        };
        return stage_side(&connection, plain, database, &rows, &file, request);
    }
    let mut recognised = recognise(&mut relation, request)?;
    if let (intake::Expression::Null, Some(provider)) = (&recognised.mapping.provider, &request.provider) {
        recognised.mapping.provider = intake::Expression::Text(provider.clone());
    }
    let mapping = &mut recognised.mapping;
    if let Some(shape) = &relation.csv {
        relation.from = read_csv(path, shape, &mapping.null_tokens);
    }
    let told = |error: &StoreError| if relation.csv.is_some() { refused_csv(error) } else { refused(error) };
    amounts::settle(&connection, &relation.from, mapping).map_err(|error| told(&error))?;
    let dates = settle_dates(&connection, &relation, mapping).map_err(|error| told(&error))??;
    let mapping = &*mapping;
    let staged = Staging { connection: &connection, relation: &relation, mapping, numbers: &numbers };
    let outcome = staged.run().map_err(|error| told(&error))?;
    if !dates.unchecked.is_empty() && staged.has_unread_times(&outcome.selection).map_err(|error| refused(&error))? {
        check_dates(&connection, &relation, mapping, dates.unchecked).map_err(|error| told(&error))??;
    }
    let refused_rows = match &relation.csv {
        Some(shape) => staged.take_ragged_rows(path, shape)?,
        None => 0,
    };
    let summary = staged.finish(outcome, refused_rows).map_err(|error| refused(&error))?;
    if summary.rows > 0 && summary.rejected >= summary.rows {
        return Err(none_fits(&connection, summary.rows));
    }
    let signs = combine::signs(&connection, mapping, &request.file, plain.member.as_deref())
        .map_err(|error| refused(&error))?;
    let mut notes = recognised.notes.clone();
    notes.extend(dates.note);
    notes.extend(unwatched(&staged.source().unwatched(mapping)));
    if summary.rows == 0 {
        notes.push(NO_ROWS.to_owned());
    }
    drop(connection);
    Ok(StagedInput {
        member: plain.member.clone(),
        database,
        format: recognised.format.clone(),
        format_version: recognised.version.clone(),
        header: relation.columns.iter().map(|column| column.name.clone()).collect(),
        mapping: serde_json::to_string(mapping).unwrap_or_default(),
        notes,
        increment: intake::is_increment(&recognised.format, &relation.columns),
        signs,
        ..summary
    })
}

/// Stages a dataset that is no list of charges.
fn stage_side(
    connection: &Connection,
    plain: &Plain,
    database: PathBuf,
    rows: &SideRows,
    file: &intake::SideFile,
    request: &ReadRequest,
) -> Result<StagedInput, Unfit> {
    let outcome = side::stage(connection, rows, file, request.provider.as_deref()).map_err(|error| refused(&error))?;
    if outcome.rows > 0 && outcome.rejected >= outcome.rows {
        return Err(none_fits(connection, outcome.rows));
    }
    Ok(StagedInput {
        member: plain.member.clone(),
        database,
        row: "source_row".to_owned(),
        range: None,
        format: format!("focus/{}", file.dataset.name),
        format_version: file.version.to_string(),
        filled: Vec::new(),
        texts: StagedTexts::default(),
        derived: Derived::default(),
        header: file.header.clone(),
        mapping: serde_json::to_string(&file.columns).unwrap_or_default(),
        rows: outcome.rows,
        rejected: outcome.rejected,
        rounded: outcome.rounded,
        excluded: Vec::new(),
        notes: if outcome.rows == 0 { vec![NO_ROWS.to_owned()] } else { Vec::new() },
        decimals: Vec::new(),
        tag_keys: Vec::new(),
        signs: combine::Signs::default(),
        units: Vec::new(),
        increment: false,
        side: Some(outcome.staged),
    })
}

/// The child's engine: it can read the one file, write beside its database, and nothing else. And the texts that it numbers.
fn open(database: &Path, file: &Path, request: &ReadRequest) -> Result<(Connection, Numbers)> {
    let config = Config::default()
        .enable_autoload_extension(false)?
        .max_memory(&format!("{}MiB", request.memory_mib))?
        .threads(i64::from(request.threads))?
        .with("storage_compatibility_version", "v1.5.0")?;
    let connection = Connection::open_in_memory_with_flags(config)?;
    let numbers = Numbers::default();
    vectors::register(&connection, &numbers)?;
    let folder = database.parent().unwrap_or(database);
    connection.execute_batch(&format!(
        "ATTACH {database} AS staged (ROW_GROUP_SIZE {ROW_GROUP}); USE staged; SET temp_directory = {spill}; {TIME_ZONE} SET preserve_insertion_order = true;
         SET allow_community_extensions = false; SET allowed_directories = [{folder}]; SET allowed_paths = [{file}];
         SET enable_external_access = false; SET lock_configuration = true; {MACROS}
         CREATE TABLE reject (source_row BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR NOT NULL, kept BOOLEAN NOT NULL);
         CREATE TABLE reject_shift (first_row BIGINT, shift BIGINT);
         CREATE TABLE extra_text (number UINTEGER NOT NULL, text VARCHAR NOT NULL);
         CREATE TABLE tag_text (number UINTEGER NOT NULL, text VARCHAR NOT NULL);",
        database = literal(&database.to_string_lossy()),
        spill = literal(&folder.join("spill").to_string_lossy()),
        folder = literal(&folder.to_string_lossy()),
        file = literal(&file.to_string_lossy()),
    ))?;
    Ok((connection, numbers))
}

/// Recognises the relation. One that has data where its header should be gets its columns named from elsewhere, if they are told
/// anywhere.
fn recognise(relation: &mut Relation, request: &ReadRequest) -> Result<Recognised, Unfit> {
    let own = own(&request.mappings)?;
    let recognised = |relation: &Relation| {
        let sample = Sample { columns: &relation.columns, rows: &relation.sample };
        intake::recognise_with(&sample, &request.settings, &own)
    };
    let problem = match recognised(relation) {
        Ok(found) => return Ok(found),
        Err(problem) => problem,
    };
    let (NotRecognised::NoHeader { .. }, Some(shape)) = (&problem, relation.csv.take()) else {
        return Err(unrecognised(&problem));
    };
    let order = shape.order(&request.file, &[r"\N"]).map_err(|looked_for| {
        let refusal = unrecognised(&problem);
        Unfit { problem: format!("{}. {looked_for}", refusal.problem), ..refusal }
    })?;
    *relation = csv_relation(shape.headless(order.columns));
    let mut found = recognised(relation).map_err(|problem| {
        let refusal = unrecognised(&problem);
        Unfit { problem: format!("with the columns that {} names, {}", order.title, refusal.problem), ..refusal }
    })?;
    found.notes.push(format!("The file has no header row: its columns are those of {}.", order.title));
    Ok(found)
}

/// What the whole read said.
struct Outcome {
    selection: Selection,
    decimals: HashMap<String, DecimalType>,
    left_out: LeftOut,
    /// The columns that hold a value in the first rows.
    seen: Vec<&'static str>,
}

/// A table that is being staged.
pub(super) struct Staging<'a> {
    pub(super) connection: &'a Connection,
    pub(super) relation: &'a Relation,
    pub(super) mapping: &'a Mapping,
    /// Tags, and what is kept beside the FOCUS columns, by the numbers that a staged charge has of them.
    numbers: &'a Numbers,
}

impl Staging<'_> {
    fn source(&self) -> Source<'_> {
        Source::new(&self.relation.columns, self.mapping, self.relation.csv.is_some())
    }

    /// Reads the file into `charge`, again with wider decimals while a value does not fit.
    fn run(&self) -> Result<Outcome> {
        let source = self.source();
        let (mut decimals, seen) = self.probe(&source)?;
        let (selection, left_out) = self.widen(&source, &mut decimals, None)?;
        Ok(Outcome { selection, decimals, left_out, seen })
    }

    /// The narrowest decimal types that the first rows fit, and the columns that hold a value there. They are read with the widest types,
    /// which says it of all columns at once.
    fn probe(&self, source: &Source) -> Result<(HashMap<String, DecimalType>, Vec<&'static str>)> {
        let widest = source.selection(self.mapping, &[], &HashMap::new());
        let flagged =
            widest.flagged.iter().enumerate().filter(|(_, flagged)| flagged.column.kind == focus::Kind::Decimal);
        let written = self.written();
        let columns: Vec<(usize, &str)> = flagged
            .map(|(position, flagged)| (position, flagged.column.name))
            .filter(|(_, name)| written.contains(name))
            .collect();
        let mut decimals = columns.iter().map(|(_, name)| ((*name).to_owned(), DecimalType::WIDEST)).collect();
        let widest = source.selection(self.mapping, &[], &decimals);
        self.fill(source, &widest, &decimals, Some(PROBED_ROWS))?;
        let misfits = columns.iter().map(|(position, name)| {
            let name = identifier(name);
            let misfits = DecimalType::LADDER.map(|rung| {
                format!(
                    "count_if((flags >> {}) & 3 = {} OR NOT narrows_to({name}, {}::UTINYINT, {}::UTINYINT))",
                    2 * position,
                    Flag::Rounded as u8,
                    rung.precision,
                    rung.scale
                )
            });
            format!("[{}]", misfits.join(", "))
        });
        let misfits = misfits.collect::<Vec<_>>().join(", ");
        let found = texts(
            self.connection,
            &format!("SELECT list_position(unnest([{misfits}]::BIGINT[][]), 0)::VARCHAR FROM charge"),
        )?;
        for ((_, name), row) in columns.iter().zip(found) {
            let fitting = row[0].as_deref().and_then(|position| position.parse::<usize>().ok());
            if let Some(rung) = fitting.and_then(|position| DecimalType::LADDER.get(position - 1)) {
                decimals.insert((*name).to_owned(), *rung);
            }
        }
        // What a value is computed from may need more decimals than the value.
        if !source.computes_at(DecimalType::WIDEST, &decimals) {
            self.widen(source, &mut decimals, Some(PROBED_ROWS))?;
        }
        Ok((decimals, self.filled(&self.written())?))
    }

    /// Reads (some of) the file into `charge` until every value fits its decimal type.
    fn widen(
        &self,
        source: &Source,
        decimals: &mut HashMap<String, DecimalType>,
        limit: Option<u32>,
    ) -> Result<(Selection, LeftOut)> {
        loop {
            let selection = source.selection(self.mapping, &[], decimals);
            let left_out = self.fill(source, &selection, decimals, limit)?;
            let mut wider = Vec::new();
            // An OR over both bits says "too narrow" also for bad together with fine, so the suspects are counted one by one.
            let seen = count(self.connection, "SELECT coalesce(bit_or(flags), 0)::BIGINT FROM charge")?;
            for (position, flagged) in selection.flagged.iter().enumerate() {
                if (seen >> (2 * position)) & (Flag::TooNarrow as u64) == 0 {
                    continue;
                }
                let sql = format!(
                    "SELECT count(*)::BIGINT FROM charge WHERE (flags >> {}) & 3 = {}",
                    2 * position,
                    Flag::TooNarrow as u8
                );
                if count(self.connection, &sql)? > 0 {
                    let present = source.rung(flagged.column.name, decimals);
                    wider.push((flagged.column.name.to_owned(), present.next()));
                }
            }
            if wider.is_empty() {
                return Ok((selection, left_out));
            }
            decimals.extend(wider);
        }
    }

    /// Whether the time of some charge cannot be read.
    fn has_unread_times(&self, selection: &Selection) -> Result<bool> {
        let times =
            selection.flagged.iter().enumerate().filter(|(_, flagged)| flagged.column.kind == focus::Kind::DateTime);
        let bad = times.map(|(position, _)| format!("(flags >> {}) & 3 = {}", 2 * position, Flag::Bad as u8));
        let bad = bad.chain(["false".to_owned()]).collect::<Vec<_>>().join(" OR ");
        Ok(count(self.connection, &format!("SELECT count(*)::BIGINT FROM charge WHERE {bad}"))? > 0)
    }

    /// The columns that charges have: those that the mapping fills, and those that every later step looks at.
    fn written(&self) -> Vec<&'static str> {
        let overrides = self.mapping.parts.iter().flat_map(|part| &part.overrides);
        let mapped = self.mapping.columns.iter().chain(overrides);
        let filled = mapped.filter(|mapped| mapped.expression != intake::Expression::Null);
        filled.map(|mapped| mapped.target.name).chain(LOOKED_AT).collect()
    }

    /// Which of some columns hold a value in some row; in their order, each once.
    fn filled(&self, among: &[&'static str]) -> Result<Vec<&'static str>> {
        let mut columns = among.to_vec();
        columns.sort_unstable();
        columns.dedup();
        let count = |name: &&str| match *name {
            "tags" => "count(tags_number) + count(tags)".to_owned(),
            name => format!("count({})", identifier(name)),
        };
        let counts = columns.iter().map(count).collect::<Vec<_>>().join(", ");
        let found = texts(self.connection, &format!("SELECT unnest([{counts}]::BIGINT[])::VARCHAR FROM charge"))?;
        let filled = columns.iter().zip(&found).filter(|(_, row)| row[0].as_deref() != Some("0"));
        Ok(filled.map(|(name, _)| *name).collect())
    }

    /// Makes `charge` anew from the source, in the source's order: the table `stored`, seen with what every row has alike.
    fn fill(
        &self,
        source: &Source,
        selection: &Selection,
        decimals: &HashMap<String, DecimalType>,
        limit: Option<u32>,
    ) -> Result<LeftOut> {
        let marked = self.marks_rows();
        let (marks, marked_as) = if marked { self.marks(source) } else { Default::default() };
        let keep = self.keep(source);
        let row = self.relation.row.map(|row| format!(", {row} AS source_row")).unwrap_or_default();
        let limit = limit.map(|rows| format!(" LIMIT {rows}")).unwrap_or_default();
        let rows = if row.is_empty() && limit.is_empty() {
            self.relation.from.clone()
        } else {
            format!("(SELECT *{row} FROM {}{limit})", self.relation.from)
        };
        let from = source.relation(&rows, decimals);
        let derived = Derived::of(self.mapping);
        let mut written = self.written();
        written.retain(|name| !derived.has(name));
        let signs =
            combine::signs_of_row(source, self.mapping).map(|signs| format!(", {signs} AS signs")).unwrap_or_default();
        let select = |selection: &Selection, [row, part]: [&str; 2], [marks, marked_as]: [&str; 2], from: String| {
            let named = |columns: &[(String, String)]| -> String {
                columns.iter().map(|(name, value)| format!(", {value} AS {}", identifier(name))).collect()
            };
            let columns = selection.columns.iter().filter(|(name, _)| written.contains(&name.as_str())).cloned();
            let mut columns: Vec<_> = columns.collect();
            // Most rows have a number instead of their tags.
            let tags = columns.iter_mut().find(|(name, _)| name == "tags");
            let tag_number = tags.map_or_else(
                || "NULL::UINTEGER".to_owned(),
                |(_, value)| {
                    let numbered = format!("text_number({value})");
                    *value = format!("CASE WHEN \"#tags\" IS NULL THEN {value} END");
                    numbered
                },
            );
            // The texts behind refused values are gathered only where there are some.
            format!(
                "SELECT {row}TRY_CAST({part} AS UTINYINT) AS part{columns}{signs}, \"#tags\" AS tags_number, \"#extra\" AS extra_number,
                        CASE WHEN \"#extra\" IS NULL THEN {extra} END AS extra, \"#flags\" AS flags,
                        CASE WHEN {any_bad} THEN {offending} END AS offending{marked_as}
                 FROM (SELECT *, {flags} AS \"#flags\", {tag_number} AS \"#tags\" FROM (SELECT *{casts}{marks}, {number} AS \"#extra\" FROM {from}))",
                number = selection.extra_number,
                columns = named(&columns),
                extra = selection.extra,
                any_bad = any_bad("\"#flags\""),
                offending = selection.offending,
                flags = selection.flags,
                casts = named(&selection.casts),
            )
        };
        let row = if row.is_empty() { "" } else { "source_row, " };
        let whole = if marked { from.clone() } else { format!("{from} WHERE {keep}") };
        let first = select(selection, [row, "0"], [&marks, &marked_as], whole);
        self.connection.execute_batch(&format!("CREATE OR REPLACE TABLE stored AS {first}"))?;
        self.show()?;
        let left_out = if marked { self.leave_out()? } else { LeftOut::default() };
        let made = |place: usize| (left_out.makes >> place) & 1 == 1;
        for (place, part) in self.mapping.parts.iter().enumerate().filter(|(place, _)| made(*place)) {
            let further = source.selection(self.mapping, &part.overrides, decimals);
            let from = match &part.each {
                None => source.relation(&self.marked_rows(place), decimals),
                Some(array) => source.relation_of_each(&self.marked_rows(place), array, decimals),
            };
            let number = Self::part_number(place, part.each.is_some());
            let from = format!("{from} WHERE {keep} AND {}", source.condition(&part.when));
            let charges = select(&further, ["source_row, ", &number], ["", ""], from);
            self.connection.execute_batch(&format!("INSERT INTO stored BY NAME {charges}"))?;
        }
        self.check_part_numbers()?;
        Ok(left_out)
    }

    /// Lists the rejects, splits the tags, and adds up what was staged.
    fn finish(&self, outcome: Outcome, ragged: u64) -> Result<StagedInput> {
        let Outcome { selection, decimals, left_out, seen } = outcome;
        let source = self.source();
        let all_rows = count(self.connection, "SELECT count(*)::BIGINT FROM charge WHERE part = 0")?;
        let flag_is = |position: usize, flag: Flag| format!("((flags >> {}) & 3 = {})", 2 * position, flag as u8);
        let bad = |only_essential: bool| {
            let flags =
                selection.flagged.iter().enumerate().filter(|(_, flagged)| flagged.essential || !only_essential);
            let conditions = flags.map(|(position, _)| flag_is(position, Flag::Bad));
            let unplaced = PLACED_BY.iter().map(|(column, ..)| format!("{column} IS NULL"));
            unplaced.chain(conditions).collect::<Vec<_>>().join(" OR ")
        };
        let any_bad = count(self.connection, &format!("SELECT count(*)::BIGINT FROM charge WHERE {}", bad(false)))? > 0;
        let has_numbers = self.relation.row.is_some() || left_out.numbered;
        let named = has_numbers || any_bad || ragged > 0;
        if any_bad || ragged > 0 {
            self.name_rows(has_numbers)?;
        }
        let bad_rows = if any_bad { self.refuse_rows(&selection, &bad(true))? } else { 0 };
        let mut rounded = Vec::new();
        let seen_flags = count(self.connection, "SELECT coalesce(bit_or(flags), 0)::BIGINT FROM charge")?;
        for (position, flagged) in selection.flagged.iter().enumerate() {
            let sql = format!("SELECT count(*)::BIGINT FROM charge WHERE {}", flag_is(position, Flag::Rounded));
            let may_be = (seen_flags >> (2 * position)) & (Flag::Rounded as u64) == Flag::Rounded as u64;
            let decimal = flagged.column.kind == focus::Kind::Decimal;
            let values = if decimal && may_be { count(self.connection, &sql)? } else { 0 };
            if values > 0 {
                rounded.push((flagged.column.id.to_owned(), values));
            }
        }
        self.split_tags()?;
        let mut tag_keys = Vec::new();
        for row in texts(
            self.connection,
            "SELECT key, sum(charges)::BIGINT::VARCHAR FROM (SELECT unnest(map_keys(tag_map)) AS key, charges FROM tag_set WHERE charges > 0)
             GROUP BY key ORDER BY sum(charges) DESC, key LIMIT 64",
        )? {
            if let [Some(key), Some(charges)] = row.as_slice() {
                tag_keys.push((key.clone(), charges.parse().unwrap_or(0)));
            }
        }
        let units = self.units()?;
        // A value of the first rows is still there, if no row was refused. The others are soon looked through: they are mostly empty.
        let (known, unknown): (Vec<_>, Vec<_>) =
            self.written().into_iter().partition(|name| bad_rows == 0 && seen.contains(name));
        let mut filled: Vec<String> = self.filled(&unknown)?.into_iter().chain(known).map(str::to_owned).collect();
        filled.sort_unstable();
        filled.dedup();
        self.write_down("extra_text", self.numbers.objects.texts())?;
        let is_some = |sql: &str| Ok::<_, StoreError>(count(self.connection, sql)? > 0);
        let texts = StagedTexts {
            extra_numbered: is_some("SELECT count(*)::BIGINT FROM extra_text")?,
            extra_written: is_some("SELECT count(extra)::BIGINT FROM charge")?,
            tags_written: is_some("SELECT count(tags)::BIGINT FROM charge")?,
            tags_odd: is_some("SELECT count(*)::BIGINT FROM tag_set WHERE charges > 0 AND valid IS NULL")?,
            tags_few: count(self.connection, "SELECT count(*)::BIGINT FROM tag_set")? <= TAG_SETS_FEW,
        };
        self.connection.execute_batch("CHECKPOINT;")?;
        let excluded_rows: u64 = left_out.rows.iter().sum();
        let reasons = self.mapping.excluded.iter().map(|exclusion| exclusion.reason.clone());
        Ok(StagedInput {
            member: None,
            database: PathBuf::new(),
            format: String::new(),
            format_version: String::new(),
            header: Vec::new(),
            mapping: String::new(),
            row: if named { "source_row".to_owned() } else { "rowid + 1".to_owned() },
            range: None,
            filled,
            texts,
            derived: Derived::of(self.mapping),
            signs: combine::Signs::default(),
            rows: all_rows + ragged + excluded_rows,
            rejected: bad_rows + ragged,
            rounded,
            excluded: reasons.zip(left_out.rows).collect(),
            notes: Vec::new(),
            decimals: selection
                .flagged
                .iter()
                .filter(|flagged| flagged.column.kind == focus::Kind::Decimal)
                .map(|flagged| {
                    let name = flagged.column.name;
                    (name.to_owned(), source.rung(name, &decimals))
                })
                .collect(),
            tag_keys,
            units,
            increment: false,
            side: None,
        })
    }

    /// Lists every refused value, and takes the rows out that cannot be charges; gives their number.
    fn refuse_rows(&self, selection: &Selection, essential_bad: &str) -> Result<u64> {
        for (position, flagged) in selection.flagged.iter().enumerate() {
            self.connection.execute_batch(&format!(
                "INSERT INTO reject
                 SELECT source_row, {id}, json_extract_string(min_by(offending, part), '$.{name}'), {reason}, {kept}
                 FROM charge WHERE (flags >> {shift}) & 3 = {bad}
                 GROUP BY source_row ORDER BY source_row LIMIT {REJECTS_KEPT_MAX};",
                id = literal(flagged.column.id),
                name = flagged.column.name,
                reason = literal(reason(flagged.column)),
                kept = !flagged.essential,
                shift = 2 * position,
                bad = Flag::Bad as u8,
            ))?;
        }
        for (column, id, reason) in PLACED_BY {
            self.connection.execute_batch(&format!(
                "INSERT INTO reject SELECT source_row, {}, NULL, {}, false FROM charge
                 WHERE {column} IS NULL AND part = 0 AND source_row NOT IN (SELECT reject.source_row FROM reject WHERE NOT reject.kept)
                 ORDER BY source_row LIMIT {REJECTS_KEPT_MAX};",
                literal(id),
                literal(reason)
            ))?;
        }
        let sql = format!("SELECT count(DISTINCT source_row)::BIGINT FROM charge WHERE {essential_bad}");
        let refused = count(self.connection, &sql)?;
        if refused > 0 {
            // A row that is refused takes its further charges with it, and no value of it is missing from a charge.
            let rows = format!("(SELECT source_row FROM charge WHERE {essential_bad})");
            self.connection.execute_batch(&format!(
                "UPDATE reject SET kept = false WHERE kept AND source_row IN {rows};
                 DELETE FROM stored WHERE source_row IN {rows};"
            ))?;
        }
        Ok(refused)
    }

    /// One row for each distinct text of tags, those with a number in its place: the JSON object if it is one, and its keys and values. Tags repeat with their
    /// resource, so this is thousands of rows for millions of charges.
    fn split_tags(&self) -> Result<()> {
        self.write_down("tag_text", self.numbers.texts.texts())?;
        Ok(self.connection.execute_batch(
            "CREATE TABLE tag_set AS
             SELECT number, tags, charges, CASE WHEN sound THEN tags END AS valid,
                    CASE WHEN sound THEN TRY_CAST(tags::JSON AS MAP(VARCHAR, VARCHAR)) END AS tag_map
             FROM (SELECT number, tags, charges, json_valid(tags) AND json_type(TRY_CAST(tags AS JSON)) = 'OBJECT' AS sound
                   FROM (SELECT number, text AS tags, coalesce(charges, 0) AS charges
                         FROM tag_text LEFT JOIN (SELECT tags_number AS number, count(*) AS charges FROM charge GROUP BY 1) USING (number)
                         UNION ALL
                         SELECT NULL, tags, count(*) FROM charge WHERE tags IS NOT NULL GROUP BY tags));",
        )?)
    }

    /// Writes the texts down that charges have the numbers of.
    fn write_down(&self, table: &str, texts: Vec<String>) -> Result<()> {
        let mut table = self.connection.appender(table)?;
        for (number, text) in (1_u32..).zip(texts) {
            table.append_row(duckdb::params![number, text])?;
        }
        Ok(table.flush()?)
    }

    fn units(&self) -> Result<Vec<StagedUnit>> {
        let rows = texts(
            self.connection,
            "SELECT provider, coalesce(billing_account_id, ''), billing_period_start::DATE::VARCHAR, count(*)::VARCHAR,
                    min(charge_period_start)::DATE::VARCHAR, max(charge_period_start)::DATE::VARCHAR
             FROM charge GROUP BY 1, 2, 3 ORDER BY 3, 1, 2",
        )?;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Ok(rows
            .iter()
            .map(|row| StagedUnit {
                provider: text(&row[0]),
                billing_account: text(&row[1]),
                billing_period: text(&row[2]),
                rows: text(&row[3]).parse().unwrap_or(0),
                first_day: text(&row[4]),
                last_day: text(&row[5]),
            })
            .collect())
    }
}

/// What a table is told of which every row was refused: the first of them, and why.
fn none_fits(connection: &Connection, rows: u64) -> Unfit {
    let first = texts(
        connection,
        "SELECT source_row::VARCHAR, column_name, value, reason FROM reject WHERE NOT kept ORDER BY source_row, column_name LIMIT 1",
    );
    let first: Option<[Option<String>; 4]> = first.ok().and_then(|rows| rows.into_iter().next()?.try_into().ok());
    let none = if rows == 1 {
        "its only row cannot be read".to_owned()
    } else {
        format!("none of its {rows} rows can be read")
    };
    let Some([row, column, value, reason]) = first else { return unfit(none, SETTINGS) };
    let unowned = value.is_none() && column.as_deref().is_some_and(|column| OWNERS.contains(&column));
    let (row, reason) = (row.unwrap_or_else(|| "?".to_owned()), reason.unwrap_or_default());
    let column = column.map(|column| format!(", column {column}")).unwrap_or_default();
    let value = value.map(|value| format!(" (`{value}`)")).unwrap_or_default();
    let problem = format!("{none}: row {row}{column}: {reason}{value}");
    unfit(problem, if unowned { "Say whose it is: `qd load --provider NAME FILE`." } else { SETTINGS })
}

pub(super) fn texts(connection: &Connection, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let mut statement = connection.prepare(sql)?;
    let batches: Vec<_> = statement.query_arrow([])?.collect();
    rows::texts(&batches)
}

pub(super) fn count(connection: &Connection, sql: &str) -> Result<u64> {
    let value: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(value.unsigned_abs())
}
