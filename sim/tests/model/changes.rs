//! Random changes of a small table, and what three clients are told of them, compared with a naive
//! oracle that looks at the table before and after each.

use proptest::prelude::*;
use rtm_sim::model::Model;
use rtm_sim::vocabulary::call::{
    Call, DeregisterFromChangeNotification, GetChangeStatus, GetChangedDests,
    GetExactMatchDestination, IgnoreChangedDests, IsMarkedForChangeNotification,
    MarkDestForChangeNotification, RegisterForChangeNotification, ReleaseChangedDests,
};
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Member, Place, Value, handle_at, number_at};
use rtm_sim::vocabulary::structures::{DestInfo, DestViewInfo, NetAddress};

use crate::shared::{
    INVALID_HANDLE, NO_MORE_ITEMS, add_next_hop, add_route, call, delete_route, for_random, model,
    net, register_with_callback, route_handle,
};

const SEQUENCES: u32 = 120;
const STEPS: usize = 60;
const FOREVER: u32 = u32::MAX;
const NETS: usize = 3;
const CLIENTS: usize = 3;

const ALL: u32 = 1;
const BEST: u32 = 2;
const FORWARDING: u32 = 4;
const ONLY_MARKED: u32 = 0x1_0000;
/// MARTIAN, BLACKHOLE, DISCARD and INACTIVE.
const FORWARDING_FLAGS: u16 = 0x0F;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Add,
    Delete,
    Fetch,
    Ignore,
    Mark,
    Renew,
}

/// What one client does; the numbers choose among what there is.
#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    client: usize,
    net: usize,
    hop: usize,
    rank: (u32, u32),
    flags: u16,
    views: u32,
    count: u32,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        6 => Just(Kind::Add),
        3 => Just(Kind::Delete),
        3 => Just(Kind::Fetch),
        1 => Just(Kind::Ignore),
        2 => Just(Kind::Mark),
        1 => Just(Kind::Renew),
    ];
    let flags = prop_oneof![Just(0_u16), Just(0x10), Just(0x02), Just(0x12)];
    let place = (0..CLIENTS, 0..NETS, 0..2_usize, 1..4_u32);
    let step = (kind, place, (1..4_u32, 1..3_u32), flags, 1..4_u32).prop_map(
        |(kind, (client, net, hop, views), rank, flags, count)| Step {
            kind,
            client,
            net,
            hop,
            rank,
            flags,
            views,
            count,
        },
    );
    prop::collection::vec(step, STEPS)
}

/// A route of the oracle; two of a client differ in their next hop.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Route {
    handle: Handle,
    client: usize,
    hop: usize,
    rank: (u32, u32),
    flags: u16,
    views: u32,
}

/// A registration for changes of the oracle.
struct Watch {
    handle: Handle,
    views: u32,
    types: u32,
    only_marked: bool,
    marks: [bool; NETS],
    pending: Vec<usize>,
}

struct World {
    model: Model,
    clients: [Handle; CLIENTS],
    hops: [[Handle; 2]; CLIENTS],
    /// Destinations, one handle each client.
    dests: [[Handle; NETS]; CLIENTS],
    routes: [Vec<Route>; NETS],
    watches: Vec<Watch>,
    calls: u32,
}

fn address(at: usize) -> NetAddress {
    net(10, at as u8, 16)
}

impl World {
    fn new() -> World {
        let mut model = model("");
        let clients = [0, 1, 2].map(|actor| register_with_callback(&mut model, actor));
        let hops = [0, 1, 2].map(|client| {
            [1, 2].map(|last| {
                let add = add_next_hop(last, clients[client]);
                handle_at(&call(&mut model, client as u8, add).1, Place::output(2))
            })
        });
        let mut world = World {
            model,
            clients,
            hops,
            dests: [[Handle::NULL; NETS]; CLIENTS],
            routes: Default::default(),
            watches: Vec::new(),
            calls: 0,
        };
        // Each client holds each destination from the beginning, so that none ever goes.
        for at in 0..NETS {
            let place = (0, at, 0, (3, 2), 0, 3);
            let (client, net, hop, rank, flags, views) = place;
            let count = 1;
            world.add(&Step { kind: Kind::Add, client, net, hop, rank, flags, views, count });
            for client in 0..CLIENTS {
                world.dests[client][at] = world.find(client, at);
            }
        }
        for (client, (views, types)) in
            [(1, ALL), (3, BEST), (2, FORWARDING | ONLY_MARKED)].into_iter().enumerate()
        {
            let watch = world.watch(client, views, types);
            world.watches.push(watch);
        }
        world
    }

    fn call(&mut self, client: usize, made: impl Into<Call>) -> (u64, Vec<Field>) {
        self.calls += 1;
        call(&mut self.model, client as u8, made)
    }

    fn find(&mut self, client: usize, at: usize) -> Handle {
        let search = GetExactMatchDestination {
            registration: self.clients[client],
            dest_address: Some(address(at)),
            protocol: 0,
            target_views: 0,
            dest_info: true,
        };
        let (status, fields) = self.call(client, search);
        assert_eq!(status, 0);
        handle_at(&fields, Place::output(4).member(Member::DestHandle))
    }

    fn watch(&mut self, client: usize, views: u32, flags: u32) -> Watch {
        let register = RegisterForChangeNotification {
            registration: self.clients[client],
            target_views: views,
            notify_flags: flags,
            notify_context: 0,
            notify: true,
        };
        let (status, fields) = self.call(client, register);
        assert_eq!(status, 0);
        Watch {
            handle: handle_at(&fields, Place::output(4)),
            views,
            types: flags & 7,
            only_marked: flags & ONLY_MARKED != 0,
            marks: [false; NETS],
            pending: Vec::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        match step.kind {
            Kind::Add => self.add(step),
            Kind::Delete => self.delete(step),
            Kind::Fetch => self.fetch(step),
            Kind::Ignore => self.ignore(step),
            Kind::Mark => self.mark(step),
            Kind::Renew => self.renew(step),
        }
        assert_eq!(self.model.broken_invariants(), Vec::<String>::new());
        self.check();
    }

    fn add(&mut self, step: &Step) {
        let &Step { client, net: at, hop, rank, flags, views, .. } = step;
        let before = self.routes[at].clone();
        let hop_handle = self.hops[client][hop];
        let mut add = add_route(self.clients[client], address(at), hop_handle, rank, FOREVER);
        let info = add.route_info.as_mut().expect("an add has a route");
        (info.flags, info.views) = (flags, views);
        let (status, fields) = self.call(client, add);
        assert_eq!(status, 0);
        let handle = route_handle(&fields);
        let route = Route { handle, client, hop, rank, flags, views };
        let known = self.routes[at].iter_mut().find(|r| (r.client, r.hop) == (client, hop));
        match known {
            Some(known) => *known = route,
            None => self.routes[at].push(route),
        }
        self.tell(at, &before);
    }

    fn delete(&mut self, step: &Step) {
        let &Step { client, net: at, hop, .. } = step;
        let own = |r: &Route| (r.client, r.hop) == (client, hop);
        let Some(place) = self.routes[at].iter().position(own) else { return };
        let before = self.routes[at].clone();
        let route = self.routes[at].remove(place);
        let delete = delete_route(self.clients[client], route.handle);
        assert_eq!(self.call(client, delete).0, 0);
        self.tell(at, &before);
    }

    /// Makes pending what a change of one destination is told to.
    fn tell(&mut self, at: usize, before: &[Route]) {
        let after = &self.routes[at];
        for watch in &mut self.watches {
            let views = (0..2).map(|view| 1 << view).filter(|bit| watch.views & bit != 0);
            let told = views.into_iter().any(|bit| told(watch.types, bit, before, after));
            let marked = !watch.only_marked || watch.marks[at];
            if told && marked && !watch.pending.contains(&at) {
                watch.pending.push(at);
            }
        }
    }

    fn fetch(&mut self, step: &Step) {
        let &Step { client, count, .. } = step;
        let (registration, notify) = (self.clients[client], self.watches[client].handle);
        let fetch =
            GetChangedDests { registration, notify, num_dests: Some(count), changed_dests: true };
        let pending = &mut self.watches[client].pending;
        let given = pending.len().min(count as usize);
        let wanted: Vec<usize> = pending.drain(..given).collect();
        let views = self.watches[client].views;
        let (status, fields) = self.call(client, fetch);
        assert_eq!(status, if given == count as usize { 0 } else { NO_MORE_ITEMS });
        assert_eq!(number_at(&fields, Place::output(2)), Some(given as u64));
        let mut structures = Vec::new();
        for (index, at) in wanted.into_iter().enumerate() {
            let info = self.structure(&fields, index, views);
            assert_eq!(info.address, address(at));
            let slots = (0..2).map(|view| 1 << view).filter(|bit| views & bit != 0);
            for (slot, bit) in info.views.iter().zip(slots) {
                let best = best(bit, &self.routes[at]).map(|route| route.handle);
                assert_eq!(slot.route, best.unwrap_or(Handle::NULL));
            }
            structures.push(info);
        }
        let release = ReleaseChangedDests {
            registration,
            notify,
            num_dests: given as u32,
            changed_dests: Some(structures.into()),
        };
        assert_eq!(self.call(client, release.clone()).0, 0);
        if given != 0 {
            assert_eq!(self.call(client, release).0, INVALID_HANDLE);
        }
    }

    fn structure(&self, fields: &[Field], index: usize, views: u32) -> DestInfo {
        let at = Place::output(3).at(index);
        let handle = |place| handle_at(fields, place);
        let address = fields.iter().find(|f| f.place == at.member(Member::DestAddress));
        let Some(Value::Address(address)) = address.map(|f| f.value) else {
            panic!("structure {index} has an address")
        };
        let slot = |inner| {
            let at = at.inner(inner);
            DestViewInfo {
                view: inner as u32,
                num_routes: 0,
                route: handle(at.member(Member::Route)),
                owner: handle(at.member(Member::Owner)),
                flags: 0,
                hold_route: handle(at.member(Member::HoldRoute)),
            }
        };
        DestInfo {
            dest: handle(at.member(Member::DestHandle)),
            address,
            last_changed: 0,
            belongs_to_views: 0,
            views: (0..views.count_ones() as usize).map(slot).collect(),
        }
    }

    fn ignore(&mut self, step: &Step) {
        let &Step { client, net: at, .. } = step;
        let ignore = IgnoreChangedDests {
            registration: self.clients[client],
            notify: self.watches[client].handle,
            num_dests: 1,
            changed_dests: Some(vec![self.dests[client][at]]),
        };
        assert_eq!(self.call(client, ignore).0, 0);
        self.watches[client].pending.retain(|other| *other != at);
    }

    fn mark(&mut self, step: &Step) {
        let &Step { client, net: at, count, .. } = step;
        let mark_dest = count % 2;
        let mark = MarkDestForChangeNotification {
            registration: self.clients[client],
            notify: self.watches[client].handle,
            dest: self.dests[client][at],
            mark_dest,
        };
        assert_eq!(self.call(client, mark).0, 0);
        self.watches[client].marks[at] = mark_dest != 0;
    }

    /// Ends the registration of a client and makes another one.
    fn renew(&mut self, step: &Step) {
        let &Step { client, views, count, .. } = step;
        let (registration, notify) = (self.clients[client], self.watches[client].handle);
        let end = DeregisterFromChangeNotification { registration, notify };
        assert_eq!(self.call(client, end.clone()).0, 0);
        assert_eq!(self.call(client, end).0, INVALID_HANDLE);
        let types = [ALL, BEST, FORWARDING][count as usize - 1];
        let flags = if step.hop == 0 { types } else { types | ONLY_MARKED };
        self.watches[client] = self.watch(client, views, flags);
    }

    /// Each client is told of what is pending and marked, and called back for it once.
    fn check(&mut self) {
        for client in 0..CLIENTS {
            let (registration, notify) = (self.clients[client], self.watches[client].handle);
            for at in 0..NETS {
                let dest = self.dests[client][at];
                let ask = GetChangeStatus { registration, notify, dest, change_status: true };
                let (status, fields) = self.call(client, ask);
                let answer = number_at(&fields, Place::output(3));
                let wanted = self.watches[client].pending.contains(&at);
                assert_eq!((status, answer), (0, Some(u64::from(wanted))));
                let dest_marked = true;
                let ask = IsMarkedForChangeNotification { registration, notify, dest, dest_marked };
                let answer = number_at(&self.call(client, ask).1, Place::output(3));
                assert_eq!(answer, Some(u64::from(self.watches[client].marks[at])));
            }
            let waiting = self.model.pending().filter(|(actor, event)| {
                usize::from(*actor) == client && event.event == EventType::ChangeNotification
            });
            assert_eq!(waiting.count(), usize::from(!self.watches[client].pending.is_empty()));
        }
    }
}

/// The best route of a view: the oldest of those that rank first.
fn best(bit: u32, routes: &[Route]) -> Option<&Route> {
    routes.iter().filter(|route| route.views & bit != 0).min_by_key(|route| route.rank)
}

/// Whether a change is of one of these types in a view.
fn told(types: u32, bit: u32, before: &[Route], after: &[Route]) -> bool {
    let changed = |one: &[Route], other: &[Route]| {
        let mut gone = one.iter().filter(|route| !other.contains(route));
        gone.any(|route| route.views & bit != 0)
    };
    let all = changed(before, after) || changed(after, before);
    let (old, new) = (best(bit, before), best(bit, after));
    let content = |r: &Route| (r.handle, r.rank, r.hop, r.flags);
    let best = old.map(content) != new.map(content);
    let forwarding = |r: &Route| (r.handle, r.rank, r.hop, r.flags & FORWARDING_FLAGS);
    let forwarding = old.map(forwarding) != new.map(forwarding);
    let kinds = [(ALL, all), (BEST, best), (FORWARDING, forwarding)];
    kinds.into_iter().any(|(kind, holds)| types & kind != 0 && holds)
}

#[test]
fn who_is_told_agrees_with_the_oracle() {
    let calls = for_random(SEQUENCES, &steps(), |steps| {
        let mut world = World::new();
        steps.iter().for_each(|step| world.step(step));
        world.calls
    });
    assert!(100_000 <= calls, "only {calls} calls were made");
}
