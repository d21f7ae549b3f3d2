//! Having a switch do something.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use custompbx_switch::command::{BadCommand, Command};
use custompbx_switch::{Address, CommandError, Commands, Trouble};
use custompbx_testkit::event_socket::{EventSocket, Manner, PASS};
use tokio::time::timeout;

use crate::support::{Watched, address, eventually, times, until_heard};

const SHORT: Duration = Duration::from_millis(150);

fn typed(line: &str) -> Command {
    Command::typed(line).expect("a command")
}

/// A question may be asked twice.
fn again(line: &str) -> Command {
    assert_eq!(line, "reloadxml");
    Command::of(line, &[]).expect("a command")
}

fn commands(stand_in: &EventSocket) -> Commands {
    Commands::to(address(stand_in.address()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_of_a_command() {
    let stand_in = EventSocket::start();
    stand_in.answer("reload mod_x", "+OK Reloading XML\n-ERR unloading module [Module is not loaded]\n");
    stand_in.answer("load mod_y", "+OK Reloading XML\n-ERR [module load file routine returned an error]\n");
    stand_in.answer("load mod_z", "+OK Reloading XML\n+OK\n");
    stand_in.answer("nothing", "");
    let commands = commands(&stand_in);
    assert_eq!(commands.run(&typed("hostname")).await.unwrap(), "fs1");
    assert_eq!(commands.run(&typed("nothing")).await.unwrap(), "-ERR no reply\n");
    let load = |module| Command::of("module.load", &[("module", module)]).unwrap();
    assert!(commands.run(&load("mod_z")).await.is_ok());
    for (command, why) in [
        (Command::of("module.reload", &[("module", "mod_x")]).unwrap(), "unloading module"),
        (load("mod_y"), "module load file routine"),
        (typed("no_such_command"), "Command not found"),
    ] {
        let CommandError::Refused { reason, reply, .. } = commands.run(&command).await.unwrap_err() else {
            panic!("{command:?} was refused")
        };
        assert!(reason.contains(why) && reply.contains(why), "{command:?}: {reason}");
        // What it says can be had as it is.
        assert_eq!(commands.reply(&command).await.unwrap(), reply);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_not_sent() {
    let stand_in = EventSocket::start();
    for (manner, expected) in [
        (Manner::Rude, Trouble::Denied),
        (Manner::WrongPassword, Trouble::WrongPassword),
        (Manner::Silent, Trouble::NoAnswer),
    ] {
        stand_in.behave(manner);
        let address = Address { timeout: SHORT, ..address(stand_in.address()) };
        let error = Commands::to(address).run(&typed("hupall")).await.unwrap_err();
        assert!(matches!(&error, CommandError::NotSent { trouble, .. } if *trouble == expected), "{error:?}");
    }
    assert!(!stand_in.heard().contains(&"api hupall".to_owned()));
}

/// What was sent and not answered is not known, and it is not sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_not_answered() {
    for (manner, held) in [
        (Manner::HangsUp, false),
        (Manner::SilentOnceSignedIn, false),
        (Manner::EndlessHeaders, false),
        (Manner::NoBlankLine, false),
        (Manner::HugeBody, false),
        (Manner::WrongLength(10), false),
        (Manner::Answers, true),
    ] {
        let stand_in = EventSocket::start();
        let commands = commands(&stand_in);
        // There are connections that are kept.
        commands.run(&typed("hostname")).await.unwrap();
        stand_in.behave_now(manner);
        if held {
            stand_in.hold("hupall");
        }
        let start = Instant::now();
        let error = commands.run(&typed("hupall").within(SHORT)).await.unwrap_err();
        assert!(matches!(error, CommandError::Unknown { .. }), "{manner:?}: {error:?}");
        assert!(start.elapsed() < SHORT * 10, "{manner:?}: {:?}", start.elapsed());
        assert_eq!(times(&stand_in, "api hupall"), 1, "{manner:?}");
    }
}

/// What may be asked twice: that the second time fails does not say that it was never sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_was_sent_is_not_said_not_to_be() {
    let stand_in = EventSocket::start();
    stand_in.answer("reloadxml", "+OK [Success]\n");
    let commands = commands(&stand_in);
    commands.run(&again("reloadxml")).await.unwrap();
    stand_in.hold("reloadxml");
    let error = commands.run(&again("reloadxml").within(SHORT)).await.unwrap_err();
    assert!(matches!(error, CommandError::Unknown { .. }), "{error:?}");
    stand_in.release("reloadxml");
    commands.run(&again("reloadxml")).await.unwrap();
    // The kept connection dies with the command in it, and the switch lets nobody in any more.
    stand_in.hold("reloadxml");
    stand_in.behave(Manner::Rude);
    let heard = times(&stand_in, "api reloadxml");
    let asking = tokio::spawn({
        let commands = commands.clone();
        async move { commands.run(&again("reloadxml")).await }
    });
    until_heard(&stand_in, "api reloadxml", heard + 1).await;
    stand_in.close_all();
    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, CommandError::Unknown { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_hangs_holds_up_nothing() {
    let stand_in = EventSocket::start();
    let watched = Watched::live_at(&stand_in).await;
    stand_in.hold("unload mod_x");
    // As many as may be under way at once.
    let hanging: Vec<_> = (0..8)
        .map(|count| {
            let commands = watched.commands().clone();
            let others = tokio::spawn(async move { commands.run(&typed("unload mod_x")).await });
            (count, others)
        })
        .collect();
    until_heard(&stand_in, "api unload mod_x", 7).await;
    // The state is read all the same.
    watched.read_again();
    until_heard(&stand_in, "api verto xmlstatus", 2).await;
    stand_in.release("unload mod_x");
    for (_, command) in hanging {
        assert!(matches!(command.await.unwrap(), Err(CommandError::Refused { .. })));
    }
    stand_in.hold("unload mod_x");
    let hanging = tokio::spawn({
        let commands = watched.commands().clone();
        async move { commands.run(&typed("unload mod_x")).await }
    });
    until_heard(&stand_in, "api unload mod_x", 9).await;
    for _ in 0..5 {
        let answer = timeout(Duration::from_secs(5), watched.commands().run(&typed("hostname"))).await;
        assert_eq!(answer.unwrap().unwrap(), "fs1");
    }
    hanging.abort();
}

/// Connections that are kept: used again, and not where they went.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_kept() {
    let stand_in = EventSocket::start();
    stand_in.answer("reloadxml", "+OK [Success]\n");
    let commands = commands(&stand_in);
    for _ in 0..3 {
        commands.run(&again("reloadxml")).await.unwrap();
    }
    assert_eq!(stand_in.accepted(), 1);
    // Closed by the switch, with and without a sign of it.
    stand_in.close_all();
    commands.run(&again("reloadxml")).await.unwrap();
    stand_in.reset_all();
    commands.run(&again("reloadxml")).await.unwrap();
    stand_in.behave_now(Manner::HangsUp);
    stand_in.behave(Manner::Answers);
    commands.run(&again("reloadxml")).await.unwrap();
    // What nobody asked for came by it, so that nobody can say what comes next.
    let before = stand_in.accepted();
    let answer = "Content-Type: api/response\nContent-Length: 5\n\nwrong";
    assert_eq!(stand_in.send_raw(answer.as_bytes()), 1);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(commands.run(&again("reloadxml")).await.unwrap().contains("Success"));
    assert_eq!(stand_in.accepted(), before + 1);
    // What must not be sent twice has a new one each time.
    commands.run(&typed("hostname")).await.unwrap();
    assert_eq!(stand_in.accepted(), before + 2);
}

/// A connection that was opened before the address changed is not one to the new address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_kept_for_its_address_only() {
    let (old, new) = (EventSocket::start(), EventSocket::start());
    for (stand_in, name) in [(&old, "old"), (&new, "new")] {
        stand_in.answer("reloadxml", name);
        stand_in.answer("hupall", name);
    }
    let watched = Watched::live_at(&old).await;
    old.hold("hupall");
    let asking = tokio::spawn({
        let commands = watched.commands().clone();
        async move { commands.run(&typed("hupall")).await }
    });
    until_heard(&old, "api hupall", 1).await;
    watched.set_address(address(new.address()));
    eventually(|| "the new one is asked".to_owned(), || new.subscribed().then_some(())).await;
    watched.until_live().await;
    old.release("hupall");
    assert_eq!(asking.await.unwrap().unwrap(), "old");
    for _ in 0..4 {
        assert_eq!(watched.commands().run(&again("reloadxml")).await.unwrap(), "new");
    }
    assert!(old.wait_until(|| old.connections() == 0));
}

/// A command that is under way when all is stopped comes to its end, and leaves no connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_once_stopped() {
    let stand_in = EventSocket::start();
    stand_in.answer("hupall", "+OK");
    stand_in.hold("hupall");
    let watched = Watched::live_at(&stand_in).await;
    let commands = watched.commands().clone();
    let asking = tokio::spawn({
        let commands = commands.clone();
        async move { commands.run(&typed("hupall")).await }
    });
    until_heard(&stand_in, "api hupall", 1).await;
    watched.stop().await;
    stand_in.release("hupall");
    assert_eq!(asking.await.unwrap().unwrap(), "+OK");
    assert!(stand_in.wait_until(|| stand_in.connections() == 0), "{}", stand_in.connections());
    drop(commands);
}

#[test]
fn a_command_is_one_line() {
    for line in
        ["status\n\napi hupall", "status\r\nx", "a\rb", "a\0b", "a\u{85}b", "", "  \n ", &"x".repeat(9_000)]
    {
        assert_eq!(Command::typed(line), Err(BadCommand::Line), "{line:?}");
    }
    assert_eq!(typed(" status \n").line(), "status");
}

/// A switch that says no, and then does not answer: the command is refused, not unknown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_may_not_do_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = address(listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut buffer = [0; 1_024];
        for reply in [
            "Content-Type: auth/request\n\n",
            "Content-Type: command/reply\nReply-Text: +OK accepted\n\n",
            "Content-Type: command/reply\nReply-Text: -ERR permission denied\n\n",
        ] {
            stream.write_all(reply.as_bytes()).expect("it reads");
            let _ = stream.read(&mut buffer).expect("it writes");
        }
    });
    let error = Commands::to(at).run(&typed("hupall")).await.unwrap_err();
    assert!(
        matches!(&error, CommandError::Refused { reason, .. } if reason == "permission denied"),
        "{error:?}"
    );
    server.join().unwrap();
    assert_eq!(PASS, "ClueCon");
}
