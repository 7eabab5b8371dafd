//! `/api/v1/tokens`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use api::{Passage, Tokens, TokensRequest};
use common::studio::{Client, Studio, request};
use serde_json::{Value, json};

fn ask(client: &Client, prompt: &str, regions: &[&str]) -> common::studio::Reply {
    let regions = regions.iter().map(|&text| text.to_owned()).collect();
    let request = TokensRequest { prompt: prompt.to_owned(), regions, ..TokensRequest::default() };
    client.post("/tokens", &serde_json::to_value(request).unwrap())
}

/// A client of a server whose model is there.
fn client(studio: &Studio) -> Client {
    let mut client = studio.client();
    let job = client.submit(&request(1));
    client.end(&job);
    client
}

#[test]
fn phrases_are_found_by_the_models_tokenizer_as_bytes_of_the_text() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = client(&studio);
    // Two letters before the phrase take two bytes each; case and white space do not count to the tokenizer.
    let prompt = "Ein größeres Café, A  squirrel.";
    let found: Tokens = ask(&client, prompt, &["a squirrel", "", "a squirel", "café"]).json(200);
    let passages: Vec<Option<&str>> = found
        .regions
        .iter()
        .map(|passage| match passage {
            Passage::At { start, end } => Some(&prompt[*start as usize..*end as usize]),
            _ => None,
        })
        .collect();
    assert_eq!(passages, [Some("A  squirrel"), None, None, Some("Café")]);
    assert_eq!(found.regions[1], Passage::Empty);
    let Passage::Missing { reason } = &found.regions[2] else { panic!("{found:?}") };
    assert!(reason.contains("A  squirrel"), "what comes closest is named: {reason}");
    assert_eq!(found.limit, 600);
}

#[test]
fn tokens_are_counted_and_what_lies_beyond_the_last_that_counts_is_missing() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = client(&studio);
    let empty: Tokens = ask(&client, "", &[]).json(200);
    assert_eq!(empty.used, 0);
    let prompt = format!("{}a squirrel", ", ".repeat(605));
    let found: Tokens = ask(&client, &prompt, &["a squirrel", ","]).json(200);
    assert!(found.used > found.limit);
    assert!(matches!(&found.regions[0], Passage::Missing { reason } if reason.contains("600")), "{found:?}");
    assert_eq!(found.regions[1], Passage::At { start: 0, end: 1 });
}

#[test]
fn another_occurrence_of_a_phrase_can_be_meant() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = client(&studio);
    let ask = |occurrences: Value| {
        let regions = ["a squirrel", "a squirrel"];
        let request =
            json!({ "prompt": "a squirrel, a squirrel", "regions": regions, "occurrences": occurrences });
        client.post("/tokens", &request)
    };
    let at = |start: u32| Passage::At { start, end: start + 10 };
    assert_eq!(ask(json!([2])).json::<Tokens>(200).regions, [at(12), at(0)]);
    let few = ask(json!(["all", 3])).json::<Tokens>(200);
    assert_eq!(few.regions[0], at(0));
    assert!(matches!(&few.regions[1], Passage::Missing { reason } if reason.contains('2')), "{few:?}");
    let refusal = ask(json!([1, 0])).refused(422);
    assert_eq!(refusal.fields[0].0, "occurrences[1]");
    assert!(refusal.fields[0].1.contains("a number from 1"), "{refusal:?}");
    for wrong in [json!([1, 1, 1]), json!(vec![0; 500_000])] {
        let refusal = ask(wrong).refused(422);
        assert_eq!((refusal.fields.len(), refusal.fields[0].0.as_str()), (1, "occurrences"));
        assert!(refusal.fields[0].1.contains("at most 2"), "{}", refusal.message);
    }
}

#[test]
fn what_is_too_much_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = client(&studio);
    assert!(ask(&client, "a", &["a"; 33]).refused(422).message.contains("33"));
    let long = ask(&client, "a", &["a", &"word ".repeat(3000)]).refused(422);
    assert_eq!(long.fields[0].0, "regions[1]");
    let deep = "[".repeat(100_000);
    client.ask("POST", "/tokens", &[], Some(&deep)).refused(422);
    // Escapes take six bytes a character.
    let most = ask(&client, &"\u{1}".repeat(10_000), &["\u{1}".repeat(10_000).as_str(); 32]);
    most.json::<Tokens>(200);
    let long = format!(r#"{{"prompt": "a", "regions": [], "occurrences": [{}1]}}"#, "1,".repeat(1_060_000));
    client.ask("POST", "/tokens", &[("expect", "100-continue")], Some(&long)).refused(413);
}
