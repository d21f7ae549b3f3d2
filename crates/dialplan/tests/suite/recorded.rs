//! Every recorded case comes out as it was recorded.

use custompbx_dialplan::{Change, Detail, Outcome};
use serde_json::Value;

use crate::case::{Shared, all, texts};

/// The sides of a case that are compared.
const ASPECTS: [&str; 6] = ["decided", "trace", "actions", "inline", "next_state", "variables"];

#[test]
fn every_case_is_as_it_was_recorded() {
    let shared = Shared::new();
    let cases = all();
    let mut passed = [0; ASPECTS.len()];
    let mut failed = Vec::new();
    for (file, case) in &cases {
        let wrong = compare(case, shared.run(case).as_ref());
        for (aspect, wrong) in wrong.iter().enumerate() {
            match wrong {
                None => passed[aspect] += 1,
                Some(wrong) => failed.push(format!("{file} {} {}: {wrong}", case["id"], ASPECTS[aspect])),
            }
        }
    }
    for (aspect, passed) in ASPECTS.iter().zip(passed) {
        println!("{aspect}: {passed} of {}", cases.len());
    }
    assert!(failed.is_empty(), "{}\n{} failures", failed.join("\n"), failed.len());
    assert!(cases.len() >= 473);
}

/// What is wrong in each aspect.
fn compare(case: &Value, outcome: Option<&Outcome>) -> [Option<String>; ASPECTS.len()] {
    let Some(outcome) = outcome else {
        let nothing = texts(&case["trace"]).is_empty() && case["next_state"].is_null();
        return std::array::from_fn(|_| (!nothing).then(|| "there is no context".to_owned()));
    };
    let differ = |ours: String, theirs: String| {
        (ours != theirs).then(|| format!("\n  ours   {ours}\n  theirs {theirs}"))
    };
    let trace = outcome.trace.lines("{channel}");
    let theirs = texts(&case["trace"]);
    let first = trace.iter().zip(&theirs).position(|(a, b)| a != b).unwrap_or(trace.len().min(theirs.len()));
    let trace = (trace != theirs)
        .then(|| format!("line {first}\n  ours   {:?}\n  theirs {:?}", trace.get(first), theirs.get(first)));
    let actions: Vec<_> = outcome
        .actions
        .iter()
        .map(|action| {
            serde_json::json!({
                "application": action.application.to_string(),
                "data": action.data.to_string(),
                "inline": action.inline,
                "anti": action.anti,
            })
        })
        .collect();
    let inline =
        &texts(&case["executed"])[..usize::try_from(case["inline_executed"].as_u64().unwrap()).unwrap()];
    let ran: Vec<_> = outcome
        .inline
        .iter()
        .map(|run| format!("EXECUTE [depth=0] {{channel}} {}({})", run.application, run.data))
        .collect();
    [
        outcome.undecidable.as_ref().map(ToString::to_string),
        trace,
        differ(Value::Array(actions).to_string(), case["actions"].to_string()),
        differ(format!("{ran:?}"), format!("{inline:?}")),
        differ(format!("{:?}", outcome.next_state()), format!("{:?}", case["next_state"].as_str())),
        differ(format!("{:?}", told(outcome)), format!("{:?}", told_there(case))),
    ]
}

/// The variables that inline applications set, as the log has them.
fn told_there(case: &Value) -> Vec<String> {
    let mut told = Vec::new();
    for line in texts(&case["other_log"]) {
        let Some((function, text)) = line.split_once(": ") else { continue };
        match function {
            "base_set" if text.contains(" {channel} [") => told.push(text.replace(" {channel}", "")),
            "unset_function" => told.push(text.to_owned()),
            "switch_channel_export_variable_var_check" => {
                told.push(text.replace("(export_vars) ", "").replace("(REMOTE ONLY) ", ""));
            }
            _ => {}
        }
    }
    told
}

/// What stands before the first `=`, or where there is none before the first `,`.
fn name_of(data: &str) -> String {
    data.split_once('=').or_else(|| data.split_once(',')).map_or(data, |(name, _)| name).to_owned()
}

/// The same, of what ran here; the values are those that the variables were given.
fn told(outcome: &Outcome) -> Vec<String> {
    let mut told = Vec::new();
    // Changes behind the notes of an application are its own.
    let mut changes = outcome.changes.iter().peekable();
    for run in &outcome.inline {
        let is_note = |name: &str| name.starts_with("current_application_");
        for change in changes.by_ref() {
            if matches!(change, Change::Set { name, value } if *name == "current_application" && *value == *run.application.to_str().unwrap())
            {
                break;
            }
        }
        while let Some(Change::Set { name, .. } | Change::Delete { name }) = changes.peek() {
            if !is_note(name.to_str().unwrap()) {
                break;
            }
            changes.next();
        }
        let data = run.data.to_string();
        let name = name_of(&data);
        let mut value = || match changes.peek() {
            Some(Change::Set { value, .. } | Change::Push { value, .. } | Change::Unshift { value, .. }) => {
                let value = value.to_string();
                changes.next();
                value
            }
            Some(Change::Delete { name: deleted }) if deleted.to_string().eq_ignore_ascii_case(&name) => {
                changes.next();
                "UNDEF".to_owned()
            }
            _ => "UNDEF".to_owned(),
        };
        match run.application.to_str().unwrap() {
            "set" if !data.is_empty() => told.push(format!("SET [{name}]=[{}]", value())),
            "push" if !data.is_empty() => told.push(format!("PUSH [{name}]=[{}]", value())),
            "unshift" if !data.is_empty() => told.push(format!("UNSHIFT [{name}]=[{}]", value())),
            "export" if !data.is_empty() => {
                told.push(format!("EXPORT [{}]=[{}]", name.trim_start_matches("nolocal:"), value()));
            }
            "unset" if !data.is_empty() => told.push(format!("UNSET [{data}]")),
            "multiset" => {
                let pairs = match data.strip_prefix("^^") {
                    Some(rest) => rest[1..].split(&rest[..1]).collect::<Vec<_>>(),
                    None => data.split(' ').collect(),
                };
                for pair in pairs {
                    let name = &name_of(pair);
                    let value = match changes.peek() {
                        Some(Change::Set { name: set, value })
                            if set.to_string().eq_ignore_ascii_case(name) =>
                        {
                            let value = value.to_string();
                            changes.next();
                            value
                        }
                        Some(Change::Delete { name: deleted })
                            if deleted.to_string().eq_ignore_ascii_case(name) =>
                        {
                            changes.next();
                            "UNDEF".to_owned()
                        }
                        _ => "UNDEF".to_owned(),
                    };
                    told.push(format!("SET [{name}]=[{value}]"));
                }
            }
            _ => {}
        }
    }
    told
}

/// What is not wanted does not change what comes of it.
#[test]
fn without_a_trace_it_is_the_same() {
    let shared = Shared::new();
    for (_, case) in all() {
        let (call, Some(context)) = shared.prepare(&case) else { continue };
        let (with, without) =
            (context.evaluate(&call, Detail::Trace), context.evaluate(&call, Detail::Result));
        assert!(without.trace.extensions.is_empty());
        assert_eq!(with.actions, without.actions, "{}", case["id"]);
        assert_eq!(with.changes, without.changes, "{}", case["id"]);
        assert_eq!(with.variables, without.variables, "{}", case["id"]);
        assert_eq!(with.undecidable, without.undecidable, "{}", case["id"]);
    }
}
