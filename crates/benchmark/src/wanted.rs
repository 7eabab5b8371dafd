//! The objects that the evaluator looks for in a picture.

use crate::{Classes, Item};

/// An object of an item, by the evaluator's class indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its region, from 1.
    pub region: usize,
    /// Its kind, an index of [`Classes::kinds`], not 0.
    pub kind: usize,
    /// Its colour, an index of [`Classes::colours`], if the text names one.
    pub colour: Option<usize>,
}

/// Returns the objects of `item` that the evaluator knows: from the set, or else the regions' texts.
pub fn wanted(item: &Item, classes: &Classes) -> Vec<Wanted> {
    let Some(objects) = &item.objects else { return wanted_by_texts(&item.texts, classes) };
    let known = |(n, object): (usize, &crate::Object)| {
        let kind = classes.kind(&object.kind)?;
        let colour = object.colour.as_deref().and_then(|colour| classes.colour(colour));
        Some(Wanted { region: n + 1, kind, colour })
    };
    objects.iter().enumerate().filter_map(known).collect()
}

/// Finds the objects named by the regions' texts; the first is the background's.
pub fn wanted_by_texts(texts: &[String], classes: &Classes) -> Vec<Wanted> {
    let named = |(region, text): (usize, &String)| from_text(region, text, classes);
    texts.iter().enumerate().skip(1).filter_map(named).collect()
}

/// Returns the one kind that a text names, and the one colour if that kind has colours; not if ambiguous.
fn from_text(region: usize, text: &str, classes: &Classes) -> Option<Wanted> {
    let text = words(text);
    let kind = 1 + only(classes.kinds.get(1..)?, &text)?;
    let is_coloured = classes.coloured.contains(&classes.kinds[kind]);
    Some(Wanted { region, kind, colour: only(&classes.colours, &text).filter(|_| is_coloured) })
}

/// Returns the one name that a text contains. Longer names match first: a palm tree is not also a tree.
fn only(names: &[String], text: &[String]) -> Option<usize> {
    let mut names: Vec<_> = names.iter().map(|name| words(name)).enumerate().collect();
    names.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    let (mut text, mut found) = (text.to_vec(), Vec::new());
    for (index, name) in names.into_iter().filter(|(_, name)| !name.is_empty()) {
        while let Some(at) = text.windows(name.len()).position(|window| window == name) {
            text[at..at + name.len()].fill(String::new());
            found.push(index);
        }
    }
    found.dedup();
    found.pop().filter(|_| found.is_empty())
}

/// A text's lower-case words.
fn words(text: &str) -> Vec<String> {
    layout::words(text).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_a_kind_by_its_longest_name_and_of_two_kinds_none() {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let classes = Classes {
            kinds: owned(&["background", "tree", "palm tree", "car"]),
            colours: owned(&["red", "dark red"]),
            coloured: owned(&["car"]),
        };
        let named = |text: &str| {
            let wanted = wanted_by_texts(&owned(&["a background", text]), &classes);
            wanted.first().map(|wanted| (classes.kinds[wanted.kind].as_str(), wanted.colour))
        };
        assert_eq!(named("a tree"), Some(("tree", None)));
        assert_eq!(named("a Palm tree"), Some(("palm tree", None)));
        assert_eq!(named("a palm tree and a tree"), None);
        assert_eq!(named("a palm tree beside a car"), None);
        assert_eq!(named("a car, another car"), Some(("car", None)));
        assert_eq!(named("a dark red car"), Some(("car", Some(1))));
        assert_eq!(named("a red tree"), Some(("tree", None)));
        assert_eq!(named("a street"), None);
    }
}
