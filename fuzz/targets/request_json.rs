//! A request, as a client sends it.
#![no_main]

use request::{Defaults, GenerationRequest};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = serde_json::from_slice::<GenerationRequest>(bytes) else { return };
    let Ok(generation) = request.parse(&Defaults::default()) else { return };
    // What is taken in is written down and read again when it is painted.
    let again = serde_json::to_string(&generation.to_request(7)).expect("JSON");
    let again: GenerationRequest = serde_json::from_str(&again).expect("our own JSON");
    assert!(again.parse(&Defaults::default()).is_ok());
});
