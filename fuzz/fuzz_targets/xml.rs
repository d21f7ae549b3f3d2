//! XML: what is read is the same when it is printed and read again.
#![no_main]

use custompbx_model::Node;
use custompbx_model::node::TEXT_TAG;
use custompbx_model::xml::escape::is_name;
use custompbx_model::xml::{Limits, Style, parse, print};
use libfuzzer_sys::fuzz_target;

/// Whether validation would let its names into a store; others are not printed.
fn has_names(node: &Node) -> bool {
    (is_name(&node.tag) || &*node.tag == TEXT_TAG)
        && node.attributes.iter().all(|(name, _)| is_name(name))
        && node.children.iter().all(has_names)
}

fuzz_target!(|text: &str| {
    let Ok(parsed) = parse(text, &Limits::default()) else { return };
    // These XML cannot carry: they are read, and not printed.
    if text.contains(|c: char| c.is_control() && !c.is_whitespace())
        || text.contains(['\u{fffe}', '\u{ffff}'])
    {
        return;
    }
    for node in parsed.roots.iter().filter(|node| has_names(node)) {
        let printed = print(node, Style::Compact);
        let again = parse(&printed, &Limits::default()).expect("what was printed is XML");
        assert!(again.roots.len() == 1 && again.roots[0].same_content(node), "{printed}");
    }
});
