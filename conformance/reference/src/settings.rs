//! What tests can set: limits of the tables, and which readings the model takes.
//!
//! Settings outlast a reset; a model is made from them.

use std::io::Write as _;

use rtm_sim::model::{Config, Model};
use rtm_sim::readings::{Reading, Readings};
use rtm_sim::vocabulary::constants::{AF_INET, AF_INET6};

/// Readings that are taken from the beginning: `CLAUSE=NAME` entries as [`Readings::parse`] has
/// them.
const VARIABLE: &str = "RTM_REFERENCE_READINGS";

/// Settings of the process.
#[derive(Debug)]
pub(crate) struct Settings {
    config: Config,
    /// What the environment asked for; `None` when it cannot be understood.
    environment: Option<Readings>,
    /// The same and what was added since.
    readings: Readings,
}

impl Settings {
    /// Those of the environment, which is looked at once.
    pub(crate) fn load() -> Settings {
        let text = match std::env::var(VARIABLE) {
            Ok(text) => text,
            Err(std::env::VarError::NotPresent) => String::new(),
            Err(error) => error.to_string(),
        };
        let environment = Readings::parse(&text);
        if let Err(message) = &environment {
            // A closed stderr is no reason to panic.
            let _ = writeln!(
                std::io::stderr(),
                "rtm-reference: cannot take {VARIABLE}: {message}; RtmRegisterEntity refuses"
            );
        }
        let environment = environment.ok();
        let readings = environment.clone().unwrap_or_default();
        Settings { config: Config::default(), environment, readings }
    }

    /// Whether clients can register.
    pub(crate) fn usable(&self) -> bool {
        self.environment.is_some()
    }

    /// A model in its first state.
    pub(crate) fn model(&self) -> Model {
        Model::new(self.config.clone(), self.readings.clone())
    }

    /// Sets a limit. False when nothing is called so, or the value is out of range.
    pub(crate) fn set(&mut self, name: &str, value: u64) -> bool {
        let c = &mut self.config;
        // Elements of arrays are counted with 16 bits, next hops of a route too.
        const MOST: u64 = u16::MAX as u64;
        const ANY: u64 = u32::MAX as u64;
        let (target, least, most) = match name {
            "max-next-hops-in-route" => (&mut c.max_next_hops_in_route, 1, MOST),
            "max-handles-in-enum" => (&mut c.max_handles_in_enum, 1, MOST),
            "views-supported" => (&mut c.views_supported, 1, 3),
            "opaque-slots" => (&mut c.opaque_slots, 0, ANY),
            "entities" => (&mut c.entities, 1, MOST),
            "notifications" => (&mut c.notifications, 0, ANY),
            "default-preference" => (&mut c.default_preference, 1, ANY),
            "instances" => return self.set_instances(value),
            "families" => return self.set_families(value),
            _ => return false,
        };
        if !(least..=most).contains(&value) {
            return false;
        }
        *target = value as u32;
        true
    }

    /// Instances 0 to `count` - 1.
    fn set_instances(&mut self, count: u64) -> bool {
        if !(1..=1 << 16).contains(&count) {
            return false;
        }
        self.config.instances = (0..count).map(|instance| instance as u16).collect();
        true
    }

    /// Bit 0 for IPv4, bit 1 for IPv6.
    fn set_families(&mut self, bits: u64) -> bool {
        if !(1..=3).contains(&bits) {
            return false;
        }
        let families = [(1, AF_INET), (2, AF_INET6)];
        let served = families.iter().filter(|(bit, _)| bits & bit != 0);
        self.config.families = served.map(|(_, family)| *family).collect();
        true
    }

    /// Takes a reading, `CLAUSE=NAME`. False when there is none of that name.
    pub(crate) fn take_reading(&mut self, text: &str) -> bool {
        match Reading::parse(text) {
            Ok(reading) => {
                self.readings.set(reading);
                true
            }
            Err(_) => false,
        }
    }

    /// Goes back to the readings of the environment.
    pub(crate) fn drop_readings(&mut self) {
        self.readings = self.environment.clone().unwrap_or_default();
    }
}
