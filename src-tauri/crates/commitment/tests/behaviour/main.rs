//! Replays and what-ifs: by hand, by the providers' documents, against a second application, and beside a bill.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod bill;
mod documented_examples;
mod oracle;
mod portfolio;
mod portfolio_oracle;
mod real_bills;
mod replay_properties;
mod shared;
mod whatif;
