//! Conditions: what the documentation does not know of is reached and kept.

use custompbx_testkit::server::{Engine, find};
use serde_json::{Value, json};

use super::{House, xml};
use crate::engines::on_both_engines;

on_both_engines!(
    conditions_in_conditions_are_reached,
    what_is_not_shown_is_kept,
    moves_count_only_what_is_of_the_same_kind,
);

const CONDITION: &str = "section/dialplan context/c extension/e condition";

async fn conditions_in_conditions_are_reached(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='dialplan'><context name='c'><extension name='e'>
           <condition field='a' require-nested='false'>
             <condition field='b'><condition field='c'/></condition>
             <action application='x'/>
           </condition>
           <condition field='d'/>
         </extension></context></section>",
    )
    .await;
    let tree = house.pbx.tree().await;
    let extension = find(&tree, "section/dialplan context/c extension/e");
    let outer = &extension.children[0];
    let inner = &outer.children[0];
    let answer = house.done("[Dialplan][Get] Conditions", json!({ "id": extension.id.0 })).await;
    let fields = |owner: i64| -> Vec<&str> {
        let list = answer["dialplan_conditions"][owner.to_string()].as_array().unwrap();
        list.iter().map(|condition| condition["field"].as_str().unwrap()).collect()
    };
    assert_eq!(fields(extension.id.0), ["a", "d"]);
    assert_eq!(fields(outer.id.0), ["b"]);
    assert_eq!(fields(inner.id.0), ["c"]);

    // It is changed, gets actions, gets another beside it, and goes, like any other.
    let condition = json!({ "id": inner.id.0, "field": "e", "expression": "^1" });
    let answer = house.done("[Dialplan][Update] Condition", json!({ "condition": condition })).await;
    let shown = &answer["dialplan_conditions"][outer.id.0.to_string()][0];
    assert_eq!((&shown["field"], &shown["position"]), (&json!("e"), &json!(1)));
    let action = json!({ "application": "answer" });
    let answer = house.done("[Dialplan][Add] Action", json!({ "id": inner.id.0, "action": action })).await;
    assert_eq!(answer["affected_id"], extension.id.0);
    assert_eq!(answer["dialplan_details"][inner.id.0.to_string()]["actions"][0]["application"], "answer");
    let answer = house.done("[Dialplan][Add] Condition", json!({ "id": outer.id.0 })).await;
    let list = answer["dialplan_conditions"][outer.id.0.to_string()].as_array().unwrap();
    assert_eq!(list.len(), 2);
    let answer = house.done(
        "[Dialplan][Move] Condition",
        json!({
            "id": list[1]["id"], "previous_index": 2, "current_index": 1,
        }),
    );
    assert_eq!(answer.await["dialplan_conditions"][outer.id.0.to_string()][0]["id"], list[1]["id"]);
    let gone = json!({ "condition": { "id": inner.id.0 } });
    house.done("[Dialplan][Delete] Condition", gone).await;
    let left = house.xml(CONDITION).await;
    assert_eq!(
        left,
        "<condition field=\"a\" require-nested=\"false\"><condition/><action application=\"x\"/></condition>"
    );
    house.pbx.stop().await;
}

async fn what_is_not_shown_is_kept(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='dialplan'><context name='c'><extension name='e'>
           <condition field='f' my-own='1' minute-of-day='1-2'><expression>^(1)$</expression>
             <action application='log' loop='3'>INFO x</action><action application='set' data='a=b' inline='yes'/>
             <anti-action application='hangup' inline='true'/>
           </condition></extension></context></section>",
    )
    .await;
    let tree = house.pbx.tree().await;
    let condition = find(&tree, CONDITION);
    let id = condition.id.0;
    let details = house.done("[Dialplan][Get] Extension details", json!({ "id": id })).await;
    let actions = &details["dialplan_details"][id.to_string()]["actions"];
    assert_eq!((&actions[0]["data"], &actions[1]["inline"]), (&json!("INFO x"), &json!(true)));
    let shown = house.done(
        "[Dialplan][Get] Conditions",
        json!({ "id": house.id("section/dialplan context/c extension/e").await }),
    );
    let shown = shown.await;
    let shown: &Value = shown["dialplan_conditions"].as_object().unwrap().values().next().unwrap();
    assert_eq!((&shown[0]["expression"], &shown[0]["minday"]), (&json!("^(1)$"), &json!("1-2")));

    house
        .done(
            "[Dialplan][Update] Condition",
            json!({ "condition": {
                "id": id, "field": "f", "expression": "^2$", "minday": "1-2", "hour": "9-17", "unknown": "x",
            }}),
        )
        .await;
    house
        .done(
            "[Dialplan][Update] Action",
            json!({ "action": {
                "id": actions[0]["id"], "application": "log", "data": "INFO y", "inline": false,
            }}),
        )
        .await;
    house
        .done(
            "[Dialplan][Update] Action",
            json!({ "action": {
                "id": actions[1]["id"], "application": "set", "data": "a=c", "inline": true,
            }}),
        )
        .await;
    let anti = find(&tree, &format!("{CONDITION} anti-action")).id.0;
    house
        .done(
            "[Dialplan][Update] Antiaction",
            json!({ "antiaction": {
                "id": anti, "application": "hangup", "data": "USER_BUSY",
            }}),
        )
        .await;
    let left = house.xml(CONDITION).await;
    assert_eq!(
        left,
        "<condition field=\"f\" my-own=\"1\" minute-of-day=\"1-2\" hour=\"9-17\"><expression>^2$</expression>\
         <action application=\"log\" loop=\"3\">INFO y</action>\
         <action application=\"set\" data=\"a=c\" inline=\"yes\"/>\
         <anti-action application=\"hangup\" inline=\"true\" data=\"USER_BUSY\"/></condition>"
    );
    // What an update does not mention is empty afterwards: that is how it is documented.
    house.done("[Dialplan][Update] Condition", json!({ "condition": { "id": id } })).await;
    let tree = house.pbx.tree().await;
    let names: Vec<&str> = find(&tree, CONDITION).attributes.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["my-own"], "{}", xml(find(&tree, CONDITION)));
    house.pbx.stop().await;
}

async fn moves_count_only_what_is_of_the_same_kind(engine: Engine) {
    let house = House::with(
        engine,
        "<section name='dialplan'><context name='c'><extension name='e'><condition field='f'>
           <regex field='r'/><action application='a1'/><anti-action application='n'/><action application='a2'/>
           <action application='a3'/></condition></extension></context></section>",
    )
    .await;
    let id = house.id(&format!("{CONDITION} action/a3")).await;
    let to = async |from: i64, to: i64| {
        let data = json!({ "id": id, "previous_index": from, "current_index": to });
        house.done("[Dialplan][Move] Action", data).await;
        let tree = house.pbx.tree().await;
        let names: Vec<String> = find(&tree, CONDITION)
            .children
            .iter()
            .map(|child| child.natural_name().unwrap().to_owned())
            .collect();
        names.join(" ")
    };
    assert_eq!(to(3, 1).await, "r a3 a1 n a2");
    assert_eq!(to(1, 1).await, "r a3 a1 n a2");
    assert_eq!(to(1, 2).await, "r a1 a3 n a2");
    assert_eq!(to(2, 3).await, "r a1 n a2 a3");
    assert_eq!(to(3, 2).await, "r a1 a3 n a2");
    house.pbx.stop().await;
}
