//! An event socket on a real socket that says what a FreeSWITCH was recorded to say.

use std::collections::{BTreeSet, HashMap};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::recorded::{bytes, frames, text};

/// The password of the recordings.
pub const PASS: &str = "ClueCon";

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Answers,
    /// Refused by the access list.
    Rude,
    /// Takes connections, and says nothing.
    Silent,
    /// Signs in, and says nothing more.
    SilentOnceSignedIn,
    /// Speaks another protocol.
    Stranger,
    /// Closes the connection at the first command.
    HangsUp,
}

/// An event socket. It ends with the test's process.
#[derive(Debug)]
pub struct StandIn {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

/// A stand-in in the making.
#[derive(Clone, Debug)]
pub struct Builder {
    manner: Manner,
    modules: BTreeSet<String>,
}

impl StandIn {
    /// One that answers, with mod_sofia and mod_xml_curl.
    pub fn answering() -> Builder {
        let modules = ["mod_sofia", "mod_xml_curl"].map(str::to_owned).into();
        Builder { manner: Manner::Answers, modules }
    }

    /// One whose access list does not have us.
    pub fn rude() -> Builder {
        Builder { manner: Manner::Rude, ..Self::answering() }
    }

    /// One that takes connections and never says a word.
    pub fn silent() -> Builder {
        Builder { manner: Manner::Silent, ..Self::answering() }
    }

    /// One that takes the password and then never says a word.
    pub fn silent_once_signed_in() -> Builder {
        Builder { manner: Manner::SilentOnceSignedIn, ..Self::answering() }
    }

    /// Some other server.
    pub fn stranger() -> Builder {
        Builder { manner: Manner::Stranger, ..Self::answering() }
    }

    /// One that goes away in the middle.
    pub fn hanging_up() -> Builder {
        Builder { manner: Manner::HangsUp, ..Self::answering() }
    }

    /// The commands that came, of all connections.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Builder {
    /// The same without a module.
    #[must_use]
    pub fn without(mut self, module: &str) -> Self {
        self.modules.remove(module);
        self
    }

    /// Starts it on a free port.
    pub fn start(self) -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&heard);
        thread::spawn(move || {
            let script = Arc::new(Script::recorded(self));
            for connection in listener.incoming().flatten() {
                let (script, heard) = (Arc::clone(&script), Arc::clone(&shared));
                thread::spawn(move || script.play(connection, &heard));
            }
        });
        StandIn { address, heard }
    }
}

/// Recorded replies by command.
struct Script {
    how: Builder,
    greeting: Vec<u8>,
    replies: HashMap<String, Vec<u8>>,
    wrong_password: Vec<u8>,
    rude: Vec<u8>,
    module: [Vec<u8>; 2],
}

impl Script {
    fn recorded(how: Builder) -> Self {
        let mut replies = HashMap::new();
        for name in ["session/auth-ok", "api/status", "api/version", "api/hostname", "api/switchname"] {
            let said = text(&format!("esl/{name}.c2s"));
            let commands = said.split("\n\n").filter(|command| !command.is_empty());
            // The first frame comes before any command.
            let answers = frames(&bytes(&format!("esl/{name}.s2c")));
            for (command, answer) in commands.zip(&answers[1..]) {
                replies.insert(command.to_owned(), answer.bytes.clone());
            }
        }
        let after_command = |path: &str| {
            let frames = frames(&bytes(path));
            frames[1..].iter().flat_map(|frame| frame.bytes.clone()).collect::<Vec<_>>()
        };
        let answer = |path: &str| frames(&bytes(path))[2].bytes.clone();
        Self {
            how,
            greeting: frames(&bytes("esl/session/auth-ok.s2c"))[0].bytes.clone(),
            replies,
            wrong_password: after_command("esl/session/auth-bad.s2c"),
            rude: bytes("esl/session/acl-rejected.s2c"),
            module: ["false", "true"].map(|word| answer(&format!("esl/api/module_exists-{word}.s2c"))),
        }
    }

    /// Errors mean that the client went away.
    fn play(&self, mut connection: TcpStream, heard: &Mutex<Vec<String>>) {
        match self.how.manner {
            Manner::Rude => {
                let _ = connection.write_all(&self.rude);
                return;
            }
            Manner::Stranger => {
                let _ = connection.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n");
                return;
            }
            Manner::Silent => {
                let _ = connection.read_to_end(&mut Vec::new());
                return;
            }
            Manner::Answers | Manner::SilentOnceSignedIn | Manner::HangsUp => {}
        }
        let _ = connection.write_all(&self.greeting);
        while let Some(command) = read_command(&mut connection) {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(command.clone());
            let is_sign_in = command.starts_with("auth ");
            match self.how.manner {
                Manner::SilentOnceSignedIn if !is_sign_in => continue,
                Manner::HangsUp if !is_sign_in => return,
                _ => {}
            }
            if is_sign_in && command != format!("auth {PASS}") {
                let _ = connection.write_all(&self.wrong_password);
                return;
            }
            if connection.write_all(self.reply(&command)).is_err() || command == "exit" {
                return;
            }
        }
    }

    fn reply(&self, command: &str) -> &[u8] {
        if let Some(module) = command.strip_prefix("api module_exists ") {
            return &self.module[usize::from(self.how.modules.contains(module))];
        }
        match self.replies.get(command) {
            Some(reply) => reply,
            None => b"Content-Type: command/reply\nReply-Text: -ERR command not found\n\n",
        }
    }
}

/// A command ends with an empty line.
fn read_command(connection: &mut TcpStream) -> Option<String> {
    let mut command = Vec::new();
    let mut byte = [0];
    while !command.ends_with(b"\n\n") {
        if connection.read(&mut byte).ok()? == 0 {
            return None;
        }
        command.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&command).trim_end().to_owned())
}
