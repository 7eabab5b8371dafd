//! The run-length form.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use layout::{Layout, LayoutWire, NONE};
use proptest::prelude::*;

fn parse(width: u32, height: u32, runs: &str) -> Result<Layout, String> {
    let wire = LayoutWire { width, height, regions: 32, runs: runs.to_owned() };
    Layout::try_from(&wire).map_err(|error| error.to_string())
}

#[test]
fn a_layout_is_written_as_counts_and_letters() {
    let layout = Layout::new(4, 2, 32, vec![0, 0, 0, 1, 26, 31, NONE, NONE]).unwrap();
    let json = serde_json::to_value(&layout).unwrap();
    assert_eq!(json, serde_json::json!({"width": 4, "height": 2, "regions": 32, "runs": "3ABaf2-"}));
    assert_eq!(serde_json::from_value::<Layout>(json).unwrap(), layout);
}

#[test]
fn broken_runs_are_refused_with_their_place() {
    for (runs, message) in [
        ("3A", "they give 3 pixels where 2 x 2 need 4"),
        ("", "they give 0 pixels"),
        ("5A", "they give 5 pixels"),
        ("4", "at character 0: a count without a region"),
        ("3A0BA", "at character 2: a run of 0 pixels"),
        ("3Ag", "at character 2: only digits"),
        ("3A,1B", "at character 2: only digits"),
        ("99999999999999999999999999A2B", "pixels where 2 x 2 need 4"),
    ] {
        let error = parse(2, 2, runs).unwrap_err();
        assert!(error.contains(message), "{runs:?}: {error}");
    }
    assert!(parse(20_000, 20_000, "400000000A").unwrap_err().contains("20000 x 20000"));
    let wire = LayoutWire { width: 1, height: 1, regions: 1, runs: "B".to_owned() };
    assert!(Layout::try_from(&wire).unwrap_err().to_string().contains("region 1"));
    assert!(
        serde_json::from_str::<Layout>(r#"{"width":1,"height":1,"regions":1,"runs":"A","x":1}"#).is_err()
    );
}

fn layouts() -> impl Strategy<Value = Layout> {
    (1..40u32, 1..40u32, 1..=32usize).prop_flat_map(|(width, height, regions)| {
        let pixel = prop_oneof![0..regions as u8, Just(NONE)];
        proptest::collection::vec(pixel, (width * height) as usize)
            .prop_map(move |pixels| Layout::new(width, height, regions, pixels).unwrap())
    })
}

proptest! {
    #[test]
    fn any_layout_comes_back(layout in layouts()) {
        let wire = LayoutWire::from(&layout);
        prop_assert_eq!(Layout::try_from(&wire).unwrap(), layout);
    }

    #[test]
    fn any_string_is_a_layout_or_an_error(runs in "[0-9A-Za-z-]{0,40}", width in any::<u32>(), height in 0..5u32) {
        let _ = parse(width, height, &runs);
        let _ = parse(3, height, &runs);
    }
}
