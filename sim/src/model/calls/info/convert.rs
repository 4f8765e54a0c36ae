//! The helpers that turn addresses of one form into the other.

use super::WRONG;
use crate::clause::{
    convert_ipv6_address_and_length_to_net_address as to_net_address,
    convert_net_address_to_ipv6_address_and_length as to_ipv6,
};
use crate::model::Model;
use crate::model::reply::{Reply, refuse};
use crate::vocabulary::call::{
    ConvertIpv6AddressAndLengthToNetAddress, ConvertNetAddressToIpv6AddressAndLength,
};
use crate::vocabulary::constants::AF_INET6;
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::NetAddress;

impl Model {
    pub(in crate::model::calls) fn convert_net_address_to_ipv6_address_and_length(
        &mut self,
        call: &ConvertNetAddressToIpv6AddressAndLength,
        out: &mut Observation,
    ) -> Reply {
        use to_ipv6 as c;
        let address = call
            .net_address
            .filter(|a| a.family == AF_INET6 && a.length <= 128 && call.address_size == 16);
        let (Some(address), true, true) = (address, call.address, call.length) else {
            return refuse(WRONG, &[c::UNDOCUMENTED]);
        };
        out.status(Status::NO_ERROR, &[c::UNDOCUMENTED, c::EFFECT]);
        let bits = NetAddress { length: 128, ..address };
        out.add(Place::output(1), Value::Address(bits), &[c::EFFECT, c::ADDRESS_SIZE]);
        let length = match self.oracle.takes(c::EFFECT_FULL_LENGTH) {
            true => bits.length,
            false => address.length,
        };
        out.number(Place::output(2), length, &[c::EFFECT]);
        Ok(())
    }

    pub(in crate::model::calls) fn convert_ipv6_address_and_length_to_net_address(
        &mut self,
        call: &ConvertIpv6AddressAndLengthToNetAddress,
        out: &mut Observation,
    ) -> Reply {
        use to_net_address as c;
        if !call.net_address || 128 < call.length || call.address_size != 16 {
            return refuse(WRONG, &[c::UNDOCUMENTED]);
        }
        out.status(Status::NO_ERROR, &[c::UNDOCUMENTED, c::EFFECT]);
        let length = match self.oracle.takes(c::EFFECT_FULL_LENGTH) {
            true => 128,
            false => call.length as u16,
        };
        let address = NetAddress::v6(call.address, length);
        out.add(Place::output(0), Value::Address(address), &[c::EFFECT, c::BY_VALUE_ADDRESS]);
        Ok(())
    }
}
