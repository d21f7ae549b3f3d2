//! Variables in all places of a dialplan where they are expanded: a field, an expression, the data of an inline action
//! and of another one after it. Nothing panics, and a second evaluation says the same.
#![no_main]

use custompbx_dialplan::{Call, Context, Detail};
use custompbx_model::Node;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str, &str, &str)| {
    let (field, expression, data, value) = texts;
    let action = |application: &str| Node::new("action").with("application", application).with("data", data);
    let condition = Node::new("condition").with("field", field).with("expression", expression).containing([
        action("set").with("inline", "true"),
        action("log"),
        Node::new("anti-action").with("application", "log").with("data", data),
    ]);
    let extension = Node::new("extension").with("name", "e").with("continue", "true").containing([condition]);
    let node = Node::new("context").with("name", "c").containing([extension.clone(), extension]);
    let context = Context::of_answer(&node, None);
    let mut call = Call::new("c", value);
    call.variables.set("v", value);
    call.variables.set("list", "ARRAY::one|:two|:three");
    call.set_api("module_exists", "mod_enum", "true");
    let outcome = context.evaluate(&call, Detail::Trace);
    let again = context.evaluate(&call, Detail::Result);
    assert_eq!(outcome.actions, again.actions);
    assert_eq!(outcome.undecidable, again.undecidable);
    outcome.trace.lines("x");
});
