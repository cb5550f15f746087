//! A portfolio under risk: which instruments to buy, how much of each, when.
//!
//! Chosen is what makes expected cost + weight x CVaR least, over demand paths, within limits on cash, terms, coverage and purchase dates. CVaR is the mean of
//! the dearest paths, in the linear form of Rockafellar and Uryasev (2000): `min over h of h + sum p_s max(0, Z_s - h) / (1 - a)`; the search uses its dual,
//! the dearest reweighting of paths. `Z_s` is what is paid for commitments along path `s` and what stays on demand, each discounted from when it is paid.
//!
//! The uncovered cost of an hour, with usage assigned as well as can be, is convex and piecewise linear in what is bought. The search cuts with planes below it
//! (Kelley 1960, with levels), over steps drawn together first: by Jensen's inequality they cost no more than the steps they stand for, so every plane bounds
//! the whole. What it finds is rounded to what is sold, priced by the replay in the provider's order, and improved among its neighbours. The bound holds for
//! any order of application; the gap to it is told.
//!
//! Same problem, same answer: no clock, no randomness, one thread.

mod covering;
mod from_usage;
mod master;
mod outcome;
mod prepared;
mod pricing;
mod problem;
mod replayed;
mod search;
mod settling;
#[cfg(test)]
mod tests;

pub use from_usage::{Aims, Offered, problem_of, purchases_of};
pub use outcome::{Finding, Portfolio, Purchase, Searched, Standalone};
pub use pricing::{Exact, Pricing};
pub use problem::{
    Candidate, Constraints, DemandPath, FACTOR_OF_ONE, Held, Instrument, Line, Period, PortfolioError, Problem, Rate,
    Risk,
};
pub use replayed::{InSize, Replayed};
pub use search::{Options, Phase, Progress, Watch, frontier, optimise};
