use money::Amount;

use super::*;
use crate::{Annotation, Highlight, Series, SeriesRole, Unit};

fn spec(kind: ChartKind, series: &[&[&str]], categories: &[&str]) -> ChartSpec {
    ChartSpec {
        id: "test".to_owned(),
        kind,
        title: "A <title> & more".to_owned(),
        category_label: "Service".to_owned(),
        categories: categories.iter().map(|&name| name.to_owned()).collect(),
        unit: Unit::Money { currency: "USD".parse().unwrap() },
        series: series
            .iter()
            .enumerate()
            .map(|(position, values)| Series {
                name: format!("Series {position}"),
                role: if position == 0 { SeriesRole::Group } else { SeriesRole::Comparison },
                values: values.iter().map(|value| value.parse::<Amount>().ok()).collect(),
                evidence_id: "e1".to_owned(),
            })
            .collect(),
        annotations: Vec::new(),
        highlight: None,
        alt_text: "Said \"in\" words".to_owned(),
    }
}

const SIZE: Size = Size { width: 300, height: 160 };

fn drawings() -> Vec<(ChartKind, String)> {
    let hostile = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u{0}\u{7}&amp;"];
    [
        (ChartKind::StackedColumns, spec(ChartKind::StackedColumns, &[&["10", "-20.5", "30"]], &hostile)),
        (ChartKind::Line, spec(ChartKind::Line, &[&["10", "", "30"], &["1", "2", "3"]], &hostile)),
        (
            ChartKind::HorizontalBars,
            spec(ChartKind::HorizontalBars, &[&["10", "-20.5", "30"], &["5", "0", "40"]], &hostile),
        ),
        (ChartKind::Waterfall, spec(ChartKind::Waterfall, &[&["100", "-20.5", "79.5"]], &hostile)),
    ]
    .map(|(kind, spec)| (kind, svg(&spec, SIZE).unwrap()))
    .into()
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    assert_eq!(drawings(), drawings(), "nothing but spec and size decides a drawing");
}

#[test]
fn text_is_never_markup() {
    for (kind, drawing) in drawings() {
        assert!(!drawing.contains("<script"), "{kind:?} escapes names");
        assert!(drawing.contains("&lt;script&gt;") || drawing.contains("&lt;scri"), "{kind:?} shows the name as it is");
        assert!(drawing.contains("<title>A &lt;title&gt; &amp; more</title>"), "{kind:?} has a title");
        assert!(
            drawing.contains("role=\"img\" aria-label=\"Said &quot;in&quot; words\""),
            "{kind:?} says itself in words"
        );
        let unseen = drawing.chars().find(|character| character.is_control() && *character != '\n');
        assert_eq!(unseen, None, "{kind:?} holds no control characters");
    }
}

#[test]
fn all_ink_is_on_the_page() {
    for (kind, drawing) in drawings() {
        for (attribute, limit) in [("x", SIZE.width), ("y", SIZE.height), ("x1", SIZE.width), ("y2", SIZE.height)] {
            let opening = format!(" {attribute}=\"");
            let places = drawing.split(&opening).skip(1).filter_map(|rest| rest.split('"').next());
            for place in places {
                let place: i64 = place.parse().unwrap();
                let most = i64::from(limit * canvas::UNITS_PER_POINT);
                assert!((0..=most).contains(&place), "{kind:?}: {attribute}={place} lies on a page of {most}");
            }
        }
    }
}

#[test]
fn nothing_to_draw_is_no_error() {
    for kind in [ChartKind::StackedColumns, ChartKind::Line, ChartKind::HorizontalBars] {
        svg(&spec(kind, &[&[]], &[]), SIZE).unwrap();
        svg(&spec(kind, &[&["0", "0"]], &["a", "b"]), SIZE).unwrap();
    }
}

#[test]
fn specs_that_do_not_fit_are_refused() {
    let problem = |spec: &ChartSpec| svg(spec, SIZE).unwrap_err().to_string();
    assert!(problem(&spec(ChartKind::Line, &[&["1"]], &["a", "b"])).contains("one value for each category"));
    assert!(problem(&spec(ChartKind::Waterfall, &[&["100", "-20", "81"]], &["a", "b", "c"])).contains("do not lead"));
    let mut remark = spec(ChartKind::Line, &[&["1"]], &["a"]);
    remark.annotations.push(Annotation { category: 1, text: "partial".to_owned() });
    assert!(problem(&remark).contains("category that does not exist"));
    let mut run = spec(ChartKind::Line, &[&["1"]], &["a"]);
    run.highlight = Some(Highlight { from: 0, to: 2, label: "Q3".to_owned() });
    assert!(problem(&run).contains("highlighted run"));
}

#[test]
fn times_without_room_are_passed_over_and_never_cut() {
    let months: Vec<String> =
        (1..=24).map(|month| format!("20{}-{:02}", 25 + month / 13, (month - 1) % 12 + 1)).collect();
    let names: Vec<&str> = months.iter().map(String::as_str).collect();
    let values = vec!["10"; names.len()];
    for kind in [ChartKind::Line, ChartKind::StackedColumns] {
        let drawing = svg(&spec(kind, &[&values], &names), SIZE).unwrap();
        let named = names.iter().filter(|name| drawing.contains(**name)).count();
        assert!(drawing.contains("2025-01"), "{kind:?} names where it begins");
        assert!((2..24).contains(&named), "{kind:?} names some of 24 months, {named}");
        assert!(!drawing.contains('…'), "{kind:?} cuts no time");
    }
}
