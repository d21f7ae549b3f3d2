//! The switch's own files and variables, which are nobody's business but its own. The reference implementation writes
//! `vars.xml` anew whenever a variable changes.

use std::collections::BTreeMap;
use std::path::Path;

use custompbx_store::Role;
use serde_json::{Value, json};

use super::import::empty;
use super::{KEY, live, orders, played};
use crate::asking::{Client, WAYS};

const VARS: &str =
    "<include>\n  <!-- a comment -->\n  <X-PRE-PROCESS cmd=\"set\" data=\"a=b=c=d\"/>\n</include>\n";

/// Each file below a directory, with its bytes.
fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_stay_as_they_are() {
    let switch = played();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("freeswitch.xml"), "<document type=\"freeswitch/xml\"/>").unwrap();
    std::fs::write(directory.path().join("vars.xml"), VARS).unwrap();
    let before = contents(directory.path());
    let place = directory.path().display().to_string();
    switch.answer("global_getvar conf_dir", &place);
    switch.answer(
        "global_getvar",
        &format!("hostname=fs1\nlocal_ip_v4=127.0.0.1\nconf_dir={place}\na=b=c=d\ndomain=example.com\n\n"),
    );
    let pbx = empty(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    switch.forget_heard();
    let reply = admin.ask("ImportGlobalVariables", json!({})).await;
    let all = reply["global_variables"].as_object().unwrap_or_else(|| panic!("{reply}"));
    let variable = all.values().find(|one| one["name"] == "a").unwrap().clone();
    assert_eq!(variable["value"], "b=c=d");

    let changed = json!({"id": variable["id"], "name": "a", "value": "x=y=z", "type": "set"});
    let reply = admin.ask("UpdateGlobalVariable", json!({"variable": changed})).await;
    assert_eq!(reply["error"], Value::Null, "{reply}");
    live(&pbx).await;
    assert_eq!(orders(&switch), ["global_setvar a='x=y=z'"]);
    let reply = admin.ask("AddGlobalVariable", json!({"variable": {"name": "new", "value": "1"}})).await;
    let added = reply["global_variables"].as_object().unwrap().values().next().unwrap()["id"].clone();
    live(&pbx).await;
    assert_eq!(orders(&switch), ["global_setvar a='x=y=z'", "global_setvar new=1"]);
    // One that goes here stays there until the switch is started again.
    for id in [&variable["id"], &added] {
        let reply = admin.ask("DelGlobalVariable", json!({"variable": {"id": id}})).await;
        assert_eq!(reply["error"], Value::Null, "{reply}");
    }
    live(&pbx).await;
    assert_eq!(orders(&switch), ["global_setvar a='x=y=z'", "global_setvar new=1"]);
    assert!(switch.heard().iter().all(|line| !line.ends_with("a=") && !line.ends_with("new=")));
    assert_eq!(contents(directory.path()), before);
    pbx.stop().await;
}

/// Where the switch's files can be read, an import of what runs names them: an import of these keeps the variables.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_names_them() {
    let switch = played();
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().display().to_string();
    switch.answer("global_getvar conf_dir", &place);
    let pbx = empty(&switch).await;
    let admin = Client::new(&pbx, Role::Admin).await;
    let messages = [
        ("[Directory][Import]", json!({})),
        ("ImportDirectory", json!({})),
        ("[Dialplan][Import]", json!({})),
        ("[Config][Import] All Modules", json!({})),
        ("ImportGlobalVariables", json!({})),
    ];
    let rest = ["directory", "dialplan", "configuration", "global_variables"];
    // There is no configuration in it; then there is.
    for files in [Value::Null, json!(place)] {
        for (name, data) in &messages {
            for way in WAYS {
                let reply = admin.ask_by(way, name, data.clone()).await;
                assert_eq!(
                    (&reply["error"], &reply["imported"]["files"]),
                    (&Value::Null, &files),
                    "{name}: {reply}"
                );
            }
        }
        for what in rest {
            let path = format!("/switches/{KEY}/import");
            let reply = admin.rest("POST", &path, &json!({"what": what})).await;
            assert_eq!((reply.status, &reply.json()["files"]), (200, &files), "{what}: {}", reply.text());
        }
        std::fs::write(directory.path().join("freeswitch.xml"), "<document/>").unwrap();
    }
    // It is on another machine, or says nothing.
    for elsewhere in ["/nowhere/at/all", "relative", "", "-ERR no reply\n"] {
        switch.answer("global_getvar conf_dir", elsewhere);
        let reply = admin.ask("[Directory][Import]", json!({})).await;
        assert_eq!(reply["imported"]["files"], Value::Null, "{elsewhere}: {reply}");
    }
    assert_eq!(contents(directory.path()).len(), 1);
    pbx.stop().await;
}
