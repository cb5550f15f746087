//! Text from a bill, made fit to be shown. It stays hostile: whoever writes it out must still write it as text.

/// The text without what cannot be seen: control characters and the marks that turn the direction of writing are dropped,
/// line breaks and tabs become spaces, code points that no XML may hold are dropped.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\n' | '\r' | '\t' => Some(' '),
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                None
            }
            '\u{fffe}' | '\u{ffff}' => None,
            _ if character.is_control() => None,
            _ => Some(character),
        })
        .collect()
}

/// As [`clean`], but line breaks stay: for statements that are read line by line.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// At most `limit` characters of the text, an ellipsis standing for the rest.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A stable word for an id: lower case letters and digits of the text, dashes between them.
pub(crate) fn slug(text: &str) -> String {
    let mut word = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        } else if !word.is_empty() && !word.ends_with('-') {
            word.push('-');
        }
    }
    word.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_characters_go() {
        assert_eq!(clean("a\u{0}b\u{7}\tc\r\nd\u{202e}e\u{feff}"), "ab c  de", "nothing unseen survives");
        assert_eq!(
            clean("=cmd|'/C calc'!A0 <b>#$*_`\\"),
            "=cmd|'/C calc'!A0 <b>#$*_`\\",
            "what can be seen stays as it is"
        );
    }

    #[test]
    fn lines_stay_apart() {
        assert_eq!(clean_lines("SELECT\t1\r\nFROM a\u{0}"), "SELECT 1\nFROM a");
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("Spend, by service!"), "spend-by-service");
    }
}
