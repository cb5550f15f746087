//! [`ReportError`].

use money::{Amount, AmountError};

/// Why a pack could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The definition's text is not what a pack definition looks like.
    #[error("the pack definition cannot be read: {0}")]
    Definition(#[from] toml::de::Error),
    /// The definition reads well but asks for something that cannot be.
    #[error("the pack definition's section {section} ({heading}) {problem}")]
    Section {
        /// The section's place in the file, from 1.
        section: usize,
        /// Its heading.
        heading: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A pack is about money.
    #[error(
        "the pack definition's `{measure}` is not money; use billed_cost, effective_cost, contracted_cost or list_cost"
    )]
    NotMoney {
        /// The measure that it names.
        measure: query::Measure,
    },
    /// The definition has no sections, or none that asks anything.
    #[error("the pack definition has no headline section; add `[[section]]` with `kind = \"headline\"` at the top")]
    NoHeadline,
    /// The explicit period ends before it begins.
    #[error("the pack's period from {from} to {to} is empty; `to` is the day after the last one")]
    EmptyPeriod {
        /// The first day.
        from: chrono::NaiveDate,
        /// The day after the last.
        to: chrono::NaiveDate,
    },
    /// Nothing is loaded, so there is no quarter to report on.
    #[error("nothing is loaded yet, so there is no last full quarter; load a bill or give the pack a period")]
    NothingLoaded,
    /// There is not one answer for each planned question.
    #[error("the pack planned {planned} questions and got {answered} answers")]
    Answers {
        /// How many questions were planned.
        planned: usize,
        /// How many answers came.
        answered: usize,
    },
    /// An answer does not belong to the question at its place.
    #[error("the answer at place {place} does not answer the question planned for `{heading}`")]
    WrongAnswer {
        /// The place, from 1.
        place: usize,
        /// The heading of the section that planned it.
        heading: String,
    },
    /// Parts do not equal the whole.
    #[error("`{place}` does not add up: the parts make {parts}, the whole is {whole}; the pack was not written")]
    DoesNotAddUp {
        /// What was added.
        place: String,
        /// The sum of the parts.
        parts: Amount,
        /// The whole as it was answered.
        whole: Amount,
    },
    /// Two amounts that should be in one currency are not.
    #[error("`{place}` is in {found}, the pack is in {expected}; currencies are never added together")]
    Currency {
        /// What was looked at.
        place: String,
        /// The currency found.
        found: money::Currency,
        /// The pack's currency.
        expected: money::Currency,
    },
    /// A chart's data do not fit its form.
    #[error("the chart `{chart}` cannot be drawn: {problem}")]
    Chart {
        /// The chart's id.
        chart: String,
        /// What is wrong.
        problem: String,
    },
    /// A sum left the range of exact amounts.
    #[error("a sum in the pack is too large: {0}")]
    Amount(#[from] AmountError),
    /// The workbook could not be written.
    #[error("the workbook cannot be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}
