//! Pasted XML.

use custompbx_testkit::server::Engine;
use serde_json::json;

use super::{DOMAIN, House};
use crate::engines::on_both_engines;

on_both_engines!(
    a_domain_that_is_there_becomes_what_the_text_says,
    users_that_are_there_become_what_the_text_says,
    configurations_are_replaced,
    errors_name_the_place,
);

async fn a_domain_that_is_there_becomes_what_the_text_says(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='directory'><domain name='d'><params><param name='a' value='1'/></params>
           <groups><group name='g'><users><user id='1'><params/></user><user id='2' type='pointer'/></users></group></groups>
           <users><user id='2'/><user id='3'/></users></domain></section>",
    )
    .await;
    let three = house.id(&format!("{DOMAIN} users user/3")).await;
    let text = "<include><domain name=\"D\">
      <params><param name=\"b\" value=\"2\"/></params>
      <users><user id=\"3\"><params><param name=\"password\" value=\"x\"/></params></user><user id=\"4\"/></users>
    </domain>
    <domain name=\"new\"><user id=\"1\"/></domain></include>";
    let answer = house.done("ImportXMLDomain", json!({ "file": text })).await;
    assert_eq!(answer["data"].as_object().unwrap().len(), 2);
    assert_eq!(answer["domains"].as_object().unwrap().len(), 2);
    assert_eq!(
        (&answer["imported"]["added"], &answer["imported"]["removed"]),
        (&json!(6), &json!(1)),
        "{answer}"
    );
    assert_eq!(
        house.xml("section/directory domain/D").await,
        "<domain name=\"D\"><params><param name=\"b\" value=\"2\"/></params>\
         <groups><group name=\"g\"><users><user id=\"1\"><params/></user><user id=\"2\" type=\"pointer\"/></users></group></groups>\
         <users><user id=\"2\"/><user id=\"3\"><params><param name=\"password\" value=\"x\"/></params></user><user id=\"4\"/></users></domain>"
    );
    assert_eq!(house.id("section/directory domain/D users user/3").await, three, "it is the same user");
    let again = house.done("ImportXMLDomain", json!({ "file": text })).await;
    assert_eq!(again["imported"]["added"], 0);
    house.pbx.stop().await;
}

async fn users_that_are_there_become_what_the_text_says(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='directory'><domain name='d'><groups><group name='g'><users><user id='Anna'><params><param name='x' value='1'/></params></user></users></group></groups></domain></section>",
    )
    .await;
    let domain = house.id(DOMAIN).await;
    let text = "<user id='anna' cidr='10.0.0.0/8'><params><param name='y' value='2'/></params></user><user id='bob'/>";
    let answer = house.done("ImportXMLDomainUser", json!({ "id": domain, "file": text })).await;
    let names = |users: &serde_json::Value| -> Vec<String> {
        users.as_object().unwrap().values().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&answer["data"]), ["anna", "bob"]);
    assert_eq!(names(&answer["directory_users"][domain.to_string()]), ["anna", "bob"]);
    assert_eq!(
        house.xml(DOMAIN).await,
        "<domain name=\"d\"><groups><group name=\"g\"><users><user id=\"anna\" cidr=\"10.0.0.0/8\"><params><param name=\"y\" value=\"2\"/></params></user></users></group></groups>\
         <users><user id=\"bob\"/></users></domain>"
    );
    // FreeSWITCH gets it at once.
    let form =
        "section=directory&tag_name=domain&key_name=name&key_value=d&action=user_call&user=bob&domain=d";
    assert!(house.pbx.ask(form).await.text().contains("<user id=\"bob\""));
    house.pbx.stop().await;
}

async fn configurations_are_replaced(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='configuration'><configuration name='redis.conf'><settings><param name='a' value='1'/></settings></configuration></section>",
    )
    .await;
    let text = "<section name='configuration'><configuration name='redis.conf'><settings><param name='b' value='2'/></settings></configuration><configuration name='avmd.conf'/></section>";
    let answer = house.done("ImportXMLModuleConfig", json!({ "file": text })).await;
    let modules = &answer["modules"];
    assert_eq!((&modules["redis"]["position"], &modules["avmd"]["position"]), (&json!(1), &json!(2)));
    assert_eq!((&modules["redis"]["module"], &modules["acl"]), (&json!("mod_redis"), &json!(null)));
    assert_eq!(
        house.xml("section/configuration").await,
        "<section name=\"configuration\"><configuration name=\"redis.conf\"><settings><param name=\"b\" value=\"2\"/></settings></configuration><configuration name=\"avmd.conf\"/></section>"
    );
    // On, off and away; what is not there cannot go, and its load at the start can be wished.
    let redis = house.id("section/configuration configuration/redis.conf").await;
    let answer = house.done("[Config][Switch] Module", json!({ "id": redis, "enabled": false })).await;
    assert_eq!(answer["modules"]["redis"]["enabled"], false);
    for enabled in [true, false, true] {
        let answer = house.done("[Config][Autoload] Module", json!({ "id": redis })).await;
        assert_eq!(
            (&answer["data"]["name"], &answer["data"]["enabled"]),
            (&json!("mod_redis"), &json!(enabled))
        );
    }
    let answer = house.done("TruncateModuleConfig", json!({ "id": redis })).await;
    assert_eq!(answer["modules"]["redis"], json!(null));
    let answer = house.send("TruncateModuleConfig", json!({ "id": redis })).await;
    assert_eq!(
        (&answer["error"], &answer["error_code"]),
        (&json!("configuration not found"), &json!("not_found"))
    );
    house.pbx.stop().await;
}

async fn errors_name_the_place(engine: Engine) {
    let house = House::with(engine, "<section name='directory'><domain name='d'/></section>").await;
    let domain = house.id(DOMAIN).await;
    let text = "<domain name='x'>\n  <params>\n    </param>\n</domain>";
    let answer = house.send("ImportXMLDomain", json!({ "file": text })).await;
    assert_eq!(answer["error"], "can't parse");
    assert!(answer["detail"].as_str().unwrap().starts_with("line 3, column 5: "), "{answer}");
    let answer =
        house.send("ImportXMLDomainUser", json!({ "id": domain, "file": "<users><user></users>" })).await;
    assert_eq!(answer["error"], "cant parse");
    assert!(answer["detail"].as_str().unwrap().starts_with("line 1, column "), "{answer}");
    for (text, detail) in [
        ("<domain name='x'/><user id='1'/>", "<user> among several elements"),
        ("<section name='dialplan'/>", "<section>; expected <document>"),
        ("<domain name=''/>", "name is empty"),
        ("<domain name='x'/><domain name='X'/>", "domain X stands there twice"),
    ] {
        let answer = house.send("ImportXMLDomain", json!({ "file": text })).await;
        assert_eq!(answer["error"], "domain not recognized", "{answer}");
        assert!(answer["detail"].as_str().unwrap().starts_with(detail), "{answer}");
    }
    // All of it or nothing.
    let text = "<domain name='y'/><domain name='z'><users><user id=''/></users></domain>";
    let answer = house.send("ImportXMLDomain", json!({ "file": text })).await;
    assert_eq!(answer["error_code"], "invalid", "{answer}");
    assert_eq!(house.done("GetDirectoryDomains", json!({})).await["data"].as_object().unwrap().len(), 1);
    house.pbx.stop().await;
}
