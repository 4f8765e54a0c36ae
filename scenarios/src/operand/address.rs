//! Addresses: prefixes as text, tables for odd ones, and what a step gave back.

use std::net::{IpAddr, Ipv6Addr};

use rtm_sim::program::operand::AddressRef;
use rtm_sim::vocabulary::constants::AF_INET6;
use rtm_sim::vocabulary::structures::NetAddress;
use toml::de::{DeTable, DeValue};

use super::Want;
use super::number::NumberRule;
use crate::checker::{Checker, Span, Value};
use crate::code::Code;
use crate::diagnostic::shown;

/// Keys of an address that is written as a table.
pub(crate) const ADDRESS_KEYS: &[&str] = &["address-family", "num-bits", "addr-bits"];

const NO_ADDRESS: AddressRef =
    AddressRef::Literal(NetAddress { family: 0, length: 0, bits: [0; 16] });

impl Checker {
    /// An address operand.
    pub(crate) fn address(&mut self, value: &Value) -> AddressRef {
        match value.get_ref() {
            DeValue::Table(table) => AddressRef::Literal(self.address_table(table, value.span())),
            DeValue::String(text) => {
                let text = self.turned(text, value.span());
                let is_address =
                    text.starts_with(|c: char| c.is_ascii_digit()) || text.contains([':', '/']);
                if is_address {
                    let address = self.address_text(&text, value.span());
                    return address.map_or(NO_ADDRESS, AddressRef::Literal);
                }
                let target = self.target(&text, value.span(), Want::Address);
                target.map_or(NO_ADDRESS, |t| AddressRef::Bound(t.bound))
            }
            _ => {
                self.wrong_type(value, "an address such as \"10.0.0.0/8\"");
                NO_ADDRESS
            }
        }
    }

    /// Sixteen bytes, as an IPv6 address.
    pub(crate) fn ipv6(&mut self, value: &Value) -> [u8; 16] {
        let Some(text) = self.text(value) else { return [0; 16] };
        match text.parse::<Ipv6Addr>() {
            Ok(address) => address.octets(),
            Err(_) => {
                let message = format!("`{}` is no IPv6 address", shown(&text, 80));
                self.wrong(Code::BadAddress, value.span(), message);
                [0; 16]
            }
        }
    }

    /// `10.0.0.0/8`, `10.0.0.1`, `10.0.0.0/24 + 3`.
    fn address_text(&mut self, text: &str, span: Span) -> Option<NetAddress> {
        let (prefix, steps) = match text.split_once(" + ") {
            Some((prefix, steps)) => (prefix, steps.trim().parse::<u64>().ok()),
            None => (text, Some(0)),
        };
        let Some(steps) = steps else {
            let message = format!("`{}` is no address", shown(text, 80));
            let help = "the third prefix after another is `10.0.0.0/24 + 3`";
            self.wrong_help(Code::BadAddress, span, message, help);
            return None;
        };
        let (address, length) = match prefix.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (prefix, None),
        };
        let Ok(address) = address.trim().parse::<IpAddr>() else {
            let message = format!("`{}` is no address", shown(address, 80));
            let help = "an address is `10.0.0.0/8`, `10.0.0.1` or `2001:db8::/32`";
            self.wrong_help(Code::BadAddress, span, message, help);
            return None;
        };
        let width = if address.is_ipv4() { 32 } else { 128 };
        let length = match length.map(|l| l.trim().parse::<u16>()) {
            None => width,
            Some(Ok(length)) if length <= width => length,
            Some(_) => {
                let message = format!("a prefix of this family has 0 to {width} bits");
                let help = "write an odd length as a table: \
                            `{ address-family = \"AF_INET\", num-bits = 33, addr-bits = [10] }`";
                self.wrong_help(Code::BadAddress, span, message, help);
                return None;
            }
        };
        let address = match address {
            IpAddr::V4(address) => NetAddress::v4(address.octets(), length),
            IpAddr::V6(address) => NetAddress::v6(address.octets(), length),
        };
        let next = following(address, steps);
        if next.is_none() {
            let message = format!("`{prefix}` plus {steps} is out of the family");
            self.wrong(Code::BadAddress, span, message);
        }
        next
    }

    fn address_table(&mut self, table: &DeTable, span: Span) -> NetAddress {
        self.check_keys(table, "an address", ADDRESS_KEYS);
        let rule = NumberRule::plain(16);
        let mut number = |key: &str| table.get(key).map(|v| self.literal(v, rule) as u16);
        let (family, length) = (number("address-family"), number("num-bits"));
        if family.is_none() || length.is_none() {
            let message = "an address table says `address-family` and `num-bits`";
            self.wrong(Code::MissingKey, span, message);
        }
        let mut bits = [0; 16];
        if let Some(value) = table.get("addr-bits") {
            let bytes = self.array(value, "an array of bytes").unwrap_or_default();
            if bits.len() < bytes.len() {
                self.wrong(Code::OutOfRange, value.span(), "an address has at most 16 bytes");
            }
            for (bit, byte) in bits.iter_mut().zip(bytes) {
                *bit = self.integer(byte, 0, 255).unwrap_or(0) as u8;
            }
        }
        NetAddress { family: family.unwrap_or(0), length: length.unwrap_or(0), bits }
    }
}

/// The prefix of the same length so many places further on, if there is one.
fn following(address: NetAddress, steps: u64) -> Option<NetAddress> {
    if steps == 0 {
        return Some(address);
    }
    let width = if address.family == AF_INET6 { 128 } else { 32 };
    let shift = width - u32::from(address.length);
    let value = u128::from_be_bytes(address.bits) >> (128 - width);
    let step = u128::from(steps).checked_shl(shift)?;
    if step >> shift != u128::from(steps) {
        return None;
    }
    let sum = value.checked_add(step)?;
    if width < 128 && sum >> width != 0 {
        return None;
    }
    let bits = (sum << (128 - width)).to_be_bytes();
    Some(NetAddress { bits, ..address })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_follow_each_other() {
        let check = |octets: [u8; 4], length, steps, expect: Option<[u8; 4]>| {
            let found = following(NetAddress::v4(octets, length), steps);
            assert_eq!(found, expect.map(|octets| NetAddress::v4(octets, length)));
        };
        check([10, 0, 0, 0], 24, 0, Some([10, 0, 0, 0]));
        check([10, 0, 0, 0], 24, 257, Some([10, 1, 1, 0]));
        check([10, 0, 0, 0], 32, 1, Some([10, 0, 0, 1]));
        check([255, 255, 255, 0], 24, 1, None);
        check([10, 0, 0, 0], 0, 1, None);
        let whole = NetAddress::v6([0; 16], 0);
        assert_eq!(following(whole, 1), None);
        let last = NetAddress::v6([255; 16], 128);
        assert_eq!(following(last, 1), None);
        assert_eq!(
            following(NetAddress::v6([0; 16], 128), u64::MAX).map(|a| a.bits[15]),
            Some(255)
        );
    }
}
