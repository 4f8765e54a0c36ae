//! What a child sends to the parent.
//!
//! Before anything is sent it is checked that the channel is still the channel, and that this
//! process still is the child: a call may have closed the one or copied the other.

use std::os::fd::{BorrowedFd, RawFd};

use super::journal::{Journal, mark};
use crate::channel;
use crate::wire::message::{DATA, PACKET_SIZE_MAX, put_frame};

/// Exit status of a child that lost its channel; only the journal tells.
const CHANNEL_LOST: i32 = 72;
/// Exit status of a copy of a child.
const FORKED_COPY: i32 = 73;

/// Frames on their way to the parent.
#[derive(Debug)]
pub struct Outbox {
    channel: RawFd,
    /// Device and number of the channel.
    identity: (u64, u64),
    pid: libc::pid_t,
    journal: &'static Journal,
    bytes: Vec<u8>,
}

impl Outbox {
    /// An outbox of this process.
    pub fn new(channel: RawFd, journal: &'static Journal) -> Outbox {
        // SAFETY: the call only reads.
        let pid = unsafe { libc::getpid() };
        Outbox { channel, identity: identity_of(channel), pid, journal, bytes: Vec::new() }
    }

    /// Adds a frame; it is sent when enough has come together.
    pub fn add(&mut self, kind: u8, fill: impl FnOnce(&mut Vec<u8>)) {
        put_frame(&mut self.bytes, kind, fill);
        if PACKET_SIZE_MAX <= self.bytes.len() {
            self.flush();
        }
    }

    /// Sends everything.
    pub fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        // SAFETY: the call only reads.
        if unsafe { libc::getpid() } != self.pid {
            // The copy ends in silence, and is found among what the child left behind.
            // SAFETY: ends the process.
            unsafe { libc::_exit(FORKED_COPY) };
        }
        if identity_of(self.channel) != self.identity {
            self.give_up();
        }
        // SAFETY: the descriptor is open: it was just looked at.
        let channel = unsafe { BorrowedFd::borrow_raw(self.channel) };
        if channel::send_parts(channel, DATA, DATA, &self.bytes).is_err() {
            self.give_up();
        }
        self.bytes.clear();
    }

    fn give_up(&self) -> ! {
        self.journal.mark(mark::CHANNEL_LOST);
        // SAFETY: ends the process; nothing can be told any more.
        unsafe { libc::_exit(CHANNEL_LOST) }
    }
}

fn identity_of(fd: RawFd) -> (u64, u64) {
    // SAFETY: all zeros is a status; the call fills it, or fails and leaves it.
    unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        match libc::fstat(fd, &mut status) {
            0 => (status.st_dev as u64, status.st_ino as u64),
            _ => (0, 0),
        }
    }
}
