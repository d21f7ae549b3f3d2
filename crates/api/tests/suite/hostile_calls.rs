//! Calls and dialplans that would be dear to evaluate, or make no sense: each is answered, soon, and nobody waits for it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, TestPbx, log};
use serde_json::{Value, json};

use crate::asking::Client;
use crate::dialplan::call;

const DIALPLAN: &str = r#"<document type="freeswitch/xml"><section name="dialplan">
<context name="office">
 <extension name="local"><condition field="destination_number" expression="^(1+)$"><action application="bridge" data="user/$1"/></condition></extension>
 <extension name="noted"><condition field="destination_number" expression="^2$"/><condition field="${note}" expression="(?s)^(.*)$"><action application="log" data="INFO $1"/></condition></extension>
</context>
<context name="catastrophe">
 <extension name="backtracks"><condition field="destination_number" expression="(a+)+$"><action application="answer"/></condition></extension>
</context>
<context name="asks">
 <extension name="asks a database"><condition field="${hash(select/a/b)}" expression="^x$"><action application="answer"/></condition></extension>
</context>
<context name="itself">
 <extension name="names itself"><condition field="${${a}}" expression="^x$"><action application="answer"/></condition></extension>
</context>
<context name="slow">SLOW</context>
</section></document>"#;

/// Expressions that come near to the limit of each, and are all different.
fn slow() -> String {
    let mut extensions = String::new();
    for number in 1..=1_000 {
        write!(
            extensions,
            "<extension name=\"s{number}\"><condition field=\"destination_number\" expression=\"^(a|aa){{0,13}}[0-9]{{1,{number}}}$\"/></extension>"
        )
        .unwrap();
    }
    extensions
}

async fn house() -> TestPbx {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    pbx.import_xml(&DIALPLAN.replace("SLOW", &slow())).await;
    {
        let admin = Client::new(&pbx, Role::Admin).await;
        let mode = json!({ "mode": "evaluated", "debug": true });
        let reply = admin.rest("PATCH", "/instances/default/dialplan-settings", &mode).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    pbx
}

/// The answer to a call, which is one in any case.
async fn answer(pbx: &TestPbx, form: &str) -> String {
    let reply = pbx.ask(form).await;
    assert_eq!(reply.status, 200, "{form:.200}");
    let text = reply.text();
    assert!(text.starts_with("<?xml") && text.trim_end().ends_with("</document>"), "{text:.300}");
    text.to_owned()
}

const BRIDGE: &str = r#"<extension name="local"><condition>"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expressions_that_take_long_delay_nobody() {
    let pbx = house().await;
    let numbers =
        [("slow", format!("{}b", "a".repeat(40))), ("catastrophe", format!("{}b", "a".repeat(9_000)))];
    let hostile = async {
        let start = Instant::now();
        for _ in 0..5 {
            for (context, number) in &numbers {
                let text = answer(&pbx, &call(context, number)).await;
                assert!(text.contains("expression="), "the switch decides: {text:.300}");
            }
        }
        start.elapsed()
    };
    let ordinary = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..50 {
            let start = Instant::now();
            let text = answer(&pbx, &call("office", "11")).await;
            assert!(text.contains(BRIDGE) && text.contains("user/11"), "{text}");
            slowest = slowest.max(start.elapsed());
        }
        slowest
    };
    let (hostile, ordinary) = tokio::join!(hostile, ordinary);
    // Without limits the first would take hours, and the second as long. This is far more than they need.
    assert!(hostile < Duration::from_secs(20), "{hostile:?}");
    assert!(ordinary < Duration::from_secs(5), "{ordinary:?}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_make_no_sense_are_answered() {
    let pbx = house().await;
    let long = "1".repeat(64 * 1024);
    let text = answer(&pbx, &call("office", &long)).await;
    assert!(text.contains(&format!("data=\"user/{long}\"")), "a long number is a number");
    let text = answer(&pbx, &format!("{}&variable_a=%24%7Ba%7D", call("itself", "1"))).await;
    assert!(
        text.contains("expression=\"^x$\""),
        "a variable that names itself is left to the switch: {text}"
    );
    // What was caught comes out as it went in, or the switch is left to catch it.
    for (sent, shown) in [
        ("one%0Atwo", Some("INFO one")),
        (
            "%3Caction%20application%3D%22system%22/%3E",
            Some("&lt;action application=&quot;system&quot;/&gt;"),
        ),
        ("%FF%C3%28", None),
        ("%00", None),
        ("%1B%5B2J", None),
    ] {
        let text = answer(&pbx, &format!("{}&variable_note={sent}", call("office", "2"))).await;
        assert!(!text.contains("<action application=\"system\""), "{sent}: {text}");
        match shown {
            Some(shown) => assert!(text.contains(shown) && !text.contains(BRIDGE), "{sent}: {text}"),
            None => assert!(text.contains("expression=\"^(1+)$\""), "{sent}: {text}"),
        }
    }
    // A form that says nothing of a call.
    for form in [
        "section=dialplan",
        "hostname=fs1&section=dialplan",
        "hostname=fs1&section=dialplan&Event-Name=REQUEST_PARAMS&variable_a=1",
        "hostname=fs1&section=dialplan&Hunt-Context=&Hunt-Destination-Number=",
        "hostname=fs1&section=dialplan&Hunt-Context=%FF&Hunt-Destination-Number=%00",
    ] {
        let text = answer(&pbx, form).await;
        assert!(
            !text.contains("<condition><action"),
            "nothing is evaluated without a call: {form}: {text:.300}"
        );
    }
    let many = |count: usize| format!("{}{}", call("office", "11"), "&variable_x=1".repeat(count));
    assert!(answer(&pbx, &many(500)).await.contains("user/11"));
    assert_eq!(pbx.ask(&many(20_000)).await.status, 400, "no switch has so many");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_and_debug_name_what_only_the_switch_decides() {
    log::capture();
    let pbx = house().await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let mut socket = pbx.socket().await;
    socket.ask_as(&admin.person, "[Dialplan] Debug", json!({ "keep_subscription": true })).await;
    for (form, place) in [
        (call("asks", "1"), "extension asks a database, condition 1, field"),
        (format!("{}&variable_a=%24%7Ba%7D", call("itself", "1")), "variable_a"),
    ] {
        let text = answer(&pbx, &form).await;
        assert!(text.contains("expression=\"^x$\""), "{text}");
        let told = socket.next().await;
        let lines = told["dialplan_debug"]["log"].as_array().unwrap();
        let last = lines.last().and_then(Value::as_str).unwrap();
        assert!(last.starts_with("[UNDECIDABLE] ") && last.contains(place), "{told}");
    }
    let lines =
        log::lines_with(&["answered with the whole context", "extension asks a database, condition 1"]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_a_dialplan_blocks_no_import() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let text = format!(
        r#"<document type="freeswitch/xml"><section name="dialplan"><context name="broken">
        <extension name="expression"><condition field="destination_number" expression="^(1"><action application="no_such_application"/></condition></extension>
        <extension name="long"><condition field="destination_number" expression="{}"/></extension>
        <extension name="away"><condition field="destination_number" expression="^5$"><action application="transfer" data="77 XML other"/></condition></extension>
        </context><context name="other"><extension name="o"><condition field="destination_number" expression="^1$"><action application="answer"/></condition></extension></context>
        </section></document>"#,
        "x".repeat(1024 * 1024)
    );
    pbx.import_xml(&text).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let all = admin.get("/instances/default/dialplan:check?context=broken").await;
    let remarks = all["contexts"][0]["remarks"].to_string();
    for words in [r#""position":3"#, "no_such_application", "no extension of the context other takes 77"] {
        assert!(remarks.contains(words), "{words}: {remarks:.2000}");
    }
    let body = json!({ "context": "broken", "destination": "6" });
    let start = Instant::now();
    let reply = admin.rest("POST", "/instances/default/dialplan:simulate", &body).await;
    assert_eq!(reply.status, 200);
    let undecidable = &reply.json()["undecidable"];
    assert!(undecidable["where"].as_str().unwrap().contains("long"), "{undecidable}");
    assert!(undecidable["why"].as_str().unwrap().contains("the length of an expression"), "{undecidable}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    pbx.stop().await;
}
