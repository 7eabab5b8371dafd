//! What the evaluator is to look for in a picture.

use crate::{Classes, Item};

/// An object of an item, in the evaluator's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its region, from 1.
    pub region: usize,
    /// Its kind, an index of [`Classes::kinds`], not 0.
    pub kind: usize,
    /// Its colour, an index of [`Classes::colours`], where the text names one.
    pub colour: Option<usize>,
}

/// The objects of `item` that the evaluator knows: as the set says, or else by the regions' texts.
pub fn wanted(item: &Item, classes: &Classes) -> Vec<Wanted> {
    let Some(objects) = &item.objects else { return wanted_by_texts(&item.texts, classes) };
    let known = |(n, object): (usize, &crate::Object)| {
        let kind = classes.kind(&object.kind)?;
        let colour = object.colour.as_deref().and_then(|colour| classes.colour(colour));
        Some(Wanted { region: n + 1, kind, colour })
    };
    objects.iter().enumerate().filter_map(known).collect()
}

/// The objects that the regions' texts name; the first is the background's.
pub fn wanted_by_texts(texts: &[String], classes: &Classes) -> Vec<Wanted> {
    let named = |(region, text): (usize, &String)| from_text(region, text, classes);
    texts.iter().enumerate().skip(1).filter_map(named).collect()
}

/// The one kind that a text names, and the one colour if that kind comes in colours; of two none is meant for sure.
fn from_text(region: usize, text: &str, classes: &Classes) -> Option<Wanted> {
    let text = words(text);
    let holds = |name: &String| {
        let name = words(name);
        !name.is_empty() && text.windows(name.len()).any(|window| window == name)
    };
    let only = |names: &[String], from: usize| {
        let mut found = names.iter().enumerate().skip(from).filter(|(_, name)| holds(name));
        found.next().filter(|_| found.next().is_none()).map(|(index, _)| index)
    };
    let kind = only(&classes.kinds, 1)?;
    let colour = only(&classes.colours, 0).filter(|_| classes.coloured.contains(&classes.kinds[kind]));
    Some(Wanted { region, kind, colour })
}

/// The words of a text, in lower case.
fn words(text: &str) -> Vec<String> {
    layout::words(text).map(str::to_lowercase).collect()
}
