//! What is decided, and what is left to the switch; each with its place.

use std::sync::Arc;

use custompbx_dialplan::{
    Call, Change, Context, Detail, Globals, OtherLeg, Outcome, ProcessZone, Profile, ProfileField, Why, raw,
};

fn context(conditions: &str) -> Context {
    let text = format!("<context name=\"c\"><extension name=\"e\">{conditions}</extension></context>");
    let answer = raw::read(&text, &Globals::default()).unwrap();
    Context::of_answer(&answer.contexts[0], None)
}

fn run(conditions: &str, call: &Call) -> Outcome {
    context(conditions).evaluate(call, Detail::Result)
}

/// The data of the actions.
fn data(outcome: &Outcome) -> Vec<String> {
    outcome.actions.iter().map(|action| action.data.to_string()).collect()
}

/// Where and why it stopped.
fn stopped(outcome: &Outcome) -> (String, Why) {
    let undecidable = outcome.undecidable.clone().unwrap();
    (undecidable.place.to_string(), undecidable.why)
}

#[test]
fn rule_34_api_calls_are_known_only_if_somebody_says() {
    let conditions = "<condition field=\"${cond(${destination_number} == 5 ? yes : no)}\" expression=\"^(yes)$\">\
        <action application=\"log\" data=\"$1\"/></condition>";
    let mut call = Call::new("c", "5");
    let (place, why) = stopped(&run(conditions, &call));
    assert_eq!(place, "extension e, condition 1, field");
    assert_eq!(why, Why::Api { name: "cond".into(), argument: "5 == 5 ? yes : no".into() });
    call.set_api("cond", "5 == 5 ? yes : no", "yes");
    assert_eq!(data(&run(conditions, &call)), ["yes"]);
    // In data that is not inline nothing is expanded here.
    let later = "<condition><action application=\"set\" data=\"a=${cond(1 ? 2 : 3)}\"/></condition>";
    assert!(run(later, &call).undecidable.is_none());
}

#[test]
fn rule_33_look_ups_go_on_to_the_global_variables() {
    let mut globals = Globals::exactly([("known", "yes"), ("rdnis", "global")]);
    globals.only_switch_knows("local_ip_v4");
    let mut call = Call::new("c", "5");
    call.globals = Arc::new(globals);
    let conditions = "<condition field=\"${KNOWN}|${nowhere}|${rdnis}\" expression=\"^(.*)$\">\
        <action application=\"log\" data=\"$1\"/></condition><condition field=\"${local_ip_v4}\"/>";
    let outcome = run(conditions, &call);
    assert_eq!(data(&outcome), ["yes||global"]);
    assert_eq!(stopped(&outcome).1, Why::Global("local_ip_v4".into()));
    call.variables.set("Local_IP_v4", "1");
    assert!(run(conditions, &call).undecidable.is_none());
}

#[test]
fn rule_33_the_other_leg() {
    let conditions = "<condition field=\"${aleg_ani}\" expression=\"^(.+)$\"><action application=\"log\" data=\"$1\"/></condition>";
    let mut call = Call::new("c", "5");
    assert!(data(&run(conditions, &call)).is_empty());
    call.originator = OtherLeg::Unknown;
    assert_eq!(stopped(&run(conditions, &call)).1, Why::OtherLeg("ani".into()));
    let mut profile = Profile::default();
    profile.set(ProfileField::Ani, "77");
    call.originator = OtherLeg::Is(Box::new(profile));
    assert_eq!(data(&run(conditions, &call)), ["77"]);
}

#[test]
fn rules_46_and_47_what_runs_during_the_hunt() {
    let action = |application: &str, data: &str| {
        format!("<action application=\"{application}\" data=\"{data}\" inline=\"true\"/>")
    };
    let call = Call::new("c", "5");
    let last = "<condition field=\"destination_number\" expression=\"^6$\"><action application=\"log\" data=\"end\"/></condition>";
    let one = |application: &str, data: &str| {
        run(&format!("<condition>{}</condition>{last}", action(application, data)), &call)
    };
    let outcome = one("set_profile_var", "Destination_Number=6");
    assert_eq!(data(&outcome).last().map(String::as_str), Some("end"));
    assert!(
        outcome
            .changes
            .contains(&Change::SetProfile { name: "Destination_Number".into(), value: "6".into() })
    );
    let (place, why) = stopped(&one("lua", "x.lua"));
    assert_eq!(
        (place.as_str(), why),
        ("extension e, condition 1, application", Why::Application("lua".into()))
    );
    assert_eq!(stopped(&one("conference", "x")).1, Why::ModuleOfApplication("conference".into()));
    assert!(one("answer", "").inline.is_empty());
    assert!(one("mine", "").is_hung_up());
    for harmless in ["log", "info", "event", "presence", "verbose_events", "stop"] {
        let outcome = one(harmless, "");
        assert!(outcome.undecidable.is_none() && outcome.inline.len() == 1, "{harmless}");
    }
    // Rule 48, in order.
    let outcome = one("SET", "a=${destination_number}");
    let set = |name: &str, value: &str| Change::Set { name: name.into(), value: value.into() };
    assert_eq!(
        outcome.changes,
        [set("current_application", "set"), set("current_application_data", "a=5"), set("a", "5")]
    );
    let global = format!(
        "<condition>{}</condition><condition field=\"${{g}}\" expression=\"^(.*)$\"><action application=\"log\" data=\"$1\"/></condition>",
        action("set_global", "g=v")
    );
    assert_eq!(data(&run(&global, &call)).last().map(String::as_str), Some("v"));
}

#[test]
fn rules_49_to_57_the_zone_of_the_process() {
    let mut call = Call::new("c", "5");
    call.at = "2026-07-01T10:00:00Z".parse().unwrap();
    let hour = "<condition hour=\"12\"><action application=\"log\" data=\"noon\"/></condition>";
    assert_eq!(stopped(&run(hour, &call)), ("extension e, condition 1, hour".to_owned(), Why::ProcessZone));
    call.zone = ProcessZone::Offset(7200);
    assert_eq!(data(&run(hour, &call)), ["noon"]);
    assert_eq!(stopped(&run("<condition dst=\"true\"/>", &call)).1, Why::ProcessZone);
    call.variables.set("timezone", "No/Where");
    assert_eq!(stopped(&run(hour, &call)).1, Why::Timezone("No/Where".into()));
    call.variables.set("tod_tz_offset", "2");
    assert_eq!(data(&run(hour, &call)), ["noon"]);
}

#[test]
fn what_the_switch_does_not_define_is_not_guessed() {
    let mut call = Call::new("c", "5");
    call.at = "2026-07-01T10:00:00Z".parse().unwrap();
    call.zone = ProcessZone::Offset(0);
    for conditions in [
        "<condition hour=\"10\" field=\"destination_number\" expression=\"(6)\"><action application=\"log\"/></condition>",
        "<condition regex=\"xor\"><regex/><regex field=\"destination_number\" expression=\"(6)\"/><action application=\"log\"/></condition>",
        "<condition hour=\"10\" regex=\"any\"><regex field=\"destination_number\" expression=\"(6)\"/><action application=\"log\"/></condition>",
        "<condition date-time=\"2026-13-01~2027-01-01\"/>",
    ] {
        assert!(matches!(stopped(&run(conditions, &call)).1, Why::UndefinedInSwitch(_)), "{conditions}");
    }
    // Nothing depends on it here.
    for conditions in [
        "<condition hour=\"10\" field=\"destination_number\" expression=\"(6)\"/>",
        "<condition regex=\"xor\"><regex/><regex field=\"ani\" expression=\"${x}(6)\"/><action application=\"log\"/></condition>",
    ] {
        assert!(run(conditions, &call).undecidable.is_none(), "{conditions}");
    }
    // The sensible reading.
    let field = "<condition regex=\"any\"><regex field=\"${destination_number}\" expression=\"(.)\"/><action application=\"log\" data=\"$1\"/></condition>";
    assert_eq!(data(&run(field, &call)), ["5"]);
}
