//! The small language of the mapping files: text to a tree, and the tree back to text. What names and functions mean is decided in
//! `resolve`, against the header of a file.
//!
//! ```text
//! formula    = any ;
//! any        = all { "or" all } ;
//! all        = single { "and" single } ;
//! single     = "not" single | comparison ;
//! comparison = sum [ "=" text | "!=" text | [ "not" ] "in" "(" text { "," text } ")" ] ;
//! sum        = [ "-" ] term { ( "+" | "-" ) term } ;
//! term       = text | number | name [ "(" [ argument { "," argument } ] ")" ] | "(" any ")" ;
//! argument   = [ text ":" ] any ;
//! name       = letters, digits, "_", "/", ":", "." or anything in backquotes ;
//! text       = anything in single quotes, a quote doubled ;
//! ```
//!
//! A name is a definition, else a source column whatever its spelling (an alias of it, too), else a value inside a column that
//! holds objects (`service.description`). What a file has not is null.
//!
//! Values:
//! - `first(a, b, ...)`, `if(condition, value, condition, value, ..., otherwise)`, `lookup(a, table, otherwise)`, `null`
//! - texts: `concat(a, b, ...)`, `lower(a)`, `upper(a)`, `trim(a)`, `replace(a, 'from', 'to')`, `part(a, 'separator', n)`: the n-th
//!   piece from 1, or from -1 at the end
//! - numbers, always exact: `a + b - c`, `product(a, b, ...)`; there is no division, a table holds reciprocals
//! - times: `month_start(a)`, `month_end(a)`, `end_exclusive(a)`, `next_day(a)`; `month_start(a, 'YYYYMM', 'America/Los_Angeles')`
//!   and `month_end(...)` for a month named by digits, in a time zone or in UTC
//! - objects: `object('key': a, ...)`, `group(prefix)`, `key_value(a)`, `merge(a, b, ...)`: the first that has a key decides;
//!   `prefixed(a, 'user', 'aws')`: keys such as `user_env` as they were, `user:env`
//! - arrays of objects: `pairs(a, 'key', 'value')`, `pairs(a, 'key', 'value', 'prefix/')`; `sum_of(a, 'amount')`,
//!   `sum_of(a, 'amount', 'type', 'A', 'B')`, `sum_of_others(a, 'amount', 'type', 'A', 'B')`; `first_of(a, 'id', 'type', 'A', 'B')`;
//!   `item('amount')` in a part with `each`
//!
//! Conditions: `a = 'x'`, `a != 'x'`, `a in ('x', 'y')`, `same(a, 'x', 'y')` without regard to case, `starts_with(a, 'x')`,
//! `ends_with(a, 'x')`, `contains(a, 'x')`, `missing(a)`, `present(name)` (the file has it), `negative(a)`, `positive(a)`, `zero(a)`:
//! what is missing is zero, what is no number is none of the three.

use std::fmt;

/// Deeper nesting than any mapping file needs; the limit keeps hostile text from exhausting the stack.
const MAX_DEPTH: usize = 64;

/// A parsed formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// A source column or a definition.
    Name(String),
    /// A quoted text.
    Text(String),
    /// A decimal number as written.
    Number(String),
    /// A function applied to arguments.
    Call(String, Vec<Formula>),
    /// A key with a value, as an argument of `object`.
    Keyed(String, Box<Formula>),
    /// Terms added up.
    Sum(Vec<Formula>),
    /// The other sign.
    Negate(Box<Formula>),
    /// Whether the value is one of the texts.
    In(Box<Formula>, Vec<String>),
    /// The opposite of a condition.
    Not(Box<Formula>),
    /// All conditions.
    All(Vec<Formula>),
    /// At least one condition.
    Any(Vec<Formula>),
}

impl Formula {
    /// Every name in the formula that may be a column or a definition.
    pub fn names<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Self::Name(name) => into.push(name),
            Self::Text(_) | Self::Number(_) => {}
            Self::Call(_, inner) | Self::Sum(inner) | Self::All(inner) | Self::Any(inner) => {
                inner.iter().for_each(|formula| formula.names(into));
            }
            Self::Keyed(_, inner) | Self::Negate(inner) | Self::In(inner, _) | Self::Not(inner) => inner.names(into),
        }
    }
}

/// A formula that cannot be read or has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} in the formula: {formula}")]
pub struct FormulaError {
    /// What is wrong and, for a misspelling, where.
    pub problem: String,
    /// The formula.
    pub formula: String,
}

/// Reads a formula.
pub fn parse(formula: &str) -> Result<Formula, FormulaError> {
    let failed = |problem| FormulaError { problem, formula: formula.to_owned() };
    let tokens = tokens(formula).map_err(failed)?;
    let mut parser = Parser { tokens: &tokens, position: 0, depth: 0, end: formula.chars().count() };
    let parsed = parser.any().map_err(failed)?;
    match parser.peek() {
        None => Ok(parsed),
        Some(token) => Err(failed(format!("{token} is left over at character {}", parser.character()))),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A bare name: a column, a function or one of the words `and`, `or`, `not`, `in`.
    Word(String),
    /// A name in backquotes, never one of the words.
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(name) | Self::Name(name) => write!(formatter, "the name {name}"),
            Self::Text(text) => write!(formatter, "the text '{text}'"),
            Self::Number(number) => write!(formatter, "the number {number}"),
            Self::Sign(sign) => write!(formatter, "\"{sign}\""),
        }
    }
}

/// The tokens, each with the position (in characters, from 1) where it starts.
fn tokens(formula: &str) -> Result<Vec<(Token, usize)>, String> {
    let characters: Vec<char> = formula.chars().collect();
    let mut tokens = Vec::new();
    let mut index = 0;
    while let Some(&character) = characters.get(index) {
        let start = index + 1;
        let token = match character {
            _ if character.is_whitespace() => {
                index += 1;
                continue;
            }
            '\'' => Token::Text(quoted(&characters, &mut index, '\'')?),
            '`' => Token::Name(quoted(&characters, &mut index, '`')?),
            '!' if characters.get(index + 1) == Some(&'=') => {
                index += 2;
                Token::Sign("!=")
            }
            _ if character.is_ascii_digit() => {
                Token::Number(run(&characters, &mut index, |c| c.is_ascii_digit() || c == '.'))
            }
            _ if is_name(character) && character != ':' => Token::Word(run(&characters, &mut index, is_name)),
            _ => {
                let sign = ["(", ")", ",", "=", "+", "-", ":"].into_iter().find(|sign| sign.starts_with(character));
                index += 1;
                Token::Sign(
                    sign.ok_or_else(|| format!("\"{character}\" at character {start} is no part of a formula"))?,
                )
            }
        };
        tokens.push((token, start));
    }
    Ok(tokens)
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '/' | ':' | '.')
}

fn run(characters: &[char], index: &mut usize, belongs: impl Fn(char) -> bool) -> String {
    let text: String = characters[*index..].iter().take_while(|character| belongs(**character)).collect();
    *index += text.chars().count();
    text
}

fn quoted(characters: &[char], index: &mut usize, quote: char) -> Result<String, String> {
    let start = *index + 1;
    let mut text = String::new();
    *index += 1;
    while let Some(&character) = characters.get(*index) {
        *index += 1;
        if character != quote {
            text.push(character);
        } else if characters.get(*index) == Some(&quote) {
            *index += 1;
            text.push(quote);
        } else {
            return Ok(text);
        }
    }
    Err(format!("the quote that opens at character {start} is never closed"))
}

struct Parser<'a> {
    tokens: &'a [(Token, usize)],
    position: usize,
    depth: usize,
    end: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.position).map(|(token, _)| token)
    }

    fn character(&self) -> usize {
        self.tokens.get(self.position).map_or(self.end + 1, |(_, character)| *character)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.position += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(name)) if name == word);
        self.position += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("\"{sign}\""))) }
    }

    fn unexpected(&self, wanted: &str) -> String {
        let found = self.peek().map_or_else(|| "the formula ends".to_owned(), |token| format!("{token} stands"));
        format!("{found} at character {} where {wanted} is expected", self.character())
    }

    fn any(&mut self) -> Result<Formula, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} formulas are nested"));
        }
        let formula = self.chain("or", Self::all, Formula::Any)?;
        self.depth -= 1;
        Ok(formula)
    }

    fn all(&mut self) -> Result<Formula, String> {
        self.chain("and", Self::single, Formula::All)
    }

    fn chain(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Result<Formula, String>,
        join: fn(Vec<Formula>) -> Formula,
    ) -> Result<Formula, String> {
        let first = operand(self)?;
        if !matches!(self.peek(), Some(Token::Word(name)) if name == word) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.take_word(word) {
            operands.push(operand(self)?);
        }
        Ok(join(operands))
    }

    fn single(&mut self) -> Result<Formula, String> {
        let mut negations = 0_usize;
        while self.take_word("not") {
            negations += 1;
            if negations > MAX_DEPTH {
                return Err(format!("more than {MAX_DEPTH} formulas are nested"));
            }
        }
        let comparison = self.comparison()?;
        Ok((0..negations).fold(comparison, |formula, _| Formula::Not(Box::new(formula))))
    }

    fn comparison(&mut self) -> Result<Formula, String> {
        let value = self.sum()?;
        if self.take_sign("=") {
            return Ok(Formula::In(Box::new(value), vec![self.text()?]));
        }
        if self.take_sign("!=") {
            return Ok(Formula::Not(Box::new(Formula::In(Box::new(value), vec![self.text()?]))));
        }
        let negated = self.take_word("not");
        if !self.take_word("in") {
            return if negated { Err(self.unexpected("\"in\"")) } else { Ok(value) };
        }
        self.expect("(")?;
        let mut texts = vec![self.text()?];
        while self.take_sign(",") {
            texts.push(self.text()?);
        }
        self.expect(")")?;
        let found = Formula::In(Box::new(value), texts);
        Ok(if negated { Formula::Not(Box::new(found)) } else { found })
    }

    fn text(&mut self) -> Result<String, String> {
        match self.peek() {
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.position += 1;
                Ok(text)
            }
            _ => Err(self.unexpected("a text in single quotes")),
        }
    }

    fn sum(&mut self) -> Result<Formula, String> {
        let mut terms = vec![if self.take_sign("-") { Formula::Negate(Box::new(self.term()?)) } else { self.term()? }];
        loop {
            if self.take_sign("+") {
                terms.push(self.term()?);
            } else if self.take_sign("-") {
                terms.push(Formula::Negate(Box::new(self.term()?)));
            } else {
                break;
            }
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Formula::Sum(terms) })
    }

    fn term(&mut self) -> Result<Formula, String> {
        if self.take_sign("(") {
            let inner = self.any()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let Some(token) = self.peek().cloned() else { return Err(self.unexpected("a value")) };
        let formula = match token {
            Token::Text(text) => Formula::Text(text),
            Token::Number(number) => Formula::Number(number),
            Token::Word(name) | Token::Name(name) => Formula::Name(name),
            Token::Sign(_) => return Err(self.unexpected("a value")),
        };
        self.position += 1;
        match formula {
            Formula::Name(name) if self.take_sign("(") => Ok(Formula::Call(name, self.arguments()?)),
            formula => Ok(formula),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Formula>, String> {
        let mut arguments = Vec::new();
        if self.take_sign(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.argument()?);
            if self.take_sign(")") {
                return Ok(arguments);
            }
            if !self.take_sign(",") {
                return Err(self.unexpected("\",\" or \")\""));
            }
        }
    }

    fn argument(&mut self) -> Result<Formula, String> {
        let key = match (self.peek(), self.tokens.get(self.position + 1)) {
            (Some(Token::Text(key)), Some((Token::Sign(":"), _))) => Some(key.clone()),
            _ => None,
        };
        match key {
            Some(key) => {
                self.position += 2;
                Ok(Formula::Keyed(key, Box::new(self.any()?)))
            }
            None => self.any(),
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write_name(formatter, name),
            Self::Text(text) => write_text(formatter, text),
            Self::Number(number) => formatter.write_str(number),
            Self::Call(name, arguments) => {
                write_name(formatter, name)?;
                formatter.write_str("(")?;
                write_joined(formatter, arguments.iter(), ", ")?;
                formatter.write_str(")")
            }
            Self::Keyed(key, value) => {
                write_text(formatter, key)?;
                write!(formatter, ": {value}")
            }
            Self::Sum(terms) => {
                formatter.write_str("(")?;
                write_joined(formatter, terms.iter(), " + ")?;
                formatter.write_str(")")
            }
            Self::Negate(term) => write!(formatter, "(-{term})"),
            Self::In(value, texts) => {
                write!(formatter, "({value} in (")?;
                for (index, text) in texts.iter().enumerate() {
                    formatter.write_str(if index == 0 { "" } else { ", " })?;
                    write_text(formatter, text)?;
                }
                formatter.write_str("))")
            }
            Self::Not(condition) => write!(formatter, "(not {condition})"),
            Self::All(conditions) => {
                formatter.write_str("(")?;
                write_joined(formatter, conditions.iter(), " and ")?;
                formatter.write_str(")")
            }
            Self::Any(conditions) => {
                formatter.write_str("(")?;
                write_joined(formatter, conditions.iter(), " or ")?;
                formatter.write_str(")")
            }
        }
    }
}

fn write_joined<'a>(
    formatter: &mut fmt::Formatter<'_>,
    parts: impl Iterator<Item = &'a Formula>,
    between: &str,
) -> fmt::Result {
    for (index, part) in parts.enumerate() {
        formatter.write_str(if index == 0 { "" } else { between })?;
        write!(formatter, "{part}")?;
    }
    Ok(())
}

fn write_text(formatter: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(formatter, "'{}'", text.replace('\'', "''"))
}

fn write_name(formatter: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.chars().all(is_name)
        && name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && !matches!(name, "and" | "or" | "not" | "in");
    if plain { formatter.write_str(name) } else { write!(formatter, "`{}`", name.replace('`', "``")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(name: &str) -> Formula {
        Formula::Name(name.to_owned())
    }

    #[test]
    fn a_formula_reads_as_it_is_meant() {
        let formula = parse("if(lineItem/LineItemType in ('Fee', 'RIFee') and not fee, 0, first(a, b) - c)");
        let expected = Formula::Call(
            "if".to_owned(),
            vec![
                Formula::All(vec![
                    Formula::In(Box::new(name("lineItem/LineItemType")), vec!["Fee".to_owned(), "RIFee".to_owned()]),
                    Formula::Not(Box::new(name("fee"))),
                ]),
                Formula::Number("0".to_owned()),
                Formula::Sum(vec![
                    Formula::Call("first".to_owned(), vec![name("a"), name("b")]),
                    Formula::Negate(Box::new(name("c"))),
                ]),
            ],
        );
        assert_eq!(formula, Ok(expected), "conditions bind as in speech, sums before them");
    }

    #[test]
    fn odd_column_names_and_keys_are_quoted() {
        let formula = parse("object('Cost ''Center''': `costCategory/Cost Center`)");
        let value = Box::new(name("costCategory/Cost Center"));
        let expected = Formula::Call("object".to_owned(), vec![Formula::Keyed("Cost 'Center'".to_owned(), value)]);
        assert_eq!(formula, Ok(expected));
    }

    #[test]
    fn a_misspelling_is_told_with_its_place() {
        for (formula, message) in [
            ("first(a, ", "the formula ends at character 10 where a value is expected"),
            ("first(a b)", "the name b stands at character 9 where \",\" or \")\" is expected"),
            ("a = b", "the name b stands at character 5 where a text in single quotes is expected"),
            ("'open", "the quote that opens at character 1 is never closed"),
            ("a ; b", "\";\" at character 3 is no part of a formula"),
            ("a b", "the name b is left over at character 3"),
            ("a not 'x'", "the text 'x' stands at character 7 where \"in\" is expected"),
        ] {
            let problem = parse(formula).map_err(|error| error.problem);
            assert_eq!(problem, Err(message.to_owned()), "the message for {formula}");
        }
    }

    #[test]
    fn endless_nesting_is_refused() {
        assert!(parse(&"(".repeat(10_000)).is_err(), "brackets do not exhaust the stack");
        assert!(parse(&format!("{}a", "not ".repeat(10_000))).is_err(), "negations do not exhaust the stack");
    }

    fn formula() -> impl Strategy<Value = Formula> {
        let text = "[ -~é]{0,8}";
        let leaf = prop_oneof![
            "[a-zA-Z][a-zA-Z0-9_/:]{0,10}".prop_map(Formula::Name),
            text.prop_map(|text| Formula::Name(format!("a {text}"))),
            text.prop_map(Formula::Text),
            "[0-9]{1,6}(\\.[0-9]{1,6})?".prop_map(Formula::Number),
        ];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            let several = prop::collection::vec(inner.clone(), 2..4);
            let some = prop::collection::vec(inner.clone(), 0..4);
            let texts = prop::collection::vec(text, 1..4);
            prop_oneof![
                ("[a-z_]{1,8}", some).prop_map(|(name, arguments)| Formula::Call(name, arguments)),
                (text, inner.clone())
                    .prop_map(|(key, value)| Formula::Call("object".into(), vec![Formula::Keyed(key, value.into())])),
                several.clone().prop_map(Formula::Sum),
                several.clone().prop_map(Formula::All),
                several.prop_map(Formula::Any),
                inner.clone().prop_map(|term| Formula::Negate(Box::new(term))),
                inner.clone().prop_map(|condition| Formula::Not(Box::new(condition))),
                (inner, texts).prop_map(|(value, texts)| Formula::In(Box::new(value), texts)),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(formula in formula()) {
            prop_assert_eq!(parse(&formula.to_string()), Ok(formula));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Err(error) = parse(&text) {
                prop_assert!(!error.problem.is_empty(), "a refusal says what is wrong");
            }
        }
    }
}
