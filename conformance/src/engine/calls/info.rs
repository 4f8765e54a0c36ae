//! From handles to information, and giving the information back; the two conversions.

use rtm_abi::types::{EntityInfo, In6Addr, NetAddress, NextHopInfo};
use rtm_sim::vocabulary::call::{
    ConvertIpv6AddressAndLengthToNetAddress, ConvertNetAddressToIpv6AddressAndLength, GetDestInfo,
    GetEntityInfo, GetNextHopInfo, GetRouteInfo, ReleaseDestInfo, ReleaseEntityInfo,
    ReleaseNextHopInfo, ReleaseRouteInfo,
};

use super::super::arguments::{octets, raw};
use super::super::calling::Calling;
use super::super::observe::{dest_info, entity_info, next_hop_info, route_info};
use super::invoke;

#[doc(alias = "RtmConvertNetAddressToIpv6AddressAndLength")]
pub fn convert_net_address_to_ipv6_address_and_length(
    c: &mut Calling<'_>,
    call: &ConvertNetAddressToIpv6AddressAndLength,
) {
    let net_address = c.address(0, &call.net_address);
    let address = c.out(1, call.address, size_of::<In6Addr>());
    let length = c.out_word(2, call.length);
    invoke!(
        c,
        convert_net_address_to_ipv6_address_and_length(
            net_address.pointer(),
            address.pointer(),
            length.pointer(),
            call.address_size,
        )
    );
    c.see_octets(address);
    c.see_word(length);
}

#[doc(alias = "RtmConvertIpv6AddressAndLengthToNetAddress")]
pub fn convert_ipv6_address_and_length_to_net_address(
    c: &mut Calling<'_>,
    call: &ConvertIpv6AddressAndLengthToNetAddress,
) {
    let net_address = c.out(0, call.net_address, size_of::<NetAddress>());
    invoke!(
        c,
        convert_ipv6_address_and_length_to_net_address(
            net_address.pointer(),
            octets(call.address),
            call.length,
            call.address_size,
        )
    );
    c.see_address(net_address);
}

#[doc(alias = "RtmGetEntityInfo")]
pub fn get_entity_info(c: &mut Calling<'_>, call: &GetEntityInfo) {
    let info = c.out(2, call.entity_info, size_of::<EntityInfo>());
    invoke!(c, get_entity_info(raw(call.registration), raw(call.entity), info.pointer()));
    c.see_structure(info, entity_info);
}

#[doc(alias = "RtmGetDestInfo")]
pub fn get_dest_info(c: &mut Calling<'_>, call: &GetDestInfo) {
    let views = c.known().view_count(call.registration, call.target_views);
    let info = c.out_dest(4, call.dest_info, views);
    invoke!(
        c,
        get_dest_info(
            raw(call.registration),
            raw(call.dest),
            call.protocol,
            call.target_views,
            info.pointer(),
        )
    );
    c.see_structure(info, dest_info);
}

#[doc(alias = "RtmGetRouteInfo")]
pub fn get_route_info(c: &mut Calling<'_>, call: &GetRouteInfo) {
    let room = c.known().next_hops(call.registration);
    let info = c.out_route(2, call.route_info, room);
    let address = c.out(3, call.dest_address, size_of::<NetAddress>());
    invoke!(
        c,
        get_route_info(raw(call.registration), raw(call.route), info.pointer(), address.pointer(),)
    );
    c.see_structure(info, route_info);
    c.see_address(address);
}

#[doc(alias = "RtmGetNextHopInfo")]
pub fn get_next_hop_info(c: &mut Calling<'_>, call: &GetNextHopInfo) {
    let info = c.out(2, call.next_hop_info, size_of::<NextHopInfo>());
    invoke!(c, get_next_hop_info(raw(call.registration), raw(call.next_hop), info.pointer()));
    c.see_structure(info, next_hop_info);
}

#[doc(alias = "RtmReleaseEntityInfo")]
pub fn release_entity_info(c: &mut Calling<'_>, call: &ReleaseEntityInfo) {
    let info = c.entity(1, &call.entity_info);
    invoke!(c, release_entity_info(raw(call.registration), info.pointer()));
}

#[doc(alias = "RtmReleaseDestInfo")]
pub fn release_dest_info(c: &mut Calling<'_>, call: &ReleaseDestInfo) {
    let info = c.dests(1, &call.dest_info, 1);
    invoke!(c, release_dest_info(raw(call.registration), info.pointer()));
}

#[doc(alias = "RtmReleaseRouteInfo")]
pub fn release_route_info(c: &mut Calling<'_>, call: &ReleaseRouteInfo) {
    let info = c.route(1, &call.route_info, 0);
    invoke!(c, release_route_info(raw(call.registration), info.pointer()));
}

#[doc(alias = "RtmReleaseNextHopInfo")]
pub fn release_next_hop_info(c: &mut Calling<'_>, call: &ReleaseNextHopInfo) {
    let info = c.next_hop(1, &call.next_hop_info);
    invoke!(c, release_next_hop_info(raw(call.registration), info.pointer()));
}
