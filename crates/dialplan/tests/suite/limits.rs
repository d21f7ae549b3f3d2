//! Whatever a dialplan or a call holds, an evaluation comes to an end.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use custompbx_dialplan::{Call, Context, Detail, Globals, Outcome, Why, raw};
use custompbx_model::Node;
use proptest::prelude::*;

fn context(text: &str) -> Context {
    let answer = raw::read(text, &Globals::default()).unwrap();
    Context::of_answer(&answer.contexts[0], None)
}

fn evaluate(conditions: &str, call: &Call) -> Outcome {
    let text = format!("<context name=\"c\"><extension name=\"e\">{conditions}</extension></context>");
    context(&text).evaluate(call, Detail::Trace)
}

fn why(outcome: &Outcome) -> &Why {
    &outcome.undecidable.as_ref().unwrap().why
}

#[test]
fn loops_end() {
    let action = "<condition><action application=\"log\" loop=\"1000000000\" data=\"x\"/></condition>";
    let outcome = evaluate(action, &Call::new("c", "1"));
    assert!(matches!(why(&outcome), Why::TooMuch(_)));
    assert_eq!(outcome.undecidable.unwrap().place.what, "loop");
    let push = "<condition><action application=\"set\" inline=\"true\" loop=\"9000\" data=\"a=${a}${a}x\"/></condition>";
    assert!(matches!(why(&evaluate(push, &Call::new("c", "1"))), Why::TooMuch(_)));
}

#[test]
fn variables_that_double_themselves_end() {
    let mut call = Call::new("c", "1");
    call.variables.set("bomb", "${bomb}${bomb}");
    let outcome = evaluate("<condition field=\"${bomb}\" expression=\"x\"/>", &call);
    assert!(matches!(why(&outcome), Why::TooMuch(_)));
    assert_eq!(outcome.undecidable.unwrap().place.to_string(), "extension e, condition 1, field");
    for level in 0..30 {
        call.variables.set(format!("v{level}"), format!("${{v{next}}}${{v{next}}}", next = level + 1));
    }
    assert!(matches!(why(&evaluate("<condition field=\"${v0}\"/>", &call)), Why::TooMuch(_)));
}

#[test]
fn a_catastrophe_is_undecidable_and_not_a_guess() {
    let call = Call::new("c", format!("{}b", "a".repeat(2_000)));
    let outcome =
        evaluate("<condition/><condition field=\"destination_number\" expression=\"(a+)+$\"/>", &call);
    assert_eq!(*why(&outcome), Why::RegexLimit);
    assert_eq!(outcome.undecidable.unwrap().place.condition, [2]);
}

/// Each of them stays below its own limit.
#[test]
fn many_slow_expressions_end_together() {
    let slow = |number: usize| {
        format!(
            "<extension name=\"e{number}\"><condition field=\"destination_number\" expression=\"^(a|aa){{0,13}}[0-9]{{1,{number}}}$\"/></extension>"
        )
    };
    let extensions: String = (1..=5_000).map(slow).collect();
    let context = context(&format!("<context name=\"c\">{extensions}</context>"));
    let call = Call::new("c", format!("{}b", "a".repeat(40)));
    let start = Instant::now();
    let outcome = context.evaluate(&call, Detail::Result);
    assert!(
        matches!(why(&outcome), Why::TooMuch(what) if what.contains("time")),
        "{:?}",
        outcome.undecidable
    );
    assert!(outcome.actions.is_empty());
    // Far more than it needs.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn huge_texts_are_read() {
    let mut call = Call::new("c", "1".repeat(1_000_000));
    call.variables.set("long", "x".repeat(1_000_000));
    let data = "$1".repeat(1_000);
    let condition = format!(
        "<condition field=\"destination_number\" expression=\"^(1+)$\"><action application=\"log\" data=\"{data}\"/></condition>\
         <condition field=\"${{long}}${{long}}\" expression=\"y\"/>"
    );
    let outcome = evaluate(&condition, &call);
    assert!(outcome.undecidable.is_some());
}

/// A tree that no parser gives, so that the evaluator's own limit is reached.
#[test]
fn rule_20_levels_end() {
    let mut node = Node::new("condition").containing([Node::new("action").with("application", "deepest")]);
    for _ in 0..150 {
        node = Node::new("condition").containing([node]);
    }
    let context = Node::new("context")
        .containing([Node::new("extension").with("name", "n".repeat(200)).containing([node])]);
    let outcome = Context::of_answer(&context, None).evaluate(&Call::new("c", "1"), Detail::Trace);
    assert!(outcome.actions.is_empty() && outcome.extension.is_none() && outcome.undecidable.is_none());
    let lines = outcome.trace.lines("{channel}");
    // The condition of the extension, and a head and a condition of each level; the name is cut in the log.
    assert_eq!(lines.len(), 2 + 2 * 100);
    assert!(lines[2].contains(&format!("[{}]", "n".repeat(127))));
}

/// Pieces of attributes and data that mean something somewhere.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("destination_number".to_owned()),
        Just("${v1}".to_owned()),
        Just("${v1[0]}${DP_MATCH}".to_owned()),
        Just("${v${n}:1:-1}".to_owned()),
        Just("^(1)?(.*)$".to_owned()),
        Just("_NXX.".to_owned()),
        Just("/(a|b)+/is".to_owned()),
        Just("never".to_owned()),
        Just("all".to_owned()),
        Just("xor".to_owned()),
        Just("$1${2}${3x}$0".to_owned()),
        Just("v1=ARRAY::a|:${v1}|:$1".to_owned()),
        Just("^^;v1=1;v1[3]='a b';n=1".to_owned()),
        Just("mon-fri,1".to_owned()),
        Just("8:00-9:00,22:00-6:00".to_owned()),
        Just("2026-1-1~2027-1-1".to_owned()),
        "[ -~\t]{0,12}",
        "\\PC{0,6}",
    ]
}

fn condition(depth: u32) -> impl Strategy<Value = Node> {
    let names = prop::sample::select(vec![
        "field",
        "expression",
        "break",
        "regex",
        "require-nested",
        "hour",
        "wday",
        "time-of-day",
        "date-time",
        "tz-offset",
        "mweek",
    ]);
    let attributes = prop::collection::vec((names, piece()), 0..4);
    let kinds = prop::sample::select(vec!["action", "anti-action", "regex", "expression", "other"]);
    let applications = prop::sample::select(vec![
        "set",
        "push",
        "unshift",
        "multiset",
        "unset",
        "multiunset",
        "export",
        "bridge_export",
        "set_global",
        "set_profile_var",
        "log",
        "answer",
        "nosuch",
    ]);
    let child = (kinds, applications, piece(), piece(), prop::sample::select(vec!["true", "no"]), piece());
    let children = prop::collection::vec(child, 0..5).prop_map(|children| {
        let node =
            |(kind, application, data, text, inline, field): (_, &str, String, String, &str, String)| {
                let mut node = Node::new(kind);
                match kind {
                    "regex" => {
                        node.set_attribute("field", field);
                        node.set_attribute("expression", data);
                    }
                    "expression" => node.text = Some(text.into()),
                    _ => {
                        node.set_attribute("application", application);
                        node.set_attribute("data", data);
                        node.set_attribute("inline", inline);
                    }
                }
                node
            };
        children.into_iter().map(node).collect::<Vec<_>>()
    });
    let head = (attributes, children).prop_map(|(attributes, children)| {
        let mut node = Node::new("condition").containing(children);
        for (name, value) in attributes {
            node.set_attribute(name, value);
        }
        node
    });
    head.prop_recursive(depth, 12, 3, |inner| {
        (inner.clone(), prop::collection::vec(inner, 0..3))
            .prop_map(|(outer, nested)| outer.containing(nested))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Nothing panics, and what is said of a context holds for a call too.
    #[test]
    fn any_dialplan_is_evaluated(conditions in prop::collection::vec(condition(3), 0..4), number in piece(), value in piece()) {
        let extension = |name: &str| Node::new("extension").with("name", name).containing(conditions.clone());
        let node = Node::new("context").containing([extension("a"), extension("b").with("continue", "true")]);
        let context = Context::of_answer(&node, None);
        let mut call = Call::new("c", number.as_str());
        call.variables.set("v1", value.as_str());
        call.variables.set("n", "1");
        let outcome = context.evaluate(&call, Detail::Trace);
        let mut text = String::new();
        for line in outcome.trace.lines("x") {
            writeln!(text, "{line}").unwrap();
        }
        let again = context.evaluate(&call, Detail::Result);
        prop_assert_eq!(&outcome.actions, &again.actions);
        prop_assert_eq!(&outcome.undecidable, &again.undecidable);
        context.findings();
        context.targets();
        context.undecidable_places();
    }
}
