//! Sweeps of one setting at a time around the defaults.

use request::Defaults;

use crate::{CONSTANTS, Method, Variant};

/// A setting and the variants that differ in it alone.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The setting's name.
    pub name: &'static str,
    /// Its values, ascending, including the default.
    pub points: Vec<(f64, Variant)>,
}

type Set = fn(&mut Variant, f64);

/// The sweep: w_c, w_s, the fraction of modulated steps, and c. A point that equals a named variant is that
/// variant, to paint nothing twice.
pub fn axes(defaults: &Defaults) -> Vec<Axis> {
    let axis = |name, values: &[f64], default: f64, set: Set| {
        let mut values = values.to_vec();
        values.push(default);
        values.sort_by(f64::total_cmp);
        values.dedup();
        Axis {
            name,
            points: values.into_iter().map(|value| (value, point(name, value, defaults, set))).collect(),
        }
    };
    let constants = CONSTANTS.map(|c| (c, Variant::new(Method::Constant, defaults, c)));
    vec![
        axis("w_cross", &[0.0, 0.5, 1.0, 1.5, 2.0], defaults.w_cross, |it, value| it.w_cross = value),
        axis("w_self", &[0.0, 0.3, 0.6, 1.0, 1.5], defaults.w_self, |it, value| it.w_self = value),
        axis("modulated_fraction", &[0.1, 0.3, 0.5, 0.7, 1.0], defaults.modulated_fraction, |it, value| {
            it.modulated_fraction = value;
        }),
        Axis { name: "constant", points: constants.into() },
    ]
}

fn point(name: &str, value: f64, defaults: &Defaults, set: Set) -> Variant {
    let mut variant = Variant::new(Method::Both, defaults, 0.0);
    set(&mut variant, value);
    for method in [Method::Both, Method::Cross, Method::SelfAttention] {
        let named = Variant::new(method, defaults, 0.0);
        if (Variant { name: named.name.clone(), ..variant.clone() }) == named {
            return named;
        }
    }
    Variant { name: format!("{name}-{value}"), ..variant }
}
