//! `rtm conform`: the gate.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use rtm_conformance::gate::expectations::Expectations;
use rtm_conformance::gate::journal::{Form, Line, Request, text};
use rtm_conformance::gate::verdict::{Kind, ScenarioResult};
use rtm_conformance::gate::{self, Options, Selected};
use rtm_conformance::pool::{Isolation, LibrarySpec, Schedule};
use rtm_sim::schedule::token::Token;

use super::CorpusArguments;
use super::corpus::load;
use super::exit::{DIFFERENCES, Failure, NOTHING, OK, Output, UNUSABLE, USAGE};
use super::partition::Partition;
use super::summary::Summary;

/// Apply the scenarios to an implementation and judge what it does.
///
/// Differences on stated clauses fail; those on implied ones fail with --strict. Where the
/// documentation is silent nothing fails, and what follows from another choice is not held against
/// the library.
#[derive(clap::Args, Debug)]
pub struct Conform {
    /// The library; the reference that was built beside this program when left out.
    #[arg(long, value_name = "PATH")]
    pub implementation: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    conduct: Conduct,
    /// A file of differences that are known.
    #[arg(long, value_name = "FILE")]
    expectations: Option<PathBuf>,
    /// Write a journal: json=PATH or junit=PATH; may be given several times.
    #[arg(long, value_name = "KIND=PATH")]
    report: Vec<Request>,
    /// Only name the scenarios that would run.
    #[arg(long)]
    list: bool,
}

/// Which scenarios are run.
#[derive(clap::Args, Clone, Debug)]
pub struct Selection {
    /// Only scenarios whose name contains one of these.
    filters: Vec<String>,
    /// Filters are whole names.
    #[arg(long)]
    exact: bool,
    /// Leave out scenarios whose name contains this; may be given several times.
    #[arg(long, value_name = "FILTER")]
    skip: Vec<String>,
    /// One part of the scenarios: hash:M/N, with M from 1 to N.
    #[arg(long, value_name = "hash:M/N")]
    partition: Option<Partition>,
    #[command(flatten)]
    corpus: CorpusArguments,
}

/// How they are run.
#[derive(clap::Args, Clone, Debug)]
pub struct Conduct {
    /// Judge implied clauses too.
    #[arg(long)]
    strict: bool,
    /// Run steps that a library may not survive, too.
    #[arg(long)]
    hazards: bool,
    /// First seed of random orders.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many random orders an interleaved scenario is run in, instead of its own number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    seeds: Option<u32>,
    /// The interleaving of this token, and no other.
    #[arg(long, value_name = "TOKEN")]
    schedule: Option<String>,
    /// A process for each run, even where the library can go back to its first state.
    #[arg(long)]
    fresh: bool,
    /// Seconds that one run may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    timeout: f64,
    /// Worker processes; as many as there are processors when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    test_threads: Option<u32>,
}

impl Conform {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        let selected = self.selection.select()?;
        let mut out = Output::new();
        if self.list {
            for scenario in &selected {
                out.line(&format!("{}: scenario", scenario.name));
            }
            return Ok(OK);
        }
        let spec = library(self.implementation.as_ref())?;
        let options =
            self.conduct.options(self.implementation.as_ref(), &selected, &self.selection)?;
        let mut expectations = match &self.expectations {
            Some(path) => Expectations::load(path).map_err(|error| Failure::new(USAGE, error))?,
            None => Expectations::default(),
        };
        let start = Instant::now();
        let mut summary = Summary::default();
        let mut lines: Vec<Line> = Vec::new();
        let mut on_result = |scenario: &Selected, result: &ScenarioResult| {
            let expected = result.kind.fails() && expectations.expects(&scenario.name, result);
            summary.add(&scenario.name, result, expected);
            show(&mut out, &scenario.name, result, expected);
            lines.push(Line { name: scenario.name.clone(), result: result.clone(), expected });
        };
        gate::run(&spec, &selected, &options, &mut on_result)
            .map_err(|error| Failure::new(UNUSABLE, format!("use the library: {error}")))?;
        let elapsed = start.elapsed();
        let ran: Vec<&str> = selected.iter().map(|s| s.name.as_str()).collect();
        let stale = expectations.stale(&ran);
        for line in &stale {
            out.line(line);
        }
        out.line(&summary.text(elapsed));
        for request in &self.report {
            write_journal(request, &lines, elapsed)?;
        }
        Ok(if summary.failed() == 0 && stale.is_empty() { OK } else { DIFFERENCES })
    }
}

impl Selection {
    /// The scenarios that the arguments select, in order.
    pub fn select(&self) -> Result<Vec<Selected>, Failure> {
        let shard = Partition::from_environment().map_err(|error| Failure::new(USAGE, error))?;
        let mut selected = Vec::new();
        for named in load(self.corpus.corpus.as_deref())? {
            let name = &named.name;
            let fits = |filter: &String| match self.exact {
                true => name == filter,
                false => name.contains(filter.as_str()),
            };
            let wanted = self.filters.is_empty() || self.filters.iter().any(fits);
            let skipped = self.skip.iter().any(fits);
            let parts = [&self.partition, &shard];
            let here = parts.into_iter().flatten().all(|part| part.holds(name));
            if wanted && !skipped && here {
                let scenario = named.parse()?;
                selected.push(Selected { name: named.name, scenario });
            }
        }
        if selected.is_empty() {
            let message = "select a scenario: none fits the filters; `rtm list` names them";
            return Err(Failure::new(NOTHING, message));
        }
        Ok(selected)
    }
}

impl Conduct {
    /// What the gate is told.
    pub fn options(
        &self,
        implementation: Option<&PathBuf>,
        selected: &[Selected],
        selection: &Selection,
    ) -> Result<Options, Failure> {
        let valid = self.timeout.is_finite() && 0.0 < self.timeout && self.timeout <= 86_400.0;
        if !valid {
            let message =
                format!("take a time-out of {} seconds: it lies between 0 and 86400", self.timeout);
            return Err(Failure::new(USAGE, message));
        }
        let mut shown_options = String::new();
        if let Some(folder) = &selection.corpus.corpus {
            shown_options += &format!(" --corpus {}", folder.display());
        }
        for (given, flag) in [(self.strict, " --strict"), (self.hazards, " --hazards")] {
            if given {
                shown_options += flag;
            }
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Options {
            strict: self.strict,
            hazards: self.hazards,
            seed: self.seed,
            seeds: self.seeds,
            schedule: self.schedule(selected)?,
            isolation: if self.fresh { Isolation::Fresh } else { Isolation::Shared },
            timeout: Duration::from_secs_f64(self.timeout),
            threads: self.test_threads.map_or(processors, |threads| threads as usize),
            shown_path: implementation.map(|path| path.display().to_string()),
            shown_options,
        })
    }

    fn schedule(&self, selected: &[Selected]) -> Result<Option<Schedule>, Failure> {
        let Some(token) = &self.schedule else { return Ok(None) };
        let token = Token::parse(token)
            .map_err(|error| Failure::new(USAGE, format!("read the schedule: {error}")))?;
        match selected {
            [only] if only.scenario.program.digest() == token.digest => {}
            [only] => {
                let note = format!(
                    "warning: the token was made for another program than {}; it is followed as far as it goes",
                    only.name
                );
                anstream::eprintln!("{note}");
            }
            several => {
                let message = format!(
                    "follow the schedule: it is for one scenario and {} are selected; name it with --exact",
                    several.len()
                );
                return Err(Failure::new(USAGE, message));
            }
        }
        Ok(Some(Schedule::Replay { choices: token.choices }))
    }
}

/// The library that is meant.
pub fn library(path: Option<&PathBuf>) -> Result<LibrarySpec, Failure> {
    let path = match path {
        Some(path) => path.clone(),
        None => reference()?,
    };
    LibrarySpec::new(path)
        .map_err(|error| Failure::new(UNUSABLE, format!("find this program: {error}")))
}

/// The reference that was built beside this program.
fn reference() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(UNUSABLE, format!("find this program: {error}")))?;
    let path = program.with_file_name("librtm_reference.so");
    if path.exists() {
        return Ok(path);
    }
    let message = format!(
        "find the reference at {}: build it with `cargo build -p rtm-reference`, or name a library with --implementation",
        path.display()
    );
    Err(Failure::new(UNUSABLE, message))
}

fn show(out: &mut Output, name: &str, result: &ScenarioResult, expected: bool) {
    let colour = match result.kind {
        Kind::Match => AnsiColor::Green,
        kind if kind.fails() && !expected => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    let style = Style::new().fg_color(Some(colour.into()));
    let word = format!("{style}{:<11}{style:#}", result.kind.word());
    let runs = if result.runs == 1 { "run" } else { "runs" };
    let detail = match result.kind {
        Kind::Match | Kind::NotJudged => format!("{} {runs}", result.runs),
        Kind::Unsupported | Kind::LeftOut => result.report.clone(),
        _ => format!("{} of {} {runs} failed", result.failed, result.runs),
    };
    let expected = if expected { ", expected" } else { "" };
    out.line(&format!("{word} {name:<56} {detail}{expected}"));
    if result.kind.fails() && expected.is_empty() {
        for line in result.report.lines() {
            out.line(&format!("    {line}"));
        }
    }
    if let (Kind::NotJudged, Some(own_way)) = (result.kind, &result.own_way) {
        out.line(&format!("    {own_way}"));
    }
    for remark in &result.remarks {
        out.line(&format!("    remark: {remark}"));
    }
}

fn write_journal(request: &Request, lines: &[Line], elapsed: Duration) -> Result<(), Failure> {
    let text = text(request.form, lines, elapsed.as_millis());
    // Written beside and then moved, so that nobody finds half a journal.
    let mut temporary = request.path.clone().into_os_string();
    temporary.push(".part");
    let written =
        std::fs::write(&temporary, text).and_then(|()| std::fs::rename(&temporary, &request.path));
    let kind = if request.form == Form::Json { "json" } else { "junit" };
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        Failure::new(USAGE, format!("write the {kind} journal {}: {error}", request.path.display()))
    })
}
