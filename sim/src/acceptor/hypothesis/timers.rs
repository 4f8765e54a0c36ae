//! Timers of the model along a history: which of them have gone off.
//!
//! On a clock that is moved nothing goes off before an advance, and all that is due has gone off
//! when it ends. On a clock that runs by itself a timer is loose for a while: it may have gone off,
//! or not yet.
//!
//! Of a few loose timers every choice is tried, whatever their order. Of many it is tried that
//! those with the earliest moments have gone off, some or all; when none of that fits, a
//! library that lets timers go off in another order is not told apart from a wrong one, and the
//! rest of the history is not judged.

use super::{Hypothesis, Outcome, missing_callback};
use crate::history::Entry;
use crate::model::clock::Due;
use crate::program::Step;
use crate::vocabulary::constants::EventType;

/// Most loose timers of which every choice is tried at an entry.
const LOOSE_MAX: usize = 4;
/// Most timers that are tried to be the first and only ones to have gone off, apart from all.
const FIRST_MAX: usize = 16;

/// How far a clock that runs by itself may be from that of the model, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Slack {
    /// How long before the model's clock has come to it a timer may go off, because calls take
    /// time that the program does not speak of.
    pub early: u64,
    /// How long after its moment a timer has gone off at the latest.
    pub late: u64,
}

impl Slack {
    /// Of a library that waits in real time. A program that looks half a second before a moment,
    /// or half a second after it, is judged.
    pub const REAL_TIME: Slack = Slack { early: 450, late: 450 };
}

impl Hypothesis<'_> {
    /// Timers that may have gone off when an entry comes, the earliest first.
    fn loose(&self, entry: Option<&Entry>) -> Vec<Due> {
        match entry {
            Some(Entry::Begin { .. }) if self.slack != Slack::default() => {
                self.model.all_due(self.model.target(0) + self.slack.early, u32::MAX)
            }
            _ => Vec::new(),
        }
    }

    /// Which timers are tried to have gone off when an entry comes.
    pub(super) fn choices(&self, entry: Option<&Entry>) -> Vec<Vec<Due>> {
        let loose = self.loose(entry);
        if loose.len() <= LOOSE_MAX {
            let chosen = |bits: usize| {
                let timers = loose.iter().enumerate();
                timers.filter(|(nth, _)| bits & 1 << nth != 0).map(|(_, due)| *due).collect()
            };
            return (0..1 << loose.len()).map(chosen).collect();
        }
        let first = 0..=loose.len().min(FIRST_MAX);
        let mut choices: Vec<Vec<Due>> = first.map(|count| loose[..count].to_vec()).collect();
        if FIRST_MAX < loose.len() {
            choices.push(loose);
        }
        choices
    }

    /// Whether [`Hypothesis::choices`] are all that there can be.
    pub(in crate::acceptor) fn tries_every_choice(&self, entry: Option<&Entry>) -> bool {
        self.loose(entry).len() <= LOOSE_MAX
    }

    /// Lets loose timers go off.
    pub(super) fn go_off(&mut self, chosen: &[Due]) {
        let until = self.model.target(0) + self.slack.early;
        let mut left = chosen.to_vec();
        while let Some(due) = self.model.next_due_of(until, u32::MAX, |due| left.contains(&due)) {
            self.model.fire(due);
            left.retain(|other| *other != due);
        }
    }

    /// Until when timers may go off by now, and the last one that counts; nothing while the clock
    /// stands still.
    pub(super) fn reach(&self) -> Option<(u64, u32)> {
        let advance = self.open.iter().rev().find_map(|open| open.advance);
        if self.slack == Slack::default() {
            return advance;
        }
        let target = advance.map_or(self.model.target(0), |(target, _)| target);
        Some((target + self.slack.early, u32::MAX))
    }

    /// The clock has reached the end of an advance: what was due without anybody being asked has
    /// happened, and nobody else was due.
    pub(super) fn arrive(
        &mut self,
        target: u64,
        last_arming: u32,
        step: &Step,
    ) -> Result<(), Outcome> {
        if self.slack != Slack::default() {
            // Who is asked from another thread is told of when the program goes on.
            let due_by = target.saturating_sub(self.slack.late);
            while let Some(due) = self.model.due_unasked(due_by, last_arming) {
                self.model.fire(due);
            }
            self.model.arrive(target);
            return Ok(());
        }
        let missing = self.ask_all(target, last_arming, step);
        self.model.arrive(target);
        missing
    }

    /// Lets all go off that is due; an owner who should have been asked by now was not.
    fn ask_all(&mut self, target: u64, last_arming: u32, step: &Step) -> Result<(), Outcome> {
        while let Some(due) = self.model.next_due(target, last_arming) {
            self.model.fire(due);
            if let Some((actor, event)) = self.model.pending().next_back()
                && event.event == EventType::RouteExpired
            {
                return Err(Outcome::Differs(missing_callback(actor, &event, Some(step))));
            }
        }
        Ok(())
    }

    /// A library that waits in real time is settled: who was to be asked long ago was asked.
    pub(super) fn settled(&mut self, step: &Step) -> Result<(), Outcome> {
        if self.slack == Slack::default() {
            return Ok(());
        }
        let due_by = self.model.target(0).saturating_sub(self.slack.late);
        self.ask_all(due_by, u32::MAX, step)
    }
}
