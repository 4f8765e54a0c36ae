//! Verdicts: what became of a scenario on a library.

use rtm_sim::acceptor::judgement::Difference;
use rtm_sim::clause::{ClauseId, Strength};
use rtm_sim::readings::Reading;

use crate::pool::End;

/// What is wrong with one run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The documentation forbids what was seen.
    Differ(Box<Difference>, Strength),
    /// The library ended the process, or did not end by itself.
    Ended(End),
    /// It wrote outside a buffer.
    Overrun(String),
    /// It did so once and not when the run was repeated.
    NotRepeatable,
}

/// The kind of a result, as expectations and journals name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Everything that was judged fits.
    Match,
    /// The library behaves as the documentation forbids.
    Differ,
    /// It ended the process.
    Crash,
    /// It did not end.
    Timeout,
    /// It wrote outside a buffer.
    Overrun,
    /// Two equal runs gave different answers.
    Unstable,
    /// It lacks something that the scenario needs.
    Unsupported,
    /// Nothing could be said, since it went its own way at once.
    NotJudged,
    /// A hazard that nobody asked for.
    LeftOut,
}

impl Kind {
    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Match => "match",
            Kind::Differ => "differ",
            Kind::Crash => "crash",
            Kind::Timeout => "timeout",
            Kind::Overrun => "overrun",
            Kind::Unstable => "unstable",
            Kind::Unsupported => "unsupported",
            Kind::NotJudged => "not judged",
            Kind::LeftOut => "left out",
        }
    }

    /// Whether it fails the gate, unless it is expected.
    pub fn fails(self) -> bool {
        matches!(self, Kind::Differ | Kind::Crash | Kind::Timeout | Kind::Overrun | Kind::Unstable)
    }
}

impl Fault {
    /// The kind of result that it makes.
    pub fn kind(&self) -> Kind {
        match self {
            Fault::Differ(..) => Kind::Differ,
            Fault::Ended(End::TimedOut { .. } | End::Stopped { .. }) => Kind::Timeout,
            Fault::Ended(_) => Kind::Crash,
            Fault::Overrun(_) => Kind::Overrun,
            Fault::NotRepeatable => Kind::Unstable,
        }
    }
}

/// What became of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioResult {
    /// In a word.
    pub kind: Kind,
    /// Runs made.
    pub runs: u32,
    /// Runs that failed.
    pub failed: u32,
    /// The report of the first run that failed; or what the library lacks.
    pub report: String,
    /// The clauses that the first failure breaks.
    pub clauses: Vec<ClauseId>,
    /// Readings other than the model's own that fit.
    pub readings: Vec<Reading>,
    /// Silent clauses at which the library's answer was taken.
    pub adopted: Vec<ClauseId>,
    /// Entries of all histories, and those that were judged.
    pub judged: (u64, u64),
    /// Where the library went its own way and the rest of a run was not judged, the first such.
    pub own_way: Option<String>,
    /// Whether something was not judged that only an implied clause forbids.
    pub implied_only: bool,
    /// What the library left behind.
    pub remarks: Vec<String>,
    /// Processes that ended after the judged part, while what was still held was given back.
    pub lost_cleanups: u32,
}

impl ScenarioResult {
    /// Nothing run yet.
    pub fn new(kind: Kind, report: String) -> ScenarioResult {
        ScenarioResult {
            kind,
            runs: 0,
            failed: 0,
            report,
            clauses: Vec::new(),
            readings: Vec::new(),
            adopted: Vec::new(),
            judged: (0, 0),
            own_way: None,
            implied_only: false,
            remarks: Vec::new(),
            lost_cleanups: 0,
        }
    }
}
