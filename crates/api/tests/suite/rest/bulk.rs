//! Many elements at once.

use std::time::Duration;

use custompbx_testkit::server::{Engine, Reply};
use serde_json::{Value, json};

use super::{BASE, Rest, problem};
use crate::engines::on_both_engines;
use crate::routes::scoped;

on_both_engines!(
    rows_make_change_and_leave,
    one_wrong_row_of_many,
    what_cannot_be_read,
    several_at_once,
    a_job_is_looked_at,
    it_is_whole_or_not_there,
    it_is_too_much_to_tell,
);

const USERS: &str = "directory/domains/example.com/users";
const NDJSON: (&str, &str) = ("Content-Type", "application/x-ndjson");
const CSV: (&str, &str) = ("Content-Type", "text/csv; charset=utf-8");

impl Rest {
    async fn bulk(&self, query: &str, kind: (&str, &str), body: &[u8]) -> Reply {
        self.ask("POST", &format!("bulk/{USERS}{query}"), &[kind], body).await
    }

    /// A bulk request that is carried out.
    async fn report(&self, query: &str, kind: (&str, &str), body: &[u8]) -> Value {
        let reply = self.bulk(query, kind, body).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text());
        reply.json()
    }
}

/// Created, updated, unchanged, refused.
fn counts(report: &Value) -> [i64; 4] {
    ["created", "updated", "unchanged", "refused"].map(|name| report[name].as_i64().unwrap())
}

async fn rows_make_change_and_leave(engine: Engine) {
    let rest = Rest::small(engine).await;
    let csv = "\u{feff}id,params.password,variables.accountcode,number-alias\r\n\
               1000,secret,1000,\r\n\
               1001,new,1001,\r\n\
               3000,\"a,\"\"b\",3000,300\r\n";
    let revision = rest.revision().await;
    let dry = rest.report("?dry_run=true&report=all", CSV, csv.as_bytes()).await;
    assert_eq!(counts(&dry), [1, 1, 1, 0]);
    assert_eq!(
        (&dry["written"], &dry["revision"], &dry["dry_run"]),
        (&json!(false), &json!(null), &json!(true))
    );
    assert_eq!(rest.revision().await, revision, "a dry run writes nothing");
    assert_eq!(rest.get(&format!("{USERS}/3000")).await.status, 404);

    let done = rest.report("?report=all", CSV, csv.as_bytes()).await;
    assert_eq!((counts(&done), &done["lines"]), (counts(&dry), &dry["lines"]), "it said the same");
    assert_eq!(
        done["lines"],
        json!([{"line": 2, "outcome": "unchanged"}, {"line": 3, "outcome": "updated"}, {"line": 4, "outcome": "created"}])
    );
    assert_eq!((done["written"].as_bool(), done["served"].as_bool()), (Some(true), Some(true)));
    assert_eq!(done["revision"], json!(rest.revision().await));
    let user = rest.json(&format!("{USERS}/3000/params/password")).await;
    assert_eq!(user["attributes"]["value"], "a,\"b");
    let served =
        rest.pbx.ask("section=directory&tag_name=domain&key_name=name&key_value=example.com&user=3000").await;
    assert!(served.text().contains("value=\"a,&quot;b\""), "{}", served.text());

    let revision = rest.revision().await;
    let again = rest.report("", CSV, csv.as_bytes()).await;
    assert_eq!((counts(&again), &again["revision"]), ([0, 0, 3, 0], &json!(null)));
    assert_eq!(rest.revision().await, revision, "what is so already makes no revision");

    // What a row does not mention stays, unless it is to say all: what is below an element is one member, as with PUT.
    for (query, stays) in [("", true), ("?replace=true", false)] {
        let row = br#"{"key": "3000", "params": {"vm-enabled": "true"}}"#;
        assert_eq!(counts(&rest.report(query, NDJSON, row).await), [0, 1, 0, 0], "{query}");
        let user = rest.json(&format!("{USERS}/3000?depth=2")).await.to_string();
        assert!(user.contains("vm-enabled") && user.contains("\"number-alias\":\"300\""), "{query}: {user}");
        assert_eq!(
            (user.contains("password"), user.contains("accountcode")),
            (stays, stays),
            "{query}: {user}"
        );
    }
    rest.pbx.stop().await;
}

async fn one_wrong_row_of_many(engine: Engine) {
    let rest = Rest::small(engine).await;
    let line = |number: usize| match number {
        7_312 => "{\"key\": \"7312\", \"params\": 5}".to_owned(),
        number => format!("{{\"key\": \"u{number}\", \"params\": {{\"password\": \"p{number}\"}}}}"),
    };
    let body = (1..=10_000).map(line).collect::<Vec<_>>().join("\n");
    let revision = rest.revision().await;
    for query in ["", "?dry_run=true", "?mode=all_or_nothing"] {
        let refused = problem(&rest.bulk(query, NDJSON, body.as_bytes()).await, 422, query);
        assert!(refused["detail"].as_str().unwrap().contains("line 7312"), "{}", refused["detail"]);
        assert_eq!(counts(&refused["report"]), [9_999, 0, 0, 1]);
        let refusal = &refused["report"]["refusals"][0];
        assert_eq!((&refusal["line"], &refusal["key"]), (&json!(7_312), &json!("7312")));
        assert_eq!(refusal["errors"][0]["pointer"], "/params");
        assert_eq!(refused["report"]["written"], false);
        assert_eq!(rest.revision().await, revision, "{query}: nothing was written");
    }
    let done = rest.report("?mode=each", NDJSON, body.as_bytes()).await;
    assert_eq!((counts(&done), &done["written"]), ([9_999, 0, 0, 1], &json!(true)));
    assert_eq!(done["refusals"][0]["line"], 7_312);
    let again = rest.report("?mode=each", NDJSON, body.as_bytes()).await;
    assert_eq!((counts(&again), &again["revision"]), ([0, 0, 9_999, 1], &json!(null)));
    assert_eq!(rest.get(&format!("{USERS}/u10000")).await.status, 200);
    rest.pbx.stop().await;
}

async fn what_cannot_be_read(engine: Engine) {
    let rest = Rest::small(engine).await;
    let revision = rest.revision().await;
    let deep = format!("{{\"children\":{}", "[{\"children\":".repeat(10_000));
    let long = format!("{{\"key\":\"1\",\"text\":\"{}\"}}", "x".repeat(1024 * 1024));
    let twice = b"{\"key\":\"5\"}\n{\"key\":\"5\"}";
    let rows: [(&str, &[u8], u64); 12] = [
        ("half", b"\n{", 2),
        ("no object", b"[]", 1),
        ("no name", b"{\"params\":{}}", 1),
        ("an empty name", b"{\"key\":\" \"}", 1),
        ("a name with a line end", b"{\"key\":\"a\\nb\"}", 1),
        ("the same key twice", b"{\"key\":\"1\",\"key\":\"2\"}", 1),
        ("no UTF-8", b"{\"key\":\"9\"}\n{\"key\":\"\xff\"}", 2),
        ("deep", deep.as_bytes(), 1),
        ("long", long.as_bytes(), 1),
        ("the same element twice", twice, 2),
        ("another case", b"{\"key\":\"AB\"}\n{\"key\":\"ab\"}", 2),
        ("an unknown member", b"{\"key\":\"5\",\"parms\":{}}", 1),
    ];
    for (what, body, line) in rows {
        let refused = problem(&rest.bulk("", NDJSON, body).await, 422, what);
        assert_eq!(refused["report"]["refusals"][0]["line"], line, "{what}: {refused}");
    }
    let csv: [(&str, &[u8], u64); 4] = [
        ("a column too few", b"id,text\n1\n", 2),
        ("a column too many", b"id\n1\n\n1,2\n", 4),
        ("no UTF-8", b"id,params.a\r\n1,x\r\n2,\xff\r\n", 3),
        ("neither true nor false", b"id,enabled\n1,yes\n", 2),
    ];
    for (what, body, line) in csv {
        let refused = problem(&rest.bulk("", CSV, body).await, 422, what);
        assert_eq!(refused["report"]["refusals"][0]["line"], line, "{what}: {refused}");
    }
    for body in ["", "id,id\n1,2\n", "id,\n1,2\n", "params.password\nx\n", "id,parms.password\n1,x\n", "id\n"]
    {
        problem(&rest.bulk("", CSV, body.as_bytes()).await, 422, body);
    }
    problem(&rest.bulk("", NDJSON, b"\n\n").await, 422, "no rows");
    problem(&rest.bulk("", ("Content-Type", "application/json"), b"{}").await, 415, "JSON");
    for query in ["?mode=some", "?dry_run=maybe", "?order=1", "?mode=each&mode=each"] {
        problem(&rest.bulk(query, NDJSON, b"{\"key\":\"1\"}").await, 400, query);
    }
    for (address, status) in [
        ("directory/domains/nowhere/users", 404),
        ("dialplan/contexts/public/extensions/one/conditions", 404),
        ("%ff", 400),
    ] {
        let reply = rest.ask("POST", &format!("bulk/{address}"), &[NDJSON], b"{\"key\":\"1\"}").await;
        problem(&reply, status, address);
    }
    assert_eq!(rest.revision().await, revision, "nothing was written");
    rest.pbx.stop().await;
}

/// Two of them and somebody who edits: nobody's change is lost, and a third one is told to wait.
async fn several_at_once(engine: Engine) {
    let rest = Rest::small(engine).await;
    let rows = |name: &str| -> Vec<u8> {
        let lines = (0..2_000)
            .map(|at| format!("{{\"key\": \"{name}{at}\", \"variables\": {{\"{name}\": \"1\"}}}}\n"));
        lines.collect::<String>().into_bytes()
    };
    let (a, b) = (rows("a"), rows("b"));
    let edits = async {
        for at in 0..10 {
            let address = format!("{USERS}/1001/variables/v{at}");
            assert!(rest.send("PUT", &address, &json!({"attributes": {"value": "1"}})).await.status < 300);
        }
    };
    let (first, second, ()) = tokio::join!(rest.report("", NDJSON, &a), rest.report("", NDJSON, &b), edits);
    assert_eq!((counts(&first), counts(&second)), ([2_000, 0, 0, 0], [2_000, 0, 0, 0]));
    assert_eq!(rest.json(&format!("{USERS}?limit=1")).await["total"], 4_004 - 1);
    assert_eq!(rest.json(&format!("{USERS}/1001/variables?limit=20")).await["total"], 10);
    let same = rows("c");
    let (one, two) = tokio::join!(rest.report("", NDJSON, &same), rest.report("", NDJSON, &same));
    assert_eq!(one["created"].as_i64().unwrap() + two["created"].as_i64().unwrap(), 2_000, "{one} {two}");
    let place = [rest.pbx.pbx.place_for_bulk().unwrap(), rest.pbx.pbx.place_for_bulk().unwrap()];
    let busy = rest.bulk("", NDJSON, &same).await;
    assert_eq!(
        (problem(&busy, 503, "busy")["code"].as_str(), busy.header("retry-after")),
        (Some("busy"), Some("5"))
    );
    drop(place);
    rest.report("", NDJSON, &same).await;
    rest.pbx.stop().await;
}

async fn a_job_is_looked_at(engine: Engine) {
    let rest = Rest::small(engine).await;
    let path = format!("{BASE}bulk/{USERS}");
    let (writer, reader, other) = (
        scoped(&rest.pbx, &rest.admin.login, "directory:write").await,
        scoped(&rest.pbx, &rest.admin.login, "directory:read").await,
        scoped(&rest.pbx, &rest.admin.login, "dialplan:write").await,
    );
    let ask = async |method: &str, path: &str, token: &str, body: &[u8]| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), NDJSON, ("Prefer", "respond-async")];
        rest.pbx.http(method, path, &headers, body).await
    };
    for token in [&reader, &other] {
        problem(&ask("POST", &path, token, b"{\"key\":\"7\"}").await, 403, "no scope");
    }
    let reply = ask("POST", &path, &writer, b"{\"key\":\"7\"}\n{\"key\":\"8\"}").await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    let job = reply.header("location").unwrap().to_owned();
    assert_eq!(reply.json()["href"], job);
    let mut state = Value::Null;
    for _ in 0..200 {
        state = ask("GET", &job, &reader, b"").await.json();
        if state["state"] == "ended" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        (counts(&state["report"]), &state["rows_checked"], &state["rows"]),
        ([2, 0, 0, 0], &json!(2), &json!(2))
    );
    assert_eq!(state["owner"], rest.admin.login);
    problem(&ask("GET", &job, &other, b"").await, 403, "another section");
    problem(&ask("DELETE", &job, &reader, b"").await, 403, "reading only");
    assert_eq!(ask("DELETE", &job, &writer, b"").await.status, 204);
    problem(&ask("GET", &job, &writer, b"").await, 404, "it is forgotten");
    problem(&ask("GET", "/api/v2/jobs/x", &writer, b"").await, 404, "no number");
    rest.pbx.stop().await;
}

async fn it_is_whole_or_not_there(engine: Engine) {
    const ROWS: usize = 10_000;
    let rest = Rest::small(engine).await;
    let rows = |name: &str| (0..ROWS).map(|at| format!("{{\"key\": \"{name}{at}\"}}\n")).collect::<String>();
    let start = async |name: &str| {
        let headers = [NDJSON, ("Prefer", "respond-async")];
        let reply = rest.ask("POST", &format!("bulk/{USERS}"), &headers, rows(name).as_bytes()).await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        reply.header("location").unwrap().to_owned()
    };
    let revision = rest.revision().await;
    let job = start("a").await;
    let bearer = rest.admin.bearer();
    let stopped = rest.pbx.http("DELETE", &job, &[("Authorization", &bearer)], b"").await;
    assert_eq!(stopped.status, 204, "{}", stopped.text());
    let state = rest.pbx.get_as(&rest.admin, &job).await.json();
    assert_eq!((&state["state"], &state["problem"]["code"]), (&json!("ended"), &json!("stopped")), "{state}");
    assert_eq!(rest.revision().await, revision, "nothing was written");

    // A transaction, so that a server that ends in between leaves what everybody sees meanwhile: nothing of it.
    let job = start("b").await;
    loop {
        let state = rest.pbx.get_as(&rest.admin, &job).await.json();
        let users = rest.json(&format!("{USERS}?limit=1")).await["total"].as_u64().unwrap() as usize;
        assert!([3, ROWS + 3].contains(&users), "{users} users");
        if state["state"] == "ended" {
            assert_eq!((counts(&state["report"]), users), ([ROWS as i64, 0, 0, 0], ROWS + 3));
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    rest.pbx.stop().await;
}

/// Whoever follows the users hears that there is very much new, and reads them again.
async fn it_is_too_much_to_tell(engine: Engine) {
    let rest = Rest::small(engine).await;
    let mut socket = rest.pbx.socket().await;
    let values = json!({ "values": ["[Users] Get_users"] });
    assert_eq!(socket.ask_as(&rest.admin, "SubscriptionList", values).await["MessageType"], "OK");
    let rows: String = (0..2_000).map(|at| format!("{{\"key\": \"{at}x\"}}\n")).collect();
    assert_eq!(counts(&rest.report("", NDJSON, rows.as_bytes()).await), [2_000, 0, 0, 0]);
    assert_eq!(socket.next().await, json!({ "MessageType": "[Users] Get_users", "resync": true }));
    rest.pbx.stop().await;
}
