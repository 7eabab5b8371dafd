//! The samplers by the names that the web UI has for them.

use request::Scheduler;

/// A sampler, how it is called there, and how else.
pub const SAMPLERS: [(Scheduler, &str, &str); 4] = [
    (Scheduler::Ddim, "DDIM", "ddim"),
    (Scheduler::Euler, "Euler", "k_euler"),
    (Scheduler::EulerAncestral, "Euler a", "k_euler_a"),
    (Scheduler::Dpmpp2m, "DPM++ 2M", "k_dpmpp_2m"),
];

const KARRAS: &str = " karras";

/// The sampler of that name, and whether the name asks for Karras's sigmas, as older ones do.
pub fn named(name: &str) -> Option<(Scheduler, bool)> {
    let name = name.to_lowercase();
    let (name, karras) = match name.strip_suffix(KARRAS) {
        Some(name) => (name, true),
        None => (name.as_str(), false),
    };
    let (scheduler, ..) =
        SAMPLERS.into_iter().find(|(_, title, alias)| title.to_lowercase() == name || *alias == name)?;
    Some((scheduler, karras))
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
