//! What comes from an event socket, cut at any place: the frames are the same.
#![no_main]

use custompbx_switch::{Event, fuzzing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, stream) = input;
    let whole = fuzzing::bodies(stream, stream.len());
    let pieces = fuzzing::bodies(stream, usize::from(piece));
    assert_eq!(whole, pieces);
    for body in &whole {
        if let Ok(event) = Event::from_json(body) {
            let _ = (event.name().len(), event.subclass().len(), event.at_us());
        }
    }
});
