//! Loading a library and looking its symbols up.
//!
//! Only ever done in a child that can be given up: loading runs code of the library.

use std::ffi::{CStr, c_void};
use std::path::Path;
use std::ptr;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use rtm_abi::table::{FunctionTable, TestHooks};

/// A loaded library.
#[derive(Clone, Copy, Debug)]
pub struct Loaded {
    /// Its functions.
    pub functions: FunctionTable,
    /// Its hooks for tests.
    pub hooks: TestHooks,
    handle: *mut c_void,
}

impl Loaded {
    /// Loads the library at `path`, all that it needs at once. It stays until the process ends:
    /// whatever unwinds through here must not take the code away from under it.
    ///
    /// # Errors
    /// What the loader says.
    pub fn load(path: &Path) -> Result<Loaded, String> {
        // SAFETY: constructors of the library run; the caller is a process that exists for that.
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
        let library = library.map_err(|error| reason_of(&error))?;
        let functions = FunctionTable::load(|name| address_of(&library, name));
        let hooks = TestHooks::load(|name| address_of(&library, name));
        Ok(Loaded { functions, hooks, handle: library.into_raw() })
    }

    /// Unloads the library, as far as the loader does.
    ///
    /// # Safety
    /// None of its functions is used any more, and no thread of it runs.
    pub unsafe fn unload(self) {
        // SAFETY: the handle is the one of the loader.
        let library = unsafe { Library::from_raw(self.handle) };
        // Whether the loader has a complaint is no matter: destructors ran or did not.
        let _ = library.close();
    }
}

fn address_of(library: &Library, name: &CStr) -> *const c_void {
    // SAFETY: the symbol is only taken as an address, whatever it is.
    let symbol = unsafe { library.get::<*const ()>(name.to_bytes_with_nul()) };
    symbol.map_or(ptr::null(), |symbol| symbol.into_raw().cast_const())
}

/// The words of the loader, without what our package wraps around them.
fn reason_of(error: &libloading::Error) -> String {
    match error {
        libloading::Error::DlOpen { source } => {
            std::error::Error::source(source).map_or_else(|| source.to_string(), |s| s.to_string())
        }
        other => other.to_string(),
    }
}
