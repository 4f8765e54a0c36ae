//! The binary `rtm`: simulate, check and list scenarios, and apply them to a library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    // A worker must not do anything else first: with a second thread it could not fork.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "worker") {
        rtm_conformance::worker::worker_main(arguments);
    }
    cli::main()
}
