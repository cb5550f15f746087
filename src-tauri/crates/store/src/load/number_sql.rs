//! The decimals of a mapping in DuckDB's SQL: exact, and with a flag that says whether they are.
//!
//! A number is made of atoms: columns, values inside columns, texts that a function makes, sums over arrays. The atoms of computed
//! decimals are layers under the SELECT list, each with its text, its number and its flag; all numbers of a file have one type.

use std::collections::HashMap;

use intake::{Expression, Mapping, SourceKind};

use super::layers::{field_name, flag_name, layered, number_name, text_name};
use super::mapping_sql::{Flag, Source};
use crate::DecimalType;
use crate::sql::{identifier, literal};

impl<'a> Source<'a> {
    /// The layers of the atoms over `from`. `with_items`: whether `from` has the object of a further charge.
    pub(super) fn atom_layers(&self, from: &str, decimals: &HashMap<String, DecimalType>, with_items: bool) -> String {
        let rung = self.shared_rung(decimals);
        let atoms: Vec<(usize, &Expression)> = self
            .atoms()
            .iter()
            .enumerate()
            .filter(|(_, atom)| with_items || !has_item(atom))
            .map(|(at, atom)| (at, *atom))
            .collect();
        let sums: Vec<(usize, String)> =
            atoms.iter().filter_map(|(at, atom)| Some((*at, self.plain_sum(atom, rung)?))).collect();
        let plain_sums: Vec<String> =
            sums.iter().map(|(at, sum)| format!("{sum} AS {}", identifier(&sum_name(*at)))).collect();
        let has_sum = |at: usize| sums.iter().any(|(place, _)| *place == at);
        // What was added up already is not looked at again.
        let unless_summed = |at: usize, summed: &str, otherwise: String| {
            if has_sum(at) {
                format!("CASE WHEN {} IS NOT NULL THEN {summed} ELSE {otherwise} END", identifier(&sum_name(at)))
            } else {
                otherwise
            }
        };
        let texts: Vec<String> = atoms
            .iter()
            .filter(|(_, atom)| !is_column_or_field(atom))
            .map(|(at, atom)| {
                let text = unless_summed(*at, "NULL", self.atom_source(atom));
                format!("{text} AS {}", identifier(&text_name(&place_key(*at))))
            })
            .collect();
        let numbers: Vec<String> = atoms
            .iter()
            .map(|(at, atom)| {
                let (key, text) = (self.atom_key(*at, atom), self.atom_text(*at, atom));
                let sum = from_text(&format!("nullif({}, '')", identifier(&sum_name(*at))), rung);
                let number = unless_summed(*at, &sum, number(atom, &text, rung));
                format!("{number} AS {}", identifier(&number_name(&key)))
            })
            .collect();
        let flags: Vec<String> = atoms
            .iter()
            .map(|(at, atom)| {
                let (key, text) = (self.atom_key(*at, atom), self.atom_text(*at, atom));
                let number = identifier(&number_name(&key));
                let flag = match atom {
                    Expression::SumOf { of, .. } => self.sum_flag(of, &text, &number, rung),
                    Expression::Column(name) if self.kind(name) == Some(SourceKind::Float) => {
                        float_flag(&identifier(name), &text, &number, rung)
                    }
                    _ => text_flag(&text, &number, rung),
                };
                format!("{} AS {}", unless_summed(*at, "0", flag), identifier(&flag_name(&key)))
            })
            .collect();
        let atoms =
            [plain_sums, texts, numbers, flags].iter().fold(from.to_owned(), |from, layer| layered(&from, layer));
        let products = self.products().iter().enumerate().filter(|(_, product)| with_items || !has_item(product));
        products.fold(atoms, |from, (at, product)| self.product_layers(&from, at, product, rung))
    }

    /// The layers of a product over `from`, which has those of the products in it: its factors, the product so far after each
    /// of them, and how good it is.
    fn product_layers(&self, from: &str, place: usize, product: &Expression, rung: DecimalType) -> String {
        let Expression::Product(factors) = product else { return from.to_owned() };
        let part = |what: &str, number: usize| identifier(&format!("#{what} *{place}.{number}"));
        let layer = |from: &str, value: String, name: &str| layered(from, &[format!("{value} AS {name}")]);
        let wide = |value: String| match rung {
            DecimalType::WIDEST => format!("TRY_CAST({value} AS {})", rung.sql()),
            _ => value,
        };
        let named = factors.iter().enumerate();
        let of_factors: Vec<String> = named
            .map(|(at, factor)| format!("{} AS {}", wide(self.decimal(factor, rung)), part("factor", at)))
            .collect();
        let mut relation = layered(from, &of_factors);
        let values: Vec<String> = (0..factors.len()).map(|at| part("factor", at)).collect();
        let whole = identifier(&number_name(&product_key(place)));
        let exact = if rung == DecimalType::WIDEST {
            let mut so_far = values[0].clone();
            let mut exact = Vec::new();
            for (at, value) in values.iter().enumerate().skip(1) {
                let name = if at + 1 == values.len() { whole.clone() } else { part("product", at) };
                relation = layer(&relation, format!("exact_product({so_far}, {value})"), &name);
                exact.push(format!("is_exact_product({so_far}, {value})"));
                so_far = name;
            }
            exact.join(" AND ")
        } else {
            let exact = part("product", 0);
            relation = layer(&relation, exact_product(&values, rung), &exact);
            relation = layer(&relation, format!("TRY_CAST({exact} AS {})", rung.sql()), &whole);
            format!("{exact} = {whole}")
        };
        let missing = values.iter().map(|value| format!("{value} IS NULL")).collect::<Vec<_>>().join(" OR ");
        let inexact = if rung == DecimalType::WIDEST { Flag::Rounded as u8 } else { Flag::TooNarrow as u8 };
        let own = format!(
            "CASE WHEN {missing} THEN 0 WHEN {whole} IS NULL THEN {} WHEN {exact} THEN 0 ELSE {inexact} END",
            too_large(rung)
        );
        let flags = factors.iter().map(|factor| self.flag_of(factor, rung)).chain([own]);
        layer(&relation, worst(flags.collect()), &identifier(&flag_name(&product_key(place))))
    }

    /// What the text of an atom is computed from; for a sum over an array the texts of its terms.
    pub(super) fn atom_source(&self, atom: &Expression) -> String {
        match atom {
            Expression::SumOf { of, field, among } => self.of_objects(of, field, among.as_ref()),
            other => self.text(other),
        }
    }

    /// A sum is as good as the worst of its terms; a text that is no array cannot be added up at all.
    pub(super) fn sum_flag(&self, of: &Expression, terms: &str, number: &str, rung: DecimalType) -> String {
        let one = text_flag("one", &from_text("one", rung), rung);
        format!(
            "CASE WHEN {terms} IS NULL THEN CASE WHEN {} IS NULL THEN 0 ELSE 1 END \
             WHEN {number} IS NULL AND len({terms}) > 0 THEN greatest(worst_flag(list_transform({terms}, lambda one: {one})), {}) \
             ELSE coalesce(worst_flag(list_transform({terms}, lambda one: {one})), 0) END",
            self.text(of),
            too_large(rung)
        )
    }

    /// The layer name of an atom.
    fn atom_key(&self, place: usize, atom: &Expression) -> String {
        match atom {
            Expression::Column(name) => name.clone(),
            Expression::Field { column, path } => field_name(column, path),
            _ => place_key(place),
        }
    }

    fn atom_text(&self, place: usize, atom: &Expression) -> String {
        if is_column_or_field(atom) { self.text(atom) } else { identifier(&text_name(&place_key(place))) }
    }

    pub(super) fn place_of(&self, expression: &Expression) -> Option<String> {
        if let Some(place) = self.products().iter().position(|product| *product == expression) {
            return Some(product_key(place));
        }
        let place = self.atoms().iter().position(|atom| *atom == expression)?;
        Some(self.atom_key(place, expression))
    }

    /// An expression as a decimal; constants have the type `rung`, atoms that of their layer.
    pub(super) fn decimal(&self, expression: &Expression, rung: DecimalType) -> String {
        self.decimal_from(expression, rung, true)
    }

    /// As [`Source::decimal`], with atoms of the type `rung`, read from their texts again.
    pub(super) fn decimal_of_text(&self, expression: &Expression, rung: DecimalType) -> String {
        self.decimal_from(expression, rung, false)
    }

    fn decimal_from(&self, expression: &Expression, rung: DecimalType, layers: bool) -> String {
        let inner = |one: &Expression| self.decimal_from(one, rung, layers);
        match expression {
            Expression::Number(number) => format!("CAST({} AS {})", literal(number), rung.sql()),
            Expression::Null => format!("NULL::{}", rung.sql()),
            Expression::First(choices) if !is_textual(expression) => {
                format!("coalesce({})", choices.iter().map(inner).collect::<Vec<_>>().join(", "))
            }
            Expression::If { when, then, otherwise } => {
                format!("CASE WHEN {} THEN {} ELSE {} END", self.condition(when), inner(then), inner(otherwise))
            }
            Expression::Sum(terms) => {
                let values: Vec<String> = terms.iter().map(inner).collect();
                let sum = exact_sum(&values, rung);
                format!("CASE WHEN coalesce({}) IS NOT NULL THEN {sum} END", values.join(", "))
            }
            Expression::Negate(of) => format!("(-{})", inner(of)),
            other => match self.place_of(other).filter(|_| layers || matches!(other, Expression::Product(_))) {
                Some(key) => identifier(&number_name(&key)),
                // In a condition, or where a text is asked for.
                None => number(other, &self.atom_source(other), rung),
            },
        }
    }

    /// How good a computed decimal is.
    pub(super) fn computed_flag(&self, expression: &Expression, value: &str, rung: DecimalType) -> String {
        let mut inner = Vec::new();
        expression.walk(&mut inner);
        let multiplied = inner.iter().any(|one| {
            matches!(one, Expression::Product(_) | Expression::SumOf { .. } | Expression::Sum(_) | Expression::Item(_))
        });
        if multiplied {
            let flag = self.flag_of(expression, rung);
            let whole = self.decimal(expression, rung);
            return format!(
                "CASE WHEN {value} IS NULL AND {whole} IS NOT NULL THEN {} ELSE {flag} END",
                too_large(rung)
            );
        }
        // No arithmetic: as good as the worst of what it may be made from. Where that is not sound, only what it is made from in
        // this row counts; almost no row pays for that look.
        let mut found = Vec::new();
        collect_atoms(expression, &mut found);
        let flags = found.iter().filter_map(|atom| self.place_of(atom)).map(|key| identifier(&flag_name(&key)));
        let flags: Vec<String> = flags.collect();
        if flags.len() < 2 || !inner.iter().any(|one| matches!(one, Expression::If { .. })) {
            return worst(flags);
        }
        format!("CASE WHEN {} = 0 THEN 0 ELSE {} END", worst(flags), self.flag_of(expression, rung))
    }

    /// The flag of the branches that are taken and of the arithmetic in them.
    fn flag_of(&self, expression: &Expression, rung: DecimalType) -> String {
        let all = |inner: &[Expression]| inner.iter().map(|one| self.flag_of(one, rung)).collect::<Vec<_>>();
        match expression {
            Expression::Number(_) | Expression::Text(_) | Expression::Null => "0".to_owned(),
            Expression::First(choices) if !is_textual(expression) => worst(all(choices)),
            // The first text counts, sound or not.
            Expression::First(choices) => {
                let cases = choices.iter().filter(|choice| **choice != Expression::Null);
                let cases = cases.map(|choice| {
                    format!("WHEN {} IS NOT NULL THEN {} ", self.text(choice), self.flag_of(choice, rung))
                });
                format!("CASE {}ELSE 0 END", cases.collect::<String>())
            }
            Expression::If { when, then, otherwise } => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.condition(when),
                self.flag_of(then, rung),
                self.flag_of(otherwise, rung)
            ),
            Expression::Sum(terms) => {
                let values: Vec<String> = terms.iter().map(|term| self.decimal(term, rung)).collect();
                let sum = self.decimal(expression, rung);
                let overflow = format!(
                    "CASE WHEN {sum} IS NULL AND coalesce({}) IS NOT NULL THEN {} ELSE 0 END",
                    values.join(", "),
                    too_large(rung)
                );
                worst(all(terms).into_iter().chain([overflow]).collect())
            }
            Expression::Negate(of) => self.flag_of(of, rung),
            other => self.place_of(other).map_or_else(|| "0".to_owned(), |key| identifier(&flag_name(&key))),
        }
    }

    /// The narrowest type that the constants of computed decimals fit.
    pub(super) fn constant_rung(&self, mapping: &Mapping) -> DecimalType {
        let mut rung = DecimalType::LADDER[0];
        for expression in mapping.expressions() {
            let Expression::Number(number) = expression else { continue };
            let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
            let digits = |text: &str| u8::try_from(text.len()).unwrap_or(u8::MAX);
            rung = DecimalType::holding(rung.whole_digits().max(digits(whole)), rung.scale.max(digits(decimals)));
        }
        rung
    }
}

/// The number that an atom's text is, or that the texts of its terms come to.
pub(super) fn number(atom: &Expression, text: &str, rung: DecimalType) -> String {
    match atom {
        Expression::SumOf { .. } => format!(
            "TRY(TRY_CAST(list_sum(list_transform({text}, lambda one: {})) AS {}))",
            from_text("one", rung),
            rung.sql()
        ),
        _ => from_text(text, rung),
    }
}

/// The number that a text is.
pub(super) fn from_text(text: &str, decimal: DecimalType) -> String {
    if decimal == DecimalType::WIDEST {
        return format!("wide_decimal({text})");
    }
    format!("TRY_CAST({text} AS {})", decimal.sql())
}

/// A value that is too large for a narrow type is tried with a wider one; for the widest it is bad.
fn too_large(rung: DecimalType) -> u8 {
    if rung == DecimalType::WIDEST { Flag::Bad as u8 } else { Flag::TooNarrow as u8 }
}

/// The product of narrow decimals: two of 18 digits each fit 36, more may not, and are null then. A float is good enough to tell
/// that, and it is told of a factor: the engine may compute ahead what stands behind a condition, and give up on an overflow.
fn exact_product(factors: &[String], rung: DecimalType) -> String {
    let product = factors.join(" * ");
    let decimals = factors.len() * usize::from(rung.scale);
    if factors.len() <= 2 {
        return format!("({product})");
    }
    let Some(whole_digits) = 37_usize.checked_sub(decimals) else {
        return format!("NULL::{}", DecimalType::WIDEST.sql());
    };
    let floats: Vec<String> = factors.iter().map(|factor| format!("CAST({factor} AS DOUBLE)")).collect();
    let small = format!("abs({}) < 1e{whole_digits}", floats.join(" * "));
    format!("(CASE WHEN {small} THEN {} END * {})", factors[0], factors[1..].join(" * "))
}

/// The sum of decimals, null where it does not fit; the values that are missing count as zero.
fn exact_sum(terms: &[String], rung: DecimalType) -> String {
    let wide = DecimalType { precision: 38, ..rung };
    let mut zeros: Vec<String> = terms.iter().map(|term| format!("coalesce({term}, 0)")).collect();
    if rung == DecimalType::WIDEST {
        let floats: Vec<String> = zeros.iter().map(|term| format!("abs(CAST({term} AS DOUBLE))")).collect();
        zeros[0] = format!("CASE WHEN {} < 1e20 THEN {} END", floats.join(" + "), zeros[0]);
    } else {
        zeros[0] = format!("CAST({} AS {})", zeros[0], wide.sql());
    }
    let sum = zeros.join(" + ");
    // Most rows have no discount to take off.
    let sum = match terms {
        [first, rest @ ..] if !rest.is_empty() && rest.iter().all(|term| is_column(term)) => {
            format!("CASE WHEN coalesce({}) IS NULL THEN coalesce({first}, 0) ELSE {sum} END", rest.join(", "))
        }
        _ => sum,
    };
    format!("TRY_CAST({sum} AS {})", rung.sql())
}

/// Whether SQL is no more than a column.
fn is_column(sql: &str) -> bool {
    sql.strip_prefix('"').and_then(|name| name.find('"')).is_some_and(|end| end + 2 == sql.len())
}

/// Of several flags a bad value outweighs one that is too wide or rounded.
fn worst(flags: Vec<String>) -> String {
    let mut flags: Vec<String> = flags.into_iter().filter(|flag| flag != "0").collect();
    flags.dedup();
    match flags.as_slice() {
        [] => "0".to_owned(),
        [one] => one.clone(),
        several => {
            // Almost every row is done with the first look.
            format!(
                "CASE WHEN greatest({0}) = 0 THEN 0 WHEN 1 IN ({0}) THEN 1 WHEN 2 IN ({0}) THEN 2 ELSE greatest({0}) END",
                several.join(", ")
            )
        }
    }
}

fn place_key(place: usize) -> String {
    format!("@{place}")
}

/// The layer name of a sum over a plain array.
fn sum_name(place: usize) -> String {
    format!("#sum @{place}")
}

/// The layer name of a product.
fn product_key(place: usize) -> String {
    format!("*{place}")
}

fn is_column_or_field(atom: &Expression) -> bool {
    matches!(atom, Expression::Column(_) | Expression::Field { .. })
}

pub(super) fn has_item(expression: &Expression) -> bool {
    let mut inner = Vec::new();
    expression.walk(&mut inner);
    inner.iter().any(|one| matches!(one, Expression::Item(_)))
}

/// Whether an expression is a text as it stands, or the first of several, without arithmetic and without a choice.
pub(super) fn is_textual(expression: &Expression) -> bool {
    match expression {
        Expression::Column(_)
        | Expression::Null
        | Expression::Field { .. }
        | Expression::Item(_)
        | Expression::FirstOf { .. }
        | Expression::Trim(_)
        | Expression::Lower(_)
        | Expression::Upper(_)
        | Expression::Replace { .. }
        | Expression::Piece { .. } => true,
        Expression::First(choices) => choices.iter().all(is_textual),
        _ => false,
    }
}

/// The atoms that an expression's value is made from; conditions are not part of the value.
pub(super) fn collect_atoms<'e>(expression: &'e Expression, atoms: &mut Vec<&'e Expression>) {
    match expression {
        Expression::Text(_) | Expression::Number(_) | Expression::Null => {}
        Expression::First(inner) | Expression::Sum(inner) | Expression::Product(inner) => {
            inner.iter().for_each(|one| collect_atoms(one, atoms));
        }
        Expression::If { then, otherwise, .. } => {
            collect_atoms(then, atoms);
            collect_atoms(otherwise, atoms);
        }
        Expression::Negate(of) => collect_atoms(of, atoms),
        atom => {
            if !atoms.contains(&atom) {
                atoms.push(atom);
            }
        }
    }
}

/// The products in an expression, those inside others first.
pub(super) fn collect_products<'e>(expression: &'e Expression, products: &mut Vec<&'e Expression>) {
    match expression {
        Expression::First(inner) | Expression::Sum(inner) | Expression::Product(inner) => {
            inner.iter().for_each(|one| collect_products(one, products));
        }
        Expression::If { then, otherwise, .. } => {
            collect_products(then, products);
            collect_products(otherwise, products);
        }
        Expression::Negate(of) => collect_products(of, products),
        _ => {}
    }
    if matches!(expression, Expression::Product(_)) && !products.contains(&expression) {
        products.push(expression);
    }
}

/// The flag of a decimal that is cast straight from text. Almost every text is a plain number that fits; only the rest pays for an
/// exact comparison.
pub(super) fn text_flag(text: &str, value: &str, decimal: DecimalType) -> String {
    let wide = from_text(text, DecimalType::WIDEST);
    // Short texts cannot have more than 18 decimals: the digits are what is long, or the exponent has two digits.
    let beyond = format!(
        "CASE WHEN length({text}) <= 15 AND (contains({text}, 'e-0') OR contains({text}, 'E-0') OR NOT contains(lower({text}), 'e')) \
         THEN false ELSE decimals_of({text}) > 18 END"
    );
    let slow = if decimal == DecimalType::WIDEST {
        format!("CASE WHEN {wide} IS NULL THEN 1 WHEN {beyond} THEN 3 ELSE 0 END")
    } else {
        format!(
            "CASE WHEN {wide} IS NULL THEN 1 WHEN {value} IS NULL OR {value}::DECIMAL(38,18) <> {wide} OR {beyond} THEN 2 ELSE 0 END"
        )
    };
    format!(
        "CASE WHEN {text} IS NULL THEN 0 \
         WHEN {value} IS NOT NULL AND fits_decimal({text}, {}::UTINYINT, {}::UTINYINT) THEN 0 \
         WHEN {value} IS NOT NULL AND is_beyond_decimal({text}) THEN {} ELSE {slow} END",
        decimal.precision,
        decimal.scale,
        if decimal == DecimalType::WIDEST { Flag::Rounded as u8 } else { Flag::TooNarrow as u8 }
    )
}

/// The flag of a decimal that comes from an exact number of another type: it is too large, or digits are lost.
pub(super) fn decimal_flag(source: &str, scale: u8, value: &str, decimal: DecimalType) -> String {
    let (too_large, lost) = if decimal == DecimalType::WIDEST { (1, 3) } else { (2, 2) };
    if scale <= decimal.scale {
        return format!("CASE WHEN {source} IS NULL OR {value} IS NOT NULL THEN 0 ELSE {too_large} END");
    }
    format!(
        "CASE WHEN {source} IS NULL THEN 0 WHEN {value} IS NULL THEN {too_large} WHEN {value} = {source} THEN 0 ELSE {lost} END"
    )
}

/// The flag of a decimal that comes from a float. The decimal is exact when it is the float again: its shortest text then has no
/// digit that the decimal lacks. Only the others pay for a look at the text.
pub(super) fn float_flag(float: &str, text: &str, value: &str, decimal: DecimalType) -> String {
    format!(
        "CASE WHEN {float} IS NULL OR CAST({value} AS DOUBLE) = {float} THEN 0 ELSE {} END",
        text_flag(text, value, decimal)
    )
}
