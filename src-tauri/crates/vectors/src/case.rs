//! The case of letters.

/// Writes a text in UTF-8 in lower case: each letter's own lower case, without regard to what stands beside it.
pub fn lower(text: &[u8], lowered: &mut Vec<u8>) {
    lowered.clear();
    if text.is_ascii() {
        lowered.extend(text.iter().map(u8::to_ascii_lowercase));
        return;
    }
    let mut encoded = [0; 4];
    for letter in String::from_utf8_lossy(text).chars().flat_map(char::to_lowercase) {
        lowered.extend_from_slice(letter.encode_utf8(&mut encoded).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_any_script_are_lowered_one_by_one() {
        let mut lowered = b"what stood here before".to_vec();
        for (text, wanted) in [
            ("", ""),
            ("/subscriptions/A-1/resourceGroups/RG", "/subscriptions/a-1/resourcegroups/rg"),
            ("ÄÖÜ Straße", "äöü straße"),
            ("ΣΑΣ", "σασ"),
            ("名前 X", "名前 x"),
        ] {
            lower(text.as_bytes(), &mut lowered);
            assert_eq!(String::from_utf8(lowered.clone()).unwrap(), wanted, "{text:?}");
        }
    }
}
