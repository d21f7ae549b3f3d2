//! What is said on one connection, from its greeting to its end.

use std::io;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::PASS;
use super::answers::bare;
use super::connection::{Connection, TICK};
use super::event::Event;
use super::manner::{Manner, api_reply, command_reply, put_before, without_blank_line};
use super::recordings::PROTOCOL;
use super::switch::Switch;

/// One client and the switch it talks to.
pub(super) struct Session {
    pub(super) switch: Arc<Switch>,
    pub(super) connection: Arc<Connection>,
}

impl Session {
    /// Until the client goes, or is sent away.
    pub(super) fn run(&self) {
        // An error means that the client went away.
        let _ = self.talk();
        self.connection.close();
        self.switch.forget(&self.connection);
    }

    fn talk(&self) -> io::Result<()> {
        let connection = &self.connection;
        match connection.manner() {
            Manner::Rude => return connection.write(&PROTOCOL.rude),
            Manner::Stranger => return connection.write(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n"),
            Manner::Silent => {}
            _ => connection.write(&PROTOCOL.greeting)?,
        }
        let mut buffer = Vec::new();
        while let Some(command) = self.next_command(&mut buffer) {
            self.switch.hear(connection.number, &command);
            if self.command(&command)?.is_break() {
                break;
            }
            if self.stalls() && !self.connection.rest(|| !self.stalls()) {
                break;
            }
        }
        Ok(())
    }

    fn stalls(&self) -> bool {
        self.connection.is_signed_in() && self.connection.manner() == Manner::StallReading
    }

    /// A command ends with an empty line; it may have a body.
    fn next_command(&self, buffer: &mut Vec<u8>) -> Option<String> {
        loop {
            buffer.retain(|byte| *byte != b'\r');
            if let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
                let length = head.lines().skip(1).find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
                });
                let end = end + 2 + length.unwrap_or(0);
                if buffer.len() >= end {
                    buffer.drain(..end);
                    // An empty line more is no command.
                    if head.trim().is_empty() {
                        continue;
                    }
                    return Some(head.trim().to_owned());
                }
            }
            if !self.connection.read(buffer) {
                return None;
            }
        }
    }

    fn command(&self, command: &str) -> io::Result<ControlFlow<()>> {
        let line = command.lines().next().unwrap_or_default();
        if self.connection.manner() == Manner::Silent {
            return Ok(Continue(()));
        }
        if let Some(pass) = line.strip_prefix("auth ") {
            return self.sign_in(pass);
        }
        if !self.connection.is_signed_in() {
            if line.starts_with("userauth ") {
                return self.sign_in("");
            }
            self.connection.write(&command_reply("-ERR command not found"))?;
            return Ok(Continue(()));
        }
        match self.connection.manner() {
            Manner::SilentOnceSignedIn => return Ok(Continue(())),
            Manner::HangsUp => return Ok(Break(())),
            Manner::EndlessHeaders => return self.endless_headers(),
            _ => {}
        }
        // A job is waited for in the background.
        let start = Instant::now();
        if !line.starts_with("bgapi ") && !self.switch.is_due(bare(line), start) {
            let is_due = || self.switch.is_due(bare(line), start);
            if !self.connection.rest(is_due) {
                return Ok(Break(()));
            }
        }
        if let Some(api) = line.strip_prefix("api ") {
            let body = self.switch.body(api);
            self.reply(&api_reply(self.connection.manner(), &body))?;
        } else if let Some(api) = line.strip_prefix("bgapi ") {
            self.job(api, command)?;
        } else if line == "exit" {
            self.connection.write(&PROTOCOL.goodbye)?;
            return Ok(Break(()));
        } else if let Some(name) = line.strip_prefix("sendevent ") {
            self.send_event(name, command)?;
        } else {
            self.other(line)?;
        }
        Ok(Continue(()))
    }

    fn sign_in(&self, pass: &str) -> io::Result<ControlFlow<()>> {
        if pass != PASS || self.connection.manner() == Manner::WrongPassword {
            self.connection.write(&PROTOCOL.wrong_password)?;
            return Ok(Break(()));
        }
        let mut held = self.connection.line();
        // Whoever sees it before the reply is written waits for the line.
        self.connection.sign_in();
        self.connection.write_on(&mut held, &PROTOCOL.signed_in)?;
        drop(held);
        self.switch.changed();
        Ok(Continue(()))
    }

    /// What is no command of the switch itself.
    fn other(&self, line: &str) -> io::Result<()> {
        let mut held = self.connection.line();
        let reply = match (held.subscription.command(line), PROTOCOL.replies.get(line)) {
            (Some(text), _) => command_reply(&text),
            (None, Some(recorded)) => recorded.clone(),
            (None, None) => command_reply("-ERR command not found"),
        };
        self.connection.show_subscription(&held);
        self.connection.write_on(&mut held, &self.in_manner(&reply))?;
        drop(held);
        self.switch.changed();
        Ok(())
    }

    /// A command in the background: one reply now, and an event when it is done.
    fn job(&self, api: &str, command: &str) -> io::Result<()> {
        let named = command.lines().skip(1).find_map(|line| line.strip_prefix("Job-UUID:"));
        let id = named.map_or_else(|| self.switch.next_uuid(), |id| id.trim().to_owned());
        self.reply(
            format!("Content-Type: command/reply\nReply-Text: +OK Job-UUID: {id}\nJob-UUID: {id}\n\n")
                .as_bytes(),
        )?;
        let (switch, api, start) = (Arc::clone(&self.switch), api.to_owned(), Instant::now());
        if switch.is_due(&api, start) {
            switch.finish_job(&id, &api);
            return Ok(());
        }
        thread::spawn(move || {
            while switch.is_running() && !switch.is_due(&api, start) {
                thread::sleep(TICK);
            }
            if switch.is_running() {
                switch.finish_job(&id, &api);
            }
        });
        Ok(())
    }

    /// An event that a client made: to everybody, without its body.
    fn send_event(&self, name: &str, command: &str) -> io::Result<()> {
        let id = self.switch.next_uuid();
        let headers = command.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut fields = vec![("Event-Name", name), ("Event-UUID", id.as_str())];
        fields.extend(headers.map(|(name, value)| (name, value.trim())));
        self.reply(&command_reply(&format!("+OK {id}")))?;
        self.switch.send(&[Event::parse(&self.switch.event(&fields))]);
        Ok(())
    }

    fn reply(&self, reply: &[u8]) -> io::Result<()> {
        self.connection.write(&self.in_manner(reply))
    }

    fn in_manner(&self, reply: &[u8]) -> Vec<u8> {
        let manner = self.connection.manner();
        let mut bytes = put_before(manner, true);
        match manner {
            Manner::NoBlankLine => bytes.extend(without_blank_line(reply.to_vec())),
            _ => bytes.extend_from_slice(reply),
        }
        bytes
    }

    fn endless_headers(&self) -> io::Result<ControlFlow<()>> {
        for number in 0_u64.. {
            self.connection.write(format!("X-Header-{number}: {:0>80}\n", number).as_bytes())?;
        }
        Ok(Break(()))
    }
}
