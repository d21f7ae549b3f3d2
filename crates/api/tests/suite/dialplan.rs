//! Calls that are answered with the actions that apply, and what is said of a dialplan.

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx};
use serde_json::{Value, json};

use crate::asking::Client;
use crate::engines::on_both_engines;
use crate::routes::scoped;

on_both_engines!(
    a_context_is_served_as_it_is_set,
    what_cannot_be_known_here_is_left_to_the_switch,
    edits_count_at_once_and_are_remarked_on,
    what_is_wrong_is_said,
    a_call_is_tried_on_paper,
    evaluations_are_told,
    a_switch_is_compared_with_what_it_would_be_told,
);

const DIALPLAN: &str = r#"<document type="freeswitch/xml">
<X-PRE-PROCESS cmd="set" data="domain=example.com"/>
<section name="dialplan">
<context name="default">
 <extension name="mark" continue="true">
  <condition field="destination_number" expression="^(9)(\d+)$"><action application="set" data="outside=$2" inline="true"/></condition>
 </extension>
 <extension name="local">
  <condition field="${outside}" expression="^$" break="never"><anti-action application="set" data="from=outside"/></condition>
  <condition field="destination_number" expression="^9?(10\d\d)$">
   <action application="bridge" data="user/$1"/><action application="log" data="INFO ${outside}"/>
  </condition>
 </extension>
 <extension name="asks"><condition field="${hash(select/a/b)}" expression="1"><action application="answer"/></condition></extension>
 <extension name="rest"><condition><action application="hangup"/></condition></extension>
</context>
<context name="public">
 <extension name="in"><condition field="destination_number" expression="^(\d+)$"><action application="transfer" data="$1 XML default"/></condition></extension>
</context>
</section></document>"#;

/// The form of a call.
pub(crate) fn call(context: &str, number: &str) -> String {
    format!(
        "hostname=fs1&section=dialplan&tag_name=&key_name=&key_value=&Event-Name=REQUEST_PARAMS\
         &Event-Date-Local=2026-11-23%2000%3A31%3A02&Event-Date-GMT=Mon,%2023%20Nov%202026%2000%3A31%3A02%20GMT\
         &Event-Date-Timestamp=1795393862421017&Unique-ID=uuid-{number}&Hunt-Context={context}\
         &Hunt-Destination-Number={number}&Hunt-Caller-ID-Number=1000"
    )
}

const SETTINGS: &str = "/instances/default/dialplan-settings";

struct House {
    pbx: TestPbx,
}

impl House {
    async fn new(engine: Engine) -> Self {
        let pbx = TestPbx::on(engine).await;
        pbx.import_xml(DIALPLAN).await;
        Self { pbx }
    }

    async fn answer(&self, context: &str, number: &str) -> String {
        let reply = self.pbx.ask(&call(context, number)).await;
        assert_eq!(reply.status, 200);
        reply.text().to_owned()
    }

    /// The answer of actions only, or nothing for a whole context.
    async fn actions(&self, context: &str, number: &str) -> Option<String> {
        let answer = self.answer(context, number).await;
        let (_, inner) = answer.split_once("<condition>")?;
        let (actions, rest) = inner.split_once("</condition>")?;
        let is_whole = answer.matches("<extension ").count() > 1 || answer.contains("expression=");
        assert!(is_whole || rest.starts_with("</extension></context>"), "{answer}");
        (!is_whole).then(|| actions.to_owned())
    }
}

async fn set(admin: &Client<'_>, change: Value) {
    let reply = admin.rest("PATCH", SETTINGS, &change).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

async fn a_context_is_served_as_it_is_set(engine: Engine) {
    let house = House::new(engine).await;
    {
        let admin = Client::new(&house.pbx, Role::Admin).await;
        assert_eq!(house.actions("default", "1000").await, None, "whole, unless it is said otherwise");
        admin.ask("DialplanChangeNotProceed", json!({ "enabled": false })).await;
        let bridge = r#"<action application="bridge" data="user/1000"/><action application="log" data="INFO ${outside}"/>"#;
        let actions = house.actions("default", "1000").await.unwrap();
        assert!(actions.ends_with(bridge), "{actions}");
        // What the switch would have set while it hunted, it sets still.
        let outside = house.actions("default", "91000").await.unwrap();
        assert!(outside.contains(r#"application="set" data="outside=1000" inline="true""#), "{outside}");
        assert!(outside.contains(r#"application="push" data="DP_MATCH="#), "{outside}");
        assert!(
            outside.ends_with(&format!(r#"<action application="set" data="from=outside"/>{bridge}"#)),
            "{outside}"
        );
        assert_eq!(
            house.actions("public", "77").await.unwrap().split('/').next_back(),
            Some(">"),
            "the last action ends the condition"
        );
        set(&admin, json!({ "contexts": { "PUBLIC": "whole" } })).await;
        assert_eq!(house.actions("public", "77").await, None);
        assert!(house.actions("default", "1000").await.is_some());
        set(&admin, json!({ "mode": "whole", "contexts": { "public": "evaluated" } })).await;
        assert_eq!(house.actions("default", "1000").await, None);
        assert!(house.actions("public", "77").await.is_some());
    }
    let House { pbx } = house;
    let house = House { pbx: pbx.restart().await };
    assert!(house.actions("public", "77").await.is_some(), "it outlasts the program");
    // A context that there is not is not found here either.
    assert!(house.answer("nowhere", "1").await.contains("not found"));
    house.pbx.stop().await;
}

async fn what_cannot_be_known_here_is_left_to_the_switch(engine: Engine) {
    let house = House::new(engine).await;
    let admin = Client::new(&house.pbx, Role::Admin).await;
    set(&admin, json!({ "mode": "evaluated" })).await;
    assert!(house.answer("default", "555").await.contains("${hash(select/a/b)}"), "the whole context");
    // A question without the profile that is routed, and one for everything.
    let form = call("default", "1000").replace("Hunt-Context", "Caller-Context");
    assert!(house.pbx.ask(&form).await.text().contains("expression="));
    let metrics = admin.person.token.clone();
    let metrics =
        house.pbx.http("GET", "/metrics", &[("Authorization", &format!("Bearer {metrics}"))], b"").await;
    assert!(
        metrics.text().contains("custompbx_dialplan_answers_total{outcome=\"undecidable\"}"),
        "{}",
        metrics.text()
    );
    house.pbx.stop().await;
}

async fn edits_count_at_once_and_are_remarked_on(engine: Engine) {
    let house = House::new(engine).await;
    let admin = Client::new(&house.pbx, Role::Admin).await;
    set(&admin, json!({ "mode": "evaluated" })).await;
    let extensions = "/instances/default/dialplan/contexts/default/extensions";
    let extension = |expression: &str, data: &str| {
        json!({ "children": [{
            "tag": "condition",
            "attributes": { "field": "destination_number", "expression": expression },
            "children": [{ "tag": "action", "attributes": { "application": "transfer", "data": data } }],
        }] })
    };
    let put = async |name: &str, body: &Value| {
        let mut body = body.clone();
        body["key"] = name.into();
        let reply = admin.rest("POST", &format!("{extensions}?position=1"), &body).await;
        assert!(reply.status < 300, "{}", reply.text());
        reply.json()
    };
    let good = put("first", &extension("^1000$", "77 XML public")).await;
    assert_eq!(good["warnings"], json!([]), "{good}");
    assert!(house.actions("default", "1000").await.unwrap().contains("77 XML public"));
    let bad = put("broken", &extension("^(10", "77 XML nowhere")).await;
    let messages = bad["warnings"].to_string();
    for word in ["matches nothing", "at byte", "no context nowhere", "dialplan/default/broken"] {
        assert!(messages.contains(word), "{word}: {messages}");
    }
    // By a message too, beside its documented members.
    let tree = house.pbx.tree().await;
    let way = "section/dialplan context/public extension/in condition";
    let id = custompbx_testkit::server::find(&tree, way).id;
    let condition = json!({ "id": id, "field": "destination_number", "expression": "^(7" });
    let changed = admin.ask("[Dialplan][Update] Condition", json!({ "condition": condition })).await;
    assert!(
        changed["error"].is_null() && changed["warnings"].to_string().contains("matches nothing"),
        "{changed}"
    );
    let all = put("all", &extension("^(.*)$", "1 XML default")).await;
    assert!(all["warnings"].to_string().contains("no call comes here"), "{all}");
    house.pbx.stop().await;
}

async fn what_is_wrong_is_said(engine: Engine) {
    let house = House::new(engine).await;
    let admin = Client::new(&house.pbx, Role::Admin).await;
    let path = "/instances/default/dialplan:check";
    let all = admin.get(path).await;
    let names: Vec<_> =
        all["contexts"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["default", "public"]);
    let default = &all["contexts"][0];
    assert_eq!((&default["mode"], &default["extensions"]), (&json!("whole"), &json!(4)));
    assert_eq!(default["undecidable"][0]["extension"], "asks", "{default}");
    assert!(default["undecidable"][0]["message"].as_str().unwrap().contains("hash(select/a/b)"), "{default}");
    assert_eq!(default["remarks"], json!([]), "{default}");
    let one = admin.get(&format!("{path}?context=PUBLIC")).await;
    assert_eq!(one["contexts"].as_array().unwrap().len(), 1);
    for (path, status) in [
        (&*format!("{path}?context=nowhere"), 404),
        ("/instances/nowhere/dialplan:check", 404),
        (&format!("{path}?other=1"), 400),
    ] {
        assert_eq!(admin.rest("GET", path, &Value::Null).await.status, status, "{path}");
    }
    house.pbx.stop().await;
}

async fn a_call_is_tried_on_paper(engine: Engine) {
    let house = House::new(engine).await;
    let admin = Client::new(&house.pbx, Role::Admin).await;
    let path = "/instances/default/dialplan:simulate";
    let simulate = async |body: &Value| {
        let reply = admin.rest("POST", path, body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    };
    let call = json!({ "context": "public", "destination": "1000", "extension": "local", "at": "2026-11-26T08:00:00Z" });
    let done = simulate(&call).await;
    assert_eq!(done["trace"][0], "Dialplan: {channel} parsing [public->in] continue=false", "{done}");
    assert_eq!(done["actions"][0]["data"], "1000 XML default");
    assert_eq!((&done["undecidable"], &done["at"]), (&json!(null), &json!("2026-11-26T08:00:00Z")));
    assert_eq!(done["explanation"], json!(["there is no extension local in the context public"]));
    let step = &done["steps"][0];
    assert_eq!((&step["context"], &step["via"]["application"]), (&json!("default"), &json!("transfer")));
    assert_eq!(step["actions"][0]["data"], "user/1000");
    assert!(done["answer"].as_str().unwrap().contains("1000 XML default"), "{done}");
    // The form that the switch posts, and what only the switch knows.
    let form = self::call("default", "555");
    let asks = simulate(&json!({ "request": form, "extension": "rest" })).await;
    assert!(
        asks["undecidable"]["where"].as_str().unwrap().contains("extension asks, condition 1, field"),
        "{asks}"
    );
    assert_eq!((&asks["answer"], asks["untold"].is_string()), (&json!(null), true));
    let told = json!({ "request": form, "api": { "hash(select/a/b)": "1" } });
    assert_eq!(simulate(&told).await["actions"][0]["application"], "answer");
    for (body, pointer) in [
        (json!({ "context": "public" }), "/destination"),
        (json!({ "destination": "1" }), "/context"),
        (json!({ "context": "public", "destination": "1", "at": "yesterday" }), "/at"),
        (json!({ "context": "public", "destination": "1", "tz": "Nowhere/At_All" }), "/tz"),
        (json!({ "context": "public", "destination": "1", "profile": { "x": "y" } }), "/profile"),
        (json!({ "request": "a=b" }), "/request"),
    ] {
        let reply = admin.rest("POST", path, &body).await;
        assert_eq!((reply.status, &reply.json()["errors"][0]["pointer"]), (422, &json!(pointer)), "{body}");
    }
    for (body, status) in [(json!([]), 422), (json!({ "unknown": 1 }), 422), (json!({ "variables": 1 }), 422)]
    {
        assert_eq!(admin.rest("POST", path, &body).await.status, status, "{body}");
    }
    assert_eq!(simulate(&json!({ "context": "nowhere", "destination": "1" })).await["context"], json!(null));
    // A trace shows values of global variables.
    let login = house.pbx.add_web_user(Role::Admin).await;
    let call = json!({ "context": "public", "destination": "1000" }).to_string();
    for (scopes, status) in [
        ("dialplan:read", 403),
        ("global_variables:read", 403),
        ("dialplan:read global_variables:read", 200),
        ("read", 200),
    ] {
        let bearer = format!("Bearer {}", scoped(&house.pbx, &login, scopes).await);
        let headers = [("Authorization", &*bearer), ("Content-Type", "application/json")];
        let path = format!("/api/v2{path}");
        let reply = house.pbx.http("POST", &path, &headers, call.as_bytes()).await;
        assert_eq!(reply.status, status, "{scopes}: {}", reply.text());
    }
    house.pbx.stop().await;
}

async fn evaluations_are_told(engine: Engine) {
    let house = House::new(engine).await;
    let admin = Client::new(&house.pbx, Role::Admin).await;
    set(&admin, json!({ "mode": "evaluated", "debug": true })).await;
    let mut socket = house.pbx.socket().await;
    let reply = socket.ask_as(&admin.person, "[Dialplan] Debug", json!({ "keep_subscription": true })).await;
    assert_eq!(reply["enabled"], true);
    house.answer("default", "1000").await;
    let told = socket.next().await;
    assert_eq!(told["MessageType"], "[Dialplan] Debug");
    let log = told["dialplan_debug"]["log"].as_array().unwrap();
    let first = log[0].as_str().unwrap();
    assert!(first.starts_with("[CONDITION ") && first.ends_with(" \n"), "{first}");
    assert!(
        first.contains("] (false) [mark] destination_number(1000) =~ /^(9)(\\d+)$/ break=on-false"),
        "{first}"
    );
    let actions = told["dialplan_debug"]["actions"].as_array().unwrap();
    let shown: Vec<_> = actions.iter().map(|action| (&action["application"], &action["data"])).collect();
    assert_eq!(shown, [(&json!("bridge"), &json!("user/1000")), (&json!("log"), &json!("INFO ${outside}"))]);
    house.pbx.stop().await;
}

async fn a_switch_is_compared_with_what_it_would_be_told(engine: Engine) {
    let house = House::new(engine).await;
    let admin = Client::new(&house.pbx, Role::Admin).await;
    set(&admin, json!({ "mode": "checked" })).await;
    assert_eq!(house.actions("default", "1000").await, None, "the switch hunts itself");
    let pbx = &house.pbx.pbx;
    for application in ["bridge", "log"] {
        pbx.dialplan_executed("uuid-1000", application);
    }
    house.answer("default", "1001").await;
    pbx.dialplan_executed("uuid-1001", "bridge");
    pbx.dialplan_executed("uuid-1001", "playback");
    house.answer("default", "555").await;
    pbx.dialplan_executed("uuid-555", "anything");
    let all = admin.get("/instances/default/dialplan:check").await;
    assert_eq!(all["agreement"], json!({ "default": { "agreed": 1, "disagreed": 1, "unseen": 0 } }), "{all}");
    assert_eq!(
        all["disagreements"],
        json!([{ "context": "default", "uuid": "uuid-1001", "place": 2, "expected": "log", "executed": "playback" }])
    );
    house.pbx.stop().await;
}
