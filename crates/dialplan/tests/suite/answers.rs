//! What an answer of actions makes a switch do is what it would have done itself.

use custompbx_dialplan::{Call, Context, Detail, Outcome, Untold, raw};

use crate::case::{Shared, all};

type Pairs = Vec<(String, String)>;

/// What the switch is left with: the applications, and the variables but for those that each application sets anew.
fn left(call: &Call, outcome: &Outcome) -> (Pairs, Pairs, Option<&'static str>) {
    let applications = outcome.applications();
    let applications =
        applications.map(|taken| (taken.application.to_string(), taken.data.to_string())).collect();
    let variables = outcome.variables.as_ref().unwrap_or(&call.variables);
    let pair = |(name, value): (&custompbx_dialplan::Value, &custompbx_dialplan::Value)| {
        (name.to_string(), value.to_string())
    };
    let mut variables: Vec<_> =
        variables.iter().map(pair).filter(|(name, _)| !name.starts_with("current_application")).collect();
    variables.sort();
    (applications, variables, outcome.next_state())
}

fn again(call: &Call, answer: &str) -> Outcome {
    let read = raw::read(answer, &call.globals).unwrap();
    let contexts: Vec<_> = read.contexts.iter().map(|node| Context::of_answer(node, None)).collect();
    contexts[0].evaluate(call, Detail::Result)
}

#[test]
fn every_case_ends_as_if_the_switch_had_hunted() {
    let shared = Shared::new();
    let (mut told, mut untold) = (0, Vec::new());
    for (file, case) in all() {
        let (call, context) = shared.prepare(&case);
        let Some(context) = context else { continue };
        let outcome = context.evaluate(&call, Detail::Result);
        match outcome.answer(&context, &call) {
            Ok(answer) => {
                told += 1;
                let after = again(&call, &answer);
                assert_eq!(after.undecidable, None, "{file} {}: {answer}", case["id"]);
                assert_eq!(left(&call, &after), left(&call, &outcome), "{file} {}: {answer}", case["id"]);
            }
            Err(why) => untold.push((case["id"].to_string(), why)),
        }
    }
    println!("{told} told, not: {untold:?}");
    assert!(told > 430, "{told} told, not: {untold:?}");
}

fn answer(extensions: &str, call: &Call) -> Result<String, Untold> {
    let text = format!("<context name=\"c\">{extensions}</context>");
    let read = raw::read(&text, &call.globals).unwrap();
    let context = Context::of_answer(&read.contexts[0], None);
    let outcome = context.evaluate(call, Detail::Result);
    let answer = outcome.answer(&context, call)?;
    assert_eq!(left(call, &again(call, &answer)), left(call, &outcome), "{answer}");
    Ok(answer)
}

#[test]
fn whatever_a_caller_sends_stays_as_it_is() {
    let hostile = [
        "$${domain}",
        "$$${domain}",
        "$$$${domain}",
        "$$$$$",
        "a$$$$$${domain}b",
        "${domain}",
        "\\$${x}",
        "a\\nb",
        "\\\\",
        "$$",
        "${a",
        "\\${a}",
        "it's",
        "\\'",
        "<X-PRE-PROCESS cmd=\"set\"/>",
        "\"&amp;<>",
        "<!--#set x-->",
        "ARRAY::a|:b",
        "%{x}",
        "$1",
        "\\$1",
        "$\\{x}",
        "\\s\\t",
    ];
    for text in hostile {
        let call = Call::new("c", text);
        let extensions = "<extension name=\"a\"><condition field=\"destination_number\" expression=\"^(.*)$\">\
            <action application=\"set\" data=\"seen=$1\" inline=\"true\"/><action application=\"log\" data=\"INFO $1\"/>\
            </condition></extension>";
        let answer = answer(extensions, &call).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        assert!(!answer.contains("$${"), "{answer}");
    }
}

#[test]
fn what_cannot_be_told_is_not() {
    let call = Call::new("c", "1");
    let one = |actions: &str| {
        answer(&format!("<extension name=\"a\"><condition>{actions}</condition></extension>"), &call)
    };
    assert_eq!(one("<action application=\"nothing-of-ours\" inline=\"true\"/>"), Err(Untold::HungUp));
    assert_eq!(one("<action application=\"lua\" data=\"x\" inline=\"true\"/>"), Err(Untold::Undecidable));
    let set = "<action application=\"set\" data=\"a=1\" inline=\"true\"/>";
    assert_eq!(one(set), Err(Untold::Application), "nothing runs behind it");
    let log = "<action application=\"log\" data=\"INFO x\"/>";
    assert!(one(&format!("{set}{log}")).unwrap().contains("a=1"));
    assert_eq!(
        one(&format!("<action application=\"set\" data=\"a b=1\" inline=\"true\"/>{log}")),
        Err(Untold::Name)
    );
    let mut call = call.clone();
    call.variables.set("app_uuid", "x");
    let text = format!("<extension name=\"a\"><condition>{set}{log}</condition></extension>");
    assert_eq!(answer(&text, &call), Err(Untold::Application));
    assert_eq!(
        answer("<extension name=\"a\"/>", &call).unwrap(),
        "<context name=\"c\"></context>",
        "nothing matches, and nothing else is asked"
    );
}

#[test]
fn only_the_last_value_of_a_variable_is_told() {
    let call = Call::new("c", "55");
    let passed = |name: &str| {
        format!(
            "<extension name=\"{name}\" continue=\"true\"><condition field=\"destination_number\" expression=\"^(5)\">\
             <action application=\"set\" data=\"last={name}\" inline=\"true\"/>\
             <action application=\"push\" data=\"all={name}\" inline=\"true\"/></condition></extension>"
        )
    };
    let last = "<extension name=\"z\"><condition><action application=\"log\" data=\"INFO x\"/></condition></extension>";
    let all: String = ["a", "b", "c"].iter().map(|name| passed(name)).collect();
    let answer = answer(&format!("{all}{last}"), &call).unwrap();
    assert_eq!(answer.matches("DP_MATCH=").count(), 2, "{answer}");
    assert!(
        answer.starts_with("<context name=\"c\"><extension name=\"a\">"),
        "the first one's name: {answer}"
    );
    assert_eq!(answer.matches("data=\"last=").count(), 1, "{answer}");
    assert_eq!(answer.matches("data=\"all=").count(), 3, "{answer}");
}
