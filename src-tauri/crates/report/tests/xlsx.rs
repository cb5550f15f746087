//! The workbook, read back without the crate that wrote it.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod support;

use std::collections::BTreeMap;

use money::Amount;
use report::{Block, Figure, ReportModel, Table, TableCell, xlsx};
use testsupport::workbook::{Cell, Workbook, read};

fn written() -> (ReportModel, Vec<u8>, Workbook) {
    let model = support::model();
    let bytes = xlsx::write(&model, model.as_of).unwrap();
    let workbook = read(&bytes);
    (model, bytes, workbook)
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let (model, bytes, workbook) = written();
    assert!(xlsx::write(&model, model.as_of).unwrap() == bytes, "nothing but the model and its date is in the file");
    assert!(workbook.parts["docProps/core.xml"].contains("2026-11-22"), "the date of creation is the pack's");
}

#[test]
fn there_is_a_sheet_for_each_section_and_for_the_proof() {
    let (model, _, workbook) = written();
    for section in &model.sections {
        assert!(workbook.sheets.contains_key(&section.heading), "{} has a sheet", section.heading);
    }
    for name in ["Loads", "Exact values", "Chart data"] {
        assert!(workbook.sheets.contains_key(name), "{name} is there");
    }
    let charts = workbook.parts.keys().filter(|name| name.starts_with("xl/charts/chart")).count();
    assert_eq!(charts, model.sections.iter().flat_map(report::Section::charts).count(), "every chart is a native one");
}

/// The row of a table's caption on its sheet, from 1.
fn caption_row(sheet: &BTreeMap<String, Cell>, table: &Table) -> u32 {
    let caption =
        sheet.iter().find(|(_, cell)| cell.text.as_ref().is_some_and(|text| text.starts_with(&table.caption)));
    caption.unwrap().0[1..].parse().unwrap()
}

fn letter(column: usize) -> char {
    char::from(b'A' + u8::try_from(column).unwrap())
}

fn holds(cell: &Cell, figure: &Figure) -> bool {
    let number = cell.number.as_ref().map(|number| number.parse::<f64>().unwrap().to_bits());
    number == Some(figure.amount.to_string().parse::<f64>().unwrap().to_bits())
}

#[test]
fn every_cell_of_every_table_is_the_models() {
    let (model, _, workbook) = written();
    let mut compared = 0;
    for section in &model.sections {
        let sheet = &workbook.sheets[&section.heading];
        for table in section.tables() {
            let first_row = caption_row(sheet, table) + 2;
            for (row, number) in table.rows.iter().chain(&table.total).zip(first_row..) {
                for (column, cell) in row.cells.iter().enumerate() {
                    let place = format!("{}{number}", letter(column));
                    let found = sheet.get(&place).cloned().unwrap_or_default();
                    match cell {
                        TableCell::Text { text } => {
                            assert_eq!(found.text.as_ref(), Some(text), "{}!{place}", section.heading)
                        }
                        TableCell::Figure { figure } => assert!(
                            holds(&found, figure),
                            "{}!{place} holds {found:?}, not {figure:?}",
                            section.heading
                        ),
                        TableCell::Empty => assert_eq!(found, Cell::default(), "{}!{place} is empty", section.heading),
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 300, "{compared} cells were compared");
}

#[test]
fn totals_are_live_sums_over_the_rows() {
    let (model, _, workbook) = written();
    for section in &model.sections {
        let sheet = &workbook.sheets[&section.heading];
        for table in section.tables() {
            let first_row = caption_row(sheet, table) + 2;
            let last_row = first_row + u32::try_from(table.rows.len()).unwrap() - 1;
            for (column, _) in table.columns.iter().enumerate().filter(|(_, column)| column.adds_up) {
                let letter = letter(column);
                let cell = &sheet[&format!("{letter}{}", last_row + 1)];
                assert_eq!(
                    cell.formula,
                    Some(format!("SUM({letter}{first_row}:{letter}{last_row})")),
                    "{}",
                    table.caption
                );
            }
        }
    }
}

#[test]
fn exact_values_are_listed_with_their_evidence() {
    let (model, _, workbook) = written();
    let exact = &workbook.sheets["Exact values"];
    let text = |place: &str| exact.get(place).and_then(|cell| cell.text.clone()).unwrap_or_default();
    let mut listed = 0;
    for row in 1..2000 {
        let (sheet, cell, value) = (text(&format!("A{row}")), text(&format!("B{row}")), text(&format!("C{row}")));
        let (Ok(value), Some(sheet)) = (value.parse::<Amount>(), workbook.sheets.get(&sheet)) else { continue };
        let number = sheet[&cell].number.as_ref().unwrap();
        assert_eq!(
            number.parse::<f64>().unwrap().to_bits(),
            value.to_string().parse::<f64>().unwrap().to_bits(),
            "{cell} holds what is listed"
        );
        let evidence = text(&format!("E{row}"));
        assert!(model.evidence.iter().any(|known| known.id == evidence), "{cell} names its evidence");
        listed += 1;
    }
    let figures = |block: &Block| match block {
        Block::Kpis { kpis } => {
            kpis.iter().map(|kpi| 1 + usize::from(kpi.change.is_some()) + usize::from(kpi.change_ratio.is_some())).sum()
        }
        Block::Table { table } | Block::Reconciliation { table } => table
            .rows
            .iter()
            .chain(&table.total)
            .flat_map(|row| &row.cells)
            .filter(|cell| cell.figure().is_some())
            .count(),
        _ => 0_usize,
    };
    let expected: usize = model.sections.iter().flat_map(|section| &section.blocks).map(figures).sum();
    assert_eq!(listed, expected, "every figure of the workbook is listed once");
}

#[test]
fn hostile_text_stays_text() {
    let (_, _, workbook) = written();
    let all = || workbook.sheets.iter().flat_map(|(name, cells)| cells.values().map(move |cell| (name, cell)));
    let mut texts = all().filter_map(|(_, cell)| cell.text.as_deref());
    assert!(texts.any(|text| text == "=cmd|'/C calc'!A0"), "the name is there, letter for letter");
    for (sheet, cell) in all() {
        if let Some(formula) = &cell.formula {
            assert!(formula.starts_with("SUM("), "{sheet}: the only formulas are sums made here, not {formula}");
        }
    }
    for (name, part) in &workbook.parts {
        assert!(!part.contains("<hyperlink"), "{name}: nothing is a link");
        assert!(!name.contains("externalLink") && !name.contains("vbaProject"), "{name}: nothing reaches out");
    }
    assert!(
        workbook.parts["xl/styles.xml"].contains("quotePrefix=\"1\""),
        "what looks like a formula is marked as text"
    );
}

#[test]
fn hostile_names_everywhere_are_survived() {
    let mut model = support::model();
    let hostile = "=HYPERLINK(\"http://x\",\"y\")\u{0}\u{7}\u{1b}_x0041_ ]]><c>&\u{202e}\u{fffe}";
    model.title = hostile.to_owned();
    model.engagement = "&[Picture]&A ".repeat(40);
    let section = &mut model.sections[2];
    section.heading = "'[Book]*?:/\\ a heading far too long for the name of a sheet".to_owned();
    for block in &mut section.blocks {
        if let Block::Chart { chart } = block {
            chart.title = hostile.to_owned();
            chart.alt_text = hostile.repeat(20);
            chart.series[0].name = "=1+1".to_owned();
            chart.categories[0] = "@SUM(1)\t".to_owned();
        }
        if let Block::Table { table } = block {
            table.columns[0].label = "-2+3".to_owned();
            table.rows[0].cells[0] = TableCell::Text { text: format!("{hostile}{}", "x".repeat(40_000)) };
        }
    }
    model.sections[3].heading = model.sections[2].heading.clone();
    let workbook = read(&xlsx::write(&model, model.as_of).unwrap());
    let formulas = workbook.sheets.values().flat_map(BTreeMap::values).filter_map(|cell| cell.formula.as_ref());
    assert!(formulas.into_iter().all(|formula| formula.starts_with("SUM(")), "no text became a formula");
    for (name, part) in &workbook.parts {
        let unseen = part.chars().find(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'));
        assert_eq!(unseen, None, "{name} holds no control characters");
        for text in ["<f>1+1", "<f>HYPERLINK", "<c:f>=1", "<c:f>1+1"] {
            assert!(!part.contains(text), "{name} holds {text}");
        }
    }
}

#[test]
fn the_sheet_of_loads_says_under_which_settings_each_was_made() {
    let mut model = support::model();
    for load in model.evidence.iter_mut().flat_map(|evidence| &mut evidence.loads).filter(|load| load.id == 2) {
        load.settings = vec!["gcp_credits = gross".to_owned(), "=cmd() = x".to_owned()];
    }
    let workbook = read(&xlsx::write(&model, model.as_of).unwrap());
    let sheet = &workbook.sheets["Loads"];
    let text = |place: &str| sheet.get(place).and_then(|cell| cell.text.clone()).unwrap_or_default();
    let heading = sheet.iter().find(|(_, cell)| cell.text.as_deref() == Some("Settings")).unwrap().0.clone();
    let (column, row) = (&heading[..1], heading[1..].parse::<u32>().unwrap());
    assert_eq!(text(&format!("{column}{}", row + 1)), "", "where nothing was to be chosen nothing stands");
    assert_eq!(text(&format!("A{}", row + 2)), "2");
    assert_eq!(text(&format!("{column}{}", row + 2)), "gcp_credits = gross, =cmd() = x");
}
