//! The library through declarations that this project did not write: those of windows-sys.
//!
//! The declarations name symbols; this program gets them from the library it is linked with.

use std::ffi::c_void;
use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::Mutex;

use windows_sys::Win32::NetworkManagement::Rras::{
    RTM_DEST_INFO, RTM_ENTITY_DEREGISTERED, RTM_ENTITY_INFO, RTM_ENTITY_REGISTERED, RTM_ENUM_START,
    RTM_EVENT_TYPE, RTM_NEXTHOP_CHANGE_NEW, RTM_NEXTHOP_INFO, RTM_REGN_PROFILE,
    RTM_ROUTE_CHANGE_BEST, RTM_ROUTE_CHANGE_NEW, RTM_ROUTE_INFO, RTM_VIEW_ID_UCAST,
    RTM_VIEW_MASK_UCAST, RtmAddNextHop, RtmAddRouteToDest, RtmCreateDestEnum, RtmDeleteEnumHandle,
    RtmDeleteNextHop, RtmDeleteRouteToDest, RtmDeregisterEntity, RtmGetEnumDests,
    RtmRegisterEntity, RtmReleaseDests,
};

use crate::shared;

const NO_MORE_ITEMS: u32 = 259;

/// Events seen by the callback: receiver, event, protocol of the client in question.
static EVENTS: Mutex<Vec<(isize, RTM_EVENT_TYPE, u32)>> = Mutex::new(Vec::new());

unsafe extern "system" fn on_event(
    receiver: isize,
    event: RTM_EVENT_TYPE,
    _first: *mut c_void,
    second: *mut c_void,
) -> u32 {
    // SAFETY: entity events come with a pointer to an RTM_ENTITY_INFO, and this client gets no
    // others.
    let protocol = unsafe {
        (*second.cast::<RTM_ENTITY_INFO>()).EntityId.Anonymous.Anonymous.EntityProtocolId
    };
    EVENTS.lock().expect("no test panicked here").push((receiver, event, protocol));
    0
}

unsafe fn register(protocol: u32, callback: bool) -> (isize, RTM_REGN_PROFILE) {
    // SAFETY: all zeros are a value of the structures, and each pointer leads to one.
    unsafe {
        let mut info: RTM_ENTITY_INFO = zeroed();
        info.AddressFamily = 2;
        info.EntityId.Anonymous.Anonymous.EntityProtocolId = protocol;
        let mut profile: RTM_REGN_PROFILE = zeroed();
        let mut handle = 0;
        let callback = if callback { Some(on_event as _) } else { None };
        let status =
            RtmRegisterEntity(&mut info, null_mut(), callback, 0, &mut profile, &mut handle);
        assert_eq!(status, 0);
        (handle, profile)
    }
}

#[test]
fn a_client_with_windows_sys() {
    let _alone = shared::alone();
    EVENTS.lock().expect("no test panicked here").clear();
    // SAFETY: all zeros are a value of the structures; each pointer is NULL or leads to a value of
    // its type, arrays as long as their counts say.
    unsafe {
        let (rip, profile) = register(8, true);
        let (ospf, _) = register(13, false);
        assert_eq!(profile.NumberOfViews, 2);

        let mut hop_info: RTM_NEXTHOP_INFO = zeroed();
        hop_info.NextHopAddress.AddressFamily = 2;
        hop_info.NextHopAddress.NumBits = 32;
        hop_info.NextHopAddress.AddrBits[0] = 10;
        hop_info.InterfaceIndex = 4;
        let (mut hop, mut flags) = (0, 0);
        assert_eq!(RtmAddNextHop(rip, &mut hop_info, &mut hop, &mut flags), 0);
        assert_eq!(flags, RTM_NEXTHOP_CHANGE_NEW);

        let mut address = hop_info.NextHopAddress;
        address.NumBits = 8;
        let mut info: RTM_ROUTE_INFO = zeroed();
        info.PrefInfo.Metric = 3;
        info.BelongsToViews = RTM_VIEW_MASK_UCAST;
        info.NextHopsList.NumNextHops = 1;
        info.NextHopsList.NextHops[0] = hop;
        let (mut route, mut flags) = (0, 0);
        let (address, info) = (&mut address, &mut info);
        let status =
            RtmAddRouteToDest(rip, &mut route, address, info, u32::MAX, 0, 0, 0, &mut flags);
        assert_eq!((status, flags), (0, RTM_ROUTE_CHANGE_NEW | RTM_ROUTE_CHANGE_BEST));

        let mut list = 0;
        let views = RTM_VIEW_MASK_UCAST;
        assert_eq!(RtmCreateDestEnum(ospf, views, RTM_ENUM_START, null_mut(), 0, &mut list), 0);
        let mut dest: RTM_DEST_INFO = zeroed();
        let mut count = 1;
        assert_eq!(RtmGetEnumDests(ospf, list, &mut count, &mut dest), 0);
        assert_eq!((count, dest.NumberOfViews, dest.DestAddress.NumBits), (1, 1, 8));
        let view = dest.ViewInfo[0];
        assert_eq!((view.ViewId, view.Route, view.Owner), (RTM_VIEW_ID_UCAST as i32, route, rip));
        assert_eq!(RtmReleaseDests(ospf, count, &mut dest), 0);
        assert_eq!(RtmGetEnumDests(ospf, list, &mut count, &mut dest), NO_MORE_ITEMS);
        assert_eq!(count, 0);
        assert_eq!(RtmDeleteEnumHandle(ospf, list), 0);

        assert_eq!(RtmDeleteRouteToDest(rip, route, &mut flags), 0);
        assert_eq!(RtmDeleteNextHop(rip, hop, null_mut()), 0);
        assert_eq!(RtmDeregisterEntity(ospf), 0);
        assert_eq!(RtmDeregisterEntity(rip), 0);
        let events = EVENTS.lock().expect("no test panicked here");
        assert_eq!(*events, [(rip, RTM_ENTITY_REGISTERED, 13), (rip, RTM_ENTITY_DEREGISTERED, 13)]);
    }
}
