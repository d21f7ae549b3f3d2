//! Two clients at once: nothing is lost, nothing is there twice, places have no gaps.

use custompbx_testkit::server::{Engine, find};
use futures_util::future::join_all;
use serde_json::json;

use super::{DOMAIN, House, xml};
use crate::engines::on_both_engines;

on_both_engines!(
    one_of_many_gets_the_name,
    fields_of_one_user_do_not_push_each_other_out,
    many_moves_leave_places_without_gaps,
    the_same_edit_twice_is_one,
    a_name_is_free_for_one_of_two_renames,
);

const USER: &str =
    "<section name='directory'><domain name='d'><users><user id='1' x='kept'/></users></domain></section>";

async fn one_of_many_gets_the_name(engine: Engine) {
    let house = House::with(engine, USER).await;
    let (domain, user) = (house.id(DOMAIN).await, house.id(&format!("{DOMAIN} users user/1")).await);
    for (name, id, value) in [
        ("AddDirectoryUser", domain, "2000"),
        ("AddDirectoryUserParameter", user, "password"),
        ("AddNewDirectoryGroup", domain, "sales"),
        ("AddDirectoryDomain", 0, "new"),
        ("[Dialplan][Add] Context", 0, "new"),
    ] {
        let house = &house;
        let tries = (0..8).map(|at| {
            let value = if at % 2 == 0 { value.to_owned() } else { value.to_uppercase() };
            async move { house.send(name, json!({ "id": id, "name": value })).await }
        });
        let answers = join_all(tries).await;
        let (refused, made): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.get("error").is_some());
        assert_eq!(made.len(), 1, "{name}: {made:?}");
        assert!(refused.iter().all(|answer| answer["error_code"] == "exists"), "{name}: {refused:?}");
    }
    let tree = house.pbx.tree().await;
    assert_eq!(find(&tree, &format!("{DOMAIN} users")).children.len(), 2);
    house.pbx.stop().await;
}

async fn fields_of_one_user_do_not_push_each_other_out(engine: Engine) {
    let house = House::with(engine, USER).await;
    let user = house.id(&format!("{DOMAIN} users user/1")).await;
    let house = &house;
    let tries = [
        ("UpdateDirectoryUserCache", json!({ "id": user, "value": "5000" })),
        ("[Users] Update_user_cidr", json!({ "id": user, "value": "10.0.0.0/8" })),
        ("UpdateDirectoryUserNumberAlias", json!({ "id": user, "value": "77" })),
        ("UpdateDirectoryUserName", json!({ "id": user, "name": "2" })),
        ("SwitchDirectoryUser", json!({ "id": user, "enabled": false })),
    ];
    join_all(tries.into_iter().map(|(name, data)| house.done(name, data))).await;
    let tree = house.pbx.tree().await;
    let user = find(&tree, &format!("{DOMAIN} users user/2"));
    for (name, value) in
        [("x", "kept"), ("cacheable", "5000"), ("cidr", "10.0.0.0/8"), ("number-alias", "77"), ("id", "2")]
    {
        assert_eq!(user.attribute(name), Some(value), "{}", xml(user));
    }
    assert!(!user.enabled);
}

async fn many_moves_leave_places_without_gaps(engine: Engine) {
    let extensions: String = (1..=8).map(|at| format!("<extension name='e{at}'/>")).collect();
    let house = House::with(
        engine,
        &format!("<section name='dialplan'><context name='c'>{extensions}<other/></context></section>"),
    )
    .await;
    let context = house.id("section/dialplan context/c").await;
    let list = async || {
        let answer = house.done("[Dialplan][Get] Extensions", json!({ "id": context })).await;
        answer["dialplan_extensions"].as_array().unwrap().clone()
    };
    let mut moved = 0;
    for round in 0..6_i64 {
        let now = list().await;
        let house = &house;
        let moves = now.iter().enumerate().map(|(at, extension)| {
            let to = (i64::try_from(at).unwrap() * 3 + round) % 8 + 1;
            let data = json!({
                "id": extension["id"], "previous_index": extension["position"], "current_index": to,
            });
            house.send("[Dialplan][Move] Extension", data)
        });
        for answer in join_all(moves).await {
            match answer.get("error") {
                None => moved += 1,
                // Somebody else moved it in between.
                Some(_) => assert_eq!(answer["error_code"], "wrong_position", "{answer}"),
            }
        }
        let after = list().await;
        let places: Vec<i64> =
            after.iter().map(|extension| extension["position"].as_i64().unwrap()).collect();
        assert_eq!(places, (1..=8).collect::<Vec<_>>());
        let mut names: Vec<&str> =
            after.iter().map(|extension| extension["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"]);
    }
    assert!(moved >= 6, "{moved}");
    house.pbx.stop().await;
}

async fn the_same_edit_twice_is_one(engine: Engine) {
    let house = House::with(engine, USER).await;
    let user = house.id(&format!("{DOMAIN} users user/1")).await;
    let revision = async || house.pbx.pbx.store().unwrap().head().await.unwrap().0;
    let before = revision().await;
    let same = || house.done("UpdateDirectoryUserCidr", json!({ "id": user, "value": "10.0.0.0/8" }));
    let answers = join_all([same(), same(), same()]).await;
    assert_eq!(answers[0], answers[1]);
    assert_eq!(revision().await, before + 1);
    let gone = || house.send("DeleteDirectoryUser", json!({ "id": user }));
    let answers = join_all([gone(), gone()]).await;
    assert_eq!(answers.iter().filter(|answer| answer["error_code"] == "not_found").count(), 1, "{answers:?}");
    house.pbx.stop().await;
}

async fn a_name_is_free_for_one_of_two_renames(engine: Engine) {
    let house =
        House::with(engine, "<section name='directory'><domain name='a'/><domain name='b'/></section>").await;
    let ids = [house.id("section/directory domain/a").await, house.id("section/directory domain/b").await];
    let house = &house;
    let renames = ids.map(|id| house.send("[Domains] Rename_domain", json!({ "id": id, "name": "c" })));
    let answers = join_all(renames).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.get("error").is_some()).collect();
    assert_eq!(refused.len(), 1, "{answers:?}");
    assert_eq!(refused[0]["error"], "domain name already exists");
}
