//! Random calls of three clients, compared with a naive oracle after each.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rtm_sim::engine::Operation;
use rtm_sim::model::Model;
use rtm_sim::program::Structure;
use rtm_sim::vocabulary::call::{
    Call, CreateRouteEnum, DeleteEnumHandle, DeleteNextHop, GetEnumRoutes,
    GetExactMatchDestination, GetMostSpecificDestination, GetOpaqueInformationPointer,
    ReferenceHandles, ReleaseDestInfo, ReleaseNextHops,
};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Field, Member, Place, Value, find, handle_at};
use rtm_sim::vocabulary::structures::{DestInfo, DestViewInfo};

use crate::ledger::{Hop, Net, Oracle, Route};
use crate::shared::{
    ACCESS_DENIED, INVALID_HANDLE, NO_MORE_ITEMS, NOT_FOUND, add_next_hop, add_route, checked_call,
    delete_route, for_random, model, net, one_of, operate, register, register_with_slot,
    release_routes, route_handle,
};

const SEQUENCES: u32 = 900;
const STEPS: usize = 120;
const FOREVER: u32 = u32::MAX;

const NETS: [Net; 8] = [
    (0, 0, 0),
    (10, 0, 8),
    (10, 0, 9),
    (10, 0, 16),
    (10, 64, 10),
    (10, 128, 9),
    (10, 128, 16),
    (11, 0, 8),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    AddRoute,
    DeleteRoute,
    ReleaseRoute,
    Reference,
    Exact,
    Longest,
    Enumerate,
    AddHop,
    DeleteHop,
    ReleaseHop,
    Slot,
}

/// What one client does; the numbers choose among what there is.
#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    client: usize,
    which: usize,
    rank: (u32, u32),
    count: u32,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        4 => Just(Kind::AddRoute),
        2 => Just(Kind::DeleteRoute),
        2 => Just(Kind::ReleaseRoute),
        1 => Just(Kind::Reference),
        1 => Just(Kind::Exact),
        1 => Just(Kind::Longest),
        1 => Just(Kind::Enumerate),
        2 => Just(Kind::AddHop),
        1 => Just(Kind::DeleteHop),
        1 => Just(Kind::ReleaseHop),
        1 => Just(Kind::Slot),
    ];
    let step = (kind, 0..3_usize, 0..4096_usize, (1..4_u32, 1..4_u32), 1..3_u32);
    let step = step.prop_map(|(kind, client, which, rank, count)| Step {
        kind,
        client,
        which,
        rank,
        count,
    });
    prop::collection::vec(step, STEPS)
}

struct World {
    model: Model,
    clients: [Handle; 3],
    oracle: Oracle,
    /// What each client has stored at a destination; its handle never names another one.
    slots: BTreeMap<(Handle, usize), u64>,
    calls: u32,
}

/// The client without an opaque slot.
const WITHOUT_SLOT: usize = 2;

impl World {
    fn new() -> World {
        let mut model = model("");
        let clients = [0, 1, 2].map(|actor| match usize::from(actor) {
            WITHOUT_SLOT => register(&mut model, actor),
            _ => register_with_slot(&mut model, actor),
        });
        World { model, clients, oracle: Oracle::default(), slots: BTreeMap::new(), calls: 0 }
    }

    fn call(&mut self, client: usize, made: impl Into<Call>) -> (u64, Vec<Field>) {
        self.calls += 1;
        checked_call(&mut self.model, client, made)
    }

    fn step(&mut self, step: &Step) {
        match step.kind {
            Kind::AddRoute => self.add_route(step),
            Kind::DeleteRoute => self.delete_route(step),
            Kind::ReleaseRoute => self.release_route(step),
            Kind::Reference => self.reference(step),
            Kind::Exact | Kind::Longest => self.look_up(step),
            Kind::Enumerate => self.enumerate(step),
            Kind::AddHop => self.add_hop(step),
            Kind::DeleteHop => self.delete_hop(step),
            Kind::ReleaseHop => self.release_hop(step),
            Kind::Slot => self.slot(step),
        }
    }

    /// Looks into the slot at some destination and stores something else there.
    fn slot(&mut self, step: &Step) {
        let registration = self.clients[step.client];
        let at = NETS[step.which % NETS.len()];
        let search = GetExactMatchDestination {
            registration,
            dest_address: Some(net(at.0, at.1, at.2)),
            protocol: 0,
            target_views: 0,
            dest_info: true,
        };
        let (status, fields) = self.call(step.client, search);
        if status == NOT_FOUND {
            return;
        }
        let dest = handle_at(&fields, Place::output(4).member(Member::DestHandle));
        let get = GetOpaqueInformationPointer { registration, dest, opaque_info_pointer: true };
        let (status, fields) = self.call(step.client, get);
        assert_eq!(status, if step.client == WITHOUT_SLOT { NOT_FOUND } else { 0 });
        if let Some(Value::Pointer(address)) = find(&fields, Place::output(2)) {
            let (pointer, structure) = (Handle(address), Structure::Opaque);
            let actor = step.client as u8;
            let read = operate(&mut self.model, actor, &Operation::Read { pointer, structure });
            let stored = self.slots.get(&(dest, step.client)).copied().unwrap_or(0);
            assert_eq!(find(&read, Place::POINTED), Some(Value::Number(stored)));
            let members = vec![(Member::Whole, 0, Value::Number(step.which as u64))];
            operate(&mut self.model, actor, &Operation::Write { pointer, structure, members });
            self.slots.insert((dest, step.client), step.which as u64);
        }
        let info = DestInfo {
            dest,
            address: net(0, 0, 0),
            last_changed: 0,
            belongs_to_views: 0,
            views: Default::default(),
        };
        let release = ReleaseDestInfo { registration, dest_info: Some(vec![info].into()) };
        assert_eq!(self.call(step.client, release).0, 0);
    }

    fn add_route(&mut self, step: &Step) {
        let &Step { client, which, rank, .. } = step;
        let mut hops = self.oracle.hops.iter().filter(|h| h.listed && h.owner == client);
        let Some(hop) = hops.nth(which / 8 % 2).map(|h| h.handle) else { return };
        let at = NETS[which % NETS.len()];
        let add = add_route(self.clients[client], net(at.0, at.1, at.2), hop, rank, FOREVER);
        let (status, fields) = self.call(client, add);
        let handle = route_handle(&fields);
        assert_eq!(status, 0);
        match self.oracle.find_route(client, at, hop) {
            Some(known) => {
                let known = &mut self.oracle.routes[known];
                assert_eq!(handle, known.handle);
                known.rank = rank;
            }
            None => {
                assert!(self.oracle.routes.iter().all(|r| r.handle != handle));
                let route = Route { handle, net: at, owner: client, hop, rank, listed: true };
                self.oracle.routes.push(route);
            }
        }
        self.oracle.take(client, handle);
    }

    /// Some route, dead ones included; most often one of the latest.
    fn some_route(&self, which: usize) -> Option<usize> {
        one_of(self.oracle.routes.len(), 16, which)
    }

    fn some_hop(&self, which: usize) -> Option<usize> {
        one_of(self.oracle.hops.len(), 8, which)
    }

    fn delete_route(&mut self, step: &Step) {
        let Some(at) = self.some_route(step.which) else { return };
        let delete = delete_route(self.clients[step.client], self.oracle.routes[at].handle);
        let wanted = self.oracle.delete_route(step.client, at);
        assert_eq!(self.call(step.client, delete).0, wanted);
    }

    fn release_route(&mut self, step: &Step) {
        let Some(at) = self.some_route(step.which) else { return };
        let handle = self.oracle.routes[at].handle;
        let routes = vec![handle; step.count as usize];
        let release = release_routes(self.clients[step.client], &routes);
        self.check_release(step, handle, release.into());
    }

    fn release_hop(&mut self, step: &Step) {
        let Some(at) = self.some_hop(step.which) else { return };
        let handle = self.oracle.hops[at].handle;
        let release = ReleaseNextHops {
            registration: self.clients[step.client],
            num_next_hops: step.count,
            next_hop_handles: Some(vec![handle; step.count as usize]),
        };
        self.check_release(step, handle, release.into());
    }

    /// A release succeeds when the client holds as many references, and else takes none.
    fn check_release(&mut self, step: &Step, handle: Handle, release: Call) {
        let wanted = self.oracle.release(step.client, handle, step.count);
        assert_eq!(self.call(step.client, release).0, wanted);
    }

    fn reference(&mut self, step: &Step) {
        let (route, hop) = (self.some_route(step.which), self.some_hop(step.which));
        let (handle, lives) = match (route, hop) {
            (Some(at), _) if step.count == 1 => {
                let route = &self.oracle.routes[at];
                (route.handle, self.oracle.route_lives(route))
            }
            (_, Some(at)) => {
                let hop = &self.oracle.hops[at];
                (hop.handle, self.oracle.hop_lives(hop))
            }
            _ => return,
        };
        let reference = ReferenceHandles {
            registration: self.clients[step.client],
            num_handles: 1,
            handles: Some(vec![handle]),
        };
        let wanted = if lives { 0 } else { INVALID_HANDLE };
        assert_eq!(self.call(step.client, reference).0, wanted);
        if lives {
            self.oracle.take(step.client, handle);
        }
    }

    fn look_up(&mut self, step: &Step) {
        let registration = self.clients[step.client];
        let at = NETS[step.which % NETS.len()];
        let dest_address = Some(net(at.0, at.1, at.2));
        let (protocol, target_views, dest_info) = (0, 1, true);
        let (wanted, search): (_, Call) = match step.kind {
            Kind::Exact => {
                let search = GetExactMatchDestination {
                    registration,
                    dest_address,
                    protocol,
                    target_views,
                    dest_info,
                };
                (self.oracle.best(at), search.into())
            }
            _ => {
                let search = GetMostSpecificDestination {
                    registration,
                    dest_address,
                    protocol,
                    target_views,
                    dest_info,
                };
                (self.oracle.longest(at), search.into())
            }
        };
        let wanted = wanted.map(|route| route.handle);
        let (status, fields) = self.call(step.client, search);
        let Some(wanted) = wanted else { return assert_eq!(status, NOT_FOUND) };
        assert_eq!(status, 0);
        let at = Place::output(4);
        let route = handle_at(&fields, at.member(Member::Route));
        assert_eq!(route, wanted);
        let owner = handle_at(&fields, at.member(Member::Owner));
        let view = DestViewInfo {
            view: 1,
            num_routes: 1,
            route,
            owner,
            flags: 0,
            hold_route: Handle::NULL,
        };
        let info = DestInfo {
            dest: handle_at(&fields, at.member(Member::DestHandle)),
            address: net(0, 0, 0),
            last_changed: 0,
            belongs_to_views: 1,
            views: vec![view].into(),
        };
        let release = ReleaseDestInfo { registration, dest_info: Some(vec![info].into()) };
        assert_eq!(self.call(step.client, release.clone()).0, 0);
        assert_eq!(self.call(step.client, release).0, INVALID_HANDLE);
    }

    /// Lists all routes, a few at a time, and keeps the references.
    fn enumerate(&mut self, step: &Step) {
        let registration = self.clients[step.client];
        let create = CreateRouteEnum {
            registration,
            dest: Handle::NULL,
            target_views: 0,
            enum_flags: 0,
            start_dest: None,
            matching_flags: 0,
            criteria_route: None,
            criteria_interface: 0,
            enumeration: true,
        };
        let enumeration = handle_at(&self.call(step.client, create).1, Place::output(8));
        let mut listed = Vec::new();
        loop {
            let fetch = GetEnumRoutes {
                registration,
                enumeration,
                num_routes: Some(1 + step.which as u32 % 10),
                route_handles: true,
            };
            let (status, fields) = self.call(step.client, fetch);
            let given = fields.iter().filter(|f| f.place.slot == Place::output(3).slot);
            listed.extend(given.filter_map(|f| match f.value {
                Value::Handle(HandleKind::Route, handle) => Some(handle),
                _ => None,
            }));
            if status != 0 {
                assert_eq!(status, NO_MORE_ITEMS);
                break;
            }
        }
        assert_eq!(listed, self.oracle.in_order());
        listed.into_iter().for_each(|handle| self.oracle.take(step.client, handle));
        let delete = DeleteEnumHandle { registration, enumeration };
        assert_eq!(self.call(step.client, delete).0, 0);
    }

    fn add_hop(&mut self, step: &Step) {
        let (client, last) = (step.client, step.which as u8 % 3);
        let add = add_next_hop(last, self.clients[client]);
        let (status, fields) = self.call(client, add);
        let handle = handle_at(&fields, Place::output(2));
        assert_eq!(status, 0);
        match self.oracle.find_hop(client, last) {
            Some(known) => assert_eq!(handle, known.handle),
            None => {
                assert!(self.oracle.hops.iter().all(|h| h.handle != handle));
                self.oracle.hops.push(Hop { handle, owner: client, last, listed: true });
            }
        }
        self.oracle.take(client, handle);
    }

    fn delete_hop(&mut self, step: &Step) {
        let Some(at) = self.some_hop(step.which) else { return };
        let hop = self.oracle.hops[at].clone();
        let wanted = match () {
            () if !self.oracle.hop_lives(&hop) => INVALID_HANDLE,
            () if hop.owner != step.client => ACCESS_DENIED,
            () if !hop.listed => NOT_FOUND,
            () => 0,
        };
        let delete = DeleteNextHop {
            registration: self.clients[step.client],
            next_hop: hop.handle,
            next_hop_info: None,
        };
        assert_eq!(self.call(step.client, delete).0, wanted);
        if wanted == 0 {
            self.oracle.hops[at].listed = false;
            self.oracle.give_back(step.client, hop.handle, 1);
        }
    }
}

#[test]
fn the_model_agrees_with_the_oracle() {
    let calls = for_random(SEQUENCES, &steps(), |steps| {
        let mut world = World::new();
        steps.iter().for_each(|step| world.step(step));
        world.calls
    });
    assert!(100_000 <= calls, "only {calls} calls were made");
}
