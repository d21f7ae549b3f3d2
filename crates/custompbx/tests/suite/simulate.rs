//! Calls on paper: from the database, from files alone, and many at once.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::program::{Place, text, vanilla};

const DIALPLAN: &str = r#"<context name="office">
  <extension name="day" continue="true">
    <condition hour="8-17" break="never"><action application="set" data="open=true" inline="true"/></condition>
  </extension>
  <extension name="local">
    <condition field="destination_number" expression="^(1\d{3})$">
      <action application="set" data="domain=$${domain}"/>
      <action application="bridge" data="user/$1@$${domain}"/>
    </condition>
  </extension>
  <extension name="front">
    <condition field="destination_number" expression="^0$"><action application="transfer" data="1000 XML office"/></condition>
  </extension>
</context>
"#;

/// The recorded cases, and what belongs to them.
fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dialplan/tests/cases")
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn write(place: &Place, name: &str, content: &str) -> String {
    let path = place.path(name);
    std::fs::write(&path, content).unwrap();
    shown(&path).to_owned()
}

/// Runs a command with something at its standard input.
fn fed(place: &Place, arguments: &[&str], input: &str) -> Output {
    let mut command = place.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

fn objects(output: &[u8]) -> Vec<Value> {
    text(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A place with a dialplan and global variables as files, and the arguments that take them.
fn files() -> (Place, Vec<String>) {
    let place = Place::new();
    let dialplan = write(&place, "office.xml", DIALPLAN);
    let globals = write(&place, "globals.json", r#"{"domain": "pbx.example"}"#);
    let arguments = ["simulate", "--dialplan", &dialplan, "--globals", &globals].map(str::to_owned);
    (place, arguments.to_vec())
}

fn with<'a>(arguments: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

#[test]
fn every_recorded_case_comes_out_as_it_was_recorded() {
    let place = Place::new();
    let globals = cases().join("globals.json");
    let mut lines = 0;
    for entry in std::fs::read_dir(cases()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let output = place.run(&["simulate", "--batch", shown(&path), "--globals", shown(&globals)]);
        let answers = objects(&output.stdout);
        for answer in &answers {
            assert_eq!(answer["ok"], true, "{} {}", answer["id"], answer["differences"]);
        }
        assert!(output.status.success());
        let count = answers.len();
        assert_eq!(text(&output.stderr), format!("{count} of {count} as expected\n"));
        lines += count;
    }
    assert!(lines >= 473, "{lines}");
    assert!(!place.path("data").exists());
}

#[test]
fn a_request_is_evaluated_from_files_alone() {
    let place = Place::new();
    let recorded = std::fs::read_to_string(cases().join("vanilla-01.jsonl")).unwrap();
    let case: Value = serde_json::from_str(recorded.lines().next().unwrap()).unwrap();
    let request = write(&place, "call.form", &format!("{}\n", case["request_body"].as_str().unwrap()));
    let (dialplan, globals) =
        (cases().join(case["context_file"].as_str().unwrap()), cases().join("globals.json"));
    let mut arguments = vec!["simulate", "--request", &request, "--dialplan", shown(&dialplan)];
    arguments.extend(["--globals", shown(&globals)]);
    for name in ["mod_enum", "mod_v8", "mod_pocketsphinx"] {
        arguments.extend(["--api", Box::leak(format!("module_exists {name}=false").into_boxed_str())]);
    }
    let json = with_json(&place, &arguments);
    for key in ["trace", "actions", "next_state", "context"] {
        assert_eq!(json[key], case[key], "{key}");
    }
    assert_eq!((&json["destination"], &json["tz"]), (&json!("1000"), &json!("+00:00")));
    assert_eq!(
        (&json["at"], &json["undecidable"]),
        (&json!("2026-11-23T00:33:47.924737+00:00"), &Value::Null)
    );
    assert!(json["answer"].as_str().unwrap().starts_with("<context name=\"default\"><extension"), "{json}");
    // An option counts more than the request.
    arguments.extend(["--destination", "9196", "--at", "2026-07-01T00:00:00Z", "--tz", "Europe/Berlin"]);
    let other = with_json(&place, &arguments);
    assert_eq!((&other["destination"], &other["at"]), (&json!("9196"), &json!("2026-07-01T02:00:00+02:00")));
    assert!(other["actions"].to_string().contains("echo"), "{other}");
    let report = place.ok(&arguments);
    assert!(
        report.contains("time zone Europe/Berlin, from --tz") && report.contains("channel loopback/"),
        "{report}"
    );
}

fn with_json(place: &Place, arguments: &[&str]) -> Value {
    let arguments: Vec<_> = arguments.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&place.ok(&arguments)).unwrap()
}

#[test]
fn what_the_report_says() {
    let (place, files) = files();
    let call = ["--context", "office", "--destination", "0", "--at", "2026-11-23T09:00:00Z", "--tz", "UTC"];
    let call = with(&files, &call);
    let report = place.ok(&call);
    for expected in [
        "0 in context office at 2026-11-23T09:00:00+00:00 (time zone UTC, from --tz)\n",
        "  day: matched (continue=true)\n    1 PASS the time is one that is asked for\n      action set(open=true) (runs at once)\n",
        "  local: not\n    1 FAIL destination_number \"0\" does not match /^(1\\d{3})$/; ends here (break=on-false)\n",
        "  1. transfer(1000 XML office)\n",
        "  variable open = true\n",
        "hunt 2, by transfer(1000 XML office): 1000 in context office\n",
        "matches /^(1\\d{3})$/, $1 = 1000\n",
        "  2. bridge(user/1000@pbx.example)\n",
    ] {
        assert!(report.contains(expected), "{expected} is not in\n{report}");
    }
    let json = with_json(&place, &call);
    assert_eq!(json["variables"]["open"], "true");
    assert_eq!(json["executed_inline"], json!(["set(open=true)"]));
    assert_eq!(json["tree"][2]["conditions"][0]["tests"][0]["field"], "destination_number");
    let step = &json["steps"][0];
    assert_eq!(
        step["via"],
        json!({"step": 0, "application": "transfer", "data": "1000 XML office", "after": []})
    );
    assert_eq!(step["actions"][2]["data"], "user/1000@pbx.example");
    let alone = with_json(&place, &[&call[..], &["--depth", "0"]].concat());
    assert_eq!(alone["steps"], json!([]));
}

#[test]
fn why_an_extension_was_not_reached() {
    let (place, files) = files();
    let call = ["--context", "office", "--destination", "200", "--extension", "local"];
    let night = with(&files, &[&call[..], &["--at", "2026-11-23T22:00:00Z", "--tz", "UTC"]].concat());
    let report = place.ok(&night);
    assert!(report.contains("no extension: the call ends with NO_ROUTE_DESTINATION"), "{report}");
    assert!(report.contains("why local:\n    local was tried, and did not match\n"), "{report}");
    let json = with_json(&place, &night);
    assert!(json["explanation"][1].as_str().unwrap().contains("destination_number is \"200\""), "{json}");
    let away = ["--context", "away", "--destination", "1", "--extension", "local"];
    let json = with_json(&place, &with(&files, &away));
    let nothing = (&json["context"], &json["trace"], &json["next_state"]);
    assert_eq!(nothing, (&Value::Null, &json!([]), &Value::Null));
    assert_eq!(json["explanation"], json!(["there is no context away"]));
    assert!(place.ok(&with(&files, &away)).contains("there is no context away; there are: office"));
}

#[test]
fn what_only_the_switch_knows_is_said() {
    let (place, files) = files();
    let file = write(
        &place,
        "ask.xml",
        "<context name=\"$${ip}\">\n<X-PRE-PROCESS cmd=\"exec\" data=\"x\"/>\n</context>\n",
    );
    let mut arguments = with(&files, &["--context", "a", "--destination", "1"]);
    arguments[2] = &file;
    let json = with_json(&place, &arguments);
    assert_eq!(json["undecidable"]["where"], "the answer");
    assert!(json["undecidable"]["why"].as_str().unwrap().contains("exec"), "{json}");
    assert!(place.ok(&arguments).contains("not knowable here: the command exec"));
}

#[test]
fn the_database_is_asked_for_what_files_leave_open() {
    let place = Place::new();
    place.ok(&["import", shown(&vanilla())]);
    let own = write(&place, "office.xml", DIALPLAN);
    place.ok(&["import", "--section", "dialplan", &own]);
    let call = ["simulate", "--context", "office", "--destination", "1000"];
    let json = with_json(&place, &call);
    assert_eq!(json["actions"].as_array().unwrap().last().unwrap()["application"], "bridge", "{json}");
    // A dialplan of its own, with the database's global variables.
    let file = write(
        &place,
        "own.xml",
        "<context name=\"office\"><extension name=\"a\"><condition><action application=\"log\" data=\"$${default_areacode}\"/></condition></extension></context>",
    );
    let json = with_json(&place, &[&call[..], &["--dialplan", &file]].concat());
    assert_eq!(json["actions"][0]["data"], "918", "{json}");
    // The database's dialplan, with other global variables.
    let globals = write(&place, "globals.json", r#"{"domain": "other.example"}"#);
    let json = with_json(&place, &[&call[..], &["--globals", &globals]].concat());
    assert!(json["actions"].to_string().contains("user/1000@other.example"), "{json}");
    let lines = "{\"context\": \"office\", \"destination\": \"1\"}\n".repeat(2);
    let output = fed(&place, &["simulate", "--batch", "-", "--instance", "none"], &lines);
    for (number, answer) in (1..).zip(objects(&output.stdout)) {
        let error = answer["error"].as_str().unwrap();
        assert!(error.starts_with(&format!("line {number}: there is no instance none")), "{error}");
    }
    let refused = place.fails(&[&call[..], &["--instance", "none"]].concat());
    assert!(refused.contains("there is no instance none"), "{refused}");
}

/// The files know no such thing, and the web interface is not what is tested here.
fn disable_the_first_extension(database: &Path, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", database.display())).await.unwrap();
        let disabled =
            sqlx::query("UPDATE node SET enabled = false WHERE tag = 'extension' AND attributes LIKE $1")
                .bind(format!("%\"{name}\"%"))
                .execute(&pool)
                .await
                .unwrap();
        assert_eq!(disabled.rows_affected(), 1);
        pool.close().await;
    });
}

#[test]
fn what_is_disabled_in_the_database_is_left_out() {
    let place = Place::new();
    let extension = |name: &str, action: &str| {
        format!("<extension name=\"{name}\"><condition>{action}</condition></extension>\n")
    };
    let own = [
        "<context name=\"c\">\n".to_owned(),
        extension("first", "<action application=\"log\" data=\"first\"/>"),
        extension("second", "<action application=\"log\" data=\"second\"/>"),
        extension("third", "<action application=\"set_global\" data=\"set_by_calls=1\"/>"),
        "</context>\n".to_owned(),
    ]
    .concat();
    let own = write(&place, "own.xml", &own);
    let zones = "<configuration name=\"timezones.conf\"><timezones><zone name=\"Own/Zone\" value=\"OWN-5\"/></timezones></configuration>";
    let zones = write(&place, "zones.xml", zones);
    place.ok(&["import", "--section", "dialplan", &own]);
    place.ok(&["import", &zones]);
    let call = ["simulate", "--context", "c", "--destination", "1"];
    assert!(place.ok(&call).contains("1. log(first)"));
    disable_the_first_extension(&place.path("data/custompbx.db"), "first");
    let report = place.ok(&call);
    assert!(report.contains("1. log(second)") && !report.contains("first"), "{report}");
    // What calls set is known to nobody before, and the zones are those of the database.
    let file = "<context name=\"c\"><extension name=\"a\"><condition hour=\"5\"><action application=\"log\" data=\"yes\"/></condition>\
                <condition field=\"${set_by_calls}\" expression=\"1\"/></extension></context>";
    let file = write(&place, "file.xml", file);
    let more = ["--dialplan", &file, "--at", "2026-11-23T00:00:00Z", "--var", "timezone=Own/Zone"];
    let json = with_json(&place, &[&call[..], &more].concat());
    assert_eq!(json["actions"][0]["data"], "yes", "{json}");
    assert!(json["undecidable"]["why"].as_str().unwrap().contains("set_by_calls"), "{json}");
}

#[test]
fn a_batch_keeps_expectations() {
    let (place, files) = files();
    let lines = [
        json!({"id": 1, "context": "office", "destination": "1000", "expect": {"application": "bridge(user/1000@pbx.example)"}}),
        json!({"id": "b", "context": "office", "destination": "0", "at": "2026-11-23T22:00:00Z", "tz": "UTC", "expect": {"actions": ["transfer(1001 XML office)"]}}),
        json!({"id": "c", "context": "x", "destination": "5", "globals": {}, "dialplan": "<context name=\"x\"/>", "expect": {"next_state": null}}),
        json!({"context": "office"}),
        json!({"id": "d", "context": "office", "destination": "0", "expect": {"aktions": []}}),
        json!({"id": "e", "context": "office", "destination": "0", "dialplan": "<context>\n<extension>\n</context>"}),
    ];
    let mut input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    input.push_str("\n{\"id\"\n");
    let output = fed(&place, &with(&files, &["--batch", "-"]), &input);
    let said = text(&output.stderr);
    assert!(!output.status.success() && said.contains("2 of 3 as expected\n4 with an error\n"), "{said}");
    let answers = objects(&output.stdout);
    assert_eq!(answers.len(), 7);
    assert_eq!((&answers[0]["id"], &answers[0]["ok"]), (&json!(1), &json!(true)));
    assert_eq!(answers[1]["ok"], false);
    let difference = &answers[1]["differences"][0];
    assert_eq!((&difference["in"], &difference["line"]), (&json!("actions"), &json!(1)), "{difference}");
    assert_eq!(difference["found"]["data"], "1000 XML office");
    assert_eq!(answers[2]["ok"], true);
    for (at, expected) in [
        (3, "line 4: the call has no destination"),
        (4, "line 5: \"expect\" has no \"aktions\""),
        (5, "line 6: dialplan:3:"),
        (6, "line 8: it is no JSON object"),
    ] {
        assert!(answers[at]["error"].as_str().unwrap().contains(expected), "{}", answers[at]);
    }
    assert_eq!(answers[4]["id"], "d");
}

#[test]
fn what_is_wrong_is_named() {
    let (place, files) = files();
    let call = with(&files, &["--context", "office", "--destination", "1"]);
    let fails = |more: &[&str]| place.fails(&[&call[..], more].concat());
    for (more, expected) in [
        (&["--at", "noon"][..], "--at \"noon\" is no moment"),
        (
            &["--tz", "Berlin"],
            "--tz \"Berlin\" is no time zone that is known; write a name such as Europe/Berlin",
        ),
        (&["--var", "open"], "must be NAME=VALUE"),
        (
            &["--profile", "number=1"],
            "--profile \"number\" is no field of the caller profile; there are dialplan",
        ),
        (&["--api", "module_exists"], "--api \"module_exists\" says no result"),
        (&["--timezones", "/nowhere.xml"], "cannot read the time zones /nowhere.xml"),
        (&["--batch", "/nowhere.jsonl"], "cannot read the batch /nowhere.jsonl"),
        (&["--request", "/nowhere.form"], "cannot read the request /nowhere.form"),
    ] {
        let said = fails(more);
        assert!(said.contains(expected), "{said}");
    }
    let refused = place.fails(&with(&files, &["--destination", "1"]));
    assert!(refused.contains("the call has no context; say --context"), "{refused}");
    let bad = write(&place, "bad.xml", "<context name=\"a\">\n  <extension>\n</context>\n");
    let mut arguments = call.clone();
    arguments[2] = &bad;
    assert!(place.fails(&arguments).contains("bad.xml:3:"), "{}", place.fails(&arguments));
    arguments[2] = "/nowhere.xml";
    assert!(place.fails(&arguments).contains("cannot read the dialplan /nowhere.xml"));
    let globals = write(&place, "list.json", "[]");
    let mut arguments = call.clone();
    arguments[4] = &globals;
    assert!(place.fails(&arguments).contains("list.json must be an object"));
    // Nothing of all this has made a data directory.
    place.ok(&call);
    assert!(!place.path("data").exists());
}

#[test]
fn dialplans_and_calls_that_make_no_sense_end() {
    let (place, files) = files();
    let with_dialplan = |name: &str, dialplan: &str, more: &[&str]| {
        let file = write(&place, name, dialplan);
        let mut arguments: Vec<String> = with(&files, more).into_iter().map(str::to_owned).collect();
        arguments[2] = file;
        arguments
    };
    let run = |arguments: &[String]| {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = place.run(&arguments);
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let call = ["--context", "c", "--destination", "1", "--json"];
    let deep = format!(
        "<context name=\"c\"><extension name=\"e\">{}{}</extension></context>",
        "<condition>".repeat(10_000),
        "</condition>".repeat(10_000)
    );
    let (success, _, said) = run(&with_dialplan("deep.xml", &deep, &call));
    assert!(!success && said.contains("deep.xml:1:") && said.contains("deep"), "{said:.500}");
    let long = format!(
        "<context name=\"c\"><extension name=\"e\"><condition field=\"destination_number\" expression=\"{}\"/></extension></context>",
        "(1|2)".repeat(200_000)
    );
    let (success, printed, said) = run(&with_dialplan("long.xml", &long, &call));
    assert!(success, "{said:.500}");
    let json: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(json["undecidable"]["where"], "extension e, condition 1, expression");
    assert!(json["undecidable"]["why"].as_str().unwrap().contains("the length of an expression"));
    // An extension that leads to itself, and one that leads there twice.
    let transfer = "<action application=\"transfer\" data=\"1 XML c\"/>";
    let execute = "<action application=\"execute_extension\" data=\"1 XML c\"/>";
    for (actions, most) in [(transfer.to_owned(), 11), (format!("{execute}{execute}{transfer}"), 200)] {
        let itself = format!(
            "<context name=\"c\"><extension name=\"e\"><condition field=\"destination_number\" expression=\"^1$\">{actions}</condition></extension></context>"
        );
        let (success, printed, said) =
            run(&with_dialplan("itself.xml", &itself, &[&call[..], &["--depth", "10"]].concat()));
        assert!(success, "{said:.500}");
        let json: Value = serde_json::from_str(&printed).unwrap();
        let steps = json["steps"].as_array().unwrap();
        assert!(!steps.is_empty() && steps.len() < most, "{}", steps.len());
    }
    for form in ["section=dialplan&hostname=a", "variable_a=1", "", "Unique-ID=%FF%00"] {
        let request = write(&place, "call.form", form);
        let arguments = with(&files, &["--request", &request]);
        let said = place.fails(&arguments);
        assert!(said.contains("the call has no context; say --context"), "{form}: {said}");
    }
}
