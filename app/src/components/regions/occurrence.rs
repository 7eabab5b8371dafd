//! Which occurrence of its text in the full text a region refers to.

use std::num::NonZeroUsize;

use editor::{RegionEdit, RegionId};
use layout::Occurrence;
use leptos::prelude::*;

use crate::boxed::Boxed;
use crate::studio::{self, Studio};

/// A choice of occurrences; the full text shows the chosen one in the region's colour.
#[component]
pub fn OccurrenceField(id: RegionId) -> AnyView {
    let studio = expect_context::<Studio>();
    let count = Memo::new(move |_| studio.occurrences(id));
    let meant = Memo::new(move |_| studio.meant(id));
    let change = move |event| {
        let number = event_target_value(&event).parse().ok().and_then(NonZeroUsize::new);
        studio.region(RegionEdit::Occurrence(id, number.map_or(Occurrence::All, Occurrence::Nth)));
    };
    let options = move || {
        let count = count.get();
        let numbers = (1..=count).filter_map(NonZeroUsize::new);
        let places = numbers.map(|k| (Occurrence::Nth(k), format!("{} of {count}", ordinal(k.get()))));
        let option = |(place, name): (Occurrence, String)| {
            let value = if let Occurrence::Nth(k) = place { k.get() } else { 0 };
            view! { <option value=value prop:selected=move || meant.get() == place>{name}</option> }
        };
        places.chain([(Occurrence::All, format!("all {count}"))]).map(option).collect_view()
    };
    view! {
        <label class="occurrence">
            <span>"Which one is meant"</span>
            <select
                aria-label=format!("{}: which one is meant", studio::name(id))
                title="Which of the places in the full text belongs to this region"
                on:change=change
            >
                {options}
            </select>
        </label>
    }
    .boxed()
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn ordinals_are_english() {
        let said = [1, 2, 3, 4, 11, 12, 13, 21, 102, 113].map(ordinal);
        assert_eq!(said, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "113th"]);
    }
}
