//! Change notification.

use rtm_abi::layout::size_of_dest_info;
use rtm_sim::vocabulary::call::{
    DeregisterFromChangeNotification, GetChangeStatus, GetChangedDests, IgnoreChangedDests,
    IsMarkedForChangeNotification, MarkDestForChangeNotification, RegisterForChangeNotification,
    ReleaseChangedDests,
};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};

use super::super::arguments::{pointer_of, raw};
use super::super::calling::Calling;
use super::super::observe::dest_info;
use super::enumeration::remember;
use super::invoke;

#[doc(alias = "RtmRegisterForChangeNotification")]
pub fn register_for_change_notification(c: &mut Calling<'_>, call: &RegisterForChangeNotification) {
    let context = pointer_of(Handle(call.notify_context));
    let handle = c.out_handle(4, call.notify);
    invoke!(
        c,
        register_for_change_notification(
            raw(call.registration),
            call.target_views,
            call.notify_flags,
            context,
            handle.pointer(),
        )
    );
    c.see_handle(handle, HandleKind::Notify);
    remember(c, handle, call.target_views);
}

#[doc(alias = "RtmGetChangedDests")]
pub fn get_changed_dests(c: &mut Calling<'_>, call: &GetChangedDests) {
    let views = c.known().fetched_view_count(call.registration, call.notify);
    let size = size_of_dest_info(views);
    let count = c.count(2, call.num_dests);
    let infos = c.out_array(3, call.changed_dests, call.num_dests.unwrap_or(0), size);
    invoke!(
        c,
        get_changed_dests(
            raw(call.registration),
            raw(call.notify),
            count.pointer(),
            infos.pointer(),
        )
    );
    let items = c.items(count);
    c.see_count(count);
    c.see_array(infos, items, size, dest_info);
}

#[doc(alias = "RtmReleaseChangedDests")]
pub fn release_changed_dests(c: &mut Calling<'_>, call: &ReleaseChangedDests) {
    let infos = c.dests(3, &call.changed_dests, call.num_dests);
    invoke!(
        c,
        release_changed_dests(
            raw(call.registration),
            raw(call.notify),
            call.num_dests,
            infos.pointer(),
        )
    );
}

#[doc(alias = "RtmIgnoreChangedDests")]
pub fn ignore_changed_dests(c: &mut Calling<'_>, call: &IgnoreChangedDests) {
    let dests = c.handles(3, &call.changed_dests, call.num_dests);
    invoke!(
        c,
        ignore_changed_dests(
            raw(call.registration),
            raw(call.notify),
            call.num_dests,
            dests.pointer(),
        )
    );
}

#[doc(alias = "RtmGetChangeStatus")]
pub fn get_change_status(c: &mut Calling<'_>, call: &GetChangeStatus) {
    let status = c.out_word(3, call.change_status);
    invoke!(
        c,
        get_change_status(
            raw(call.registration),
            raw(call.notify),
            raw(call.dest),
            status.pointer(),
        )
    );
    c.see_word(status);
}

#[doc(alias = "RtmMarkDestForChangeNotification")]
pub fn mark_dest_for_change_notification(
    c: &mut Calling<'_>,
    call: &MarkDestForChangeNotification,
) {
    invoke!(
        c,
        mark_dest_for_change_notification(
            raw(call.registration),
            raw(call.notify),
            raw(call.dest),
            call.mark_dest as i32,
        )
    );
}

#[doc(alias = "RtmIsMarkedForChangeNotification")]
pub fn is_marked_for_change_notification(
    c: &mut Calling<'_>,
    call: &IsMarkedForChangeNotification,
) {
    let marked = c.out_word(3, call.dest_marked);
    invoke!(
        c,
        is_marked_for_change_notification(
            raw(call.registration),
            raw(call.notify),
            raw(call.dest),
            marked.pointer(),
        )
    );
    c.see_word(marked);
}

#[doc(alias = "RtmDeregisterFromChangeNotification")]
pub fn deregister_from_change_notification(
    c: &mut Calling<'_>,
    call: &DeregisterFromChangeNotification,
) {
    invoke!(c, deregister_from_change_notification(raw(call.registration), raw(call.notify)));
}
