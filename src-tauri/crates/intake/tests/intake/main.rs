//! Recognition and mappings, on real files and on headers and rows of our own making.

mod aws_cur;
mod common;
mod gcp;
mod real_files;
mod recognition;
