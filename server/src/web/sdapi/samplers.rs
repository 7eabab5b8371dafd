//! Samplers under the names of the web UI.

use request::Scheduler;

/// Its older name.
pub const fn alias(scheduler: Scheduler) -> &'static str {
    match scheduler {
        Scheduler::Ddim => "ddim",
        Scheduler::Euler => "k_euler",
        Scheduler::EulerAncestral => "k_euler_a",
        Scheduler::Dpmpp2m => "k_dpmpp_2m",
        Scheduler::Lcm => "k_lcm",
    }
}

/// Does the web UI use Karras sigmas with it if no schedule is named?
pub const fn is_karras_by_itself(scheduler: Scheduler) -> bool {
    matches!(scheduler, Scheduler::Dpmpp2m)
}

const KARRAS: &str = " karras";

/// Finds the sampler of that name, and whether the name implies Karras sigmas, as older ones do.
pub fn named(name: &str) -> Option<(Scheduler, bool)> {
    let name = name.to_lowercase();
    let (name, karras) = match name.strip_suffix(KARRAS) {
        Some(name) => (name, true),
        None => (name.as_str(), false),
    };
    let is_called = |it: &Scheduler| it.title().to_lowercase() == name || alias(*it) == name;
    Some((Scheduler::ALL.into_iter().find(is_called)?, karras))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_old_and_new_are_known_and_no_others() {
        assert_eq!(named("Euler a"), Some((Scheduler::EulerAncestral, false)));
        assert_eq!(named("DPM++ 2M Karras"), Some((Scheduler::Dpmpp2m, true)));
        assert_eq!(named("k_euler"), Some((Scheduler::Euler, false)));
        assert_eq!((named("UniPC"), named("")), (None, None));
    }
}
