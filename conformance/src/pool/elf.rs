//! A look at the header of a file before it is loaded.
//!
//! The loader says "No such file or directory" of a library for another machine, and dies of one
//! that is cut off; both are told in plain words here.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::unusable::Unusable;

const MAGIC: &[u8] = b"\x7FELF";
/// Bytes of the header of a 64-bit file.
const HEADER_SIZE: usize = 64;
/// Most program headers that are looked at.
const HEADER_COUNT_MAX: u64 = 256;
const TYPE_LIBRARY: u16 = 3;

/// Bits of a pointer here.
const HOST_BITS: u32 = usize::BITS;

/// The number of this machine in headers, and its name. Where it is not known here, libraries for
/// other machines are left to the loader.
const HOST: Option<(u16, &str)> = if cfg!(target_arch = "x86_64") {
    Some((62, "x86-64"))
} else if cfg!(target_arch = "aarch64") {
    Some((183, "AArch64"))
} else {
    None
};

/// Says why a file is no library of this host, if that can be seen from outside.
pub fn check(path: &Path) -> Result<(), Unusable> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Unusable::Missing(name.clone()),
        _ => Unusable::Unreadable { path: name.clone(), reason: error.to_string() },
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let information = file.metadata().map_err(unreadable)?;
    if information.is_dir() {
        return Err(Unusable::Directory(name));
    }
    let mut header = Vec::new();
    (&mut file).take(HEADER_SIZE as u64).read_to_end(&mut header).map_err(unreadable)?;
    check_header(&name, &header, information.len(), HOST)?;
    let table = ProgramTable::of(&header);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(table.offset)).map_err(unreadable)?;
    file.take(table.size()).read_to_end(&mut bytes).map_err(unreadable)?;
    let wanted = table.file_size(&bytes).max(table.offset.saturating_add(table.size()));
    let wanted = wanted.max(section_table_end(&header));
    match information.len() {
        size if size < wanted => Err(Unusable::Truncated { path: name, size, wanted }),
        _ => Ok(()),
    }
}

fn check_header(
    name: &str,
    header: &[u8],
    size: u64,
    host: Option<(u16, &'static str)>,
) -> Result<(), Unusable> {
    let path = || String::from(name);
    if header.is_empty() {
        return Err(Unusable::Empty(path()));
    }
    if !header.starts_with(MAGIC) {
        let is_text = header.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
        let found = match header {
            [b'M', b'Z', ..] => "a Windows program",
            [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => "an archive of object files",
            _ if is_text => "text",
            _ => "something else",
        };
        return Err(Unusable::NoElf { path: path(), found });
    }
    if header.len() < HEADER_SIZE {
        return Err(Unusable::Truncated { path: path(), size, wanted: HEADER_SIZE as u64 });
    }
    let bits = if header[4] == 1 { 32 } else { 64 };
    let is_little = header[5] != 2;
    let half = |at: usize| half_at(header, at, is_little);
    let machine = half(18);
    if let Some((_, host)) = host.filter(|(number, _)| *number != machine) {
        let found = machine_name(machine);
        return Err(Unusable::OtherMachine { path: path(), found, host });
    }
    if bits != HOST_BITS {
        return Err(Unusable::OtherClass { path: path(), found: bits, host: HOST_BITS });
    }
    let found = match half(16) {
        TYPE_LIBRARY => return Ok(()),
        1 => "an object file",
        2 => "a program",
        4 => "a core dump",
        _ => "an ELF file of another kind",
    };
    Err(Unusable::NoLibrary { path: path(), found })
}

fn machine_name(machine: u16) -> String {
    String::from(match machine {
        2 => "a SPARC",
        3 => "an x86 (32-bit)",
        8 => "a MIPS",
        20 => "a PowerPC",
        21 => "a 64-bit PowerPC",
        22 => "an S/390",
        40 => "an ARM (32-bit)",
        62 => "an x86-64",
        183 => "an AArch64",
        243 => "a RISC-V",
        258 => "a LoongArch",
        other => return format!("a library of machine {other}, not a known"),
    })
}

fn half_at(bytes: &[u8], at: usize, is_little: bool) -> u16 {
    let raw = [bytes[at], bytes[at + 1]];
    if is_little { u16::from_le_bytes(raw) } else { u16::from_be_bytes(raw) }
}

/// A number as wide as a pointer, of a file of this host.
fn wide(bytes: &[u8], at: usize) -> u64 {
    let mut raw = [0; 8];
    raw.copy_from_slice(&bytes[at..at + 8]);
    u64::from_ne_bytes(raw)
}

/// Where the program headers of a 64-bit file of this host are.
struct ProgramTable {
    offset: u64,
    entry_size: u64,
    count: u64,
}

impl ProgramTable {
    fn of(header: &[u8]) -> ProgramTable {
        ProgramTable {
            offset: wide(header, 32),
            entry_size: half_at(header, 54, cfg!(target_endian = "little")).into(),
            count: half_at(header, 56, cfg!(target_endian = "little")).into(),
        }
    }

    fn size(&self) -> u64 {
        self.entry_size * self.count.min(HEADER_COUNT_MAX)
    }

    /// Bytes that a file with these program headers has at least.
    fn file_size(&self, bytes: &[u8]) -> u64 {
        if self.entry_size < 56 {
            return 0;
        }
        let entries = bytes.chunks_exact(self.entry_size as usize);
        entries.map(|entry| wide(entry, 8).saturating_add(wide(entry, 32))).max().unwrap_or(0)
    }
}

fn section_table_end(header: &[u8]) -> u64 {
    let is_little = cfg!(target_endian = "little");
    let size =
        u64::from(half_at(header, 58, is_little)) * u64::from(half_at(header, 60, is_little));
    if size == 0 { 0 } else { wide(header, 40).saturating_add(size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut header = vec![0; HEADER_SIZE];
        header[..4].copy_from_slice(MAGIC);
        header[4..7].copy_from_slice(&[2, 1, 1]);
        let machine = HOST.map_or(0, |(number, _)| number);
        header[16..20].copy_from_slice(&[3, 0, machine as u8, (machine >> 8) as u8]);
        change(&mut header);
        header
    }

    #[test]
    fn headers_are_told_apart() {
        let check = |change: fn(&mut Vec<u8>), expect: &str| {
            let result = check_header("x.so", &header(change), 64, HOST);
            let text = result.map_or_else(|error| error.to_string(), |()| String::new());
            assert_eq!(text, expect);
        };
        check(|_| {}, "");
        check(Vec::clear, "x.so is empty");
        check(|h| *h = b"not a library\n".to_vec(), "x.so is no ELF file but text");
        check(|h| h[..2].copy_from_slice(b"MZ"), "x.so is no ELF file but a Windows program");
        check(|h| h[0] = 0, "x.so is no ELF file but something else");
        check(|h| h.truncate(20), "x.so is truncated: it has 64 bytes and its headers tell of 64");
        check(|h| h[16] = 2, "x.so is a program, not a shared library");
        check(|h| h[4] = 1, "x.so is a 32-bit library, this host needs 64 bits");
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn other_machines_are_named() {
        let check = |low: u8, big: bool, expect: &str| {
            let header = header(|h| {
                h[5] = if big { 2 } else { 1 };
                h[18..20].copy_from_slice(&if big { [0, low] } else { [low, 0] });
            });
            let error = check_header("x.so", &header, 64, HOST);
            let error = error.expect_err("it is of another machine");
            assert_eq!(error.to_string(), expect);
        };
        check(183, false, "x.so is an AArch64 library, this host is x86-64");
        check(22, true, "x.so is an S/390 library, this host is x86-64");
        check(3, false, "x.so is an x86 (32-bit) library, this host is x86-64");
    }

    #[test]
    fn a_host_that_is_not_known_refuses_no_machine() {
        let header = header(|h| h[18..20].copy_from_slice(&[243, 0]));
        assert_eq!(check_header("x.so", &header, 64, None), Ok(()));
    }

    #[test]
    fn sizes_are_compared() {
        let mut bytes = header(|h| {
            h[32..40].copy_from_slice(&64_u64.to_ne_bytes());
            h[54..58].copy_from_slice(&[56, 0, 1, 0]);
        });
        let mut program_header = [0; 56];
        program_header[8..16].copy_from_slice(&100_u64.to_ne_bytes());
        program_header[32..40].copy_from_slice(&50_u64.to_ne_bytes());
        bytes.extend_from_slice(&program_header);
        let table = ProgramTable::of(&bytes);
        assert_eq!(table.file_size(&bytes[64..]), 150);
        assert_eq!(section_table_end(&bytes), 0);
    }
}
