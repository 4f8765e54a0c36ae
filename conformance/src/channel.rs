//! The channel between a worker and its parent: a pair of sockets that keep packets apart.
//!
//! A packet arrives whole or not at all, whoever sends it and however it ends; that is why the
//! end of a child and its last answers keep their order.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use crate::wire::message::PACKET_SIZE_MAX;

/// Bytes that a socket may hold before its sender waits; the system may allow less.
const SEND_BUFFER_SIZE: libc::c_int = 1 << 20;

/// Makes both ends of a channel.
///
/// # Errors
/// When the system has no descriptors left.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends: [RawFd; 2] = [-1; 2];
    let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
    // SAFETY: the array has room for two descriptors.
    let result = unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both descriptors are new and nobody else's.
    let ends = ends.map(|end| unsafe { OwnedFd::from_raw_fd(end) });
    for end in &ends {
        let size = SEND_BUFFER_SIZE;
        // SAFETY: the option takes an int of this size. That it may fail does no harm.
        unsafe {
            let value = (&raw const size).cast();
            let length = size_of_val(&size) as libc::socklen_t;
            libc::setsockopt(end.as_raw_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF, value, length);
        }
    }
    let [one, other] = ends;
    Ok((one, other))
}

/// Makes a pipe.
///
/// # Errors
/// When the system has no descriptors left.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends: [RawFd; 2] = [-1; 2];
    // SAFETY: the array has room for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both descriptors are new and nobody else's.
    let [read, write] = ends.map(|end| unsafe { OwnedFd::from_raw_fd(end) });
    Ok((read, write))
}

/// Lets reads from a descriptor return at once.
///
/// # Errors
/// When the descriptor does not allow it.
pub fn set_nonblocking(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the descriptor is open and the flag is one of the call.
    match unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sends a packet, and a descriptor with it if one is given.
///
/// # Errors
/// When nobody can receive it any more.
pub fn send(
    fd: BorrowedFd<'_>,
    kind: u8,
    data: &[u8],
    with: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let mut parts = [
        libc::iovec { iov_base: (&raw const kind).cast_mut().cast(), iov_len: 1 },
        libc::iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() },
    ];
    let mut control = Control::default();
    // SAFETY: all zeros is a header without name, data and control.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    if let Some(with) = with {
        control.fill(&mut header, with.as_raw_fd());
    }
    loop {
        // SAFETY: the header and all that it points to live until the call returns.
        let sent = unsafe { libc::sendmsg(fd.as_raw_fd(), &header, libc::MSG_NOSIGNAL) };
        if 0 <= sent {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Sends a message of any size as packets of the kinds `part` and, at its end, `last`.
///
/// # Errors
/// When nobody can receive it any more.
pub fn send_parts(fd: BorrowedFd<'_>, part: u8, last: u8, data: &[u8]) -> io::Result<()> {
    let mut rest = data;
    loop {
        let (now, later) = rest.split_at(rest.len().min(PACKET_SIZE_MAX - 1));
        rest = later;
        let kind = if rest.is_empty() { last } else { part };
        send(fd, kind, now, None)?;
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// Receives packets into memory of its own.
#[derive(Debug)]
pub struct Receiver {
    buffer: Vec<u8>,
}

/// A packet.
#[derive(Debug)]
pub struct Packet<'a> {
    /// What it is.
    pub kind: u8,
    /// What it holds.
    pub data: &'a [u8],
    /// A descriptor that came with it.
    pub fd: Option<OwnedFd>,
}

impl Receiver {
    /// A receiver that has nothing yet.
    pub fn new() -> Receiver {
        Receiver { buffer: vec![0; PACKET_SIZE_MAX] }
    }

    /// Receives one packet; `None` when nobody can send any more.
    ///
    /// # Errors
    /// When the descriptor is no channel, or would have to be waited for.
    pub fn receive(&mut self, fd: BorrowedFd<'_>, wait: bool) -> io::Result<Option<Packet<'_>>> {
        let size = self.buffer.len();
        let mut part = libc::iovec { iov_base: self.buffer.as_mut_ptr().cast(), iov_len: size };
        let mut control = Control::default();
        // SAFETY: all zeros is a header without name, data and control.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        header.msg_iov = &raw mut part;
        header.msg_iovlen = 1;
        header.msg_control = control.bytes.as_mut_ptr().cast();
        header.msg_controllen = size_of_val(&control.bytes) as _;
        let flags = libc::MSG_CMSG_CLOEXEC | if wait { 0 } else { libc::MSG_DONTWAIT };
        let received = loop {
            // SAFETY: the header and all that it points to live until the call returns.
            let received = unsafe { libc::recvmsg(fd.as_raw_fd(), &mut header, flags) };
            if 0 <= received {
                break received as usize;
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        };
        // SAFETY: the header was filled by the call.
        let fd = unsafe { descriptor_in(&header) };
        match self.buffer[..received].split_first() {
            Some((kind, data)) => Ok(Some(Packet { kind: *kind, data, fd })),
            None => Ok(None),
        }
    }
}

impl Default for Receiver {
    fn default() -> Receiver {
        Receiver::new()
    }
}

/// Room for one descriptor beside a packet.
#[derive(Default)]
#[repr(C, align(8))]
struct Control {
    bytes: [u64; 4],
}

impl Control {
    fn fill(&mut self, header: &mut libc::msghdr, fd: RawFd) {
        const SIZE: libc::c_uint = size_of::<RawFd>() as libc::c_uint;
        header.msg_control = self.bytes.as_mut_ptr().cast();
        // SAFETY: the control memory has room for a header and one descriptor, and is aligned.
        unsafe {
            header.msg_controllen = libc::CMSG_SPACE(SIZE) as _;
            let message = libc::CMSG_FIRSTHDR(header);
            (*message).cmsg_level = libc::SOL_SOCKET;
            (*message).cmsg_type = libc::SCM_RIGHTS;
            (*message).cmsg_len = libc::CMSG_LEN(SIZE) as _;
            libc::CMSG_DATA(message).cast::<RawFd>().write_unaligned(fd);
        }
    }
}

/// # Safety
/// The header was filled by `recvmsg`, with room for one descriptor.
unsafe fn descriptor_in(header: &libc::msghdr) -> Option<OwnedFd> {
    // SAFETY: by the contract above; a descriptor that came with the packet is ours.
    unsafe {
        let message = libc::CMSG_FIRSTHDR(header);
        if message.is_null()
            || (*message).cmsg_level != libc::SOL_SOCKET
            || (*message).cmsg_type != libc::SCM_RIGHTS
        {
            return None;
        }
        Some(OwnedFd::from_raw_fd(libc::CMSG_DATA(message).cast::<RawFd>().read_unaligned()))
    }
}

/// Waits until one of two descriptors can be read, or the time is over; tells which of them can.
///
/// # Errors
/// When a descriptor is not open.
pub fn wait_for(fds: [BorrowedFd<'_>; 2], time: Duration) -> io::Result<[bool; 2]> {
    let of =
        |fd: &BorrowedFd<'_>| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let mut polled = [of(&fds[0]), of(&fds[1])];
    let milliseconds = time.as_millis().min(i32::MAX as u128) as i32;
    // SAFETY: the array has two elements.
    let result = unsafe { libc::poll(polled.as_mut_ptr(), 2, milliseconds) };
    if result < 0 {
        let error = io::Error::last_os_error();
        return match error.kind() {
            io::ErrorKind::Interrupted => Ok([false, false]),
            _ => Err(error),
        };
    }
    Ok(polled.map(|fd| fd.revents != 0))
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn packets_keep_their_bounds_and_bring_descriptors() {
        let (one, other) = pair().expect("sockets can be had");
        let (read, write) = pipe().expect("a pipe can be had");
        send(one.as_fd(), 7, b"abc", Some(write.as_fd())).expect("it is open");
        let big = vec![5; PACKET_SIZE_MAX];
        send_parts(one.as_fd(), 1, 2, &big).expect("it is open");
        drop((write, one));

        let mut receiver = Receiver::new();
        let packet = receiver.receive(other.as_fd(), true).expect("it came").expect("it is one");
        assert_eq!((packet.kind, packet.data), (7, b"abc".as_slice()));
        assert!(packet.fd.is_some());
        let mut sizes = Vec::new();
        while let Some(packet) = receiver.receive(other.as_fd(), true).expect("it came") {
            sizes.push((packet.kind, packet.data.len()));
        }
        assert_eq!(sizes, [(1, PACKET_SIZE_MAX - 1), (2, 1)]);
        drop(read);
    }
}
