//! What earlier answers of the library tell about the sizes of later ones.
//!
//! A client has to know how many views a destination is described for and how many next hops a
//! route can have; the engine remembers it for its handles as a client would.

use std::collections::BTreeMap;

use rtm_sim::vocabulary::handle::Handle;

/// Most next hops that room is made for, whatever the profile says.
const NEXT_HOPS_MAX: u32 = u16::MAX as u32;
/// Views that are assumed to be supported before any profile was seen.
const VIEWS_BEFORE_ANY_PROFILE: u32 = 0xFFFF_FFFF;

/// What a registration was told.
#[derive(Clone, Copy, Debug)]
struct Profile {
    max_next_hops_in_route: u32,
    views_supported: u32,
}

/// Profiles by registration, and views by enumeration or registration for changes.
#[derive(Debug, Default)]
pub struct Known {
    profiles: BTreeMap<Handle, Profile>,
    last: Option<Profile>,
    views: BTreeMap<Handle, u32>,
}

impl Known {
    /// Nothing is known.
    pub fn clear(&mut self) {
        self.profiles.clear();
        self.views.clear();
        self.last = None;
    }

    /// A registration was told its profile.
    pub fn registered(&mut self, registration: Handle, next_hops: u32, views: u32) {
        let profile = Profile {
            max_next_hops_in_route: next_hops.min(NEXT_HOPS_MAX),
            views_supported: views,
        };
        self.profiles.insert(registration, profile);
        self.last = Some(profile);
    }

    /// The profile of a registration; of the latest one when it has none itself.
    fn profile(&self, registration: Handle) -> Option<Profile> {
        self.profiles.get(&registration).copied().or(self.last)
    }

    /// Next hops that a route of this registration can have; at least one.
    pub fn next_hops(&self, registration: Handle) -> usize {
        self.profile(registration).map_or(1, |p| p.max_next_hops_in_route.max(1)) as usize
    }

    /// Views that a registration is told about when it asks for `views`.
    pub fn view_count(&self, registration: Handle, views: u32) -> usize {
        let profile = self.profile(registration);
        let supported = profile.map_or(VIEWS_BEFORE_ANY_PROFILE, |p| p.views_supported);
        (views & supported).count_ones() as usize
    }

    /// What is fetched through `handle` describes `views`.
    pub fn asked_for(&mut self, handle: Handle, views: u32) {
        self.views.insert(handle, views);
    }

    /// Views of each destination that is fetched through `handle`; all when it is not known.
    pub fn fetched_view_count(&self, registration: Handle, handle: Handle) -> usize {
        let views = self.views.get(&handle).copied().unwrap_or(VIEWS_BEFORE_ANY_PROFILE);
        self.view_count(registration, views)
    }
}
