//! Words that both reports use.

use custompbx_dialplan::Value;

/// An application as FreeSWITCH's log writes it.
pub(super) fn call_of(application: &Value, data: &Value) -> String {
    format!("{application}({data})")
}
