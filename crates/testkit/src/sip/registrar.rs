//! Somebody else's switch, as a gateway sees it: takes each REGISTER and says that it is there. UDP only.

use std::net::SocketAddr;

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::{Message, random};

/// A registrar on 127.0.0.1, until it is dropped: then nobody listens at its port any more.
#[derive(Debug)]
pub struct Registrar {
    address: SocketAddr,
    answering: JoinHandle<()>,
}

impl Registrar {
    /// One at a port; 0 is any.
    pub async fn start(port: u16) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", port)).await.expect("the port is free");
        let address = socket.local_addr().expect("a bound socket has an address");
        Self { address, answering: tokio::spawn(answer(socket)) }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, and waits until its port is free.
    pub async fn stop(mut self) {
        self.answering.abort();
        // It says that it was ended.
        let _ = (&mut self.answering).await;
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

async fn answer(socket: UdpSocket) {
    let mut bytes = vec![0; 65536];
    loop {
        // A peer that is gone is told as an error.
        let Ok((length, from)) = socket.recv_from(&mut bytes).await else { continue };
        let request = Message::parse(&bytes[..length]);
        if !request.start.ends_with(" SIP/2.0") || request.start.starts_with("ACK ") {
            continue;
        }
        let contact = match request.header("contact") {
            "" => String::new(),
            contact => format!("Contact: {contact}\r\n"),
        };
        let answer = format!(
            "SIP/2.0 200 OK\r\n{}From: {}\r\nTo: {};tag={}\r\nCall-ID: {}\r\nCSeq: {}\r\n{contact}Expires: 3600\r\n\
             Content-Length: 0\r\n\r\n",
            request.way_back(),
            request.header("from"),
            request.header("to"),
            random(),
            request.header("call-id"),
            request.header("cseq"),
        );
        let _ = socket.send_to(answer.as_bytes(), from).await;
    }
}
