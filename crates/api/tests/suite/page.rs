//! `docs/messages.md`: the messages, written from the same data that the contract tests send: the table with its rules,
//! the documented fields, the examples with the answers that are given here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use custompbx_api::access::Access;
use custompbx_api::messages::table::{self, Message, Transport};
use custompbx_store::Role;
use serde_json::Value;

use crate::contract::{self, Event};
use crate::routes::rule;

/// Areas of the data, in the order of the page, with their headings.
const AREAS: &[(&str, &str)] = &[
    ("auth", "Signing in"),
    ("tokens", "Tokens"),
    ("subscriptions", "Subscriptions"),
    ("directory/domains", "Directory: domains"),
    ("directory/users", "Directory: users"),
    ("directory/groups", "Directory: groups"),
    ("directory/gateways", "Directory: gateways of users"),
    ("directory_templates", "Templates of users"),
    ("dialplan", "Dialplan"),
    ("global_variables", "Global variables"),
    ("modules", "Modules"),
    ("instances", "Instances"),
    ("web_users", "Web users"),
    ("settings", "Settings of the server"),
    ("web_settings", "Settings of the interface"),
    ("dashboard", "Dashboard"),
];

/// Messages that do what others do: area, name, meaning.
const OTHERS: &[(&str, &str, &str)] = &[
    ("settings", "settings", "With `payload` it is `set_settings`, without one `get_settings`."),
    (
        "modules",
        "[API] Sofia profile command",
        "Has the switch `start`, `stop`, `restart` or `rescan` (`name`) the SIP profile `id`, or `startgw` or `killgw` its gateway `id_int`.",
    ),
    (
        "modules",
        "SendCallcenterCommand",
        "Has the switch `load`, `reload` or `unload` (`name`) the queue `id` of the call centre.",
    ),
    (
        "modules",
        "GetCallcenterAgents",
        "The agents of the call centre as the switch has them now: `data` by id, or as `items` with their `total` for a `db_request` with `limit` or `filters`. `exists` is false without a callcenter.conf.",
    ),
    ("modules", "GetCallcenterTiers", "Which agents serve which queues, in the same way."),
    ("modules", "GetCallcenterMembers", "Who waits in the queues or is served, in the same way, by `uuid`."),
    (
        "modules",
        "SubscribeCallcenterAgents",
        "The same as `GetCallcenterAgents`. With `keep_subscription` it goes on with what changed: `callcenter_agents_list`, by id; `resync` when some are gone.",
    ),
    (
        "modules",
        "SubscribeCallcenterTiers",
        "The same as `GetCallcenterTiers`, going on with `callcenter_tiers_list`.",
    ),
    (
        "dashboard",
        "SendFSCLICommand",
        "What the switch prints for the line `name`, as in fs_cli: `response`, and whether it was `cut`. `RealFSCLIConnect` and `RealFSCLICommand` are the same.",
    ),
    (
        "dashboard",
        "[Live]",
        "What goes on in a switch (`switch`, `kinds`), to be followed from there; see [switches.md](switches.md).",
    ),
    (
        "dashboard",
        "[Effects]",
        "What the switch was told because of changes, newest first; see [switches.md](switches.md).",
    ),
];

const BEGINNING: &str = "\
# Messages

The messages of `webserver.route` (WebSocket) and `POST /api/v1`. [websocket.md](websocket.md) says how they are sent,
[rest.md](rest.md) is the other way to the same. This page is written by a test from the data that other tests send, and every
request on it is one of theirs.

```sh
json='Content-Type: application/json'
curl -sf -c jar -H \"$json\" -d '{\"login\": \"admin\", \"password\": \"the password\"}' http://pbx:8080/api/v2/session
token=$(curl -sf -b jar -H \"$json\" -d '{}' http://pbx:8080/api/v2/tokens | sed 's/.*\"token\":\"//; s/\".*//')

send() { curl -sf -H \"$json\" -d \"{\\\"event\\\": \\\"$1\\\", \\\"data\\\": {\\\"token\\\": \\\"$token\\\"${2:-}}}\" http://pbx:8080/api/v1; }
send AddDirectoryDomain ', \"name\": \"example.org\"'
send GetDirectoryDomains
```

The token is one that `login` gave, or one made for programs, as here, by `AddUserToken` or `custompbx token add`; it stands in
the `data` of every message but `login` and `get_status`, and is left out below. A refused message has `error`, a text, and `error_code`,
which stays the same when the text does not.
";

/// The operations of REST that do what a message does.
static REST: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../contract/rest.json")).unwrap());

/// Members of the examples that are long and say nothing.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > 200 => {
            let start: String = text.chars().take(60).collect();
            format!("{start}...").into()
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), shortened(value))).collect()
        }
        other => other.clone(),
    }
}

/// JSON in which everything that fits stands in one line.
fn code(value: &Value, indent: usize) -> String {
    let line = value.to_string();
    if indent + line.len() <= 110 {
        return line;
    }
    let inside: Vec<String> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), code(value, indent + 2)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| code(item, indent + 2)).collect(),
        _ => return line,
    };
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    let space = " ".repeat(indent);
    format!("{open}\n{space}  {}\n{space}{close}", inside.join(&format!(",\n{space}  ")))
}

fn who(message: &Message) -> String {
    let role = match message.access {
        Access::Anyone => "Anybody".to_owned(),
        Access::Role(Role::User) => "Everybody who is signed in".to_owned(),
        access => format!("Role `{}`", rule(access)),
    };
    let scope = message.scope.to_string();
    let scope = if scope == "own" { String::new() } else { format!(", scope `{scope}`") };
    let transport = match message.transport {
        Transport::Both => "",
        Transport::WebSocket => "; by WebSocket only",
    };
    format!("{role}{scope}{transport}.")
}

fn entry(page: &mut String, event: &Event, answer: &Value) {
    let message = table::find(event.name()).unwrap_or_else(|| panic!("{} is no message", event.name()));
    let (first, others) = message.names.split_first().unwrap();
    let _ = writeln!(page, "\n### {first}\n");
    let also: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
    let also = if also.is_empty() { String::new() } else { format!(" The same as {}.", also.join(", ")) };
    let by_rest = match &REST[*first] {
        Value::Array(operations) => {
            let operations: Vec<String> =
                operations.iter().map(|name| format!("`{}`", name.as_str().unwrap())).collect();
            format!("REST: {}.", operations.join(", "))
        }
        reason => format!("Not by REST: {}.", reason.as_str().unwrap()),
    };
    let _ = writeln!(page, "{}{also} {} {by_rest}\n", event.summary(), who(message));
    let fields: Vec<&str> = event.fields().collect();
    if !fields.is_empty() {
        page.push_str("| field | type | | meaning |\n|---|---|---|---|\n");
        for field in fields {
            let needed = if event.is_required(field) { "required" } else { "" };
            let (kind, meaning) = (event.type_of(field), event.meaning(field).replace('|', "\\|"));
            let _ = writeln!(page, "| `{field}` | {kind} | {needed} | {meaning} |");
        }
        page.push('\n');
    }
    let request = shortened(&event.example_request());
    let _ = writeln!(page, "```json\n{}\n```\n", code(&request, 0));
    let _ = writeln!(page, "```json\n{}\n```", code(&shortened(answer), 0));
}

fn page() -> String {
    let mut events: BTreeMap<&str, Vec<(&Event, Value)>> = BTreeMap::new();
    for (event, answer) in contract::all() {
        events.entry(event.area()).or_default().push((event, answer));
    }
    let mut page = BEGINNING.to_owned();
    for (area, heading) in AREAS {
        let _ = writeln!(page, "\n## {heading}");
        for (event, answer) in events.remove(area).unwrap_or_else(|| panic!("nothing is in {area}")) {
            entry(&mut page, event, &answer);
        }
        for (_, name, meaning) in OTHERS.iter().filter(|(of, ..)| of == area) {
            let message = table::find(name).unwrap();
            let _ = writeln!(page, "\n### {name}\n\n{meaning} {}", who(message));
        }
    }
    assert!(events.is_empty(), "areas without a heading: {:?}", events.keys());
    page
}

/// The page is in the repository, so that it can be read there; with `UPDATE_DOCS=1` the test writes it.
#[test]
fn the_page_of_the_messages_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/messages.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let line = written.lines().zip(page.lines()).position(|(written, now)| written != now);
    assert!(
        written == page,
        "docs/messages.md is not what the data says, from line {} on; run this test with UPDATE_DOCS=1",
        line.map_or_else(|| written.lines().count().min(page.lines().count()), |line| line + 1)
    );
}

/// What can be sent stands on the page.
#[test]
fn every_message_is_on_the_page() {
    let page = page();
    for message in table::all() {
        let heading = format!("\n### {}\n", message.names[0]);
        assert!(page.contains(&heading), "{} is not on the page", message.names[0]);
    }
}
