//! Names that others have of an object follow it, and go with it.

use custompbx_testkit::server::{Engine, try_find};
use serde_json::json;

use super::{DOMAIN, House};
use crate::engines::on_both_engines;

on_both_engines!(
    pointers_follow_a_user_and_go_with_it,
    lists_and_profiles_follow_a_domain,
    users_in_a_group_outlive_it,
    a_user_is_in_a_group_once,
);

async fn pointers_follow_a_user_and_go_with_it(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='directory'>
           <domain name='d'><groups>
             <group name='a'><users><user id='Anna' type='pointer' x='1'/><user id='bob' type='pointer'/></users></group>
             <group name='b'><users><user id='anna' type='pointer'/></users></group>
           </groups><users><user id='anna'/><user id='bob'/></users></domain>
           <domain name='other'><groups><group name='a'><users><user id='anna' type='pointer'/></users></group></groups>
             <users><user id='anna'/></users></domain>
         </section>",
    )
    .await;
    let anna = house.id(&format!("{DOMAIN} users user/anna")).await;
    let revision = async || house.pbx.pbx.store().unwrap().head().await.unwrap().0;
    let before = revision().await;
    house.done("UpdateDirectoryUserName", json!({ "id": anna, "name": "eve" })).await;
    let groups = house.xml(&format!("{DOMAIN} groups")).await;
    assert_eq!(
        groups,
        "<groups><group name=\"a\"><users><user id=\"eve\" type=\"pointer\" x=\"1\"/><user id=\"bob\" type=\"pointer\"/></users></group>\
         <group name=\"b\"><users><user id=\"eve\" type=\"pointer\"/></users></group></groups>"
    );
    assert!(
        house.xml("section/directory domain/other").await.contains("<user id=\"anna\" type=\"pointer\"/>")
    );
    house.done("[Users] Del_user", json!({ "id": anna })).await;
    let groups = house.xml(&format!("{DOMAIN} groups")).await;
    assert_eq!(
        groups,
        "<groups><group name=\"a\"><users><user id=\"bob\" type=\"pointer\"/></users></group><group name=\"b\"><users/></group></groups>"
    );
    assert_eq!(revision().await, before + 2, "each is one revision");
    house.pbx.stop().await;
}

async fn lists_and_profiles_follow_a_domain(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='configuration'>
           <configuration name='acl.conf'><network-lists><list name='domains' default='deny'>
             <node type='allow' domain='D'/><node type='allow' domain='other'/></list></network-lists></configuration>
           <configuration name='sofia.conf'><profiles><profile name='p'><domains>
             <domain name='d' alias='true'/><domain name='all'/></domains></profile></profiles></configuration>
         </section><section name='directory'><domain name='d'/></section>",
    )
    .await;
    let domain = house.id(DOMAIN).await;
    house.done("[Domains] Rename_domain", json!({ "id": domain, "name": "e" })).await;
    let acl = house.xml("section/configuration configuration/acl.conf").await;
    assert!(
        acl.contains("<node type=\"allow\" domain=\"e\"/><node type=\"allow\" domain=\"other\"/>"),
        "{acl}"
    );
    let sofia = house.xml("section/configuration configuration/sofia.conf").await;
    assert!(sofia.contains("<domain name=\"e\" alias=\"true\"/><domain name=\"all\"/>"), "{sofia}");
    // When it goes, they stay: whoever wrote them decides.
    house.done("[Domains] Del_domain", json!({ "id": domain })).await;
    assert_eq!(house.xml("section/configuration configuration/acl.conf").await, acl);
    house.pbx.stop().await;
}

async fn users_in_a_group_outlive_it(engine: Engine) {
    let many: String = (0..1_100).map(|at| format!("<user id='m{at}'/>")).collect();
    let house = House::with(
        engine,
        &format!(
            "<section name='directory'>
               <domain name='d'><groups>
                 <group name='a'><users><user id='1'><params/></user><user id='9' type='pointer'/><user id='2'/></users></group>
                 <group name='b'><users><user id='3'/></users><user id='4'/></group>
                 <group name='c'><users>{many}</users></group>
               </groups></domain></section>"
        ),
    )
    .await;
    let delete = async |group: &str| {
        let id = house.id(&format!("{DOMAIN} groups group/{group}")).await;
        house.send("[Groups] Del_group", json!({ "id": id })).await
    };
    let first = house.id(&format!("{DOMAIN} groups group/a users user/1")).await;
    assert_eq!(delete("a").await.get("error"), None);
    assert_eq!(
        house.xml(&format!("{DOMAIN} users")).await,
        "<users><user id=\"1\"><params/></user><user id=\"2\"/></users>"
    );
    assert_eq!(house.id(&format!("{DOMAIN} users user/1")).await, first, "it is the same user");
    assert_eq!(delete("b").await.get("error"), None);
    assert_eq!(
        house.xml(&format!("{DOMAIN} users")).await,
        "<users><user id=\"1\"><params/></user><user id=\"2\"/><user id=\"4\"/><user id=\"3\"/></users>"
    );
    let answer = delete("c").await;
    assert_eq!((&answer["error"], &answer["error_code"]), (&json!("can't delete group"), &json!("occupied")));
    assert!(try_find(&house.pbx.tree().await, &format!("{DOMAIN} groups group/c")).is_some());
    // FreeSWITCH still finds them.
    let reply = house
        .pbx
        .ask("section=directory&tag_name=domain&key_name=name&key_value=d&action=user_call&user=3&domain=d");
    assert!(reply.await.text().contains("<user id=\"3\""));
    house.pbx.stop().await;
}

async fn a_user_is_in_a_group_once(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='directory'><domain name='d'><groups><group name='g'><users><user id='1'/></users></group><group name='e'/></groups>
           <users><user id='2'/></users></domain><domain name='other'><users><user id='3'/></users></domain></section>",
    )
    .await;
    let (g, e) = (
        house.id(&format!("{DOMAIN} groups group/g")).await,
        house.id(&format!("{DOMAIN} groups group/e")).await,
    );
    let one = house.id(&format!("{DOMAIN} groups group/g users user/1")).await;
    let two = house.id(&format!("{DOMAIN} users user/2")).await;
    let three = house.id("section/directory domain/other users user/3").await;
    // The documentation has the user's id as a text.
    let answer = house.done("[Groups] Add_group_user", json!({ "id": g, "value": two.to_string() })).await;
    assert_eq!(answer["group_users"][g.to_string()].as_object().unwrap().len(), 1);
    for (user, code) in [(two, "exists"), (one, "exists"), (three, "not_found")] {
        let answer = house.send("AddDirectoryGroupUser", json!({ "id": g, "id_int": user })).await;
        assert_eq!(answer["error_code"], code, "{answer}");
    }
    house.done("AddDirectoryGroupUser", json!({ "id": e, "id_int": two })).await;
    assert_eq!(
        house.xml(&format!("{DOMAIN} groups group/e")).await,
        "<group name=\"e\"><users><user id=\"2\" type=\"pointer\"/></users></group>"
    );
    house.pbx.stop().await;
}
