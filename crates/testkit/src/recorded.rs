//! What a FreeSWITCH asked and said; where it is from says `fixtures/README.md`.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// The directory of the recordings.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A recorded file as text.
pub fn text(path: &str) -> String {
    let path = fixtures().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// A recorded file.
pub fn bytes(path: &str) -> Vec<u8> {
    let path = fixtures().join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// One request of mod_xml_curl.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its folder below `fixtures/xml_curl`.
    pub folder: String,
    /// The file's name.
    pub file: String,
    /// `POST` or `GET`.
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// Everything before the empty line, with the line ends.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    /// The fields in order, of the body or of the query, decoded.
    pub fields: Vec<(String, String)>,
}

impl Recorded {
    /// The value of a field: the first one of the five that mod_xml_curl writes itself, else the last one.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut named = self.fields.iter().filter(|(key, _)| key == name);
        let own = ["hostname", "section", "tag_name", "key_name", "key_value"].contains(&name);
        let found = if own { named.next() } else { named.next_back() };
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The form as it was sent.
    pub fn form(&self) -> String {
        match self.target.split_once('?') {
            Some((_, query)) if self.method == "GET" => query.to_owned(),
            _ => String::from_utf8(self.body.clone()).expect("mod_xml_curl sends text"),
        }
    }

    /// The folder and the file.
    pub fn name(&self) -> String {
        format!("{}/{}", self.folder, self.file)
    }

    fn parse(folder: &str, file: &str, bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a request has a head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
        let body = bytes[end + 4..].to_vec();
        let mut line = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
        let mut recorded = Self {
            folder: folder.to_owned(),
            file: file.to_owned(),
            method: method.to_owned(),
            target: target.to_owned(),
            head,
            body,
            fields: Vec::new(),
        };
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let form = recorded.form();
        recorded.fields = form
            .split('&')
            .filter_map(|field| field.split_once('='))
            .map(|(name, value)| (name.to_owned(), decode(value)))
            .collect();
        recorded
    }
}

/// Every recorded request, by folder and in the order of their arrival.
pub fn questions() -> Vec<Recorded> {
    let mut all = Vec::new();
    collect(&fixtures().join("xml_curl"), "", &mut all);
    assert!(all.len() > 300, "the recordings are not complete");
    all
}

/// Those of one folder.
pub fn questions_of(folder: &str) -> Vec<Recorded> {
    let mut all = questions();
    all.retain(|question| question.folder == folder);
    assert!(!all.is_empty(), "nothing was recorded in {folder}");
    all
}

fn collect(directory: &Path, folder: &str, all: &mut Vec<Recorded>) {
    let entries = std::fs::read_dir(directory).expect("the recordings are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable directory").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            let below = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            collect(&path, &below, all);
        } else if name.ends_with(".http") {
            let bytes = std::fs::read(&path).expect("a readable file");
            all.push(Recorded::parse(folder, &name, &bytes));
        }
    }
}

/// One frame of the event socket: its bytes, and its body.
#[derive(Clone, Debug)]
pub struct Frame {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What `Content-Length` announced.
    pub body: Vec<u8>,
}

/// Cuts what FreeSWITCH sent into frames: they follow each other without anything between them.
pub fn frames(mut stream: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !stream.is_empty() {
        let head = stream.windows(2).position(|window| window == b"\n\n").expect("a frame has a head") + 2;
        let text = String::from_utf8_lossy(&stream[..head]);
        let length = text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length = length.map_or(0, |length| length.trim().parse().expect("a length is a number"));
        let (frame, rest) = stream.split_at(head + length);
        frames.push(Frame { bytes: frame.to_vec(), body: frame[head..].to_vec() });
        stream = rest;
    }
    frames
}

/// The answer of the one command of a transcript `esl/PATH.s2c`.
pub fn api_answer(path: &str) -> String {
    let frames = frames(&bytes(&format!("esl/{path}.s2c")));
    let response = frames.iter().find(|frame| frame.bytes.starts_with(b"Content-Type: api/response"));
    let response = response.unwrap_or_else(|| panic!("{path} has no answer"));
    String::from_utf8(response.body.clone()).expect("an answer is text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_are() {
        let all = questions();
        assert!(all.iter().any(|question| question.method == "GET"));
        let first = &questions_of("02-traffic-not-found/reg")[0];
        assert_eq!(first.method, "POST");
        assert_eq!(first.field("user"), Some("1000"));
        assert_eq!(first.field("Event-Date-GMT"), Some("Sun, 22 Nov 2026 23:40:51 GMT"));
        assert!(first.head.contains("Content-Length: 1122") && first.body.len() == 1122);
    }

    #[test]
    fn answers_have_the_length_they_say() {
        assert_eq!(api_answer("api/hostname"), "fs1");
        assert!(api_answer("api/status").starts_with("UP 0 years"));
    }
}
