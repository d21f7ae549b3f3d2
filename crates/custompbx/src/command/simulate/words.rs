//! Words that both reports use.

use custompbx_dialplan::Value;
use custompbx_dialplan::trace::Rule;

/// An application as FreeSWITCH's log writes it.
pub(super) fn call_of(application: &Value, data: &Value) -> String {
    format!("{application}({data})")
}

/// The word of the attribute `regex`.
pub(super) fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Any => "any",
        Rule::All => "all",
        Rule::Xor => "xor",
    }
}
