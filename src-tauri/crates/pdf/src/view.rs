//! The model as the template reads it: strings in the order of the pages, charts as SVG. All rounding and wording is `report`'s.

use std::collections::BTreeMap;

use report::chart::{self, Size};
use report::{
    Block, ChartKind, ChartSpec, ColumnKind, Figure, Kpi, ReportModel, Section, Table, TableCell, TableRow,
    TableRowRole, Unit, words,
};
use serde::Serialize;

use crate::PdfError;

/// The width between the margins of the landscape A4 page, in points.
const PAGE_WIDTH: u32 = 751;
/// The width of a chart beside its table.
const SIDE_WIDTH: u32 = 284;
/// The most columns of a table beside its chart.
const SIDE_COLUMNS: usize = 6;

#[derive(Serialize)]
pub(crate) struct View<'a> {
    title: &'a str,
    subtitle: &'a str,
    scope: &'a str,
    as_of: String,
    engagement: &'a str,
    currency: String,
    cost_type: &'a str,
    notes: Vec<&'a str>,
    sections: Vec<SectionView<'a>>,
    evidence: Vec<EvidenceView<'a>>,
    loads: Vec<LoadView<'a>>,
}

#[derive(Serialize)]
struct SectionView<'a> {
    heading: &'a str,
    /// Whether the section starts on a page of its own, as the evidence does.
    starts_page: bool,
    blocks: Vec<BlockView<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum BlockView<'a> {
    Headline {
        text: &'a str,
    },
    Kpis {
        items: Vec<KpiView<'a>>,
    },
    Commentary {
        paragraphs: &'a [String],
    },
    Chart {
        chart: ChartView<'a>,
    },
    Table {
        table: TableView<'a>,
    },
    /// A chart and the table of its numbers side by side.
    Pair {
        chart: ChartView<'a>,
        table: TableView<'a>,
    },
    Definitions {
        items: Vec<[&'a str; 2]>,
    },
    Evidence,
}

#[derive(Serialize)]
struct KpiView<'a> {
    label: &'a str,
    value: String,
    change: Option<String>,
    tone: Tone,
    evidence: &'a str,
}

/// Which way a change points.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Tone {
    Up,
    Down,
    Plain,
}

#[derive(Serialize)]
struct ChartView<'a> {
    title: &'a str,
    svg: String,
    alt: &'a str,
    width: u32,
    evidence: &'a str,
}

#[derive(Serialize)]
struct TableView<'a> {
    caption: &'a str,
    evidence: &'a str,
    columns: Vec<ColumnView<'a>>,
    rows: Vec<RowView<'a>>,
    total: Option<RowView<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct ColumnView<'a> {
    label: &'a str,
    is_figure: bool,
}

#[derive(Serialize)]
struct RowView<'a> {
    is_other: bool,
    cells: Vec<CellView<'a>>,
}

#[derive(Serialize)]
struct CellView<'a> {
    text: std::borrow::Cow<'a, str>,
    tone: Tone,
}

#[derive(Serialize)]
struct EvidenceView<'a> {
    id: &'a str,
    definition: String,
    scope: String,
    source: &'a str,
    charges: String,
    loads: String,
    sql: String,
}

#[derive(Serialize)]
struct LoadView<'a> {
    id: String,
    file: String,
    sha256: &'a str,
    rows: String,
    /// Empty where the formats of its files leave nothing open.
    settings: String,
}

pub(crate) fn view(model: &ReportModel) -> Result<View<'_>, PdfError> {
    let sections = model.sections.iter().map(section).collect::<Result<_, _>>()?;
    let mut loads = BTreeMap::new();
    for load in model.evidence.iter().flat_map(|evidence| &evidence.loads) {
        loads.insert((load.id, load.file.as_str()), load);
    }
    Ok(View {
        title: &model.title,
        subtitle: &model.subtitle,
        scope: &model.scope,
        as_of: words::day(model.as_of),
        engagement: &model.engagement,
        currency: model.currency.to_string(),
        cost_type: &model.cost_type.label,
        notes: model.notes.iter().map(|note| note.message.as_str()).collect(),
        sections,
        evidence: model
            .evidence
            .iter()
            .map(|evidence| EvidenceView {
                id: &evidence.id,
                definition: report::clean(&evidence.definition.join(" ")),
                scope: report::clean(&evidence.scope),
                source: &evidence.source,
                charges: evidence.charges.to_string(),
                loads: evidence.loads.iter().map(|load| load.id.to_string()).collect::<Vec<_>>().join(", "),
                sql: report::clean_lines(&evidence.sql),
            })
            .collect(),
        loads: loads
            .into_values()
            .map(|load| LoadView {
                id: load.id.to_string(),
                file: report::clean(&load.file),
                sha256: &load.sha256,
                rows: load.rows.to_string(),
                settings: report::clean(&load.settings.join(", ")),
            })
            .collect(),
    })
}

fn section(section: &Section) -> Result<SectionView<'_>, PdfError> {
    let mut blocks = Vec::new();
    let mut rest = section.blocks.as_slice();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after.first()) {
            (Block::Chart { chart }, Some(Block::Table { table })) if stands_beside(chart, table) => {
                blocks.push(BlockView::Pair { chart: chart_view(chart, SIDE_WIDTH)?, table: table_view(table) });
                rest = &after[1..];
            }
            _ => blocks.push(block(first)?),
        }
    }
    let starts_page = section.blocks.contains(&Block::Evidence);
    Ok(SectionView { heading: &section.heading, starts_page, blocks })
}

/// Whether the table beside the chart leaves its names room: long figures need the whole page.
fn stands_beside(chart: &ChartSpec, table: &Table) -> bool {
    // In points: a digit and a cell's margins in the table's size, the least room for names, and what parts chart and table.
    const DIGIT: usize = 5;
    const MARGINS: usize = 12;
    const NAMES: usize = 84;
    const GUTTER: usize = 22;
    let rows = || table.rows.iter().chain(&table.total);
    let longest = |position: usize| {
        let figures = rows().filter_map(|row| row.cells.get(position).and_then(TableCell::figure));
        figures.map(|figure| words::shown(figure).chars().count()).max().unwrap_or(4)
    };
    let figures: usize = (1..table.columns.len()).map(|position| longest(position) * DIGIT + MARGINS).sum();
    let is_wide = matches!(chart.kind, ChartKind::StackedColumns | ChartKind::Line);
    !is_wide
        && table.columns.len() <= SIDE_COLUMNS
        && SIDE_WIDTH as usize + GUTTER + figures + NAMES <= PAGE_WIDTH as usize
}

fn block(block: &Block) -> Result<BlockView<'_>, PdfError> {
    Ok(match block {
        Block::Headline { text, .. } => BlockView::Headline { text },
        Block::Kpis { kpis } => BlockView::Kpis { items: kpis.iter().map(kpi).collect() },
        Block::Commentary { paragraphs, .. } => BlockView::Commentary { paragraphs },
        Block::Chart { chart } => BlockView::Chart { chart: chart_view(chart, PAGE_WIDTH)? },
        Block::Table { table } | Block::Reconciliation { table } => BlockView::Table { table: table_view(table) },
        Block::Method { definitions } => BlockView::Definitions {
            items: definitions
                .iter()
                .map(|definition| [definition.term.as_str(), definition.meaning.as_str()])
                .collect(),
        },
        Block::Evidence => BlockView::Evidence,
    })
}

fn kpi(kpi: &Kpi) -> KpiView<'_> {
    let change = kpi.change.as_ref().map(|change| match &kpi.change_ratio {
        Some(ratio) => format!("{} ({})", words::shown(change), words::shown(ratio)),
        None => words::shown(change),
    });
    KpiView {
        label: &kpi.label,
        value: words::shown_with_unit(&kpi.figure),
        change,
        tone: kpi.change.as_ref().map_or(Tone::Plain, tone),
        evidence: &kpi.figure.evidence_id,
    }
}

fn chart_view(spec: &ChartSpec, width: u32) -> Result<ChartView<'_>, PdfError> {
    let svg = chart::svg(spec, Size { width, height: chart::natural_height(spec) })?;
    let evidence = spec.series.first().map_or("", |series| series.evidence_id.as_str());
    Ok(ChartView { title: &spec.title, svg, alt: &spec.alt_text, width, evidence })
}

fn table_view(table: &Table) -> TableView<'_> {
    TableView {
        caption: &table.caption,
        evidence: &table.evidence_id,
        columns: table
            .columns
            .iter()
            .map(|column| ColumnView { label: &column.label, is_figure: column.kind == ColumnKind::Figure })
            .collect(),
        rows: table.rows.iter().map(row).collect(),
        total: table.total.as_ref().map(row),
        notes: &table.notes,
    }
}

fn row(row: &TableRow) -> RowView<'_> {
    let cells = row.cells.iter().map(|cell| match cell {
        TableCell::Text { text } => CellView { text: text.into(), tone: Tone::Plain },
        TableCell::Figure { figure } => CellView { text: words::shown(figure).into(), tone: tone(figure) },
        TableCell::Empty => CellView { text: "".into(), tone: Tone::Plain },
    });
    RowView { is_other: row.role == TableRowRole::Other, cells: cells.collect() }
}

/// A change in money points up or down; other figures do not point.
fn tone(figure: &Figure) -> Tone {
    match figure.unit {
        Unit::MoneyChange { .. } if figure.amount.is_negative() => Tone::Down,
        Unit::MoneyChange { .. } if !figure.amount.is_zero() => Tone::Up,
        _ => Tone::Plain,
    }
}
