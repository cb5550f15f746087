//! Money over time: what a purchase pays when, when it has paid for itself, what paying early earns.
//!
//! With `U` paid upfront, `R` a month after it, `S` the on-demand cost that a month of full use displaces and utilisation `u`, the purchase has paid for itself in
//! month `U / (S u - R)`; for all upfront at discount `d` over `T` months that is `T (1 - d) / u`. Its present value at a yearly rate `r` is the sum over
//! months `t` of `(S_t - R_t) / (1 + r)^(t/12)` less `U`. Prepaying instead of paying by the month earns the rate `i` with
//! `U = sum over m of (N_m - P_m) / (1 + i)^m`, `N` and `P` what the two options pay in month `m`; it is to be held against the cost of capital.
//!
//! Money that is paid is exact; present values and yields are roots and powers, worked as statistics and rounded once.

mod compare;
mod schedule;
mod value;

pub use compare::{Comparison, compare};
pub use schedule::{Terms, TermsError, amortised};
pub use value::{BreakEven, Yield, break_even, net_present_value, prepayment_yield, return_on_investment};
