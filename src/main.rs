//! The program. Everything is in the library; see [`penstock::cli`].

use std::process::ExitCode;

/// A request makes about a hundred small allocations, some of which another thread frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    penstock::cli::main()
}
