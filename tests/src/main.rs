//! The command line under the name that the tests start, so that cargo builds it with them.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
