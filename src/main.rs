//! The program. Everything is in the library; see [`penstock::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    penstock::cli::main()
}
