//! `rtm conform`: the gate.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use rtm_conformance::gate::expectations::Expectations;
use rtm_conformance::gate::journal::{Line, Request};
use rtm_conformance::gate::report::quoted;
use rtm_conformance::gate::verdict::{Kind, ScenarioResult};
use rtm_conformance::gate::{self, Options, Selected};
use rtm_conformance::pool::{Isolation, Schedule};
use rtm_sim::schedule::token::Token;

use super::CorpusArguments;
use super::corpus::{Named, load, parse_all};
use super::exit::{CORPUS, DIFFERENCES, Failure, NOTHING, OK, Output, USAGE};
use super::journal;
use super::library::{Implementation, program, seconds, unusable};
use super::partition::Partition;
use super::summary::Summary;

/// What the long help says about results.
const HELP: &str = "Results:
  match        everything that was judged fits
  differ       the library behaves as the documentation forbids
  crash        it ended the process
  timeout      it did not end
  overrun      it wrote outside a buffer
  unstable     two equal runs gave different answers
  unsupported  it lacks what the scenario needs; no failure
  not judged   it went its own way where the documentation is silent, or, without --strict,
               where it only implies something; no failure
  left out     a scenario that needs --hazards; no failure

Marks before a clause: = the documentation states it, + implies it, ~ is silent.
`rtm clauses ID` shows the whole text of a clause.";

/// Apply the scenarios to an implementation and judge what it does.
///
/// Differences on stated clauses fail; those on implied ones fail with --strict. Where the
/// documentation is silent nothing fails, and what follows from another choice is not held against
/// the library.
#[derive(clap::Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Conform {
    #[command(flatten)]
    implementation: Implementation,
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
    /// Fail unless this many scenarios pass: what a library lacks is no failure otherwise.
    #[arg(long, value_name = "N", default_value_t = 0)]
    passes_min: u32,
    /// Print nothing but failures, and the summary.
    #[arg(long, short)]
    quiet: bool,
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
    /// Stop after the first failure.
    #[arg(long)]
    fail_fast: bool,
    /// Seconds that one run may take.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10",
        allow_negative_numbers = true)]
    timeout: Duration,
    /// Set a limit of the library through its hook RtmTestConfigure; may be given several times.
    /// The model takes over the limits that RtmRegisterEntity tells: max-next-hops-in-route,
    /// max-handles-in-enum, views-supported.
    #[arg(long, value_name = "NAME=VALUE", value_parser = limit)]
    configure: Vec<(String, u64)>,
    /// Worker processes; as many as there are processors when left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    test_threads: Option<u32>,
}

impl Conform {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        let (all, selected) = self.selection.select()?;
        let mut out = Output::new();
        if self.list {
            for scenario in &selected {
                out.line(&format!("{}: scenario", scenario.name));
            }
            return out.end().map(|()| OK);
        }
        self.report.iter().try_for_each(journal::check)?;
        let options = self.conduct.options(&self.implementation, &selected, &self.selection)?;
        if selected.is_empty() {
            // Whoever gathers the journals of all shards finds one here too.
            let write = |request| journal::write(request, &[], Duration::ZERO, &options);
            self.report.iter().try_for_each(write)?;
            out.line("no scenario falls to this shard");
            return out.end().map(|()| OK);
        }
        let spec = self.implementation.spec()?;
        let mut expectations = match &self.expectations {
            Some(path) => Expectations::load(path).map_err(|error| Failure::new(USAGE, error))?,
            None => Expectations::default(),
        };
        let start = Instant::now();
        let mut summary = Summary::default();
        let mut lines: Vec<Line> = Vec::new();
        let mut on_result = |scenario: &Selected, result: &ScenarioResult| {
            let reason = match result.kind.fails() {
                true => expectations.reason(&scenario.name, result),
                false => None,
            };
            let expected = reason.is_some();
            summary.add(&scenario.name, result, expected);
            if !self.quiet || result.kind.fails() && !expected {
                show(&mut out, &scenario.name, result, reason.as_deref());
            }
            lines.push(Line { name: scenario.name.clone(), result: result.clone(), expected });
        };
        gate::run(&spec, &selected, &options, &mut on_result).map_err(unusable)?;
        let elapsed = start.elapsed();
        let executed = lines.iter().filter(|line| line.result.kind != Kind::LeftOut);
        let ran: Vec<&str> = executed.map(|line| line.name.as_str()).collect();
        let stale = expectations.stale(&all, &ran);
        for line in &stale {
            out.line(line);
        }
        out.line(&summary.text(elapsed, stale.len()));
        for request in &self.report {
            journal::write(request, &lines, elapsed, &options)?;
        }
        let few = summary.passed() < self.passes_min;
        if few {
            let (passed, least) = (summary.passed(), self.passes_min);
            out.line(&format!("too few: {passed} passed, --passes-min asks for {least}"));
        }
        out.end()?;
        Ok(if summary.failed() == 0 && stale.is_empty() && !few { OK } else { DIFFERENCES })
    }
}

impl Selection {
    /// The names of all scenarios, and the scenarios that the arguments select, in order. None
    /// only if a shard that the environment asks for is an empty one, which is no fault.
    pub fn select(&self) -> Result<(Vec<String>, Vec<Selected>), Failure> {
        let shard = Partition::from_environment().map_err(|error| Failure::new(USAGE, error))?;
        let mut all = Vec::new();
        let mut selected = Vec::new();
        let mut is_elsewhere = false;
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
            all.push(name.clone());
            if wanted && !skipped && here {
                selected.push(named);
            } else if wanted && !skipped {
                is_elsewhere = true;
            }
        }
        if selected.is_empty() && is_elsewhere && shard.is_none() {
            let message = "select a scenario: none falls to this part; take fewer parts";
            return Err(Failure::new(NOTHING, message));
        }
        if selected.is_empty() && !is_elsewhere {
            let message = "select a scenario: none fits the filters; `rtm list` names them";
            return Err(Failure::new(NOTHING, message));
        }
        let selected = parse_all(selected)?;
        if self.corpus.corpus.is_some() {
            // What is built in was run before it was built in.
            let problems: String = selected.iter().map(|(_, s)| Named::problems(s)).collect();
            if !problems.is_empty() {
                let message = format!("rely on the corpus:\n{problems}`rtm check` says the same");
                return Err(Failure::new(CORPUS, message));
            }
        }
        let selected = selected.into_iter();
        let selected = selected.map(|(named, scenario)| Selected { name: named.name, scenario });
        Ok((all, selected.collect()))
    }
}

impl Conduct {
    /// What the gate is told.
    pub fn options(
        &self,
        implementation: &Implementation,
        selected: &[Selected],
        selection: &Selection,
    ) -> Result<Options, Failure> {
        let mut shown_options = String::new();
        if let Some(folder) = &selection.corpus.corpus {
            shown_options += &format!(" --corpus {}", quoted(&folder.display().to_string()));
        }
        for (given, flag) in [(self.strict, " --strict"), (self.hazards, " --hazards")] {
            if given {
                shown_options += flag;
            }
        }
        for (name, value) in &self.configure {
            shown_options += &format!(" --configure {}", quoted(&format!("{name}={value}")));
        }
        let times = [(self.timeout, "timeout"), (implementation.load_timeout, "load-timeout")];
        for (time, flag) in times {
            if time != Duration::from_secs(10) {
                shown_options += &format!(" --{flag} {}", time.as_secs_f64());
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
            fail_fast: self.fail_fast,
            timeout: self.timeout,
            configure: self.configure.clone(),
            threads: self.test_threads.map_or(processors, |threads| threads as usize),
            shown_program: program(),
            shown_path: implementation.shown_path(),
            shown_options,
        })
    }

    fn schedule(&self, selected: &[Selected]) -> Result<Option<Schedule>, Failure> {
        let Some(token) = &self.schedule else { return Ok(None) };
        let token = Token::parse(token)
            .map_err(|error| Failure::new(USAGE, format!("read the schedule: {error}")))?;
        match selected {
            // An empty shard follows nothing.
            [] => {}
            [only] if only.scenario.program.digest() == token.digest => {}
            [only] => {
                let note = format!(
                    "warning: the token was made for another program than {}; \
                     it is followed as far as it goes\n",
                    only.name
                );
                // A reader that has gone away is no fault.
                let _ = anstream::stderr().write_all(note.as_bytes());
            }
            several => {
                let message = format!(
                    "follow the schedule: it is for one scenario and {} are selected; \
                     name it with --exact",
                    several.len()
                );
                return Err(Failure::new(USAGE, message));
            }
        }
        Ok(Some(Schedule::Replay { choices: token.choices }))
    }
}

/// Reads a limit and what it is set to.
fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("it has the form NAME=VALUE")?;
    match value.parse() {
        Ok(_) if name.is_empty() => Err(String::from("the name is empty")),
        Ok(value) => Ok((name.to_owned(), value)),
        Err(_) => Err(format!("`{value}` is no number from 0 to {}", u64::MAX)),
    }
}

fn show(out: &mut Output, name: &str, result: &ScenarioResult, reason: Option<&str>) {
    let colour = match result.kind {
        Kind::Match => AnsiColor::Green,
        kind if kind.fails() && reason.is_none() => AnsiColor::Red,
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
    let expected = reason.map_or(String::new(), |reason| format!(", expected: {reason}"));
    out.line(&format!("{word} {name:<56} {detail}{expected}"));
    // A report ends with the command that repeats it.
    for remark in &result.remarks {
        out.line(&format!("    remark: {remark}"));
    }
    if result.kind.fails() && reason.is_none() {
        for line in result.report.lines() {
            out.line(&format!("    {line}"));
        }
    }
    if let (Kind::NotJudged | Kind::Match, Some(own_way)) = (result.kind, &result.own_way) {
        out.line(&format!("    not judged from here: {own_way}"));
    }
}
