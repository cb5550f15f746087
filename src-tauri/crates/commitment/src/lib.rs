//! Commitments: reservations, savings plans and committed-use discounts, replayed on the hours of a bill, sized exactly, and planned under
//! risk. Nothing here reads a file or a clock.

pub mod eligibility;
pub mod inventory;
pub mod model;
pub mod money_time;
pub mod offer;
pub mod optimum;
pub mod portfolio;
pub mod replay;
pub mod whatif;
