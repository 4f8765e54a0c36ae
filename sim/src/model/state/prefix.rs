//! Prefixes: addresses with a length, in canonical form and in the order of the interface.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use crate::vocabulary::constants::AF_INET6;
use crate::vocabulary::structures::NetAddress;

/// A prefix of one family: its leading bits, then zeros, and their number.
///
/// The order is that of the enumerations: address first, then length, shortest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Prefix {
    /// In network byte order: there are many prefixes, and a number would have to be aligned.
    bits: [u8; 16],
    length: u8,
}

impl Ord for Prefix {
    #[inline]
    fn cmp(&self, other: &Prefix) -> Ordering {
        (self.bits(), self.length).cmp(&(other.bits(), other.length))
    }
}

impl PartialOrd for Prefix {
    #[inline]
    fn partial_cmp(&self, other: &Prefix) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Bits of an address of the family.
pub fn width(family: u16) -> u16 {
    if family == AF_INET6 { 128 } else { 32 }
}

impl Prefix {
    /// The prefixes with the same address, of whatever length.
    pub fn of_any_length(self) -> RangeInclusive<Prefix> {
        Prefix { length: 0, ..self }..=Prefix { length: u8::MAX, ..self }
    }

    /// The prefix of length 0.
    pub const DEFAULT: Prefix = Prefix { bits: [0; 16], length: 0 };

    /// The first `length` of these bits.
    #[inline]
    fn new(bits: u128, length: u8) -> Prefix {
        Prefix { bits: (bits & mask(length)).to_be_bytes(), length }
    }

    #[inline]
    fn bits(self) -> u128 {
        u128::from_be_bytes(self.bits)
    }

    /// The canonical form of an address: what lies beyond its length is cleared. `None` when it
    /// is of another family, or longer than the family's addresses.
    #[inline]
    pub fn of(address: &NetAddress, family: u16) -> Option<Prefix> {
        if address.family != family || width(family) < address.length {
            return None;
        }
        let length = address.length as u8;
        Some(Prefix::new(u128::from_be_bytes(address.bits), length))
    }

    /// Whether the address has bits beyond the prefix that its family has room for.
    pub fn leaves_bits_of(self, address: &NetAddress) -> bool {
        let bytes = usize::from(width(address.family) / 8);
        self.bits[..bytes] != address.bits[..bytes]
    }

    /// The prefix as an address.
    #[inline]
    pub fn address(self, family: u16) -> NetAddress {
        NetAddress { family, length: u16::from(self.length), bits: self.bits }
    }

    /// Whether it is no longer than `other` and equal to it on its own bits.
    #[inline]
    pub fn covers(self, other: Prefix) -> bool {
        self.length <= other.length && other.bits() & mask(self.length) == self.bits()
    }

    /// The prefix that is `length` bits long and covers this one.
    #[must_use]
    pub fn shortened(self, length: u8) -> Prefix {
        Prefix::new(self.bits(), length)
    }

    /// Whether two prefixes have the same address, as far as both say it.
    pub fn same_address(one: Prefix, other: Prefix) -> bool {
        let length = one.length().min(other.length());
        one.shortened(length) == other.shortened(length)
    }

    /// Whether the bits are the same, whatever the lengths.
    pub fn same_bits(self, other: Prefix) -> bool {
        self.bits == other.bits
    }

    /// All prefixes of the same bits.
    pub fn of_all_lengths(self) -> RangeInclusive<Prefix> {
        Prefix { length: 0, ..self }..=Prefix { length: u8::MAX, ..self }
    }

    /// Leading bits that count.
    pub fn length(self) -> u8 {
        self.length
    }
}

fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}
