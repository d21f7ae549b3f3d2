//! What needs a message or a push that no server has: one that fails.

use std::net::SocketAddr;

use custompbx_model::{At, Edit, Node};
use custompbx_pbx::account::{self, Scope, Scopes, Verb};
use custompbx_pbx::{By, Change, Clock, Error, Options, Pbx, config};
use custompbx_store::{Engine, InstanceId, RevisionId, Role};
use futures_util::{SinkExt as _, StreamExt as _};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::dispatch::Asked;
use super::push::{Made, Making, Subscription};
use super::reply::{Outcome, Reply};
use crate::{App, Settings, listen, routes};

/// A message with a fault.
pub(super) async fn panics(asked: Asked<'_>) -> Outcome {
    let _moment = asked.data.get("x");
    panic!("as the test wants it")
}

/// Two names of one thing, made from revisions.
pub(super) const CHANGES: Subscription = Subscription {
    names: &["a change", "one change"],
    role: Role::User,
    scope: Scope::All(Verb::Read),
    made: Made::FromRevision(changes),
};

fn changes<'a>(
    app: &'a App,
    instance: InstanceId,
    revision: RevisionId,
    names: &'a [&'static str],
) -> Making<'a> {
    Box::pin(async move {
        let revisions = app.pbx().store()?.revisions(instance, None, 1).await?;
        match revisions.items.first().map(|newest| newest.summary.as_str()) {
            Some("fail") => Err(Error::BadRequest("as the test wants it".to_owned())),
            Some("panic") => panic!("as the test wants it"),
            Some("nothing") => Ok(Some(Vec::new())),
            _ => {
                let pushes = names.iter().map(|name| (*name, Reply::empty().with("revision", revision.0)));
                Ok(Some(pushes.collect()))
            }
        }
    })
}

struct Server {
    pbx: Pbx,
    web: SocketAddr,
    token: String,
    _directory: tempfile::TempDir,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = Options {
            engine: Engine::Sqlite { path: directory.path().join("pbx.db") },
            data_dir: directory.path().to_owned(),
            configuration: config::load(&directory.path().join("config.json"), []).unwrap(),
            log_level: None,
            clock: Clock::system(),
        };
        let pbx = Pbx::open(options).await.unwrap();
        let store = pbx.store().unwrap();
        account::add(&store, "anna", "correct horse", Role::User, pbx.now()).await.unwrap();
        let user = store.web_user_by_login("anna").await.unwrap().unwrap().id;
        let by = By { actor: "anna".to_owned(), origin: "test".to_owned() };
        let token = account::add_token(&store, user, &Scopes::ALL, &by, pbx.now()).await.unwrap().token;
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = App::new(pbx.clone(), metrics, Settings::default());
        let bound = listen::bind("webserver", "127.0.0.1", 0, None).await.unwrap();
        let web = bound.address().unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = routes::router(app.clone());
        let until = stopped.clone();
        let tasks = vec![
            tokio::spawn(async move { bound.serve(router, until).await.unwrap() }),
            tokio::spawn(async move { app.run(stopped).await }),
        ];
        Self { pbx, web, token, _directory: directory, stop, tasks }
    }

    async fn post(&self, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.web).await.unwrap();
        let request = format!(
            "POST /api/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    async fn socket(&self) -> Socket {
        let stream = TcpStream::connect(self.web).await.unwrap();
        Socket(tokio_tungstenite::client_async(format!("ws://{}/ws", self.web), stream).await.unwrap().0)
    }

    /// Makes a revision with this summary.
    async fn change(&self, summary: &str) -> i64 {
        let instance = self.pbx.instance("default").await.unwrap().id;
        let parent = self.pbx.store().unwrap().root(instance).await.unwrap();
        let edits = vec![Edit::Insert { parent, at: At::Last, nodes: vec![Node::new("section")] }];
        let (actor, origin, summary) = ("a".to_owned(), "test".to_owned(), summary.to_owned());
        self.pbx.change(Change { instance, actor, origin, summary, edits }).await.unwrap().revision.unwrap().0
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.pbx.close().await;
    }
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn ask(&mut self, message: Value) -> Value {
        self.0.send(Message::text(message.to_string())).await.unwrap();
        self.next().await
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                return serde_json::from_str(text.as_str()).unwrap();
            }
        }
    }
}

/// A message that ends in a panic is answered, by both transports, and the connection goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_answered() {
    let server = Server::start().await;
    let message = json!({"event": "a panic", "id": 7, "data": {}});
    let expected = json!({
        "MessageType": "a panic", "error": "the server failed; its log says why", "error_code": "failed",
        "id": 7, "request_id": 7,
    });
    assert_eq!(server.post(&message.to_string()).await, (500, expected.clone()));
    let mut socket = server.socket().await;
    for _ in 0..3 {
        assert_eq!(socket.ask(message.clone()).await, expected);
        assert_eq!(socket.ask(json!({"event": "get_status", "data": {}})).await["MessageType"], "connection");
    }
    server.stop().await;
}

/// What is made from revisions is pushed under the name that was subscribed to, and whoever missed one is told.
#[tokio::test(flavor = "multi_thread")]
async fn revisions_are_pushed() {
    let server = Server::start().await;
    let mut sockets = [server.socket().await, server.socket().await];
    for (socket, name) in sockets.iter_mut().zip(["a change", "one change"]) {
        let data = json!({"token": server.token, "values": [name]});
        assert_eq!(socket.ask(json!({"event": "SubscriptionList", "data": data})).await["MessageType"], "OK");
    }
    let [one, two] = &mut sockets;
    let first = server.change("first").await;
    assert_eq!(one.next().await, json!({"MessageType": "a change", "revision": first}));
    assert_eq!(two.next().await, json!({"MessageType": "one change", "revision": first}));
    for trouble in ["fail", "panic"] {
        server.change(trouble).await;
        assert_eq!(one.next().await, json!({"MessageType": "a change", "resync": true}), "{trouble}");
        assert_eq!(two.next().await, json!({"MessageType": "one change", "resync": true}), "{trouble}");
    }
    // And it goes on.
    server.change("nothing").await;
    let last = server.change("last").await;
    assert_eq!(one.next().await, json!({"MessageType": "a change", "revision": last}));
    server.stop().await;
}
