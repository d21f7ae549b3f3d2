//! A small telephone: registers, calls, answers, hangs up. UDP only, one thing at a time.

mod registrar;

use std::net::SocketAddr;
use std::time::Duration;

use md5::{Digest as _, Md5};
use rand::RngExt as _;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

pub use registrar::Registrar;

/// Longer than a switch takes for anything in a test, on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than a call takes in a test.
const LONGEST_CALL: Duration = Duration::from_secs(600);

/// A telephone.
pub struct Phone {
    socket: UdpSocket,
    local: SocketAddr,
    switch: SocketAddr,
    domain: String,
    user: String,
    password: String,
    cseq: u32,
}

/// A call that is being talked on.
#[derive(Clone, Debug)]
pub struct Call {
    id: String,
    /// Our side and theirs, as they stand in `From` or `To`.
    us: String,
    them: String,
    /// Where requests within the call go.
    target: String,
}

/// A request or an answer.
#[derive(Clone, Debug)]
pub struct Message {
    /// The first line.
    pub start: String,
    headers: Vec<(String, String)>,
    /// What is behind the empty line.
    pub body: String,
}

impl Message {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (long_name(name.trim()), value.trim().to_owned()))
            .collect();
        Self { start, headers, body: body.to_owned() }
    }

    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The header lines that an answer to it has to have, so that it finds its way.
    fn way_back(&self) -> String {
        let lines = self.headers.iter().filter(|(name, _)| name == "via" || name == "record-route");
        lines.map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }

    /// The status of an answer.
    pub fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }
}

fn long_name(name: &str) -> String {
    match name.to_lowercase().as_str() {
        "v" => "via".into(),
        "f" => "from".into(),
        "t" => "to".into(),
        "i" => "call-id".into(),
        "m" => "contact".into(),
        name => name.into(),
    }
}

/// What a request is made of.
struct Request<'a> {
    method: &'a str,
    uri: String,
    from: String,
    to: String,
    call_id: String,
    body: String,
}

impl Phone {
    /// A telephone of `user` at `domain`, which talks to `switch`.
    pub async fn new(switch: SocketAddr, domain: &str, user: &str, password: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let local = socket.local_addr().expect("a bound socket has an address");
        let (domain, user, password) = (domain.to_owned(), user.to_owned(), password.to_owned());
        Self { socket, local, switch, domain, user, password, cseq: 1 }
    }

    /// Registers; the final status.
    pub async fn register(&mut self) -> u16 {
        let own = format!("sip:{}@{}", self.user, self.domain);
        let request = Request {
            method: "REGISTER",
            uri: format!("sip:{}", self.domain),
            from: format!("<{own}>;tag={}", random()),
            to: format!("<{own}>"),
            call_id: random(),
            body: String::new(),
        };
        self.transact(&request).await.status().expect("an answer has a status")
    }

    /// Calls somebody: the call once it is answered, else the final status.
    ///
    /// # Errors
    /// The status.
    pub async fn call(&mut self, number: &str) -> Result<Call, u16> {
        let request = Request {
            method: "INVITE",
            uri: format!("sip:{number}@{}", self.domain),
            from: format!("<sip:{}@{}>;tag={}", self.user, self.domain, random()),
            to: format!("<sip:{number}@{}>", self.domain),
            call_id: random(),
            body: self.sdp(),
        };
        let answer = self.transact(&request).await;
        match answer.status() {
            Some(200) => {}
            status => return Err(status.expect("an answer has a status")),
        }
        assert!(answer.body.contains("m=audio "), "an answered call has audio: {answer:?}");
        let call = Call {
            id: request.call_id,
            us: request.from,
            them: answer.header("to").to_owned(),
            target: uri(answer.header("contact")),
        };
        self.send_in_call(&call, "ACK", self.cseq).await;
        Ok(call)
    }

    /// Ends a call; the status.
    pub async fn hang_up(&mut self, call: &Call) -> u16 {
        self.cseq += 1;
        self.send_in_call(call, "BYE", self.cseq).await;
        self.answer_to("BYE").await.status().expect("an answer has a status")
    }

    /// Waits for a call and answers it; the call, and the `From` it came with.
    pub async fn answer(&mut self) -> (Call, String) {
        let invite = self.request("INVITE").await;
        let us = format!("{};tag={}", invite.header("to"), random());
        let sdp = self.sdp();
        self.reply(&invite, "200 OK", Some(&us), &sdp).await;
        self.request("ACK").await;
        let them = invite.header("from").to_owned();
        let id = invite.header("call-id").to_owned();
        (Call { id, us, target: uri(invite.header("contact")), them: them.clone() }, them)
    }

    /// Waits until the other side ends the call.
    pub async fn wait_for_end(&mut self) {
        let deadline = Instant::now() + LONGEST_CALL;
        let bye = self.wait_until(deadline, |message| message.start.starts_with("BYE ")).await;
        self.reply(&bye, "200 OK", None, "").await;
    }

    /// Sends a request, again with credentials when they are asked for, and gives the final answer.
    async fn transact(&mut self, request: &Request<'_>) -> Message {
        self.cseq += 1;
        self.send(request, "").await;
        let answer = self.answer_to(request.method).await;
        let Some(status @ (401 | 407)) = answer.status() else {
            self.acknowledge(request, &answer).await;
            return answer;
        };
        self.acknowledge(request, &answer).await;
        let (asked, given) = match status {
            401 => ("www-authenticate", "Authorization"),
            _ => ("proxy-authenticate", "Proxy-Authorization"),
        };
        let credentials = self.digest(answer.header(asked), request.method, &request.uri);
        self.cseq += 1;
        self.send(request, &format!("{given}: {credentials}\r\n")).await;
        let answer = self.answer_to(request.method).await;
        self.acknowledge(request, &answer).await;
        answer
    }

    async fn send(&self, request: &Request<'_>, extra: &str) {
        let Request { method, uri, from, to, call_id, body } = request;
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let head = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK{};rport\r\nMax-Forwards: 70\r\n\
             From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {} {method}\r\n\
             Contact: <sip:{}@{}>\r\nExpires: 60\r\nUser-Agent: testkit\r\n{extra}{kind}Content-Length: {}\r\n\r\n{body}",
            self.local,
            random(),
            self.cseq,
            self.user,
            self.local,
            body.len()
        );
        self.transmit(&head).await;
    }

    async fn send_in_call(&self, call: &Call, method: &str, cseq: u32) {
        let head = format!(
            "{method} {} SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK{};rport\r\nMax-Forwards: 70\r\n\
             From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n",
            call.target,
            self.local,
            random(),
            call.us,
            call.them,
            call.id
        );
        self.transmit(&head).await;
    }

    /// A refused INVITE wants an ACK.
    async fn acknowledge(&self, request: &Request<'_>, answer: &Message) {
        if request.method != "INVITE" || answer.status().is_none_or(|status| status < 300) {
            return;
        }
        let head = format!(
            "ACK {} SIP/2.0\r\nVia: {}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\n\
             CSeq: {} ACK\r\nContent-Length: 0\r\n\r\n",
            request.uri,
            answer.header("via"),
            request.from,
            answer.header("to"),
            request.call_id,
            self.cseq
        );
        self.transmit(&head).await;
    }

    async fn reply(&self, request: &Message, status: &str, to: Option<&str>, body: &str) {
        let vias = request.way_back();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let head = format!(
            "SIP/2.0 {status}\r\n{vias}From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {}\r\n\
             Contact: <sip:{}@{}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            request.header("from"),
            to.unwrap_or_else(|| request.header("to")),
            request.header("call-id"),
            request.header("cseq"),
            self.user,
            self.local,
            body.len()
        );
        self.transmit(&head).await;
    }

    async fn transmit(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.switch).await.expect("UDP can be sent");
    }

    /// The final answer to our last request.
    async fn answer_to(&self, method: &str) -> Message {
        let wanted = format!("{} {method}", self.cseq);
        self.wait_for(|message| {
            message.status().is_some_and(|status| status >= 200) && message.header("cseq") == wanted
        })
        .await
    }

    /// The next request of a kind.
    async fn request(&self, method: &str) -> Message {
        let start = format!("{method} ");
        self.wait_for(|message| message.start.starts_with(&start)).await
    }

    /// Other requests (OPTIONS, NOTIFY, and INVITE within a call, as for hold) are answered meanwhile, other answers
    /// passed over.
    async fn wait_for(&self, is_wanted: impl Fn(&Message) -> bool) -> Message {
        self.wait_until(Instant::now() + PATIENCE, is_wanted).await
    }

    async fn wait_until(&self, deadline: Instant, is_wanted: impl Fn(&Message) -> bool) -> Message {
        let mut bytes = vec![0; 65536];
        loop {
            let received = timeout_at(deadline, self.socket.recv_from(&mut bytes)).await;
            let (length, _) = received
                .unwrap_or_else(|_| panic!("the switch said nothing more to {}", self.user))
                .expect("UDP can be received");
            let message = Message::parse(&bytes[..length]);
            if is_wanted(&message) {
                return message;
            }
            if message.start.starts_with("INVITE ") && message.header("to").contains(";tag=") {
                self.reply(&message, "200 OK", None, &self.sdp()).await;
                continue;
            }
            let is_request = message.start.ends_with(" SIP/2.0");
            if is_request && !["ACK ", "INVITE "].iter().any(|method| message.start.starts_with(method)) {
                self.reply(&message, "200 OK", None, "").await;
            }
        }
    }

    /// The answer to a challenge (RFC 2617, MD5 with `qop=auth`).
    fn digest(&self, challenge: &str, method: &str, uri: &str) -> String {
        let field = |name: &str| {
            let from = challenge.find(&format!("{name}=\"")).map(|at| at + name.len() + 2);
            from.map_or("", |from| challenge[from..].split('"').next().unwrap_or_default())
        };
        let (realm, nonce, cnonce) = (field("realm"), field("nonce"), random());
        let ha1 = md5(&format!("{}:{realm}:{}", self.user, self.password));
        let ha2 = md5(&format!("{method}:{uri}"));
        let response = md5(&format!("{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}"));
        format!(
            "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
             algorithm=MD5, cnonce=\"{cnonce}\", qop=auth, nc=00000001",
            self.user
        )
    }

    /// One audio stream that nobody listens to.
    fn sdp(&self) -> String {
        let (ip, port) = (self.local.ip(), self.local.port());
        format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n\
             a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
        )
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// What stands between the angle brackets.
fn uri(contact: &str) -> String {
    let inner = contact.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(uri, _)| uri);
    inner.unwrap_or(contact).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 2617, section 3.5, with its own nonces.
    #[test]
    fn digests() {
        let ha1 = md5("Mufasa:testrealm@host.com:Circle Of Life");
        let ha2 = md5("GET:/dir/index.html");
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        assert_eq!(
            md5(&format!("{ha1}:{nonce}:00000001:0a4f113b:auth:{ha2}")),
            "6629fae49393a05397450978507c4ef1"
        );
    }

    #[test]
    fn messages_are_read() {
        let message = Message::parse(b"SIP/2.0 200 OK\r\nv: a\r\nCSeq: 1 BYE\r\n\r\nbody");
        assert_eq!((message.status(), message.header("via")), (Some(200), "a"));
        assert_eq!((message.header("cseq"), &*message.body), ("1 BYE", "body"));
        assert_eq!(uri("\"x\" <sip:a@b>;tag=1"), "sip:a@b");
    }
}
