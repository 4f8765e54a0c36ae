//! Messages between a worker and its parent.
//!
//! The channel carries packets: a kind and some bytes. Bytes of the kind [`DATA`] make a stream of
//! frames, because a history may be larger than a packet; after the end of a child the stream
//! begins anew, so that what a child left unfinished does no harm.

use rtm_sim::history::History;
use rtm_sim::program::{Actor, Program};
use rtm_sim::schedule::{Listed, Random, Replay, RoundRobin, Scheduler};
use serde::{Deserialize, Serialize};

use super::bytes::{Malformed, Reader, put_number, put_signed};
use super::history::{Bounds, put_history, put_overruns, take_history, take_overruns};
use crate::engine::memory::Overrun;
use crate::pool::Limits;
use crate::worker::journal::Snapshot;

/// Largest packet, kind included.
pub const PACKET_SIZE_MAX: usize = 48 << 10;
/// Largest frame; no history of ours is near it.
pub const FRAME_SIZE_MAX: usize = 256 << 20;

/// Packets to the worker: a message in parts, and its last part.
pub const PART: u8 = 1;
/// See [`PART`].
pub const LAST_PART: u8 = 2;
/// Packets from the worker: it has started; a descriptor of the journal comes with it.
pub const STARTED: u8 = 10;
/// A part of the stream of frames of a child.
pub const DATA: u8 = 11;
/// A child has ended, with [`ChildEnd`].
pub const ENDED: u8 = 12;
/// The job is done, or the library has been tried; JSON of [`Loaded`] for the latter.
pub const READY: u8 = 13;

/// Frames of a child: a run that was completed.
pub const RUN: u8 = 1;
/// Entries of a run that goes on.
pub const ENTRIES: u8 = 2;
/// Something worth telling, as text.
pub const REMARK: u8 = 3;
/// What the library offers, as JSON of [`Offer`].
pub const OFFER: u8 = 4;
/// Why the library could not be loaded, as text.
pub const REFUSED: u8 = 5;
/// The hook that goes back to the first state failed, with its status.
pub const RESET_FAILED: u8 = 6;
/// The child has done all that it was told.
pub const DONE: u8 = 7;

/// In which order the actors of a run take their turns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// File order.
    Listed,
    /// Each actor in turn.
    RoundRobin,
    /// A random interleaving, each as likely as any other.
    Random {
        /// Equal seeds give equal interleavings.
        seed: u64,
    },
    /// The choices of a token, as far as they can be followed.
    Replay {
        /// Who takes each turn.
        choices: Vec<Actor>,
    },
}

impl Schedule {
    /// A scheduler that has chosen nothing yet.
    pub fn scheduler(&self, program: &Program) -> Box<dyn Scheduler> {
        match self {
            Schedule::Listed => Box::new(Listed::new(program.listed_order())),
            Schedule::RoundRobin => Box::new(RoundRobin::default()),
            Schedule::Random { seed } => Box::new(Random::new(*seed)),
            Schedule::Replay { choices } => Box::new(Replay::new(choices.clone())),
        }
    }
}

/// What a worker is told once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Setup {
    /// The library; the bytes of its path.
    pub implementation: Vec<u8>,
    /// Whether the worker itself loads the library when that leaves it with one thread.
    pub preload: bool,
    /// What the library may use.
    pub limits: Limits,
}

/// One job: a program, and the runs of it that are still to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Order<P> {
    /// What is run.
    pub program: P,
    /// One schedule a run.
    pub schedules: Vec<Schedule>,
    /// Number of the first run.
    pub first: u32,
    /// Whether all runs share a process.
    pub shared: bool,
    /// Whether answers may wait for those of later runs.
    pub batched: bool,
    /// Whether each entry of a history is sent at once.
    pub flushed: bool,
    /// Whether a library that does not tell when it is settled is waited for longer.
    pub patient: bool,
    /// Whether what a run still holds at its end is given back.
    pub cleanup: bool,
    /// Whether the process of the first run is looked at before and after, where each run has its
    /// own.
    pub inspected: bool,
    /// Added to the number of the run to choose its patterns.
    pub parity: u32,
    /// Limits that are set through the hook before the first run.
    pub configure: Vec<(String, u64)>,
}

/// What a library offers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Offer {
    /// Functions that it lacks, C names.
    pub missing: Vec<String>,
    /// Hooks for tests that it has, C names.
    pub hooks: Vec<String>,
    /// Threads of a process that has loaded it.
    pub threads: usize,
}

/// How the library was loaded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Loaded {
    /// It was not: a child tried and did not come through.
    Failed,
    /// Once, in the worker; children are born with it.
    InWorker,
    /// By each child.
    InChildren,
    /// Once, in the worker, which cannot go on because that left it with a second thread.
    Spoilt,
}

/// How a child ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChildEnd {
    /// What `waitpid` gave.
    pub status: i32,
    /// The signal that stopped it, before it was ended for that; 0 for none.
    pub stop_signal: i32,
    /// Most memory that was resident, in KiB.
    pub resident_kib_max: u64,
    /// Processes that it left behind, now ended.
    pub strays: u32,
    /// What the journal held.
    pub journal: Snapshot,
}

impl ChildEnd {
    /// Appends the end of a child.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        put_signed(bytes, self.status.into());
        put_signed(bytes, self.stop_signal.into());
        put_number(bytes, self.resident_kib_max);
        put_number(bytes, self.strays.into());
        self.journal.put(bytes);
    }

    /// Reads the end of a child.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn take(bytes: &[u8]) -> Result<ChildEnd, Malformed> {
        let mut reader = Reader::new(bytes);
        let signed = |number: i64| i32::try_from(number).map_err(|_| Malformed("number"));
        Ok(ChildEnd {
            status: signed(reader.signed()?)?,
            stop_signal: signed(reader.signed()?)?,
            resident_kib_max: reader.number()?,
            strays: reader.narrow()?,
            journal: Snapshot::take(&mut reader)?,
        })
    }
}

/// Appends a completed run.
pub fn put_run(bytes: &mut Vec<u8>, run: u32, history: &History, overruns: &[Overrun]) {
    put_number(bytes, run.into());
    put_history(bytes, history);
    put_overruns(bytes, overruns);
}

/// Reads a completed run.
///
/// # Errors
/// When the bytes are none of `bounds`.
pub fn take_run(bytes: &[u8], bounds: Bounds) -> Result<(u32, History, Vec<Overrun>), Malformed> {
    let mut reader = Reader::new(bytes);
    let run = reader.narrow()?;
    let history = take_history(&mut reader, bounds)?;
    let overruns = take_overruns(&mut reader)?;
    if reader.is_empty() { Ok((run, history, overruns)) } else { Err(Malformed("run")) }
}

/// Puts frames together from the data of packets.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    read: usize,
}

impl Frames {
    /// Forgets what was left unfinished.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.read = 0;
    }

    /// Adds the data of a packet.
    pub fn extend(&mut self, data: &[u8]) {
        if self.read != 0 {
            self.bytes.drain(..self.read);
            self.read = 0;
        }
        self.bytes.extend_from_slice(data);
    }

    /// The next whole frame: its kind and what it holds.
    ///
    /// # Errors
    /// When a frame claims to be larger than any of ours.
    pub fn next_frame(&mut self) -> Result<Option<(u8, &[u8])>, Malformed> {
        let rest = &self.bytes[self.read..];
        let Some((head, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let size = u32::from_le_bytes(*head) as usize;
        if size == 0 || FRAME_SIZE_MAX < size {
            return Err(Malformed("frame"));
        }
        let Some(frame) = rest.get(..size) else { return Ok(None) };
        self.read += 4 + size;
        Ok(Some((frame[0], &frame[1..])))
    }
}

/// Appends a frame; `fill` adds what it holds.
pub fn put_frame(bytes: &mut Vec<u8>, kind: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0, 0, 0, 0, kind]);
    fill(bytes);
    let size = (bytes.len() - start - 4) as u32;
    bytes[start..start + 4].copy_from_slice(&size.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_put_together() {
        let mut bytes = Vec::new();
        put_frame(&mut bytes, REMARK, |b| b.extend_from_slice(b"abc"));
        put_frame(&mut bytes, DONE, |_| {});
        let mut frames = Frames::default();
        let mut seen = Vec::new();
        for byte in &bytes {
            frames.extend(&[*byte]);
            while let Some((kind, data)) = frames.next_frame().expect("they are ours") {
                seen.push((kind, data.to_vec()));
            }
        }
        assert_eq!(seen, [(REMARK, b"abc".to_vec()), (DONE, Vec::new())]);
        frames.extend(&[0xFF; 8]);
        assert_eq!(frames.next_frame(), Err(Malformed("frame")));
        frames.clear();
        assert_eq!(frames.next_frame(), Ok(None));
    }
}
