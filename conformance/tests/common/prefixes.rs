//! The prefixes of a routing table, of a file or made up.
//!
//! A real table is in the test data of the bart project (github.com/gaissmai/bart, MIT licence),
//! 1,062,046 prefixes, one a line, as text that gzip packed. No copy of it is kept here.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Command;

/// Lengths of IPv4 prefixes in a full table of the Internet, in tenths of a percent.
const LENGTHS: [(u8, u32); 8] =
    [(16, 13), (19, 24), (20, 44), (21, 50), (22, 109), (23, 103), (24, 631), (18, 26)];

/// Chance that is the same every time.
pub struct Chance(pub u64);

impl Chance {
    /// A number below `below`.
    pub fn draw(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (((self.0 >> 32) * u64::from(below)) >> 32) as u32
    }

    /// One of these lengths, as often as its share says.
    pub fn length(&mut self, lengths: &[(u8, u32)]) -> u8 {
        let mut at = self.draw(lengths.iter().map(|(_, share)| share).sum());
        let found = lengths.iter().find(|(_, share)| {
            let here = at < *share;
            at = at.saturating_sub(*share);
            here
        });
        found.map_or(0, |(length, _)| *length)
    }
}

/// The lines of a file, which `gzip` may have compressed.
pub fn read(file: &Path) -> io::Result<Vec<String>> {
    let is_compressed = file.extension().is_some_and(|extension| extension == "gz");
    let bytes = match is_compressed {
        true => {
            let output = Command::new("gzip").arg("-dc").arg(file).output()?;
            if !output.status.success() {
                let message = format!("failed to decompress {}", file.display());
                return Err(io::Error::other(message));
            }
            output.stdout
        }
        false => std::fs::read(file)?,
    };
    let text = String::from_utf8(bytes).map_err(io::Error::other)?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Different IPv4 prefixes whose lengths are spread as in a real table, in ascending order.
pub fn made_up(count: usize) -> Vec<String> {
    let mut chance = Chance(1);
    let mut known = BTreeSet::new();
    while known.len() < count {
        let length = chance.length(&LENGTHS);
        let address = (1 + chance.draw(222)) << 24 | chance.draw(1 << 24);
        known.insert((address & u32::MAX << (32 - length), length));
    }
    let line =
        |(address, length): &(u32, u8)| format!("{}/{length}", std::net::Ipv4Addr::from(*address));
    known.iter().map(line).collect()
}
