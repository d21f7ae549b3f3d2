//! A WebSocket client that hides nothing.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderName;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::{SignedIn, TestPbx};

/// Longer than any limit of the server under test.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection.
#[derive(Debug)]
pub struct Socket(pub WebSocketStream<TcpStream>);

/// What comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// A message.
    Json(Value),
    /// The end, with a close code if one was said.
    Closed(Option<u16>),
}

impl TestPbx {
    /// Opens a WebSocket.
    pub async fn socket(&self) -> Socket {
        self.try_socket(&[]).await.unwrap_or_else(|status| panic!("refused with {status}"))
    }

    /// Opens a WebSocket with these headers, or says which status refused it.
    ///
    /// # Errors
    /// The status of the refusal.
    pub async fn try_socket(&self, headers: &[(&str, &str)]) -> Result<Socket, u16> {
        let stream = TcpStream::connect(self.web).await.expect("the server listens");
        self.socket_over(stream, headers).await
    }

    /// Opens a WebSocket over a connection that is there.
    ///
    /// # Errors
    /// The status of the refusal.
    pub async fn socket_over(&self, stream: TcpStream, headers: &[(&str, &str)]) -> Result<Socket, u16> {
        Socket::over(stream, self.web, headers).await
    }
}

impl Socket {
    /// Opens a WebSocket of any server over a connection to its `address`.
    ///
    /// # Errors
    /// The status of the refusal.
    pub async fn over(stream: TcpStream, address: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, u16> {
        stream.set_nodelay(true).expect("an open socket");
        let mut request = format!("ws://{}/ws", address).into_client_request().expect("an address");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header");
            request.headers_mut().append(name, value.parse().expect("a header's value"));
        }
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(reply)) => Err(reply.status().as_u16()),
            Err(error) => panic!("no handshake: {error}"),
        }
    }

    /// Sends a text as it is.
    pub async fn send(&mut self, text: impl Into<String>) {
        self.send_frame(Message::text(text.into())).await;
    }

    /// Sends any frame.
    pub async fn send_frame(&mut self, frame: Message) {
        self.0.send(frame).await.expect("the connection is open");
    }

    /// Sends a message, and waits for what comes next.
    pub async fn ask(&mut self, event: &str, data: Value) -> Value {
        self.send(json!({"event": event, "data": data}).to_string()).await;
        self.next().await
    }

    /// [`Socket::ask`] with the token of somebody who is signed in.
    pub async fn ask_as(&mut self, who: &SignedIn, event: &str, mut data: Value) -> Value {
        data["token"] = who.token.clone().into();
        self.ask(event, data).await
    }

    /// Sends a text as it is, and waits for what comes next.
    pub async fn ask_raw(&mut self, text: impl Into<String>) -> Value {
        self.send(text).await;
        self.next().await
    }

    /// The next message, which must come.
    pub async fn next(&mut self) -> Value {
        match self.incoming().await {
            Incoming::Json(value) => value,
            Incoming::Closed(code) => panic!("the connection was closed: {code:?}"),
        }
    }

    /// The next message, or the end. Pings are answered on the way.
    pub async fn incoming(&mut self) -> Incoming {
        timeout(PATIENCE, self.receive()).await.expect("something comes")
    }

    /// Whether nothing comes for so long.
    pub async fn is_silent_for(&mut self, time: Duration) -> bool {
        timeout(time, self.receive()).await.is_err()
    }

    /// The close code at the end of whatever still comes.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Incoming::Closed(code) = self.incoming().await {
                return code;
            }
        }
    }

    /// What is below it, for those who only read what comes. Nothing answers pings then.
    pub fn into_stream(self) -> TcpStream {
        self.0.into_inner()
    }

    /// The next message as it came, however long that takes; `None` at the end. For those who only count them.
    pub async fn text(&mut self) -> Option<String> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    async fn receive(&mut self) -> Incoming {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Incoming::Json(serde_json::from_str(text.as_str()).expect("an answer is JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map(|frame| frame.code.into());
                    // Reading on sends the answer.
                    while let Some(Ok(_)) = self.0.next().await {}
                    return Incoming::Closed(code);
                }
                Some(Ok(Message::Binary(_))) => panic!("no answer of ours is binary"),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Incoming::Closed(None),
            }
        }
    }
}
