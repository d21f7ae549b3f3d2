//! What is looked at.

use std::time::Duration;

use custompbx_pbx::Clock;
use custompbx_pbx::dialplan::{self, Checked, Mode, Remark};
use custompbx_pbx::switches::doctor;
use custompbx_store::Store;
use custompbx_switch::{Address, Supervisor, Timing, probe};
use custompbx_xmlcurl::Snapshot;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Check, ask};
use crate::context::Context;

pub(super) async fn all(context: &Context) -> Vec<Check> {
    let mut checks = vec![configuration(context), data_directory(context)];
    let mut head = None;
    match Store::open(&context.engine(), Clock::system().now()).await {
        Ok(store) => {
            checks.extend(database(&store, &mut head).await);
            store.close().await;
        }
        Err(error) => checks.push(Check::bad("database", with_cause(&error), database_remedy(context))),
    }
    checks.push(snapshot(context, head));
    checks.push(web(context).await);
    checks.push(xml_curl(context).await);
    checks.extend(event_socket(context).await);
    checks
}

fn configuration(context: &Context) -> Check {
    let loaded = &context.loaded;
    let mut found = loaded.path.display().to_string();
    if !loaded.from_environment.is_empty() {
        found.push_str(&format!("; from the environment: {}", loaded.from_environment.join(", ")));
    }
    Check::good("configuration", found)
}

fn data_directory(context: &Context) -> Check {
    let directory = context.data_dir.display();
    let probe = context.data_dir.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Check::good("data directory", format!("{directory} can be written")),
        Err(error) => Check::bad(
            "data directory",
            format!("{directory}: {error}"),
            "give this user the right to write there",
        ),
    }
}

/// Extensions that are named; the rest is counted.
const MOST_NAMED: usize = 10;

/// What of a context only the switch can decide, and what in it breaks calls.
fn of_context(instance: &str, checked: &Checked) -> Vec<Check> {
    let Checked { context, mode, remarks, undecidable, .. } = checked;
    let named = |remarks: &mut dyn Iterator<Item = &Remark>| {
        let mut names: Vec<&str> = remarks.map(|remark| remark.extension.as_str()).collect();
        names.dedup();
        let rest = names.len().saturating_sub(MOST_NAMED);
        names.truncate(MOST_NAMED);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        format!("{}{more}", names.join(", "))
    };
    let place = format!("context {context} of {instance}");
    let mut checks = Vec::new();
    let broken = || remarks.iter().filter(|remark| remark.severity == "error");
    if broken().next().is_some() {
        let found = format!("{place}: there is something wrong in {}", named(&mut broken()));
        let remedy = format!("GET /api/v2/instances/{instance}/dialplan:check says what");
        checks.push(Check::note("dialplan", found, remedy));
    }
    if !undecidable.is_empty() {
        let found = format!(
            "{place} ({}): only the switch can decide {}",
            mode.as_str(),
            named(&mut undecidable.iter())
        );
        checks.push(match mode {
            Mode::Whole => Check::good("dialplan", found),
            _ => Check::note(
                "dialplan",
                found,
                "calls that come to these get the whole context; see docs/dialplan.md",
            ),
        });
    }
    checks
}

fn database_remedy(context: &Context) -> String {
    format!("correct `database` in {}, or start the database", context.loaded.path.display())
}

async fn database(store: &Store, head: &mut Option<i64>) -> Vec<Check> {
    let looked = async {
        let revision = store.head().await?;
        let mut instances = Vec::new();
        for instance in store.instances().await? {
            let users = store.user_ids(instance.id).await?.len();
            let root = store.root(instance.id).await?;
            let parts = store.children(root, None, None, 100).await?.total;
            let dialplan = dialplan::check_stored(store, instance.id).await;
            instances.push((instance.name, users, parts, dialplan));
        }
        custompbx_store::Result::Ok((revision, instances))
    };
    match looked.await {
        Err(error) => vec![Check::bad("database", with_cause(&error), "look at the database")],
        Ok((revision, instances)) => {
            *head = Some(revision.0);
            let mut checks =
                vec![Check::good("database", format!("{}, revision {revision}", store.engine_name()))];
            for (name, users, parts, dialplan) in instances {
                checks.push(if parts == 0 {
                    Check::note("instance", format!("{name} is empty"), "custompbx import /etc/freeswitch")
                } else {
                    Check::good("instance", format!("{name}, {users} users"))
                });
                match dialplan {
                    Ok(contexts) => {
                        checks.extend(contexts.iter().flat_map(|context| of_context(&name, context)));
                    }
                    Err(error) => {
                        checks.push(Check::bad("dialplan", with_cause(&error), "look at the database"));
                    }
                }
            }
            checks
        }
    }
}

fn snapshot(context: &Context, head: Option<i64>) -> Check {
    let file = context.data_dir.join("snapshot.bin");
    let loaded = std::fs::read(&file).map_err(|error| error.to_string());
    let loaded = loaded.and_then(|bytes| Snapshot::load(&bytes).map_err(|error| error.to_string()));
    match (loaded, head) {
        (Ok(snapshot), Some(head)) if snapshot.revision != head => Check::note(
            "saved snapshot",
            format!("revision {}, the database has {head}", snapshot.revision),
            "a running server saves it within seconds; one that is started brings it up to date",
        ),
        (Ok(snapshot), _) => Check::good(
            "saved snapshot",
            format!("revision {}, {} users", snapshot.revision, snapshot.users()),
        ),
        (Err(reason), _) => Check::note(
            "saved snapshot",
            format!("none that can be used ({reason})"),
            "the server saves one; until then it needs the database to start",
        ),
    }
}

async fn web(context: &Context) -> Check {
    let web = &context.loaded.config.webserver;
    if !web.cert_path.is_empty() {
        return Check::note(
            "web interface",
            "uses TLS and was not tried",
            format!("open {}", context.loaded.config.web_url()),
        );
    }
    match ask::get(&web.host, web.port, "/readyz").await {
        Ok((200, body)) => {
            Check::good("web interface", format!("{} ({})", context.loaded.config.web_url(), body.trim()))
        }
        Ok((status, _)) => Check::bad(
            "web interface",
            format!("port {} answers {status}", web.port),
            "the server's log says why",
        ),
        Err(error) => Check::bad(
            "web interface",
            format!("port {}: {error}", web.port),
            "start the server: custompbx serve",
        ),
    }
}

/// Asks as the switch would.
async fn xml_curl(context: &Context) -> Check {
    let what = "xml_curl";
    let xml = &context.loaded.config.xml_curl_server;
    if !xml.cert_path.is_empty() {
        return Check::note(
            what,
            "uses TLS and was not tried",
            "look at the switch's log for answers that failed",
        );
    }
    let form =
        "hostname=default&section=configuration&tag_name=configuration&key_name=name&key_value=switch.conf";
    let asked = ask::post(&xml.host, xml.port, &xml.route, &xml.user, xml.pass.reveal(), form).await;
    match asked {
        Ok((200, body)) if body.contains("not found") => Check::note(
            what,
            "answers, but has no switch.conf",
            "import FreeSWITCH's configuration: custompbx import /etc/freeswitch",
        ),
        Ok((200, _)) => Check::good(what, format!("{} answers", context.loaded.config.xml_curl_url())),
        Ok((401, _)) => Check::bad(
            what,
            "refuses this machine or the credentials of this configuration",
            "xml_curl_server.allow must hold the address, and the server must run with this configuration; restart it",
        ),
        Ok((status, _)) => Check::bad(what, format!("answers {status}"), "the server's log says why"),
        Err(error) => {
            Check::bad(what, format!("port {}: {error}", xml.port), "start the server: custompbx serve")
        }
    }
}

async fn event_socket(context: &Context) -> Vec<Check> {
    let what = "event socket";
    let esl = &context.loaded.config.freeswitch.esl;
    let place = format!("{}:{}", esl.host, esl.port);
    let address = Address {
        host: esl.host.clone(),
        port: esl.port,
        pass: esl.pass.reveal().to_owned(),
        timeout: Duration::from_secs(esl.timeout),
    };
    let switch = match probe(&address).await {
        Ok(switch) => switch,
        Err(trouble) => return vec![Check::bad(what, format!("{place}: {trouble}"), trouble.advice())],
    };
    let mut checks = vec![Check::good(what, format!("{place}, {} ({})", switch.switchname, switch.version))];
    checks.extend(in_the_switch(context, address).await);
    checks
}

/// What the switch itself says, looked at as a running server does.
async fn in_the_switch(context: &Context, address: Address) -> Vec<Check> {
    let patience = address.timeout;
    let supervisor = Supervisor::new(address, Timing::default(), || Clock::system().now());
    let (stop, stopped) = watch::channel(false);
    let watching = supervisor.clone();
    let task = tokio::spawn(async move { watching.run(stopped).await });
    let mut status = supervisor.status_changes();
    let live = timeout(patience, status.wait_for(custompbx_switch::Status::is_live)).await;
    let mut checks = Vec::new();
    if matches!(live, Ok(Ok(_))) {
        let config = &context.loaded.config;
        checks.extend(doctor::look_at(&supervisor, config).await.into_iter().map(Check::from));
        checks.push(round_trip(context, &supervisor).await);
    } else {
        let found = "its state could not be read in time";
        checks.push(Check::note("event socket", found, "the server's log says more"));
    }
    stop.send_replace(true);
    // It ends by itself now; what it ended with is of no interest.
    let _ = task.await;
    checks
}

/// Has the switch look for a configuration, and sees whether the running server was asked.
async fn round_trip(context: &Context, supervisor: &Supervisor) -> Check {
    const WHAT: &str = "round trip";
    let Some(before) = questions(context).await else {
        return Check::note(WHAT, "not tried", "start the server: custompbx serve");
    };
    doctor::have_it_ask(supervisor).await;
    match questions(context).await {
        Some(after) if after > before => Check::good(WHAT, "FreeSWITCH asked the server, and was answered"),
        _ => Check::bad(WHAT, doctor::NOT_ASKED.0, doctor::NOT_ASKED.1),
    }
}

/// How many questions the running server was asked, by its metrics.
async fn questions(context: &Context) -> Option<f64> {
    let web = &context.loaded.config.webserver;
    let (status, body) = ask::get(&web.host, web.port, "/metrics").await.ok()?;
    let counted = body.lines().filter(|line| line.starts_with("custompbx_xml_curl_questions_total"));
    let counts = counted.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    (status == 200).then(|| counts.sum())
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
