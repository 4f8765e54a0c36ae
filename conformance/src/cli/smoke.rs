//! `rtm smoke`: whether a library can be used at all.

use std::time::Duration;

use rtm_conformance::gate::verdict::Kind;
use rtm_conformance::gate::{Options, Selected, conduct};
use rtm_conformance::pool::{Isolation, Worker};
use rtm_scenarios::corpus;

use super::corpus::Named;
use super::exit::{DIFFERENCES, Failure, OK, Output};
use super::library::{Implementation, program, unusable};

/// The smallest thing that a library can do, in the corpus.
const SCENARIO: &str = "registration/first-call";

/// About the longest line of names.
const LINE_CHARS_MAX: usize = 80;

/// Tell whether a library loads, what it lacks, and whether one client can come and go.
#[derive(clap::Args, Debug)]
pub struct Smoke {
    #[command(flatten)]
    implementation: Implementation,
}

impl Smoke {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        let spec = self.implementation.spec()?;
        let mut worker = Worker::spawn(&spec).map_err(unusable)?;
        let mut out = Output::new();
        let hello = worker.hello().clone();
        out.line(&format!("loads: {}", spec.path.display()));
        let functions = rtm_abi::functions::FUNCTION_NAMES.len();
        out.line(&format!("exports {} of {functions} functions", functions - hello.missing.len()));
        if !hello.missing.is_empty() {
            out.line("lacks");
            wrapped(&hello.missing).iter().for_each(|line| out.line(&format!("    {line}")));
        }
        out.line(&match hello.hooks.is_empty() {
            true => String::from("exports no test hook: time passes in real time"),
            false => format!("exports the test hooks {}", hello.hooks.join(", ")),
        });
        let built_in = corpus().find(|(name, _)| *name == SCENARIO);
        let (name, text) = built_in.expect("the corpus has its smallest scenario");
        let scenario = Named::built_in(name, text).parse()?;
        let selected = Selected { name: String::from(SCENARIO), scenario };
        let options = Options {
            strict: false,
            hazards: false,
            seed: 1,
            seeds: None,
            schedule: None,
            isolation: Isolation::Fresh,
            fail_fast: false,
            timeout: Duration::from_secs(10),
            configure: Vec::new(),
            threads: 1,
            shown_program: program(),
            shown_path: self.implementation.shown_path(),
            shown_options: String::new(),
        };
        let result = conduct::conduct(&mut worker, &selected, &options).map_err(unusable)?;
        match result.kind {
            Kind::Match => {
                out.line("one client registered and left again");
                out.end().map(|()| OK)
            }
            Kind::NotJudged => {
                let own_way = result.own_way.unwrap_or_default();
                out.line(&format!("register and deregister, not judged: {own_way}"));
                out.end().map(|()| OK)
            }
            kind => {
                out.line(&format!("register and deregister: {}", kind.word()));
                result.report.lines().for_each(|line| out.line(&format!("    {line}")));
                Ok(DIFFERENCES)
            }
        }
    }
}

/// Names in lines that a terminal holds.
fn wrapped(names: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < LINE_CHARS_MAX => {
                line.push_str(", ");
                line.push_str(name);
            }
            _ => lines.push(name.clone()),
        }
    }
    lines
}
