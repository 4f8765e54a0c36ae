//! Exported methods.
//!
//! The output of an invocation is reported as bytes: where its elements begin is the library's
//! affair, and who judges knows where to look.

use rtm_sim::vocabulary::call::{BlockMethods, GetEntityMethods, InvokeMethod};

use super::super::arguments::raw;
use super::super::calling::Calling;
use super::super::layout::HANDLE_SIZE;
use super::super::method;
use super::super::observe::see;
use super::invoke;

#[doc(alias = "RtmGetEntityMethods")]
pub fn get_entity_methods(c: &mut Calling<'_>, call: &GetEntityMethods) {
    let count = c.count(2, call.num_methods);
    let capacity = call.num_methods.unwrap_or(0);
    let methods = c.out_array(3, call.methods, capacity, HANDLE_SIZE);
    invoke!(
        c,
        get_entity_methods(
            raw(call.registration),
            raw(call.entity),
            count.pointer(),
            methods.pointer(),
        )
    );
    let items = c.items(count);
    c.see_count(count);
    c.see_array(methods, items, HANDLE_SIZE, |view, place, seen| {
        see(seen, place, method::entry_point(view));
    });
}

#[doc(alias = "RtmInvokeMethod")]
pub fn invoke_method(c: &mut Calling<'_>, call: &InvokeMethod) {
    let input = c.input(2, &call.input);
    let size = c.count(3, call.output_size);
    let capacity = call.output_size.unwrap_or(0);
    let output = c.out_array(4, call.output, capacity, 1);
    invoke!(
        c,
        invoke_method(
            raw(call.registration),
            raw(call.entity),
            input.pointer(),
            size.pointer(),
            output.pointer(),
        )
    );
    let used = c.items(size);
    c.see_count(size);
    c.see_array(output, used, 1, |view, place, seen| {
        see(seen, place, view.as_values().byte(0));
    });
}

#[doc(alias = "RtmBlockMethods")]
pub fn block_methods(c: &mut Calling<'_>, call: &BlockMethods) {
    // Only the low eight bits belong to the type; C cuts off the others as well.
    let target_type = call.target_type as u8;
    invoke!(
        c,
        block_methods(raw(call.registration), raw(call.target), target_type, call.blocking_flag,)
    );
}
