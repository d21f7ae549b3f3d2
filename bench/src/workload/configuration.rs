//! Large documents: gateways, agents, extensions.

use std::time::Instant;

use custompbx_model::Node;
use custompbx_model::xml::{Style, print};
use custompbx_xmlcurl::MAX_ANSWER;

use crate::ask::{self, Form};
use crate::figures::{Spread, Times, count, number};
use crate::plan::Plan;
use crate::report::{Report, Section, progress};
use crate::server::Server;
use crate::{Result, database};

/// Gateways of one profile.
const GATEWAYS: usize = 2_000;
/// Agents of a call centre.
const AGENTS: usize = 5_000;
/// Extensions of a context.
const EXTENSIONS: usize = 2_000;
/// What stands around a document in an answer, at most, in bytes.
const AROUND: usize = 300;

/// A section with a document, and a question about it.
struct Case {
    name: String,
    section: Node,
    form: Form,
    /// Something that a right answer has.
    has: String,
    is_target: bool,
}

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<()> {
    let agents = most(AGENTS, callcenter);
    let extensions = most(EXTENSIONS, context);
    let mut section = Section::new(
        "Large documents, one client, a new connection for each question",
        &["document", "bytes", "p50 ms", "p99 ms", "max ms"],
    );
    for case in cases(agents, extensions) {
        progress(&case.name);
        let directory = tempfile::tempdir()?;
        database::with(directory.path(), case.section.clone())?;
        let server = Server::ours(directory.path())?;
        ask::once(server.address, &case.form, 0)?;
        let (mut all, mut p50, mut p99, mut bytes) = (Times::default(), Vec::new(), Vec::new(), 0);
        for _ in 0..plan.runs {
            let mut times = Times::default();
            for _ in 0..plan.documents {
                let start = Instant::now();
                let answer = ask::once(server.address, &case.form, 0)?;
                times.add(start.elapsed());
                bytes = answer.body().len();
                if answer.status() != 200 || !answer.body().contains(&case.has) {
                    return Err(
                        format!("{}: status {} and no {}", case.name, answer.status(), case.has).into()
                    );
                }
            }
            p50.push(times.below(0.5));
            p99.push(times.below(0.99));
            all.append(&times);
        }
        let (p50, p99, max) = (Spread::of(p50), Spread::of(p99), number(all.below(1.0), 2));
        section.row([case.name.clone(), count(bytes), p50.show(2), p99.show(2), max]);
        if case.is_target {
            report.goal(format!("{}: p99, ms", case.name), "<= 30", p99.show(2), p99.median <= 30.0);
        }
    }
    for (what, wanted, fits, size) in [
        ("agents with a tier each", AGENTS, agents, print(&callcenter(AGENTS), Style::Compact).len()),
        ("extensions", EXTENSIONS, extensions, print(&context(EXTENSIONS), Style::Compact).len()),
    ] {
        let limit = count(MAX_ANSWER);
        let (wanted, fits_at_all) = (count(wanted), fits == wanted);
        let size = count(size);
        section.note(if fits_at_all {
            format!("{wanted} {what} are {size} bytes; FreeSWITCH takes {limit}.")
        } else {
            format!(
                "{wanted} {what} are {size} bytes, more than the {limit} that FreeSWITCH takes, and are refused; {} fit.",
                count(fits)
            )
        });
    }
    report.section(section);
    Ok(())
}

fn cases(agents: usize, extensions: usize) -> Vec<Case> {
    let boot = "01-boot-not-found";
    let sofia = || configuration(sofia());
    let last = format!("name=\"carrier-{:04}\"", GATEWAYS - 1);
    let case = |name: String, section: Node, form: Form, has: &str| Case {
        name,
        section,
        form,
        has: has.to_owned(),
        is_target: true,
    };
    let gateways = count(GATEWAYS);
    let call = [("Hunt-Context", "default", "site"), ("Caller-Context", "default", "site")];
    vec![
        case(format!("sofia.conf, {gateways} gateways"), sofia(), Form::recorded(boot, "0004", &[]), &last),
        case(
            format!("sofia.conf, {gateways} gateways, profile=external"),
            sofia(),
            Form::recorded(boot, "0005", &[]),
            &last,
        ),
        case(
            format!("sofia.conf, {gateways} gateways, profile=internal (without them)"),
            sofia(),
            Form::recorded(boot, "0005", &[("profile", "external", "internal")]),
            "name=\"internal\"",
        ),
        case(
            format!("callcenter.conf, {} agents", count(agents)),
            configuration(callcenter(agents)),
            Form::recorded(boot, "0029", &[]),
            &format!("agent name=\"{}@", 100_000 + agents - 1),
        ),
        Case {
            is_target: false,
            ..case(
                format!("dialplan, {} extensions", count(extensions)),
                Node::new("section").with("name", "dialplan").containing([context(extensions)]),
                Form::recorded("04-served-register-and-call", "0006", &call),
                &format!("extension name=\"number-{:04}\"", extensions - 1),
            )
        },
    ]
}

/// The most of `wanted` things that fit into an answer.
fn most(wanted: usize, document: fn(usize) -> Node) -> usize {
    let fits = |number: &usize| print(&document(*number), Style::Compact).len() + AROUND <= MAX_ANSWER;
    if fits(&wanted) {
        return wanted;
    }
    let hundreds: Vec<usize> = (1..wanted / 100).map(|hundred| hundred * 100).collect();
    let place = hundreds.partition_point(fits);
    place.checked_sub(1).map_or(1, |last| hundreds[last])
}

fn configuration(document: Node) -> Node {
    Node::new("section").with("name", "configuration").containing([document])
}

fn param(name: &str, value: String) -> Node {
    Node::new("param").with("name", name).with("value", value)
}

/// Two profiles, one of them with all gateways.
fn sofia() -> Node {
    let gateways = (0..GATEWAYS).map(|number| {
        Node::new("gateway").with("name", format!("carrier-{number:04}")).containing([
            param("username", format!("account{number:06}")),
            param("password", format!("{:016x}", number * 7_919)),
            param("proxy", format!("sip{number:04}.carrier.example.net")),
            param("register", "true".to_owned()),
            param("expire-seconds", "600".to_owned()),
            param("caller-id-in-from", "true".to_owned()),
        ])
    });
    let settings = |port: usize| {
        Node::new("settings").containing([
            param("context", "public".to_owned()),
            param("sip-port", port.to_string()),
            param("dialplan", "XML".to_owned()),
            param("auth-calls", "true".to_owned()),
        ])
    };
    let external = Node::new("profile")
        .with("name", "external")
        .containing([Node::new("gateways").containing(gateways), settings(5080)]);
    let internal = Node::new("profile").with("name", "internal").containing([settings(5060)]);
    let profiles = Node::new("profiles").containing([external, internal]);
    Node::new("configuration").with("name", "sofia.conf").containing([profiles])
}

/// A queue, and agents with a tier each.
fn callcenter(agents: usize) -> Node {
    let name = |number: usize| format!("{}@site-00.example.com", 100_000 + number);
    let agent = |number| {
        Node::new("agent")
            .with("name", name(number))
            .with("type", "callback")
            .with("contact", format!("[leg_timeout=10]user/{}", name(number)))
            .with("status", "Available")
            .with("max-no-answer", "3")
            .with("wrap-up-time", "10")
            .with("reject-delay-time", "10")
            .with("busy-delay-time", "60")
    };
    let tier = |number| {
        let tier = Node::new("tier").with("agent", name(number)).with("queue", "support@site-00.example.com");
        tier.with("level", "1").with("position", "1")
    };
    let queue = Node::new("queue")
        .with("name", "support@site-00.example.com")
        .containing([param("strategy", "longest-idle-agent".to_owned())]);
    Node::new("configuration").with("name", "callcenter.conf").containing([
        Node::new("queues").containing([queue]),
        Node::new("agents").containing((0..agents).map(agent)),
        Node::new("tiers").containing((0..agents).map(tier)),
    ])
}

/// A context, an extension for each number.
fn context(extensions: usize) -> Node {
    let action = |application: &str, data: String| {
        Node::new("action").with("application", application).with("data", data)
    };
    let extension = |number: usize| {
        let condition = Node::new("condition")
            .with("field", "destination_number")
            .with("expression", format!("^(?:\\+49|0)30(55{number:04})(?:\\d{{0,2}})$"))
            .containing([
                action("set", "hangup_after_bridge=true".to_owned()),
                action("export", format!("dialed_extension=55{number:04}")),
                action("bridge", format!("user/{}@site-00.example.com", 100_000 + number)),
            ]);
        Node::new("extension").with("name", format!("number-{number:04}")).containing([condition])
    };
    Node::new("context").with("name", "site").containing((0..extensions).map(extension))
}
