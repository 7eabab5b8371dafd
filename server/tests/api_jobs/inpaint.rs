//! `inpaint` of a request: regions of a client's own pictures are painted anew.

use api::State;
use serde_json::{Value, json};

use super::common::studio::{Studio, endless, request};
use super::with;

#[test]
fn some_regions_of_a_picture_are_painted_anew() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    // The left half is a squirrel.
    let halves = json!({ "runs": { "width": 8, "height": 1, "regions": 2, "runs": "4B4A" } });
    let of = |changes: Value| {
        let mut request = with(2, changes);
        request["layout"] = halves.clone();
        request
    };
    let job = client.submit(&of(json!({})));
    client.end(&job);
    let first = client.picture(&job, 0).body;
    let inpaint =
        |image: &str, region: u32| json!({ "inpaint": { "image": image, "regions": [region] }, "seed": 8 });
    let address = format!("/api/v1/jobs/{}/pictures/0", job.id.0);
    let job = client.submit(&of(inpaint(&address, 1)));
    assert_eq!(client.end(&job).state, State::Done);
    let second = client.picture(&job, 0).body;
    let pixels = |png: &[u8]| image::load_from_memory(png).unwrap().into_rgb8();
    let (before, after) = (pixels(&first), pixels(&second));
    let changed = |columns: std::ops::Range<u32>| {
        columns
            .flat_map(|x| (0..64).map(move |y| (x, y)))
            .filter(|&(x, y)| before.get_pixel(x, y) != after.get_pixel(x, y))
            .count()
    };
    assert!(changed(0..28) > 28 * 32, "{} of the squirrel's pixels are new", changed(0..28));
    assert_eq!(changed(36..64), 0, "of the desert's");
    assert!(!second.windows(9).any(|text| text == b"\"inpaint\""), "what is nowhere else is no part of it");

    let fields = |request: &Value| client.post("/jobs", request).refused(422).fields;
    assert_eq!(fields(&of(inpaint(&address, 2)))[0].0, "inpaint.regions");
    let mut stranger = studio.client();
    let strangers = stranger.submit(&of(json!({})));
    stranger.end(&strangers);
    for image in
        ["0.png", &address.replace("/0", "/1"), &format!("/api/v1/jobs/{}/pictures/0", strangers.id.0)]
    {
        assert_eq!(fields(&of(inpaint(image, 1)))[0].0, "inpaint.image", "{image}");
    }
    let mut request = of(inpaint(&address, 1));
    request["width"] = json!(72);
    assert!(fields(&request)[0].1.contains("72x64"), "{:?}", fields(&request));
    let mut request = of(inpaint(&address, 1));
    request["layout"] = json!({ "runs": { "width": 8, "height": 1, "regions": 2, "runs": "8A" } });
    assert!(fields(&request)[0].1.contains("not drawn"), "{:?}", fields(&request));
}

#[test]
fn a_picture_that_is_deleted_before_it_is_painted_on_is_missed_in_words() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let first = client.submit(&request(1));
    client.end(&first);
    let before = client.submit(&endless());
    let image = format!("/api/v1/jobs/{}/pictures/0", first.id.0);
    let job = client.submit(&with(1, json!({ "inpaint": { "image": image, "regions": [1] } })));
    assert_eq!(client.delete(&first).status, 204);
    client.cancel(&before);
    let State::Failed { reason } = client.end(&job).state else { panic!("painted on nothing") };
    assert!(reason.contains("has been deleted"), "{reason}");
}
