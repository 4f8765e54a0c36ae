//! Methods and several threads: who waits for whom, and in which order it goes on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rtm_abi::types::{
    EntityExportMethods, EntityHandle, EntityMethodInput, EntityMethodOutput, RegnProfile,
};
use rtm_reference::exports::{RtmBlockMethods, RtmInvokeMethod, RtmRegisterEntity};
use rtm_reference::waiting_calls;

use crate::shared::{alone, deregister, identity, register};

const RESUME: u32 = 0;
const BLOCK: u32 = 1;
const CALLS: u32 = 8;
const INVALID_HANDLE: u32 = 6;

/// What the method was given, in the order in which it ran.
static RUN: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static MAY_END: AtomicBool = AtomicBool::new(true);
static BEGUN: AtomicU32 = AtomicU32::new(0);

/// Remembers its input, and does not end before it may.
unsafe extern "C" fn remember(
    _caller: EntityHandle,
    _callee: EntityHandle,
    input: *mut EntityMethodInput,
    output: *mut EntityMethodOutput,
) {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    while !MAY_END.load(Ordering::SeqCst) {
        std::thread::yield_now();
    }
    // SAFETY: the caller gives four bytes, and the output has room for a header.
    unsafe {
        let data = (&raw const (*input).input_data).cast::<u32>();
        RUN.lock().expect("no method has panicked").push(data.read_unaligned());
        (&raw mut (*output).output_size).write_unaligned(0);
    }
}

fn register_with_a_method() -> EntityHandle {
    let methods = EntityExportMethods { num_methods: 1, methods: [Some(remember)] };
    let mut handle = EntityHandle::NULL;
    // SAFETY: each pointer leads to a value of its type.
    let status = unsafe {
        let mut profile: RegnProfile = std::mem::zeroed();
        RtmRegisterEntity(&identity(2), &methods, None, 0, &mut profile, &mut handle)
    };
    assert_eq!(status, 0);
    handle
}

/// Invokes the method with a number; gives the status.
fn invoke(caller: EntityHandle, target: EntityHandle, number: u32) -> u32 {
    // Type, size of the data, the data.
    let input = [1, 4, number];
    let mut output = [0_u32; 8];
    let mut size = 32;
    // SAFETY: the input is as long as it says, the output as the size says.
    unsafe {
        RtmInvokeMethod(
            caller,
            target,
            input.as_ptr().cast(),
            &mut size,
            output.as_mut_ptr().cast(),
        )
    }
}

fn block(client: EntityHandle, flag: u32) {
    // SAFETY: the function takes no pointer.
    assert_eq!(unsafe { RtmBlockMethods(client, rtm_abi::types::Handle::NULL, 0, flag) }, 0);
}

fn until(holds: impl Fn() -> bool) {
    while !holds() {
        std::thread::yield_now();
    }
}

#[test]
fn held_back_invocations_go_on_in_the_order_in_which_they_came() {
    let _alone = alone();
    RUN.lock().expect("no method has panicked").clear();
    let (caller, target) = (register(1, None), register_with_a_method());
    block(target, BLOCK);
    std::thread::scope(|scope| {
        for number in 0..CALLS {
            scope.spawn(move || assert_eq!(invoke(caller, target, number), 0));
            until(|| waiting_calls() == number as usize + 1);
        }
        // Blocked again at once: those that were held back go on nevertheless.
        block(target, RESUME);
        block(target, BLOCK);
    });
    let expected: Vec<u32> = (0..CALLS).collect();
    assert_eq!(*RUN.lock().expect("no method has panicked"), expected);
    assert_eq!(deregister(target), 0);
    assert_eq!(deregister(caller), 0);
}

#[test]
fn a_block_and_a_client_that_leaves_wait_for_methods_that_run() {
    let _alone = alone();
    let (caller, target) = (register(1, None), register_with_a_method());
    for leaves in [false, true] {
        BEGUN.store(0, Ordering::SeqCst);
        MAY_END.store(false, Ordering::SeqCst);
        let gone = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| assert_eq!(invoke(caller, target, 1), 0));
            until(|| BEGUN.load(Ordering::SeqCst) == 1);
            scope.spawn(|| {
                match leaves {
                    true => assert_eq!(deregister(target), 0),
                    false => block(target, BLOCK),
                }
                gone.store(true, Ordering::SeqCst);
            });
            until(|| waiting_calls() == 1);
            assert!(!gone.load(Ordering::SeqCst));
            MAY_END.store(true, Ordering::SeqCst);
        });
        if !leaves {
            block(target, RESUME);
        }
    }
    assert_eq!(invoke(caller, target, 1), INVALID_HANDLE);
    assert_eq!(deregister(caller), 0);
}
