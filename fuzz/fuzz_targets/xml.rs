//! XML: what is read is the same when it is printed and read again.
#![no_main]

use custompbx_model::xml::{Limits, Style, parse, print};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(parsed) = parse(text, &Limits::default()) else { return };
    for node in &parsed.roots {
        let printed = print(node, Style::Compact);
        let again = parse(&printed, &Limits::default()).expect("what was printed is XML");
        assert!(again.roots.len() == 1 && again.roots[0].same_content(node), "{printed}");
    }
});
