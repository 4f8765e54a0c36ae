//! Arguments that are wrong, one at a time, for every function: the call is refused and nothing
//! changes. What each of them is refused with is the catalogue's, and shown by scenarios; that a
//! registration which is none is refused by `ERROR_INVALID_HANDLE` holds everywhere.

use std::collections::BTreeMap;

use rtm_sim::model::Model;
use rtm_sim::vocabulary::argument::{ArgKind, ArgValue, MethodInput, Parameter};
use rtm_sim::vocabulary::call::{
    Call, CreateDestEnum, CreateRouteList, DeregisterEntity, Function, GetExactMatchDestination,
    RegisterForChangeNotification,
};
use rtm_sim::vocabulary::constants::{AF_INET, AF_INET6};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Member, Observation, Place, handle_at, number_at};
use rtm_sim::vocabulary::structures::{DestInfo, EntityInfo, NetAddress, NextHopInfo, RouteInfo};

use crate::shared::{
    INVALID_HANDLE, add_next_hop, add_route, argument, call, model, net, next_hop_info, register,
    route_handle,
};

/// A model with an object of each kind, which its one client holds.
struct Furnished {
    model: Model,
    handles: BTreeMap<HandleKind, Handle>,
    /// A client that has left.
    gone: Handle,
}

fn furnished() -> Furnished {
    let mut model = model("");
    let gone = register(&mut model, 1);
    assert_eq!(call(&mut model, 1, DeregisterEntity { registration: gone }).0, 0);
    let registration = register(&mut model, 0);
    let mut handles = BTreeMap::from([(HandleKind::Entity, registration)]);
    let hop = handle_at(&call(&mut model, 0, add_next_hop(1, registration)).1, Place::output(2));
    handles.insert(HandleKind::NextHop, hop);
    let add = add_route(registration, net(10, 0, 8), hop, (1, 1), u32::MAX);
    handles.insert(HandleKind::Route, route_handle(&call(&mut model, 0, add).1));
    let found = GetExactMatchDestination {
        registration,
        dest_address: Some(net(10, 0, 8)),
        protocol: 0,
        target_views: 1,
        dest_info: true,
    };
    let dest = Place::output(4).member(Member::DestHandle);
    handles.insert(HandleKind::Dest, handle_at(&call(&mut model, 0, found).1, dest));
    let made = CreateDestEnum {
        registration,
        target_views: 1,
        enum_flags: 0,
        net_address: None,
        protocol: 0,
        enumeration: true,
    };
    handles.insert(HandleKind::Enum, handle_at(&call(&mut model, 0, made).1, Place::output(5)));
    let made = CreateRouteList { registration, route_list: true };
    let list = handle_at(&call(&mut model, 0, made).1, Place::output(1));
    handles.insert(HandleKind::RouteList, list);
    let made = RegisterForChangeNotification {
        registration,
        target_views: 1,
        notify_flags: 1,
        notify_context: 0,
        notify: true,
    };
    handles.insert(HandleKind::Notify, handle_at(&call(&mut model, 0, made).1, Place::output(4)));
    assert!(handles.values().all(|handle| !handle.is_null()));
    Furnished { model, handles, gone }
}

impl Furnished {
    fn handle(&self, kind: Option<HandleKind>) -> Handle {
        self.handles[&kind.unwrap_or(HandleKind::Dest)]
    }

    fn route(&self) -> RouteInfo {
        let hop = self.handle(Some(HandleKind::NextHop));
        let add = add_route(self.handle(None), net(10, 0, 8), hop, (1, 1), u32::MAX);
        add.route_info.expect("a route is added")
    }

    fn dest(&self) -> DestInfo {
        DestInfo {
            dest: self.handle(None),
            address: net(10, 0, 8),
            last_changed: 0,
            belongs_to_views: 1,
            views: Default::default(),
        }
    }

    /// A value that a parameter may have.
    fn plain(&self, parameter: &Parameter) -> ArgValue {
        let handle = self.handle(parameter.of);
        match parameter.kind {
            ArgKind::Handle => ArgValue::Handle(handle),
            ArgKind::Handles => ArgValue::Handles(Some(vec![handle])),
            ArgKind::Address => ArgValue::Address(Some(net(10, 0, 8))),
            ArgKind::Entity => {
                let (family, protocol) = (AF_INET, 13);
                let info = EntityInfo { instance: 0, family, protocol, protocol_instance: 0 };
                ArgValue::Entity(Some(info))
            }
            ArgKind::NextHop => ArgValue::NextHop(Some(next_hop_info(2))),
            ArgKind::Route => ArgValue::Route(Some(self.route())),
            ArgKind::RouteSlot => ArgValue::RouteSlot(Some(self.route())),
            ArgKind::Dests => ArgValue::Dests(Some([self.dest()].into_iter().collect())),
            ArgKind::Input => ArgValue::Input(Some(MethodInput::default())),
            kind => argument(kind),
        }
    }

    /// Values that are wrong for a parameter, or may be.
    fn wrong(&self, parameter: &Parameter) -> Vec<ArgValue> {
        let handles = || {
            let kinds = self.handles.iter().filter(|(kind, _)| Some(**kind) != parameter.of);
            let never = [Handle::NULL, Handle(0xDEAD_BEEF), self.gone];
            kinds.map(|(_, handle)| *handle).chain(never).collect::<Vec<_>>()
        };
        let addresses = || {
            let long = NetAddress { length: 33, ..net(10, 0, 8) };
            let foreign = NetAddress { family: AF_INET6, ..net(10, 0, 8) };
            [None, Some(long), Some(foreign), Some(NetAddress { family: 7, ..foreign })]
        };
        match parameter.kind {
            ArgKind::Handle => handles().into_iter().map(ArgValue::Handle).collect(),
            ArgKind::Handles => {
                let several = handles().into_iter().map(|handle| Some(vec![handle]));
                several.chain([None]).map(ArgValue::Handles).collect()
            }
            ArgKind::Slot => {
                let several = handles().into_iter().filter(|handle| !handle.is_null()).map(Some);
                several.chain([None]).map(ArgValue::Slot).collect()
            }
            ArgKind::OutHandle => vec![ArgValue::OutHandle(false)],
            ArgKind::OutHandles => vec![ArgValue::OutHandles(false)],
            ArgKind::Out => vec![ArgValue::Out(false)],
            ArgKind::OutWord => vec![ArgValue::OutWord(false)],
            ArgKind::OutPointer => vec![ArgValue::OutPointer(false)],
            ArgKind::Word => [u32::MAX, 0x8000_0000, 0xFF].map(ArgValue::Word).to_vec(),
            ArgKind::Count => [None, Some(u32::MAX), Some(11)].map(ArgValue::Count).to_vec(),
            ArgKind::Address => addresses().map(ArgValue::Address).to_vec(),
            ArgKind::Entity => vec![ArgValue::Entity(None)],
            ArgKind::NextHop => {
                let of = |address| NextHopInfo { address, ..next_hop_info(2) };
                let several = addresses().into_iter().map(|address| address.map(of));
                several.map(ArgValue::NextHop).collect()
            }
            ArgKind::Route => vec![ArgValue::Route(None)],
            ArgKind::RouteSlot => vec![ArgValue::RouteSlot(None)],
            ArgKind::Dests => vec![ArgValue::Dests(None)],
            ArgKind::Input => vec![ArgValue::Input(None)],
            ArgKind::Ipv6 | ArgKind::Methods | ArgKind::Callback | ArgKind::Context => Vec::new(),
        }
    }

    fn call_with(&self, function: Function, place: usize, value: &ArgValue) -> Call {
        Call::build(function, |at| match at == place {
            true => value.clone(),
            false => self.plain(&function.parameters()[at]),
        })
    }
}

#[test]
fn a_refused_call_changes_nothing() {
    let furnished = furnished();
    let (mut refused, mut functions) = (0, 0);
    for function in Function::ALL {
        let before = refused;
        for (place, parameter) in function.parameters().iter().enumerate() {
            for value in furnished.wrong(parameter) {
                let mut model = furnished.model.clone();
                let made = furnished.call_with(*function, place, &value);
                let mut out = Observation::default();
                model.call(0, &made, &mut out);
                // A call that runs methods is not over.
                let Some(status) = number_at(&out.fields, Place::STATUS) else { continue };
                let told = format!("{} {} {value:?}", function.name(), parameter.name);
                assert_eq!(model.broken_invariants(), Vec::<String>::new(), "{told}");
                if parameter.name == "RtmRegHandle" && parameter.kind == ArgKind::Handle {
                    assert_eq!(status, INVALID_HANDLE, "{told}");
                }
                if status != 0 {
                    assert!(model.same_but_for_misuses(&furnished.model), "{told}: {status}");
                    refused += 1;
                }
            }
        }
        functions += u32::from(before < refused);
    }
    assert!(500 < refused && 58 <= functions, "{refused} calls of {functions} functions");
}
