//! What mod_xml_curl posts for a call: read, and hunted with.
#![no_main]

use custompbx_dialplan::{Call, Context, Detail};
use custompbx_model::Node;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    let fields = body.split('&').map(|field| field.split_once('=').unwrap_or((field, "")));
    let Ok(call) = Call::from_form(fields) else { return };
    let condition = Node::new("condition")
        .with("field", "destination_number")
        .with("expression", "^(.*)$")
        .with("wday", "1-7")
        .containing([Node::new("action").with("application", "set").with("data", "a=$1-${caller_id_name}")]);
    let node = Node::new("context").containing([Node::new("extension").containing([condition])]);
    Context::of_answer(&node, None).evaluate(&call, Detail::Trace);
});
