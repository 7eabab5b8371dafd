//! The words of a text, and its passage most similar to a phrase.

/// The most characters that are compared, so that a long text takes no more than a moment.
const MAX_PHRASE: usize = 200;
const MAX_TEXT: usize = 20_000;

/// The words of a text, as written: runs of letters and digits.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The passage of `text`, in whole words, with the smallest edit distance to `phrase`, ignoring case.
///
/// `None` if either is empty, or if no passage is similar: none differs in at most a third of the phrase's
/// letters or has one of its words.
pub(crate) fn closest<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let wanted = phrase;
    let phrase: Vec<char> = phrase.trim().chars().take(MAX_PHRASE).map(lower).collect();
    let letters: Vec<(usize, char)> =
        text.char_indices().take(MAX_TEXT).map(|(at, c)| (at, lower(c))).collect();
    // Sellers: row j holds, for each prefix of the phrase, the distance of the best match that ends at letter j, and
    // where that match began. A match may begin anywhere at no cost.
    let mut row: Vec<(usize, usize)> = (0..=phrase.len()).map(|i| (i, 0)).collect();
    let mut best = (phrase.len(), 0, 0);
    for (j, &(_, letter)) in letters.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], (0, j + 1));
        for (i, &wanted) in phrase.iter().enumerate() {
            let replaced = (diagonal.0 + usize::from(wanted != letter), diagonal.1);
            let skipped = (row[i].0 + 1, row[i].1);
            let inserted = (row[i + 1].0 + 1, row[i + 1].1);
            diagonal = row[i + 1];
            row[i + 1] = replaced.min(skipped).min(inserted);
        }
        let (distance, start) = row[phrase.len()];
        if distance < best.0 {
            best = (distance, start, j + 1);
        }
    }
    let (distance, start, end) = best;
    let byte = |at: usize| letters.get(at).map_or(text.len(), |letter| letter.0);
    let passage = whole_words(text, byte(start), byte(end));
    let shares_word = || telling(passage).any(|word| telling(wanted).any(|it| it == word));
    let is_like = || 3 * distance <= phrase.len() || shares_word();
    (start < end && !passage.is_empty() && is_like()).then_some(passage)
}

/// The significant words, in lower case.
fn telling(text: &str) -> impl Iterator<Item = String> {
    let words = words(text).map(str::to_lowercase);
    words.filter(|word| word.len() > 2 && !["the", "and", "with"].contains(&word.as_str()))
}

/// Truncates a passage for a message.
pub(crate) fn shorten(passage: &str) -> String {
    const MAX: usize = 80;
    let line: String = passage.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX).collect();
    if passage.chars().nth(MAX).is_some() { format!("{}...", line.trim_end()) } else { line }
}

fn whole_words(text: &str, start: usize, end: usize) -> &str {
    let is_edge = |c: char| !c.is_alphanumeric();
    let from = text[..start]
        .rfind(is_edge)
        .map_or(0, |at| text[at..].chars().next().map_or(at, |c| at + c.len_utf8()));
    let to = text[end..].find(is_edge).map_or(text.len(), |at| end + at);
    text[from..to].trim_matches(is_edge)
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}
