//! The way to a PostgreSQL server, which can be cut or blocked.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};

/// What gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Everything.
    All,
    /// Nothing; connections stay.
    Nothing,
    /// Everything until somebody commits.
    UntilCommit,
    /// The answer to the commit on the connection of this number, and nothing else: PostgreSQL tells all who listen of
    /// a commit, and they might ask what it was.
    Committed(u64),
    /// Nothing any more.
    End,
}

/// The query with which the driver commits.
const COMMIT: &[u8] = b"COMMIT\0";
/// The tag of what was carried out, and that the server waits for the next query.
const COMMITTED: &[u8] = b"COMMIT\0Z\0\0\0\x05I";

/// A way to a server that can be cut: then nobody listens, and all connections are gone.
pub(super) struct Relay {
    pub(super) address: SocketAddr,
    target: SocketAddr,
    pass: watch::Sender<Pass>,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Relay {
    pub(super) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let pass = watch::Sender::new(Pass::All);
        let running = Mutex::new(Some(tokio::spawn(relay(listener, target, pass.clone()))));
        Self { address, target, pass, running }
    }

    pub(super) fn let_pass(&self, pass: Pass) {
        self.pass.send_replace(pass);
    }

    pub(super) async fn cut(&self) {
        if let Some(running) = self.running.lock().await.take() {
            running.abort();
            let _ = running.await;
        }
    }

    pub(super) async fn mend(&self) {
        // It may have ended by itself.
        self.cut().await;
        self.let_pass(Pass::All);
        let listener = self.bind_again().await;
        *self.running.lock().await = Some(tokio::spawn(relay(listener, self.target, self.pass.clone())));
    }

    /// Meanwhile a connection of somebody else may have the port as its own end; it goes away.
    async fn bind_again(&self) -> TcpListener {
        let mut tries = 0;
        loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => return listener,
                Err(_) if tries < 100 => tries += 1,
                Err(error) => panic!("the port of the relay is not free any more: {error}"),
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

/// When this ends, or is dropped, all connections are.
async fn relay(listener: TcpListener, target: SocketAddr, pass: watch::Sender<Pass>) {
    let mut connections = JoinSet::new();
    let mut ended = pass.subscribe();
    let accept = async {
        for number in 0.. {
            let Ok((client, _)) = listener.accept().await else { return };
            connections.spawn(connection(client, target, number, pass.clone()));
            while connections.try_join_next().is_some() {}
        }
    };
    tokio::select! {
        () = accept => {}
        _ = ended.wait_for(|pass| *pass == Pass::End) => {}
    }
}

async fn connection(client: TcpStream, target: SocketAddr, number: u64, pass: watch::Sender<Pass>) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // The end of one way is the end of the connection; so is an error.
    tokio::select! {
        () = ask(from_client, to_server, number, &pass) => {}
        () = answer(from_server, to_client, number, &pass) => {}
    }
}

async fn ask(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, number: u64, pass: &watch::Sender<Pass>) {
    let mut gate = pass.subscribe();
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        let piece = &chunk[..count];
        let is_open = |pass: &Pass| matches!(pass, Pass::All | Pass::UntilCommit);
        let Ok(now) = gate.wait_for(is_open).await.map(|now| *now) else { return };
        if now == Pass::UntilCommit && contains(piece, COMMIT) {
            pass.send_replace(Pass::Committed(number));
        }
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}

async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, number: u64, pass: &watch::Sender<Pass>) {
    let committed = Pass::Committed(number);
    let mut gate = pass.subscribe();
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        let piece = &chunk[..count];
        let is_open = |pass: &Pass| matches!(pass, Pass::All | Pass::UntilCommit) || *pass == committed;
        let Ok(now) = gate.wait_for(is_open).await.map(|now| *now) else { return };
        if to.write_all(piece).await.is_err() {
            return;
        }
        if now == committed && contains(piece, COMMITTED) {
            pass.send_replace(Pass::End);
        }
    }
}

fn contains(piece: &[u8], what: &[u8]) -> bool {
    piece.windows(what.len()).any(|part| part == what)
}
