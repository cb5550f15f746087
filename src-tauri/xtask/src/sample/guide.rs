//! The sample's own page for a reader: `README.md`.

use super::{invoices::EXCEPTIONS, truth::Truth};

const HEAD: &str = "# Sample data: Brightwater Logistics

Fifteen months of cloud bills (July 2025 to September 2026) of a parcel carrier that does not exist. Company, accounts, resources,
prices and events are made up; the providers' column names and service names are real, so that the files look like what they stand for.
`cargo xtask sample-data` writes this folder, the same bytes every time. Do not edit it by hand.

| path | what it is |
|---|---|
| `bills/aws/` | AWS, FOCUS 1.2, `csv.gz`, one file a billing period |
| `bills/azure/` | Microsoft Azure, FOCUS 1.0, with a byte order mark and CRLF; `csv.zip` in 2025, `csv.gz` in 2026 |
| `bills/azure-eu/` | a small European billing account of the same provider, in EUR; the last month is a plain `csv` |
| `bills/google-cloud/` | Google Cloud, FOCUS 1.3, from July 2026 FOCUS 1.4, `csv.gz` |
| `redelivered/aws/` | the AWS bill of April 2026 once more, corrected: load it after the others, it replaces the first |
| `invoices.csv` | one invoice for each billing account and period |
| `metrics.csv` | orders a day and cloud region; parcels delivered and active customers a day and market |
| `budgets.csv` | budgets by month: in total, by provider, by cost centre; effective cost |
| `owners.csv` | cost centres, teams and applications |
| `truth.json` | what must come out, as exact decimals |

Usage is by the day; from July 2026 the instances and commitments of AWS and Google Cloud are by the hour. Four tags are the company's rule:
`application`, `cost-center`, `environment`, `team`. Some resources write them in another case (`Team`, `Prod`), some carry two of the four,
some none.

## What happened

Amounts are in USD, rounded to cents; `truth.json` has them exact, and by month.
";

/// The page, with the figures of the truth.
pub(crate) fn readme(truth: &Truth, rows: usize) -> String {
    let mut text = String::from(HEAD);
    for event in &truth.events {
        text.push_str(&format!("\n**{}.** {}\n", event.title, event.sentence));
    }
    text.push_str(
        "\n## Invoices that differ from their charges\n\nAll others equal the sum of the billed cost to the cent.\n\n",
    );
    for exception in &EXCEPTIONS {
        let name = exception.id.replace('-', " ");
        text.push_str(&format!("- {}, billing period {}: {}\n", name, exception.month, exception.reason));
    }
    text.push_str(&format!(
        "\n## How the truth is counted\n\n`truth.json` comes from the generator's model, not from the {rows} rows: it sums hours and quantities \
         of a month first and multiplies by the price once, and takes a commitment as its hourly fee times the hours. Tests read the files back \
         and compare every figure. Totals are by billing period with the second delivery of April 2026 in place; `first_delivery` has the \
         first one's.\n"
    ));
    text
}
