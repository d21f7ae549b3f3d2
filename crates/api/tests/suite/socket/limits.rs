//! Who may open a WebSocket, and when it ends.

use std::time::{Duration, Instant};

use custompbx_api::Settings;
use custompbx_api::messages::socket::Settings as SocketSettings;
use custompbx_pbx::config::OriginPolicy;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, Incoming, Setup, Socket, TestPbx};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

/// A server with other settings of the WebSocket.
pub(super) async fn with(change: impl FnOnce(&mut SocketSettings)) -> TestPbx {
    let mut settings = Settings::default();
    change(&mut settings.socket);
    Setup::on(Engine::Sqlite).with_settings(settings).start().await
}

/// The figure of this name.
pub(super) async fn figure(pbx: &TestPbx, name: &str) -> u64 {
    let admin = pbx.sign_in_as(Role::Admin).await;
    let figures = pbx.http("GET", "/api/v1/ws/metrics", &[("Authorization", &admin.bearer())], b"").await;
    assert_eq!(figures.status, 200);
    figures.json()[name].as_u64().unwrap_or_else(|| panic!("{name}: {}", figures.text()))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins() {
    let (own, listed, evil) = ("own", "https://pbx.example.com", "https://evil.example");
    for (policy, allowed) in [
        (OriginPolicy::SameOrigin, [true, true, false, false, false]),
        (OriginPolicy::AllowList, [true, false, true, false, false]),
        (OriginPolicy::AllowAll, [true; 5]),
    ] {
        let pbx = with(|settings| {
            settings.origin_policy = policy;
            settings.allowed_origins = vec![listed.to_owned()];
        })
        .await;
        let own_origin = format!("http://{}", pbx.web);
        for (origin, allowed) in
            [None, Some(own), Some(listed), Some(evil), Some("null")].into_iter().zip(allowed)
        {
            let origin = origin.map(|origin| if origin == own { &*own_origin } else { origin });
            let headers: Vec<(&str, &str)> = origin.map(|origin| ("Origin", origin)).into_iter().collect();
            match pbx.try_socket(&headers).await {
                Ok(mut socket) => {
                    assert!(allowed, "{policy:?} {origin:?}");
                    assert_eq!(socket.ask("get_status", json!({})).await["MessageType"], "connection");
                }
                Err(status) => assert_eq!((status, allowed), (403, false), "{policy:?} {origin:?}"),
            }
        }
        pbx.stop().await;
    }
}

/// A request that is none for a WebSocket is told so, as any other request is.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_handshake() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let upgrade = [("Connection", "upgrade"), ("Upgrade", "websocket")];
    let version = ("Sec-WebSocket-Version", "13");
    let key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    for (headers, status) in [
        (vec![], 400),
        (vec![upgrade[1], version, key], 400),
        (vec![upgrade[0], upgrade[1], key], 400),
        (vec![upgrade[0], upgrade[1], ("Sec-WebSocket-Version", "8"), key], 400),
        (vec![upgrade[0], upgrade[1], version], 400),
        // The origin is looked at first.
        (vec![("Origin", "https://evil.example")], 403),
    ] {
        let mut request = format!("GET /ws HTTP/1.1\r\nHost: {}\r\n", pbx.web);
        for (name, value) in &headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        let reply = custompbx_testkit::server::http::exchange(pbx.web, request.as_bytes()).await.unwrap();
        assert_eq!(reply.status, status, "{headers:?}: {}", reply.text());
        assert!(reply.is_problem(), "{headers:?}: {}", reply.text());
    }
    for method in ["POST", "PUT", "HEAD"] {
        let reply = pbx.http(method, "/ws", &[], b"").await;
        assert!(matches!(reply.status, 400 | 405), "{method}: {}", reply.status);
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_route_is_the_configured_one() {
    let pbx = with(|settings| settings.route = "/elsewhere".to_owned()).await;
    assert_eq!(pbx.try_socket(&[]).await.unwrap_err(), 404);
    assert_eq!(pbx.get("/elsewhere").await.status, 400);
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_bounded() {
    let pbx = with(|settings| settings.most_connections = 3).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(pbx.socket().await);
    }
    assert_eq!(pbx.try_socket(&[]).await.unwrap_err(), 503);
    assert_eq!(figure(&pbx, "active").await, 3);
    let mut left = sockets.pop().unwrap();
    left.send_frame(Message::Close(None)).await;
    left.closed().await;
    let start = Instant::now();
    while let Err(status) = pbx.try_socket(&[]).await {
        assert_eq!(status, 503);
        assert!(start.elapsed() < Duration::from_secs(5), "its place is not free");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    pbx.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_at_once() {
    let pbx = TestPbx::on(Engine::Sqlite).await;
    let person = pbx.sign_in_as(Role::User).await;
    let mut sockets = Vec::new();
    for _ in 0..64 {
        sockets.push(pbx.socket().await);
    }
    let tasks: Vec<_> = sockets
        .into_iter()
        .map(|mut socket| {
            let token = person.token.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    let reply = socket.ask("relogin", json!({"token": token})).await;
                    assert_eq!(reply["MessageType"], "relogin");
                }
                socket
            })
        })
        .collect();
    let mut open = Vec::new();
    for task in tasks {
        open.push(task.await.unwrap());
    }
    assert_eq!(figure(&pbx, "active").await, 64);
    // The end of the server is the end of all of them, and they are told.
    let stopping = tokio::spawn(pbx.stop());
    for mut socket in open {
        assert_eq!(socket.closed().await, Some(1001));
    }
    stopping.await.unwrap();
}

/// Whoever answers pings stays, however silent; whoever does not is gone.
#[tokio::test(flavor = "multi_thread")]
async fn half_open_connections_end() {
    let pbx = with(|settings| {
        settings.ping_interval = Duration::from_millis(100);
        settings.read_timeout = Duration::from_millis(1_500);
    })
    .await;
    let mut silent = pbx.socket().await;
    let mut listening = pbx.socket().await;
    // Pings are answered while it waits for something else.
    assert!(listening.is_silent_for(Duration::from_secs(4)).await);
    assert_eq!(listening.ask("get_status", json!({})).await["MessageType"], "connection");
    // It answers the pings that lie there to a socket that is gone, and may not come to read the code.
    assert!(matches!(silent.closed().await, None | Some(1008)));
    let pings = ping_times(&mut pbx.socket().await, 5).await;
    let apart = pings.windows(2).map(|two| two[1] - two[0]);
    assert!(apart.clone().all(|apart| apart > Duration::from_millis(30)), "{:?}", apart.collect::<Vec<_>>());
    pbx.stop().await;
}

async fn ping_times(socket: &mut Socket, count: usize) -> Vec<Instant> {
    let mut times = Vec::new();
    while times.len() < count {
        if let Message::Ping(_) = socket.0.next().await.unwrap().unwrap() {
            times.push(Instant::now());
        }
    }
    times
}

/// A connection that a firewall forgot: nothing comes, nothing goes, and no end is said.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_an_end_ends() {
    let pbx = with(|settings| {
        settings.ping_interval = Duration::from_millis(100);
        settings.read_timeout = Duration::from_millis(300);
    })
    .await;
    let mut stream = TcpStream::connect(pbx.web).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        pbx.web
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // Nothing is ever answered.
    let mut all = Vec::new();
    let read = stream.read_to_end(&mut all);
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("the server ends it").unwrap();
    assert!(all.starts_with(b"HTTP/1.1 101 "));
    // The close frame: 0x88, its length, 1008.
    assert!(all.windows(4).any(|part| part[0] == 0x88 && part[2..] == [0x03, 0xf0]), "no close frame");
    pbx.stop().await;
}

/// A client that asks and does not read: it is told why it is closed, and counted.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_is_closed() {
    let pbx = with(|settings| {
        settings.queue_size = 2;
        settings.write_timeout = Duration::from_secs(2);
    })
    .await;
    let socket = pbx.socket().await;
    let (mut sink, stream) = futures_util::StreamExt::split(socket.0);
    // Long requests have long answers: the name of the request comes back twice.
    let message = json!({"event": "x", "id": "i".repeat(200_000), "data": {}}).to_string();
    let sending = tokio::spawn(async move {
        for _ in 0..200 {
            if futures_util::SinkExt::send(&mut sink, Message::text(message.clone())).await.is_err() {
                break;
            }
        }
        sink
    });
    let start = Instant::now();
    while figure(&pbx, "queue_overflows").await == 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "it is not closed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // It reads again before the write timeout is over, and finds the code behind what was on its way.
    let mut stream = stream;
    let mut code = None;
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Close(frame) = message {
            code = frame.map(|frame| u16::from(frame.code));
        }
    }
    assert_eq!(code, Some(1008));
    sending.abort();
    pbx.stop().await;
}

/// A client that never reads again is gone after the write timeout.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_reads_is_gone() {
    let pbx = with(|settings| {
        settings.write_timeout = Duration::from_millis(500);
        settings.queue_size = 1;
    })
    .await;
    let mut socket = pbx.socket().await;
    let message = json!({"event": "x", "id": "i".repeat(200_000), "data": {}}).to_string();
    let flood = async {
        for _ in 0..400 {
            if futures_util::SinkExt::send(&mut socket.0, Message::text(message.clone())).await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(10), flood).await;
    let start = Instant::now();
    while figure(&pbx, "active").await > 0 {
        assert!(start.elapsed() < Duration::from_secs(10), "it is still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(figure(&pbx, "failed_writes").await, 1);
    pbx.stop().await;
}

/// A message that takes long holds up neither pings nor what is pushed.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_message_holds_nothing_up() {
    let pbx = with(|settings| settings.ping_interval = Duration::from_millis(20)).await;
    let mut socket = pbx.socket().await;
    // Comparing passwords takes a while, one after the other.
    for at in 0..9 {
        let data = json!({"login": format!("nobody {at}"), "password": "x"});
        socket.send(json!({"event": "login", "data": data}).to_string()).await;
    }
    let (mut pings, mut answers) = (0, 0);
    while answers < 9 {
        match socket.0.next().await.unwrap().unwrap() {
            Message::Ping(_) => pings += 1,
            Message::Text(_) => answers += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(pings > 5, "{pings} pings");
    assert!(matches!(
        tokio::time::timeout(Duration::from_secs(5), socket.incoming()).await,
        Err(_) | Ok(Incoming::Json(_))
    ));
    pbx.stop().await;
}
