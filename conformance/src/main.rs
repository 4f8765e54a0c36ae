//! The binary `rtm`: simulate, check and list scenarios, and apply them to a library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
