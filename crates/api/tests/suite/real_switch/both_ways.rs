//! A call that the switch hunts for itself, and one that it is told: both are left alike.

use std::collections::BTreeMap;

use custompbx_pbx::dialplan::{DialplanChange, Mode};
use custompbx_testkit::real_switch::Switch;
use custompbx_testkit::server::TestPbx;
use tokio::task::block_in_place;

/// Groups, arrays, values with everything that expansions and XML take for something, transfers of variables.
pub(super) const DIALPLAN: &str = r#"<document type="freeswitch/xml"><section name="dialplan">
<context name="trial">
 <extension name="marks" continue="true">
  <condition field="destination_number" expression="^(\d)(\d)?(.*)$">
   <action application="set" data="first=$1" inline="true"/>
   <action application="push" data="parts=$2" inline="true"/>
   <action application="push" data="parts=rest $3" inline="true"/>
   <action application="set" data="odd=\\\$\{x} $${domain} 'it' &lt;&amp;&gt; 50%" inline="true"/>
   <action application="export" data="nolocal:away=${first}" inline="true"/>
  </condition>
 </extension>
 <extension name="xor" continue="true">
  <condition regex="all" break="never">
   <regex field="destination_number" expression="^(5)"/>
   <regex field="caller_id_number" expression="^(\d)"/>
   <action application="set" data="seen=${DP_MATCH}" inline="true"/>
   <anti-action application="unset" data="first" inline="true"/>
  </condition>
 </extension>
 <extension name="five">
  <condition field="destination_number" expression="^5(\d+)$">
   <action application="set" data="number=$1"/>
   <action application="set" data="expanded=${first}-${parts[1]}-$${domain}"/>
   <action application="park"/>
  </condition>
 </extension>
 <extension name="rest"><condition><action application="set" data="other=${odd}"/><action application="park"/></condition></extension>
</context></section></document>"#;

/// What a channel holds that is not of its own time and place.
fn variables(switch: &mut Switch, number: &str) -> BTreeMap<String, String> {
    let started = switch.api(&format!("originate null/dp {number} XML trial"));
    let uuid =
        started.strip_prefix("+OK ").unwrap_or_else(|| panic!("{number}: {started}")).trim().to_owned();
    switch
        .wait_until(|switch| switch.api(&format!("uuid_getvar {uuid} current_application")).contains("park"));
    let dump = switch.api(&format!("uuid_dump {uuid}"));
    switch.api(&format!("uuid_kill {uuid}"));
    let mut found = BTreeMap::new();
    for line in dump.lines().filter_map(|line| line.strip_prefix("variable_")) {
        let Some((name, value)) = line.split_once(": ") else { continue };
        let is_own =
            ["uuid", "session_id", "call_uuid", "channel_name", "transfer_history", "transfer_source"];
        if !is_own.contains(&name) {
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    found
}

pub(super) async fn leave_a_call_alike(pbx: &TestPbx, switch: &mut Switch) {
    let by = custompbx_pbx::By { actor: "test".to_owned(), origin: "test".to_owned() };
    let instance = pbx.pbx.default_instance().await.unwrap().id;
    // The last one looks like something that was encoded, and is not.
    let numbers = ["5123", "5", "71", "7", "abc", "5%24%24%7Bdomain%7D"];
    let mut seen = Vec::new();
    for mode in [Mode::Whole, Mode::Evaluated] {
        let change = DialplanChange { usual: Some(mode), ..DialplanChange::default() };
        pbx.pbx.set_dialplan(&by, instance, &change).await.unwrap();
        let all = block_in_place(|| numbers.map(|number| variables(switch, number)));
        seen.push(all);
    }
    let [whole, evaluated] = seen.try_into().unwrap();
    for ((number, whole), evaluated) in numbers.iter().zip(whole).zip(evaluated) {
        assert_eq!(evaluated, whole, "{number}");
        assert_eq!(whole["current_application"], "park", "{number}");
    }
    let whole = custompbx_testkit::server::log::lines_with(&["answered with the whole context", "trial"]);
    assert!(
        whole.len() == 1 && whole[0].contains("cannot be read with certainty"),
        "all others were evaluated: {whole:?}"
    );
}
