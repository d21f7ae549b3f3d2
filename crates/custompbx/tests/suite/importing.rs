//! Imports: what is taken over, and that what is wrong changes nothing.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::program::{Place, USER_1000, text, vanilla};

/// A directory section with so many users.
fn users(count: usize) -> String {
    let users: String = (0..count)
        .map(|id| {
            format!(
                "<user id=\"{id}\"><params><param name=\"password\" value=\"secret-{id}\"/></params></user>\n"
            )
        })
        .collect();
    format!("<domain name=\"bulk.example\">\n<users>\n{users}</users>\n</domain>\n")
}

#[test]
fn vanilla_is_taken_over_once() {
    let place = Place::new();
    let first = place.ok(&["import", vanilla().to_str().unwrap()]);
    for expected in
        ["24  users", "79  configuration documents", "77  variables", "has no password and no a1-hash"]
    {
        assert!(first.contains(expected), "{expected} is not in\n{first}");
    }
    let again = place.ok(&["import", vanilla().to_str().unwrap()]);
    assert!(again.contains("nothing was written"), "{again}");
    let server = place.serve();
    assert!(place.ask(USER_1000).contains("Extension 1000"));
    drop(server);
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new();
    assert!(place.ok(&["import", "--dry-run", vanilla().to_str().unwrap()]).contains("Nothing was written"));
    let real = place.ok(&["import", vanilla().to_str().unwrap()]);
    assert!(real.contains("0 changed, 0 removed"), "{real}");
}

#[test]
fn a_fragment_goes_into_what_is_there() {
    let place = Place::new();
    let file = place.path("gateway.xml");
    std::fs::write(&file, "<gateway name=\"only-here\"/>\n").unwrap();
    let import = |instance: &'static str, more: &[&'static str]| {
        let mut arguments = vec!["import", "--into", "configuration/sofia.conf/profiles/external/gateways"];
        arguments.extend(["--instance", instance]);
        arguments.extend(more);
        arguments.push(file.to_str().unwrap());
        place.run(&arguments)
    };
    // There it is not, and it is not made for that.
    for more in [&[][..], &["--dry-run"]] {
        let refused = text(&import("none", more).stderr);
        assert!(refused.contains("there is no instance none"), "{refused}");
    }
    assert!(place.fails(&["export", "/x", "--instance", "none"]).contains("there is no instance none"));
    let refused = text(&import("default", &[]).stderr);
    assert!(refused.contains("nothing was changed"), "{refused}");
    place.ok(&["import", vanilla().to_str().unwrap()]);
    assert!(text(&import("default", &["--dry-run"]).stdout).contains("Nothing was written"));
    let imported = text(&import("default", &[]).stdout);
    assert!(imported.contains(": 1 added, 0 changed, 0 removed"), "{imported}");
    assert!(text(&import("default", &[]).stdout).contains("nothing was written"));
}

#[test]
fn a_malformed_file_changes_nothing_and_says_where() {
    let place = Place::new();
    let conf = place.path("conf");
    assert!(Command::new("cp").arg("-r").args([&vanilla(), &conf]).status().unwrap().success());
    place.ok(&["import", conf.to_str().unwrap()]);
    std::fs::write(
        conf.join("dialplan/default/99_broken.xml"),
        "<include>\n<extension name=\"x\">\n  <condition>\n</extension>\n</include>\n",
    )
    .unwrap();
    std::fs::write(conf.join("directory/default/5000.xml"), "<include>\n<user id=\"5000\"/>\n</include>\n")
        .unwrap();
    let said = place.fails(&["import", conf.to_str().unwrap()]);
    assert!(said.contains("dialplan/default/99_broken.xml:4:"), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    std::fs::remove_file(conf.join("dialplan/default/99_broken.xml")).unwrap();
    assert!(place.ok(&["import", conf.to_str().unwrap()]).contains(": 1 added, 0 changed, 0 removed"));
}

#[test]
fn what_cannot_be_read_is_named_and_nothing_is_changed() {
    let place = Place::new();
    let conf = place.path("conf");
    std::fs::create_dir_all(&conf).unwrap();
    let main = "<document type=\"freeswitch/xml\">\n<X-PRE-PROCESS cmd=\"include\" data=\"*.part.xml\"/>\n</document>\n";
    std::fs::write(conf.join("freeswitch.xml"), main).unwrap();
    std::fs::write(conf.join("a.part.xml"), "<include>\n<section name=\"dialplan\"/>\n</include>\n").unwrap();
    // Not even root reads it.
    std::os::unix::fs::symlink(place.path("gone"), conf.join("b.part.xml")).unwrap();
    for path in [conf.to_str().unwrap(), place.path("nowhere.xml").to_str().unwrap()] {
        let said = place.fails(&["import", path]);
        let named = if path.ends_with("conf") { "b.part.xml" } else { "nowhere.xml" };
        assert!(said.contains("nothing was changed") && said.contains(named), "{said}");
        assert!(said.contains("No such file"), "{said}");
    }
}

/// Both are kept, since nothing is lost, and it is said which one FreeSWITCH takes.
#[test]
fn an_id_that_two_users_have_is_told_with_both_places() {
    let place = Place::new();
    let file = place.path("twice.xml");
    let user = |pass: &str| {
        format!("<user id=\"1000\"><params><param name=\"password\" value=\"{pass}\"/></params></user>\n")
    };
    let text = format!(
        "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"d\"><users>\n{}{}</users></domain></section></document>",
        user("a"),
        user("b")
    );
    std::fs::write(&file, text).unwrap();
    let report = place.ok(&["import", file.to_str().unwrap()]);
    assert!(report.contains("twice.xml:3\n") && report.contains("twice.xml:2"), "{report}");
    assert!(report.contains("<user> 1000 is there 2 times; FreeSWITCH takes the first"), "{report}");
    assert!(report.contains("2  users"), "{report}");
}

#[test]
fn a_file_of_200_megabytes_is_refused_unread() {
    let place = Place::new();
    let file = place.path("big.xml");
    File::create(&file).unwrap().set_len(200 * 1024 * 1024).unwrap();
    let said = place.fails(&["import", file.to_str().unwrap()]);
    assert!(said.contains("200 MiB") && said.contains("--max-size"), "{said}");
}

#[test]
fn commands_of_an_import_are_not_run() {
    let place = Place::new();
    let conf = place.path("conf");
    let trace = place.path("trace");
    std::fs::create_dir(&conf).unwrap();
    let commands = format!(
        "<document type=\"freeswitch/xml\">\n<X-PRE-PROCESS cmd=\"exec\" data=\"touch {0}\"/>\n\
         <X-PRE-PROCESS cmd=\"exec-set\" data=\"a=touch {0}\"/>\n<section name=\"dialplan\">\n</section>\n</document>\n",
        trace.display()
    );
    std::fs::write(conf.join("freeswitch.xml"), commands).unwrap();
    let report = place.ok(&["import", conf.to_str().unwrap()]);
    assert!(report.contains("exec"), "{report}");
    assert!(!trace.exists());
}

/// The limit on the size of a file stands in for a disk that is full.
#[test]
fn a_full_disk_leaves_nothing_of_an_import() {
    let place = Place::new();
    place.ok(&["import", vanilla().to_str().unwrap()]);
    let file = place.path("bulk.xml");
    std::fs::write(&file, users(20_000)).unwrap();
    let program = place.command(&["import", file.to_str().unwrap()]);
    let mut limited = Command::new("bash");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$@\"", "limited"])
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    let output = limited.output().unwrap();
    assert!(!output.status.success(), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("cannot change instance 1"), "{}", text(&output.stderr));
    let again = place.ok(&["import", vanilla().to_str().unwrap()]);
    assert!(again.contains("nothing was written"), "{again}");
    assert!(place.ok(&["import", file.to_str().unwrap()]).contains("0 changed, 0 removed"));
}

#[test]
fn a_killed_import_leaves_nothing() {
    let place = Place::new();
    place.ok(&["import", vanilla().to_str().unwrap()]);
    let file = place.path("bulk.xml");
    std::fs::write(&file, users(50_000)).unwrap();
    for delay in [300, 700, 1_500] {
        let mut import = place
            .command(&["import", file.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        let ended = import.try_wait().unwrap();
        import.kill().unwrap();
        import.wait().unwrap();
        if ended.is_some() {
            break;
        }
        let conf = place.path(&format!("conf-{delay}"));
        place.ok(&["export", conf.to_str().unwrap()]);
        assert!(!conf.join("directory/bulk.example.xml").exists(), "something is left after {delay} ms");
    }
}

#[test]
fn switches_and_instances() {
    let place = Place::new();
    let file = place.path("second.xml");
    std::fs::write(&file, "<configuration name=\"my.conf\"><only-here/></configuration>\n").unwrap();
    place.ok(&["import", "--instance", "second", "--switch", "FS2", file.to_str().unwrap()]);
    let server = place.serve();
    let ask = |host: &str| {
        place.ask(&format!(
            "hostname={host}&section=configuration&tag_name=configuration&key_name=name&key_value=my.conf"
        ))
    };
    assert!(ask("fs2").contains("only-here"));
    assert!(ask("second").contains("only-here"));
    assert!(ask("fs3").contains("not found"));
    assert!(server.logs("fs3"), "{}", server.logged());
}
