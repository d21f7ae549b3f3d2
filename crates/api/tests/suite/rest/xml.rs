//! FreeSWITCH's XML, both ways.

use custompbx_testkit::server::Engine;
use serde_json::{Value, json};

use super::{Rest, problem};
use crate::engines::on_both_engines;

on_both_engines!(xml_out_and_in, what_is_disabled_stays, xml_that_is_refused);

const CONTEXT: &str = "dialplan/contexts/public";
const XML: (&str, &str) = ("Content-Type", "application/xml");

async fn put(rest: &Rest, address: &str, text: &str) -> custompbx_testkit::server::Reply {
    rest.ask("PUT", address, &[XML], text.as_bytes()).await
}

async fn xml_out_and_in(engine: Engine) {
    let rest = Rest::small(engine).await;
    let reply = rest.ask("GET", CONTEXT, &[("Accept", "text/xml")], b"").await;
    assert_eq!(reply.header("content-type"), Some("application/xml; charset=utf-8"));
    assert_eq!(reply.header("vary"), Some("accept"));
    let text = reply.text().to_owned();
    assert!(text.starts_with("<context name=\"public\">") && text.contains("application=\"echo\""), "{text}");
    let revision = rest.revision().await;
    assert_eq!(put(&rest, CONTEXT, &text).await.json()["revision"], Value::Null);
    assert_eq!(rest.revision().await, revision);

    // Anything that XML can say comes out as it went in.
    let odd = "<extension name=\"odd\">\n  <condition field=\"a&amp;&lt;b\" expression=\"^(?&lt;n&gt;1)$\">\n    \
               <x y=\"&#10;&#9;\">a<b/>c &amp; d</x>\n  </condition>\n</extension>\n";
    let made = put(&rest, &format!("{CONTEXT}/extensions/odd"), odd).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let again =
        rest.ask("GET", &format!("{CONTEXT}/extensions/odd"), &[("Accept", "application/xml")], b"").await;
    assert_eq!(again.text(), odd);
    let answer = rest
        .ask("PUT", &format!("{CONTEXT}/extensions/odd"), &[XML, ("Accept", "text/xml")], odd.as_bytes())
        .await;
    assert_eq!(answer.text(), odd);

    let posted =
        rest.ask("POST", &format!("{CONTEXT}/extensions"), &[XML], b"<extension name='four'/>").await;
    assert_eq!(posted.status, 201);
    assert_eq!(posted.json()["key"], "four");
    let warned = put(
        &rest,
        "directory/domains/example.com/users/1",
        "<user id='1'><?php?><params><param name='a'/></params></user>",
    )
    .await;
    let warnings = warned.json()["warnings"].as_array().unwrap().len();
    assert_eq!(warnings, 2, "{}", warned.text());
    rest.pbx.stop().await;
}

/// No XML of FreeSWITCH can mention it.
async fn what_is_disabled_stays(engine: Engine) {
    let rest = Rest::small(engine).await;
    let extension = format!("{CONTEXT}/extensions/two");
    rest.send("PATCH", &extension, &json!({"enabled": false})).await;
    let text = rest.ask("GET", CONTEXT, &[("Accept", "application/xml")], b"").await.text().to_owned();
    assert!(!text.contains("two"));
    let revision = rest.revision().await;
    assert_eq!(put(&rest, CONTEXT, &text).await.status, 200);
    assert_eq!(rest.revision().await, revision);
    assert_eq!(rest.json(&extension).await["enabled"], false);
    let own = rest.ask("GET", &extension, &[("Accept", "application/xml")], b"").await.text().to_owned();
    assert_eq!(own, "<extension name=\"two\"/>\n");
    put(&rest, &extension, &own).await;
    assert_eq!(rest.revision().await, revision);
    rest.pbx.stop().await;
}

async fn xml_that_is_refused(engine: Engine) {
    let rest = Rest::small(engine).await;
    let extension = format!("{CONTEXT}/extensions/new");
    let deep = format!("{}{}", "<extension name='new'>".repeat(10_000), "</extension>".repeat(10_000));
    for (text, status, says) in [
        ("", 400, "0 elements"),
        ("<extension name='new'>", 400, "line 1, column"),
        ("<extension\n name='new'></x>", 400, "line 2"),
        ("<extension name='new'/><extension name='new'/>", 400, "2 elements"),
        ("text", 400, "0 elements"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><extension name='new'/>", 400, "entities"),
        (&deep, 400, "nested"),
        ("<context name='new'/>", 422, "/tag"),
        ("<extension name='other'/>", 422, "/attributes/name"),
        ("<extension name='new'><X-PRE-PROCESS cmd='exec' data='reboot'/></extension>", 422, "X-PRE-PROCESS"),
        ("<document><section name='dialplan'/></document>", 422, "/tag"),
    ] {
        let reply = put(&rest, &extension, text).await;
        let problem = problem(&reply, status, &format!("{text:.60}"));
        assert!(problem["detail"].as_str().unwrap().contains(says), "{text:.60}: {problem}");
    }
    let invalid = rest.ask("PUT", &extension, &[XML], b"<extension name='\xff'/>").await;
    problem(&invalid, 400, "invalid UTF-8");
    let patch = rest.ask("PATCH", &extension, &[XML], b"<extension name='new'/>").await;
    problem(&patch, 415, "a patch in XML");
    assert_eq!(rest.get(&extension).await.status, 404);
    rest.pbx.stop().await;
}
