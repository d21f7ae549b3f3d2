//! Calls in a context that is evaluated: the whole answer over HTTP, and the evaluation alone beside PCRE2 itself.

use std::time::{Duration, Instant};

use custompbx_dialplan::{Call, Context, Detail};
use custompbx_model::Node;
use custompbx_model::variables::Variables;
use pcre2::bytes::{Regex, RegexBuilder};

use crate::ask::{self, Form};
use crate::figures::{Spread, Times, count, number};
use crate::plan::Plan;
use crate::report::{Report, Section, progress};
use crate::server::Server;
use crate::{Result, database};

/// Extensions of the context, each with two conditions.
const EXTENSIONS: usize = 2_000;
/// How often a context is evaluated in a turn.
const EVALUATIONS: usize = 50;

/// The number that is called, and who calls: recorded ones are replaced.
const CALLER: &str = "1000";

/// What differs between the two contexts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The first condition of each extension tells its number from the others.
    ByNumber,
    /// Both conditions of each extension are tried: the first one takes every number.
    Both,
}

impl Kind {
    const ALL: [Self; 2] = [Self::ByNumber, Self::Both];

    fn shown(self) -> &'static str {
        match self {
            Self::ByNumber => "the first condition decides",
            Self::Both => "both conditions are tried",
        }
    }

    /// The fields of the two conditions, with their expressions. The last extension takes the call.
    fn conditions(self, extension: usize) -> [(&'static str, String); 2] {
        let number = format!("^(?:\\+?49|0)?(?:30|40|89)?(55{extension:04})(?:\\d{{0,2}})$");
        let last = extension + 1 == EXTENSIONS;
        let caller = if last { CALLER.to_owned() } else { format!("9[0-9]{{2}}{extension:04}") };
        let caller = format!("^(?:sip:)?(?:{caller}|anonymous{extension})(?:@[a-z.]+)?$");
        match self {
            Self::ByNumber => [("destination_number", number), ("caller_id_number", caller)],
            Self::Both => [
                ("destination_number", "^(?:\\+?49|0)?(?:30|40|89)?(55\\d{4})(?:\\d{0,2})$".to_owned()),
                ("caller_id_number", caller),
            ],
        }
    }
}

fn destination() -> String {
    format!("03055{:04}", EXTENSIONS - 1)
}

fn context(kind: Kind) -> Node {
    let extension = |at: usize| {
        let [first, second] = kind.conditions(at).map(|(field, expression)| {
            Node::new("condition").with("field", field).with("expression", expression)
        });
        let action = |application: &str, data: &str| {
            Node::new("action").with("application", application).with("data", data)
        };
        let actions = [
            action("set", "hangup_after_bridge=true"),
            action("export", "dialed_extension=$1"),
            action("bridge", &format!("user/{}@site-00.example.com", 100_000 + at)),
        ];
        let second = second.containing(actions);
        Node::new("extension").with("name", format!("number-{at:04}")).containing([first, second])
    };
    Node::new("context").with("name", "site").containing((0..EXTENSIONS).map(extension))
}

fn form() -> Form {
    let number = destination();
    Form::recorded(
        "04-served-register-and-call",
        "0006",
        &[
            ("Hunt-Context", "default", "site"),
            ("Caller-Context", "default", "site"),
            ("Hunt-Destination-Number", "1001", &number),
        ],
    )
}

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    over_http(plan, report)?;
    alone(plan, report)
}

fn over_http(plan: &Plan, report: &mut Report) -> Result<()> {
    let title = format!("A call in an evaluated context of {} extensions, one client", count(EXTENSIONS));
    let mut section = Section::new(title, &["context", "bytes", "p50 ms", "p99 ms", "max ms"]);
    for kind in Kind::ALL {
        progress(&format!("a dialplan in which {}", kind.shown()));
        let directory = tempfile::tempdir()?;
        let dialplan = Node::new("section").with("name", "dialplan").containing([context(kind)]);
        database::with_setting(directory.path(), dialplan, "dialplan.mode", "evaluated")?;
        let server = Server::ours(directory.path())?;
        let form = form();
        let bridge = format!("user/{}@", 100_000 + EXTENSIONS - 1);
        let (mut all, mut p50, mut p99, mut bytes) = (Times::default(), Vec::new(), Vec::new(), 0);
        for _ in 0..plan.runs {
            let mut times = Times::default();
            for _ in 0..plan.documents * 5 {
                let start = Instant::now();
                let answer = ask::once(server.address, &form, 0)?;
                times.add(start.elapsed());
                bytes = answer.body().len();
                if answer.status() != 200 || !answer.body().contains(&bridge) || bytes > 4_096 {
                    return Err(format!("{bytes} bytes, and not the actions of {bridge}").into());
                }
            }
            p50.push(times.below(0.5));
            p99.push(times.below(0.99));
            all.append(&times);
        }
        let (p50, p99) = (Spread::of(p50), Spread::of(p99));
        let max = number(all.below(1.0), 2);
        section.row([kind.shown().to_owned(), count(bytes), p50.show(2), p99.show(2), max]);
        let what = format!("dialplan evaluated, {}: p99, ms", kind.shown());
        report.goal(what, "<= 1", p99.show(2), p99.median <= 1.0);
    }
    report.section(section);
    Ok(())
}

fn alone(plan: &Plan, report: &mut Report) -> Result<()> {
    let mut section = Section::new(
        format!("Evaluation of {} extensions alone", count(EXTENSIONS)),
        &["context", "evaluation ms", "PCRE2 ms", "of PCRE2", "compiling ms", "after an edit ms"],
    );
    for kind in Kind::ALL {
        let node = context(kind);
        let start = Instant::now();
        let compiled = Context::compile(&node, &Variables::default(), None);
        let compiling = start.elapsed();
        let mut edited = node.clone();
        edited.children[EXTENSIONS / 2].set_attribute("continue", "true");
        let start = Instant::now();
        let again = Context::compile(&edited, &Variables::default(), Some(&compiled));
        let recompiling = start.elapsed();
        if again.extensions().len() != EXTENSIONS {
            return Err("extensions were lost".into());
        }
        let mut call = Call::new("site", destination());
        call.profile.set(custompbx_dialplan::ProfileField::CallerIdNumber, CALLER);
        let patterns = patterns(kind)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        // In turns, so that both have the same machine.
        for _ in 0..plan.runs * 20 {
            ours.push(per_evaluation(|| {
                let outcome = compiled.evaluate(&call, Detail::Result);
                outcome.actions.len() == 3
            })?);
            theirs.push(per_evaluation(|| matched(&patterns))?);
        }
        let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
        let ratio = Spread::middle(ratios);
        let milliseconds = |time: Duration| number(time.as_secs_f64() * 1_000.0, 1);
        section.row([
            kind.shown().to_owned(),
            Spread::middle(ours).show(3),
            Spread::middle(theirs).show(3),
            ratio.show(2),
            milliseconds(compiling),
            milliseconds(recompiling),
        ]);
        let what = format!("evaluation alone, of PCRE2's time, {}", kind.shown());
        report.goal(what, "<= 1.5", number(ratio.median, 2), ratio.median <= 1.5);
    }
    section.note("PCRE2 matches the same expressions against the same texts, in the same order, with its JIT. Both in turns.");
    report.section(section);
    Ok(())
}

/// What is matched until the last extension is found: the expressions with their texts.
fn patterns(kind: Kind) -> Result<Vec<[(Regex, String); 2]>> {
    let of = |(field, expression): (&str, String)| {
        let text = if field == "caller_id_number" { CALLER.to_owned() } else { destination() };
        let regex = RegexBuilder::new().jit_if_available(true).build(&expression)?;
        Ok::<_, pcre2::Error>((regex, text))
    };
    let both = |at| {
        let [first, second] = kind.conditions(at);
        Ok([of(first)?, of(second)?])
    };
    (0..EXTENSIONS).map(both).collect()
}

fn matched(patterns: &[[(Regex, String); 2]]) -> bool {
    patterns
        .iter()
        .any(|both| both.iter().all(|(regex, text)| regex.is_match(text.as_bytes()).unwrap_or(false)))
}

/// Milliseconds that one takes.
fn per_evaluation(mut evaluate: impl FnMut() -> bool) -> Result<f64> {
    let start = Instant::now();
    for _ in 0..EVALUATIONS {
        if !std::hint::black_box(evaluate()) {
            return Err("the call did not come to the last extension".into());
        }
    }
    Ok(start.elapsed().as_secs_f64() * 1_000.0 / crate::figures::float(EVALUATIONS))
}
