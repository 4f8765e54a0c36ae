//! A naive oracle: lists of routes and next hops, and a count for each client and handle.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rtm_sim::vocabulary::handle::Handle;

use crate::shared::{ACCESS_DENIED, INVALID_HANDLE, NOT_FOUND};

/// Address and length.
pub type Net = (u8, u8, u16);

#[derive(Clone, Debug)]
pub struct Route {
    pub handle: Handle,
    pub net: Net,
    pub owner: usize,
    pub hop: Handle,
    pub rank: (u32, u32),
    pub listed: bool,
}

#[derive(Clone, Debug)]
pub struct Hop {
    pub handle: Handle,
    pub owner: usize,
    pub last: u8,
    pub listed: bool,
}

/// What the table must hold. Routes and next hops stand in the order of their creation.
#[derive(Default, Debug)]
pub struct Oracle {
    pub routes: Vec<Route>,
    pub hops: Vec<Hop>,
    held: BTreeMap<(usize, Handle), u32>,
}

impl Oracle {
    pub fn take(&mut self, client: usize, handle: Handle) {
        *self.held.entry((client, handle)).or_default() += 1;
    }

    /// Gives references back if the client holds as many; whether it does.
    pub fn give_back(&mut self, client: usize, handle: Handle, count: u32) -> bool {
        let held = self.held.entry((client, handle)).or_default();
        let enough = count <= *held;
        if enough {
            *held -= count;
        }
        enough
    }

    /// The status with which references are given back: all of them, or none.
    pub fn release(&mut self, client: usize, handle: Handle, count: u32) -> u64 {
        if self.give_back(client, handle, count) { 0 } else { INVALID_HANDLE }
    }

    /// The status with which a client deletes a route; a deletion uses one reference up.
    pub fn delete_route(&mut self, client: usize, at: usize) -> u64 {
        let route = self.routes[at].clone();
        match () {
            () if !self.route_lives(&route) => INVALID_HANDLE,
            () if route.owner != client => ACCESS_DENIED,
            () if !route.listed => NOT_FOUND,
            () => {
                self.routes[at].listed = false;
                self.give_back(client, route.handle, 1);
                0
            }
        }
    }

    fn is_held(&self, handle: Handle) -> bool {
        self.held.iter().any(|((_, known), count)| *known == handle && *count != 0)
    }

    pub fn route_lives(&self, route: &Route) -> bool {
        route.listed || self.is_held(route.handle)
    }

    pub fn hop_lives(&self, hop: &Hop) -> bool {
        let used = |r: &Route| r.hop == hop.handle && self.route_lives(r);
        hop.listed || self.is_held(hop.handle) || self.routes.iter().any(used)
    }

    pub fn listed(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| route.listed)
    }

    pub fn find_route(&self, owner: usize, net: Net, hop: Handle) -> Option<usize> {
        let same = |r: &Route| r.listed && (r.owner, r.net, r.hop) == (owner, net, hop);
        self.routes.iter().position(same)
    }

    pub fn find_hop(&self, owner: usize, last: u8) -> Option<&Hop> {
        self.hops.iter().find(|h| h.listed && (h.owner, h.last) == (owner, last))
    }

    /// The best route of exactly this prefix: the oldest of those that rank first.
    pub fn best(&self, net: Net) -> Option<&Route> {
        self.listed().filter(|r| r.net == net).min_by_key(|r| r.rank)
    }

    /// The best route of the longest prefix that covers this one.
    pub fn longest(&self, net: Net) -> Option<&Route> {
        let covering = self.listed().filter(|r| covers(r.net, net));
        covering.min_by_key(|r| (Reverse(r.net.2), r.rank))
    }

    /// All routes: address, length, rank, age.
    pub fn in_order(&self) -> Vec<Handle> {
        let mut routes: Vec<&Route> = self.listed().collect();
        routes.sort_by_key(|r| (r.net, r.rank));
        routes.into_iter().map(|r| r.handle).collect()
    }
}

fn covers(outer: Net, inner: Net) -> bool {
    let bits = |net: Net| u16::from_be_bytes([net.0, net.1]);
    let same = (0..outer.2).all(|bit| (bits(outer) ^ bits(inner)) & 0x8000 >> bit == 0);
    outer.2 <= inner.2 && same
}
