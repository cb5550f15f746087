//! [`Pattern`]: text with places that keep what stands there.

/// The prefix of an AWS usage type: the short name of a region and a hyphen, or nothing.
const REGION_PREFIX: char = '~';

/// What was kept, by name, in the order of the places.
pub(super) type Kept = Vec<(String, String)>;

/// A pattern of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Any,
    Region,
    Kept { name: String, of: Class },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Any,
    Letters,
    Digits,
}

impl Class {
    fn holds(self, text: &str) -> bool {
        !text.is_empty()
            && match self {
                Self::Any => true,
                Self::Letters => text.bytes().all(|byte| byte.is_ascii_alphabetic()),
                Self::Digits => text.bytes().all(|byte| byte.is_ascii_digit()),
            }
    }
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        let close = |literal: &mut String, pieces: &mut Vec<Piece>| {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(literal)));
            }
        };
        while let Some(next) = rest.chars().next() {
            let place = text.len() - rest.len();
            rest = &rest[next.len_utf8()..];
            match next {
                '*' => {
                    close(&mut literal, &mut pieces);
                    pieces.push(Piece::Any);
                }
                REGION_PREFIX if place == 0 => pieces.push(Piece::Region),
                '{' => {
                    close(&mut literal, &mut pieces);
                    let (inner, after) =
                        rest.split_once('}').ok_or_else(|| format!("`{text}` opens a brace and does not close it"))?;
                    let (name, class) = inner.split_once(':').unwrap_or((inner, "any"));
                    let of = match class {
                        "any" => Class::Any,
                        "letters" => Class::Letters,
                        "digits" => Class::Digits,
                        other => {
                            return Err(format!("`{text}` keeps `{other}`; letters, digits or nothing can be said"));
                        }
                    };
                    pieces.push(Piece::Kept { name: name.to_owned(), of });
                    rest = after;
                }
                other => literal.push(other),
            }
        }
        close(&mut literal, &mut pieces);
        Ok(Self { pieces })
    }

    /// What is kept of a text that fits; the shortest for each place, from left to right.
    pub(super) fn fit(&self, text: &str) -> Option<Kept> {
        let mut kept = Vec::new();
        fits(&self.pieces, text, &mut kept).then_some(kept)
    }
}

fn fits(pieces: &[Piece], text: &str, kept: &mut Kept) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    let ends = || text.char_indices().map(|(at, _)| at).chain([text.len()]);
    match first {
        Piece::Literal(literal) => {
            let head = text.get(..literal.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(literal)) && fits(rest, &text[literal.len()..], kept)
        }
        Piece::Any => ends().any(|end| fits(rest, &text[end..], kept)),
        Piece::Region => {
            let prefixed = text.split_once('-').filter(|(region, _)| {
                (2..=6).contains(&region.len())
                    && region.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            });
            fits(rest, text, kept) || prefixed.is_some_and(|(_, after)| fits(rest, after, kept))
        }
        Piece::Kept { name, of } => ends().any(|end| {
            let part = &text[..end];
            if !of.holds(part) {
                return false;
            }
            kept.push((name.clone(), part.to_owned()));
            let fit = fits(rest, &text[end..], kept);
            if !fit {
                kept.pop();
            }
            fit
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pattern: &str, text: &str) -> Option<String> {
        let kept = Pattern::parse(pattern).unwrap().fit(text)?;
        Some(kept.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn places_keep_what_stands_there() {
        for (pattern, text, expected) in [
            ("~BoxUsage:{family}.{size}", "BoxUsage:m5.2xlarge", Some("family=m5 size=2xlarge")),
            ("~BoxUsage:{family}.{size}", "USE2-BoxUsage:m5.metal", Some("family=m5 size=metal")),
            ("~BoxUsage:{family}.{size}", "EUW2-HeavyUsage:m5.large", None),
            ("~BoxUsage", "us-east-BoxUsage", None),
            ("{a:letters}{n:digits}{f:letters} {v}", "D8s v5", Some("a=D n=8 f=s v=v5")),
            ("{a:letters}{n:digits}{f:letters} {v}", "D8 v5", None),
            ("*Spot*", "D8s v5 spot", Some("")),
            ("", "", Some("")),
        ] {
            assert_eq!(kept(pattern, text).as_deref(), expected, "{pattern} on {text}");
        }
        assert!(Pattern::parse("{a").is_err());
        assert!(Pattern::parse("{a:numbers}").is_err());
    }

    #[test]
    fn text_of_several_bytes_is_no_trap() {
        assert_eq!(kept("é{rest}", "éü"), Some("rest=ü".to_owned()));
        assert_eq!(kept("ab", "é"), None);
    }
}
