//! The structures of the interface, as values.
//!
//! They hold what an engine was given or gave back; handles in them belong to that engine's
//! world. Layout in memory is the business of `rtm-abi`.

use std::fmt;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::constants::{AF_INET, AF_INET6};
use super::handle::Handle;

/// An address with a prefix length.
#[doc(alias = "RTM_NET_ADDRESS")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NetAddress {
    /// `AF_INET` 2, `AF_INET6` 23, or anything that a test wants to try.
    pub family: u16,
    /// Leading bits that count.
    pub length: u16,
    /// The address, first octet first; IPv4 uses the first four.
    pub bits: [u8; 16],
}

impl NetAddress {
    /// An IPv4 prefix.
    pub fn v4(octets: [u8; 4], length: u16) -> NetAddress {
        let mut bits = [0; 16];
        bits[..4].copy_from_slice(&octets);
        NetAddress { family: AF_INET, length, bits }
    }

    /// An IPv6 prefix.
    pub fn v6(octets: [u8; 16], length: u16) -> NetAddress {
        NetAddress { family: AF_INET6, length, bits: octets }
    }
}

impl fmt::Display for NetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            AF_INET => {
                let [a, b, c, d, ..] = self.bits;
                write!(f, "{a}.{b}.{c}.{d}/{}", self.length)?;
                let rest = &self.bits[4..];
                if rest.iter().any(|b| *b != 0) { write!(f, " (then {rest:02x?})") } else { Ok(()) }
            }
            AF_INET6 => {
                write!(f, "{}/{}", std::net::Ipv6Addr::from(self.bits), self.length)
            }
            other => write!(f, "family {other} {:02x?}/{}", self.bits, self.length),
        }
    }
}

/// Who a client is.
#[doc(alias = "RTM_ENTITY_INFO")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EntityInfo {
    /// The routing table manager instance.
    pub instance: u16,
    /// The address family.
    pub family: u16,
    /// The protocol.
    pub protocol: u32,
    /// Which of several registrations of that protocol.
    pub protocol_instance: u32,
}

/// A next hop.
#[doc(alias = "RTM_NEXTHOP_INFO")]
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct NextHopInfo {
    /// Address of the next hop.
    pub address: NetAddress,
    /// The client that owns it.
    pub owner: Handle,
    /// Index of the outgoing interface.
    pub interface: u32,
    /// 0 created, 1 deleted.
    pub state: u16,
    /// `RTM_NEXTHOP_FLAGS_...`.
    pub flags: u16,
    /// The owner's own value.
    pub entity_specific_info: u64,
    /// Destination that a remote next hop's address belongs to.
    pub remote_next_hop: Handle,
}

/// A route.
#[doc(alias = "RTM_ROUTE_INFO")]
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RouteInfo {
    /// The destination it leads to.
    pub dest: Handle,
    /// The client that owns it.
    pub owner: Handle,
    /// The next hop it was learnt from, or NULL.
    pub neighbour: Handle,
    /// 0 created, 1 deleting, 2 deleted.
    pub state: u8,
    /// Kept for version 1.
    pub flags1: u8,
    /// `RTM_ROUTE_FLAGS_...`.
    pub flags: u16,
    /// Second criterion, lower is better.
    pub metric: u32,
    /// First criterion, lower is better; 0 on input asks for the default.
    pub preference: u32,
    /// Views that the route takes part in.
    pub views: u32,
    /// The owner's own value.
    pub entity_specific_info: u64,
    /// Next hops of equal cost.
    pub next_hops: SmallVec<[Handle; 4]>,
}

/// What one view shows of a destination.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DestViewInfo {
    /// Number of the view.
    pub view: u32,
    /// Routes of the view.
    pub num_routes: u32,
    /// The best route that fits, or NULL.
    pub route: Handle,
    /// Its owner.
    pub owner: Handle,
    /// Its flags.
    pub flags: u32,
    /// The route held down in the view, or NULL.
    pub hold_route: Handle,
}

/// A destination.
#[doc(alias = "RTM_DEST_INFO")]
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DestInfo {
    /// The destination itself.
    pub dest: Handle,
    /// Its prefix.
    pub address: NetAddress,
    /// Time of its last change.
    pub last_changed: u64,
    /// Views that it belongs to.
    pub belongs_to_views: u32,
    /// One element a view asked for.
    pub views: SmallVec<[DestViewInfo; 2]>,
}

/// Destinations that are given at once. Nearly always it is one: nothing of it is allocated then.
pub type DestInfos = SmallVec<[DestInfo; 1]>;
