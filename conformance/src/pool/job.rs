//! How a job is conducted: runs are made in segments, and one that ends badly is put down to the
//! run that did it.
//!
//! Answers of several runs travel together. When a child ends badly, those that it had not sent
//! are lost with it: their runs are made again, one answer at a time, before the run that was at
//! fault is reported.

use std::time::{Duration, Instant};

use rtm_sim::history::History;

use super::process::{News, memory_kib};
use super::report::{self, Circumstances, End, RunReport};
use super::unusable::Unusable;
use super::{Isolation, Job, JobReport, Worker};
use crate::wire::bytes::Reader;
use crate::wire::history::{Bounds, take_entry};
use crate::wire::message::{
    ChildEnd, DONE, ENTRIES, Order, REFUSED, REMARK, RESET_FAILED, RUN, take_run,
};
use crate::worker::KEPT_MS_MAX;
use crate::worker::journal::{Phase, Snapshot};

/// Shortest time between two looks at the journal.
const LOOK_INTERVAL_MIN: Duration = Duration::from_millis(5);
/// How long a worker may take to tell of the end of a child that was ended.
const GRACE: Duration = Duration::from_secs(5);
/// How long a worker may be silent beyond the time of two runs, of which one is
/// cleaned up and one is made: twice the time for which runs that are
/// made are kept to be sent together.
const SILENCE_MAX: Duration = Duration::from_millis(2 * KEPT_MS_MAX);
/// Segments in a row that may end without a run that can be reported.
const SEGMENTS_WITHOUT_RUN_MAX: u32 = 3;
/// Remarks that a job keeps.
pub const REMARKS_MAX: usize = 32;

/// A job that is being done.
pub struct Conduct<'a> {
    worker: &'a mut Worker,
    job: &'a Job<'a>,
    on_run: &'a mut dyn FnMut(u32, RunReport),
    bounds: Bounds,
    /// The first run that has not been reported.
    next: u32,
    /// Whether runs share a process, as long as that goes well.
    shared: bool,
    /// Whether answers are sent one at a time although runs share a process.
    careful: bool,
    /// Whether what a run still holds is given back, as long as that goes well.
    cleanup: bool,
    lost_cleanups: u32,
    /// A run whose bad end is known, while those before it are made again.
    condemned: Option<(u32, RunReport)>,
    partial: History,
    remarks: Vec<String>,
}

/// How a segment ended.
enum Outcome {
    /// As it should.
    Done,
    /// With a bad end, told by the worker.
    Bad(ChildEnd, Circumstances),
    /// The worker is gone.
    Gone(Circumstances, Snapshot),
}

impl<'a> Conduct<'a> {
    /// A job that has not begun.
    pub fn new(
        worker: &'a mut Worker,
        job: &'a Job<'a>,
        on_run: &'a mut dyn FnMut(u32, RunReport),
    ) -> Conduct<'a> {
        let shared = job.isolation == Isolation::Shared && worker.hello().can_reset();
        Conduct {
            bounds: Bounds::of(job.program),
            worker,
            job,
            on_run,
            next: 0,
            shared,
            careful: false,
            cleanup: job.cleanup,
            lost_cleanups: 0,
            condemned: None,
            partial: History::default(),
            remarks: Vec::new(),
        }
    }

    /// Does the job.
    pub fn conduct(mut self) -> Result<JobReport, Unusable> {
        let count = self.job.schedules.len() as u32;
        let mut stuck = 0;
        while self.next < count {
            let condemned = self.condemned.take_if(|(run, _)| *run <= self.next);
            if let Some((_, report)) = condemned {
                self.report(report);
                continue;
            }
            let until = self.condemned.as_ref().map_or(count, |(run, _)| *run);
            let begin = self.next;
            let outcome = self.segment(until)?;
            stuck = if begin < self.next { 0 } else { stuck + 1 };
            match outcome {
                Outcome::Bad(end, known) if SEGMENTS_WITHOUT_RUN_MAX < stuck => {
                    let judged = report::judge(&end, &known).unwrap_or(End::Garbled);
                    self.fail(judged, Some(end.journal), known.output);
                }
                Outcome::Done if begin < self.next => {}
                // A child that says it is done and has reported nothing is not to be believed.
                Outcome::Done => self.fail(End::Garbled, None, String::new()),
                Outcome::Bad(end, known) => self.blame(&end, &known),
                Outcome::Gone(known, last) => {
                    let spinning = known.timed_out;
                    let end =
                        spinning.map_or(End::WorkerEnded, |spinning| End::TimedOut { spinning });
                    let strays = self.worker.restart()?;
                    self.remark_strays(strays);
                    let begun = self.next < until && self.next <= last.run;
                    if self.cleanup && last.phase == Phase::Cleaning {
                        self.lose_cleanup(&end, last);
                    } else if begun || self.next < until && SEGMENTS_WITHOUT_RUN_MAX < stuck {
                        self.fail(end, Some(last), known.output);
                    } else {
                        self.remark_after(&end, last.phase);
                    }
                }
            }
        }
        Ok(JobReport { remarks: self.remarks, lost_cleanups: self.lost_cleanups })
    }

    fn report(&mut self, report: RunReport) {
        let run = self.next;
        self.next += 1;
        (self.on_run)(run, report);
    }

    /// Reports the next run as one that ended badly.
    fn fail(&mut self, end: End, last: Option<Snapshot>, output: String) {
        let report = self.failed(end, last, output);
        self.report(report);
    }

    fn failed(&mut self, end: End, last: Option<Snapshot>, output: String) -> RunReport {
        let history = std::mem::take(&mut self.partial);
        RunReport { history, overruns: Vec::new(), end, last, output }
    }

    /// A process ended while it gave back what a run still held. That is held against no run: those
    /// whose answers were lost are made again, and nothing is given back any more.
    fn lose_cleanup(&mut self, end: &End, last: Snapshot) {
        let place = last.begun.map_or(String::new(), |begun| format!(" in {begun}"));
        self.remark(format!("the library {end}{place} while cleaning up"));
        self.lost_cleanups += 1;
        self.cleanup = false;
    }

    /// Finds out which run a bad end belongs to.
    fn blame(&mut self, ended: &ChildEnd, known: &Circumstances) {
        if self.cleanup
            && ended.journal.phase == Phase::Cleaning
            && let Some(end) = report::judge(ended, known)
        {
            return self.lose_cleanup(&end, ended.journal);
        }
        let last = ended.journal;
        // A page that the library can write to may hold anything.
        let is_believed = !known.disbelieved && last.run < self.job.schedules.len() as u32;
        if known.timed_out.is_some() && is_believed && known.late_run != Some(last.run) {
            // The run that was late has come to its end before it was ended.
            return;
        }
        let Some(end) = report::judge(ended, known) else {
            // Nothing is wrong with the runs: something was left behind.
            return self.remark_strays(ended.strays);
        };
        // Everything was sent before the library was unloaded, and a run that was still to come has
        // not begun.
        let all_reported = self.next == self.job.schedules.len() as u32;
        let none_began = is_believed && last.run < self.next;
        if all_reported || none_began || last.phase == Phase::Unloading {
            return self.remark_after(&end, last.phase);
        }
        // When the channel was closed, it is known only that it was, not since when.
        let is_certain = !matches!(end, End::ChannelClosed | End::Garbled);
        if last.run == self.next || !self.shared {
            self.fail(end, Some(last), known.output.clone());
        } else if is_certain && is_believed {
            let report = self.failed(end, Some(last), known.output.clone());
            self.condemned.get_or_insert((last.run, report));
        } else if self.careful {
            self.fail(end, Some(last), known.output.clone());
        } else {
            self.careful = true;
        }
    }

    fn remark_strays(&mut self, count: u32) {
        if count != 0 {
            self.remark(format!("{count} process(es) left behind"));
        }
    }

    /// Tells of a bad end that came when no run was under way.
    fn remark_after(&mut self, end: &End, phase: Phase) {
        let when = match phase {
            Phase::Unloading => "while it was unloaded",
            Phase::Running => "after a run",
            _ => "after the last step",
        };
        self.remark(format!("the library {end} {when}"));
    }

    fn remark(&mut self, remark: String) {
        if self.remarks.len() < REMARKS_MAX && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// Has the runs from the next one up to `until` made.
    fn segment(&mut self, until: u32) -> Result<Outcome, Unusable> {
        let batched = self.shared && !self.job.flushed && !self.careful && self.condemned.is_none();
        let order = Order {
            program: self.job.program,
            schedules: self.job.schedules[self.next as usize..until as usize].to_vec(),
            first: self.next,
            shared: self.shared,
            batched,
            flushed: self.job.flushed,
            patient: self.job.patient,
            cleanup: self.cleanup,
            inspected: self.job.isolation != Isolation::Unwatched,
            parity: self.job.parity,
            configure: self.job.configure.to_vec(),
        };
        let message = serde_json::to_vec(&order).expect("a program has a form in JSON");
        self.partial.clear();
        self.worker.process.take_output();
        if self.worker.process.send(&message).is_err() {
            self.worker.restart()?;
            let again = self.worker.process.send(&message);
            again.map_err(|error| Unusable::NoWorker(error.to_string()))?;
        }
        Ok(self.listen(until))
    }

    /// Takes what comes until the segment is over.
    fn listen(&mut self, until: u32) -> Outcome {
        let mut known = self.circumstances();
        let mut bad = None;
        let mut clock = Clock::new(self.job.timeout);
        loop {
            let news = self.worker.process.wait(clock.interval());
            match news {
                Ok(News::Data) => {
                    let before = self.next;
                    let taken = self.take_frames(until);
                    if taken.is_err() {
                        known.garbled = true;
                        self.worker.process.kill_child();
                    }
                    // Entries of a run that goes on give it no more time.
                    if taken.is_err() || before < self.next {
                        clock.restart();
                    } else if !self.look(&mut clock, until, &mut known) {
                        return self.gone(known);
                    }
                }
                Ok(News::Ended(end)) => {
                    self.worker.process.frames.clear();
                    known.output = self.worker.process.take_output();
                    let known = std::mem::replace(&mut known, self.circumstances());
                    if self.shared {
                        bad = Some((end, known));
                    } else {
                        self.blame(&end, &known);
                    }
                    clock.restart();
                }
                Ok(News::Ready(_)) => {
                    return match bad.filter(|(end, known)| !is_good(end, known)) {
                        Some((end, known)) => Outcome::Bad(end, known),
                        None => Outcome::Done,
                    };
                }
                Ok(News::Nothing) if self.look(&mut clock, until, &mut known) => {}
                Ok(News::Nothing) => return self.gone(known),
                Ok(News::Gone) | Err(_) => return self.gone(known),
            }
        }
    }

    /// Looks at the clock and ends a child that is late; false when it does not end.
    fn look(&mut self, clock: &mut Clock, until: u32, known: &mut Circumstances) -> bool {
        let run = self.worker.process.journal.run();
        match clock.look(Some(run).filter(|run| (self.next..until).contains(run))) {
            Look::InTime => {}
            Look::Late { silent } => {
                known.late_run = Some(run);
                known.disbelieved = silent;
                known.timed_out = Some(self.worker.process.kill_child());
            }
            Look::Lost => return false,
        }
        true
    }

    /// What is known of a child that has just begun.
    fn circumstances(&self) -> Circumstances {
        Circumstances { memory_kib: memory_kib(&self.worker.spec), ..Circumstances::default() }
    }

    fn gone(&mut self, mut known: Circumstances) -> Outcome {
        known.output = self.worker.process.take_output();
        Outcome::Gone(known, self.worker.process.journal.snapshot())
    }

    fn take_frames(&mut self, until: u32) -> Result<(), ()> {
        loop {
            let frame = self.worker.process.frames.next_frame().map_err(|_| ())?;
            let Some((kind, data)) = frame else { return Ok(()) };
            match kind {
                RUN => {
                    let (run, history, overruns) = take_run(data, self.bounds).map_err(|_| ())?;
                    let is_sound = history.unsound_at(self.job.program).is_none();
                    if run != self.next || until <= run || !is_sound {
                        return Err(());
                    }
                    self.partial.clear();
                    self.report(RunReport::done(history, overruns));
                }
                ENTRIES => {
                    let mut reader = Reader::new(data);
                    while !reader.is_empty() {
                        take_entry(&mut reader, self.bounds, &mut self.partial).map_err(|_| ())?;
                    }
                }
                REMARK => {
                    let remark = report::shown(data);
                    self.remark(remark);
                }
                RESET_FAILED => {
                    self.shared = false;
                    self.remark(String::from("RtmTestReset failed; each run had its own process"));
                }
                REFUSED => {
                    let remark = format!("loading failed: {}", report::shown(data));
                    self.remark(remark);
                }
                DONE => {}
                _ => return Err(()),
            }
        }
    }
}

/// Whether a child of a shared segment came to its end as it should.
fn is_good(end: &ChildEnd, known: &Circumstances) -> bool {
    report::judge(end, known).is_none() && end.strays == 0
}

enum Look {
    InTime,
    /// The time is over; whether only because nothing has come for longer than can be.
    Late {
        silent: bool,
    },
    Lost,
}

/// The wall clock of a run.
struct Clock {
    timeout: Duration,
    run: Option<u32>,
    since: Instant,
    /// When something came that was believed. The run that the journal names is the library's to
    /// change.
    heard: Instant,
    killed: Option<Instant>,
}

impl Clock {
    fn new(timeout: Duration) -> Clock {
        let now = Instant::now();
        Clock { timeout, run: None, since: now, heard: now, killed: None }
    }

    fn interval(&self) -> Duration {
        (self.timeout / 4).max(LOOK_INTERVAL_MIN)
    }

    fn restart(&mut self) {
        self.since = Instant::now();
        self.heard = self.since;
        self.killed = None;
    }

    /// Looks which run is made now, as far as it can be told, and for how long it has been.
    fn look(&mut self, run: Option<u32>) -> Look {
        if let Some(killed) = self.killed {
            return if GRACE < killed.elapsed() { Look::Lost } else { Look::InTime };
        }
        let silent = 2 * self.timeout + SILENCE_MAX < self.heard.elapsed();
        if self.run < run && !silent {
            self.run = run;
            self.since = Instant::now();
            return Look::InTime;
        }
        if !silent && self.since.elapsed() < self.timeout {
            return Look::InTime;
        }
        self.killed = Some(Instant::now());
        Look::Late { silent }
    }
}
