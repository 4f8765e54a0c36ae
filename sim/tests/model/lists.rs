//! Random calls of two clients for route lists, compared with plain vectors after each.

use proptest::prelude::*;
use rtm_sim::model::Model;
use rtm_sim::vocabulary::call::{
    Call, CreateRouteList, CreateRouteListEnum, DeleteEnumHandle, DeleteRouteList,
    GetListEnumRoutes, InsertInRouteList,
};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Field, Place, Value, handle_at, number_at};

use crate::ledger::{Oracle, Route};
use crate::shared::{
    ACCESS_DENIED, INVALID_HANDLE, add_next_hop, add_route, call, checked_call, delete_route,
    for_random, model, net, one_of, register, release_routes, route_handle,
};

const SEQUENCES: u32 = 200;
const STEPS: usize = 120;
const PREFIXES: u8 = 6;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Create,
    Delete,
    Insert,
    TakeOff,
    Open,
    Fetch,
    Close,
    AddRoute,
    DeleteRoute,
    ReleaseRoute,
}

/// What one client does; the numbers choose among what there is.
#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    client: usize,
    which: usize,
    other: usize,
    count: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        1 => Just(Kind::Create),
        1 => Just(Kind::Delete),
        5 => Just(Kind::Insert),
        2 => Just(Kind::TakeOff),
        2 => Just(Kind::Open),
        5 => Just(Kind::Fetch),
        1 => Just(Kind::Close),
        5 => Just(Kind::AddRoute),
        2 => Just(Kind::DeleteRoute),
        1 => Just(Kind::ReleaseRoute),
    ];
    let step = (kind, 0..2_usize, 0..4096_usize, 0..4096_usize, 1..4_usize);
    let step = step.prop_map(|(kind, client, which, other, count)| Step {
        kind,
        client,
        which,
        other,
        count,
    });
    prop::collection::vec(step, STEPS)
}

/// A list: its routes, each with a number that grows with each one that is put on a list.
struct List {
    handle: Handle,
    owner: usize,
    alive: bool,
    routes: Vec<(u32, Handle)>,
}

/// An enumeration: everything up to a number has come.
struct Walk {
    handle: Handle,
    owner: usize,
    list: usize,
    alive: bool,
    passed: u32,
    ended: bool,
}

struct World {
    model: Model,
    clients: [Handle; 2],
    hops: [Handle; 2],
    oracle: Oracle,
    lists: Vec<List>,
    walks: Vec<Walk>,
    number: u32,
    calls: u32,
}

impl World {
    fn new() -> World {
        let mut model = model("");
        let clients = [0, 1].map(|actor| register(&mut model, actor));
        let hops = [0, 1].map(|actor: u8| {
            let added = add_next_hop(actor, clients[usize::from(actor)]);
            handle_at(&call(&mut model, actor, added).1, Place::output(2))
        });
        World {
            model,
            clients,
            hops,
            oracle: Oracle::default(),
            lists: Vec::new(),
            walks: Vec::new(),
            number: 0,
            calls: 0,
        }
    }

    fn call(&mut self, client: usize, made: impl Into<Call>) -> (u64, Vec<Field>) {
        self.calls += 1;
        checked_call(&mut self.model, client, made)
    }

    fn step(&mut self, step: &Step) {
        match step.kind {
            Kind::Create => self.create(step),
            Kind::Delete => self.delete(step),
            Kind::Insert | Kind::TakeOff => self.insert(step),
            Kind::Open => self.open(step),
            Kind::Fetch => self.fetch(step),
            Kind::Close => self.close(step),
            Kind::AddRoute => self.add_route(step),
            Kind::DeleteRoute => self.delete_route(step),
            Kind::ReleaseRoute => self.release_route(step),
        }
    }

    fn create(&mut self, step: &Step) {
        let create = CreateRouteList { registration: self.clients[step.client], route_list: true };
        let (status, fields) = self.call(step.client, create);
        let handle = handle_at(&fields, Place::output(1));
        assert_eq!(status, 0);
        assert!(self.lists.iter().all(|list| list.handle != handle));
        let owner = step.client;
        self.lists.push(List { handle, owner, alive: true, routes: Vec::new() });
    }

    /// Some list, dead ones included; most often one of the latest.
    fn some_list(&self, which: usize) -> Option<usize> {
        one_of(self.lists.len(), 4, which)
    }

    fn some_walk(&self, which: usize) -> Option<usize> {
        one_of(self.walks.len(), 4, which)
    }

    fn some_route(&self, which: usize) -> Option<usize> {
        one_of(self.oracle.routes.len(), 12, which)
    }

    fn is_usable(&self, list: usize, client: usize) -> bool {
        self.lists[list].alive && self.lists[list].owner == client
    }

    fn delete(&mut self, step: &Step) {
        let Some(at) = self.some_list(step.which) else { return };
        let delete = DeleteRouteList {
            registration: self.clients[step.client],
            route_list: self.lists[at].handle,
        };
        let usable = self.is_usable(at, step.client);
        let wanted = if usable { 0 } else { INVALID_HANDLE };
        assert_eq!(self.call(step.client, delete).0, wanted);
        if usable {
            self.lists[at].alive = false;
            self.lists[at].routes.clear();
        }
    }

    fn take_off(&mut self, route: Handle) {
        self.lists.iter_mut().for_each(|list| list.routes.retain(|(_, r)| *r != route));
    }

    fn put_on(&mut self, list: usize, route: Handle) {
        if self.lists[list].routes.iter().all(|(_, known)| *known != route) {
            self.take_off(route);
            self.number += 1;
            self.lists[list].routes.push((self.number, route));
        }
    }

    fn insert(&mut self, step: &Step) {
        let list = match step.kind {
            Kind::TakeOff => None,
            _ => match self.some_list(step.which) {
                None => return,
                found => found,
            },
        };
        let picked: Vec<usize> = (0..step.count)
            .filter_map(|n| self.some_route(step.other / 7_usize.pow(n as u32)))
            .collect();
        if picked.is_empty() {
            return;
        }
        let routes: Vec<Route> = picked.iter().map(|at| self.oracle.routes[*at].clone()).collect();
        let refused = routes.iter().find_map(|route| match () {
            () if !self.oracle.route_lives(route) => Some(INVALID_HANDLE),
            () if route.owner != step.client => Some(ACCESS_DENIED),
            () if !route.listed => Some(INVALID_HANDLE),
            () => None,
        });
        let wanted = match list {
            Some(list) if !self.is_usable(list, step.client) => INVALID_HANDLE,
            _ => refused.unwrap_or(0),
        };
        let insert = InsertInRouteList {
            registration: self.clients[step.client],
            route_list: list.map_or(Handle::NULL, |list| self.lists[list].handle),
            num_routes: routes.len() as u32,
            route_handles: Some(routes.iter().map(|route| route.handle).collect()),
        };
        assert_eq!(self.call(step.client, insert).0, wanted);
        if wanted == 0 {
            for route in routes {
                match list {
                    Some(list) => self.put_on(list, route.handle),
                    None => self.take_off(route.handle),
                }
            }
        }
    }

    fn open(&mut self, step: &Step) {
        let Some(list) = self.some_list(step.which) else { return };
        let create = CreateRouteListEnum {
            registration: self.clients[step.client],
            route_list: self.lists[list].handle,
            enumeration: true,
        };
        let usable = self.is_usable(list, step.client);
        let (status, fields) = self.call(step.client, create);
        assert_eq!(status, if usable { 0 } else { INVALID_HANDLE });
        if usable {
            let handle = handle_at(&fields, Place::output(2));
            let owner = step.client;
            self.walks.push(Walk { handle, owner, list, alive: true, passed: 0, ended: false });
        }
    }

    fn fetch(&mut self, step: &Step) {
        let Some(at) = self.some_walk(step.which) else { return };
        let walk = &self.walks[at];
        let usable = walk.alive && walk.owner == step.client;
        let fetch = GetListEnumRoutes {
            registration: self.clients[step.client],
            enumeration: walk.handle,
            num_routes: Some(step.count as u32),
            route_handles: true,
        };
        let ahead = self.lists[walk.list].routes.iter().filter(|(n, _)| walk.passed < *n);
        let wanted = if walk.ended { 0 } else { step.count };
        let wanted: Vec<(u32, Handle)> = ahead.take(wanted).copied().collect();
        let (status, fields) = self.call(step.client, fetch);
        assert_eq!(status, if usable { 0 } else { INVALID_HANDLE });
        if !usable {
            return;
        }
        let handles: Vec<Handle> = fields
            .iter()
            .filter_map(|f| match f.value {
                Value::Handle(HandleKind::Route, handle) => Some(handle),
                _ => None,
            })
            .collect();
        assert_eq!(handles, wanted.iter().map(|(_, handle)| *handle).collect::<Vec<_>>());
        assert_eq!(number_at(&fields, Place::output(2)), Some(wanted.len() as u64));
        let walk = &mut self.walks[at];
        walk.ended |= wanted.len() < step.count;
        walk.passed = wanted.last().map_or(walk.passed, |(number, _)| *number);
        wanted.into_iter().for_each(|(_, handle)| self.oracle.take(step.client, handle));
    }

    fn close(&mut self, step: &Step) {
        let Some(at) = self.some_walk(step.which) else { return };
        let walk = &self.walks[at];
        let usable = walk.alive && walk.owner == step.client;
        let delete =
            DeleteEnumHandle { registration: self.clients[step.client], enumeration: walk.handle };
        let wanted = if usable { 0 } else { INVALID_HANDLE };
        assert_eq!(self.call(step.client, delete).0, wanted);
        self.walks[at].alive &= !usable;
    }

    /// Adds a route or updates it, and names a list or none.
    fn add_route(&mut self, step: &Step) {
        let &Step { client, which, other, .. } = step;
        let at = (10, which as u8 % PREFIXES, 16);
        let hop = self.hops[client];
        let mut add = add_route(self.clients[client], net(at.0, at.1, at.2), hop, (1, 1), u32::MAX);
        let list = if step.count == 1 { None } else { self.some_list(other) };
        add.route_list = list.map_or(Handle::NULL, |list| self.lists[list].handle);
        let (status, fields) = self.call(client, add);
        if list.is_some_and(|list| !self.is_usable(list, client)) {
            return assert_eq!(status, INVALID_HANDLE);
        }
        assert_eq!(status, 0);
        let handle = route_handle(&fields);
        if self.oracle.find_route(client, at, hop).is_none() {
            let route = Route { handle, net: at, owner: client, hop, rank: (1, 1), listed: true };
            self.oracle.routes.push(route);
        }
        self.oracle.take(client, handle);
        if let Some(list) = list {
            self.put_on(list, handle);
        }
    }

    fn delete_route(&mut self, step: &Step) {
        let Some(at) = self.some_route(step.which) else { return };
        let route = self.oracle.routes[at].handle;
        let wanted = self.oracle.delete_route(step.client, at);
        let delete = delete_route(self.clients[step.client], route);
        assert_eq!(self.call(step.client, delete).0, wanted);
        if wanted == 0 {
            self.take_off(route);
        }
    }

    fn release_route(&mut self, step: &Step) {
        let Some(at) = self.some_route(step.which) else { return };
        let handle = self.oracle.routes[at].handle;
        let release = release_routes(self.clients[step.client], &vec![handle; step.count]);
        let wanted = self.oracle.release(step.client, handle, step.count as u32);
        assert_eq!(self.call(step.client, release).0, wanted);
    }
}

#[test]
fn the_lists_of_the_model_agree_with_vectors() {
    let calls = for_random(SEQUENCES, &steps(), |steps| {
        let mut world = World::new();
        steps.iter().for_each(|step| world.step(step));
        world.calls
    });
    assert!(15_000 <= calls, "only {calls} calls were made");
}
