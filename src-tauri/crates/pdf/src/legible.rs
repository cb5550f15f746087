//! Characters that the fonts cannot show. A conforming PDF must not hold them, and leaving them out silently would change a name.

use serde_json::Value;
use typst::text::Font;

/// What stands for a character that cannot be shown.
const STAND_IN: char = '\u{25a1}';

/// Puts a box for every character in the data that no font can show, and counts them.
pub(crate) fn make_legible(data: &mut Value, fonts: &[Font]) -> u64 {
    match data {
        Value::String(text) => replace(text, fonts),
        Value::Array(values) => values.iter_mut().map(|value| make_legible(value, fonts)).sum(),
        Value::Object(fields) => fields.values_mut().map(|value| make_legible(value, fonts)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn replace(text: &mut String, fonts: &[Font]) -> u64 {
    // The text font decides: a character that only the fixed-width font has would look out of place but is not lost.
    let can_show = |character: char| {
        character == '\n' || fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
    };
    let lost = text.chars().filter(|character| !can_show(*character)).count();
    if lost > 0 {
        *text = text.chars().map(|character| if can_show(character) { character } else { STAND_IN }).collect();
    }
    u64::try_from(lost).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fonts_lack_becomes_a_box() {
        let mut data = serde_json::json!({ "name": "Zürich 数据 \u{1f4b8}", "rows": ["Łódź", "\u{e000}"] });
        let count = make_legible(&mut data, &crate::world::fonts());
        assert_eq!(count, 4, "two ideographs, an emoji and a private character");
        assert_eq!(data, serde_json::json!({ "name": "Zürich □□ □", "rows": ["Łódź", "□"] }));
    }
}
