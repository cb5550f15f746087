//! The models of a series, each a value that is fitted once and asked for any horizon.

pub mod ces;
pub mod ets;
mod ets_start;
pub mod intermittent;
pub mod naive;
pub mod short;
pub mod stl;
pub mod theta;
