//! The PDF of the golden pack: what it says, that it is accessible, and that it is the same every time.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

use report::{Block, Note, ReportModel, Section, Table, TableCell, words};

fn model() -> ReportModel {
    serde_json::from_str(include_str!("../../report/tests/golden/quarterly-review.json")).unwrap()
}

/// The text of the document with every run of white space as one space, as line breaks depend on the page.
fn text_of(bytes: &[u8]) -> String {
    pdf_extract::extract_text_from_mem(bytes).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without any white space: words that the page breaks or that fixed spaces hold together.
fn dense(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

fn contains(bytes: &[u8], wanted: &str) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let model = model();
    assert!(pdf::render(&model).unwrap() == pdf::render(&model).unwrap(), "nothing but the model is in the file");
}

#[test]
fn every_printed_figure_and_sentence_is_the_models() {
    let model = model();
    let bytes = pdf::render(&model).unwrap();
    let text = dense(&text_of(&bytes));
    let has = |wanted: &str| assert!(text.contains(&dense(wanted)), "the document says {wanted:?}");
    has(&model.title);
    has(&model.scope);
    for section in &model.sections {
        has(&section.heading);
        for block in &section.blocks {
            match block {
                Block::Headline { text, .. } => has(text),
                Block::Commentary { paragraphs, .. } => paragraphs.iter().for_each(|paragraph| has(paragraph)),
                Block::Kpis { kpis } => kpis.iter().for_each(|kpi| has(&words::shown_with_unit(&kpi.figure))),
                _ => {}
            }
        }
        for table in section.tables() {
            for row in table.rows.iter().chain(&table.total) {
                // A row's figures stand next to each other.
                let figures = row.cells.iter().filter_map(|cell| cell.figure()).map(words::shown);
                figures.for_each(|figure| has(&figure));
            }
        }
    }
    for evidence in &model.evidence {
        has(&evidence.id);
        has(&evidence.sql);
    }
}

#[test]
fn the_document_is_tagged_and_says_so() {
    let bytes = pdf::render(&model()).unwrap();
    for mark in ["<pdfuaid:part>1", "<pdfaid:part>2", "<pdfaid:conformance>A"] {
        assert!(contains(&bytes, mark), "the metadata claims {mark}");
    }
    assert!(contains(&bytes, "2026-11-22"), "the date in the metadata is the pack's");
    assert!(!contains(&bytes, "/JavaScript") && !contains(&bytes, "/Launch"), "nothing in it runs");
}

#[test]
fn hostile_text_is_shown_as_it_is() {
    let mut model = model();
    let names = [
        "#panic(\"no\")",
        "$x^2$ *bold* _under_ `raw` @ref <label>",
        "<script>alert(1)</script>",
        "= Heading\\ #read(\"/etc/passwd\")",
        "\"; #import \"x\"; //",
        "https://example.com/[a](b)",
    ];
    for section in &mut model.sections {
        for block in &mut section.blocks {
            if let Block::Table { table } = block {
                for (row, name) in table.rows.iter_mut().zip(names) {
                    row.cells[0] = TableCell::Text { text: name.to_owned() };
                }
            }
        }
    }
    model.engagement = names[1].to_owned();
    model.notes = vec![Note { code: "test".to_owned(), message: names[0].to_owned() }];
    let bytes = pdf::render(&model).unwrap();
    let text = dense(&text_of(&bytes));
    for name in names {
        assert!(text.contains(&dense(name)), "{name:?} appears letter for letter");
    }
    assert!(!contains(&bytes, "/URI"), "an address in a name is not a link");
}

#[test]
fn characters_without_a_glyph_do_not_stop_the_pack() {
    let mut model = model();
    model.engagement = "株式会社 \u{1f4b8} \u{e000} Zürich Łódź Αθήνα Київ".to_owned();
    let bytes = pdf::render(&model).unwrap();
    let text = text_of(&bytes);
    assert!(text.contains("Zürich Łódź Αθήνα Київ"), "European scripts are shown");
    assert!(text.contains("□□□□ □ □"), "the others are shown as boxes");
    assert!(text.contains("6 characters are not in this document's font"), "and the reader is told");
}

#[test]
fn long_tables_run_over_pages() {
    let mut model = model();
    let section: &mut Section = model.sections.iter_mut().find(|section| section.tables().next().is_some()).unwrap();
    let table: &mut Table = section
        .blocks
        .iter_mut()
        .find_map(|block| if let Block::Table { table } = block { Some(table) } else { None })
        .unwrap();
    let row = table.rows[0].clone();
    for number in 0..200 {
        let mut copy = row.clone();
        copy.cells[0] = TableCell::Text { text: format!("Row number {number}") };
        table.rows.push(copy);
    }
    let heading = dense(&table.columns[1].label);
    let text = dense(&text_of(&pdf::render(&model).unwrap()));
    assert!(text.contains("Rownumber0") && text.contains("Rownumber199"), "every row is printed");
    assert!(text.matches(&heading).count() > 5, "the heading row is repeated on each page");
}

#[test]
fn a_load_names_the_settings_that_it_was_made_under() {
    let mut model = model();
    assert!(!text_of(&pdf::render(&model).unwrap()).contains("Settings:"), "nothing was to be chosen");
    for load in model.evidence.iter_mut().flat_map(|evidence| &mut evidence.loads).filter(|load| load.id == 1) {
        load.settings = vec!["gcp_credits = gross".to_owned(), "#panic() = *x*".to_owned()];
    }
    let text = dense(&text_of(&pdf::render(&model).unwrap()));
    let told = dense("Settings: gcp_credits = gross, #panic() = *x*");
    assert!(text.contains(&format!("aws/2026-09/focus.csv.gz{told}")), "beneath the load's file");
    assert_eq!(text.matches("Settings:").count(), 1, "and of no other");
}
