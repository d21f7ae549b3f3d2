//! Asking what a FreeSWITCH was recorded to ask.

use super::{PASS, ROUTE, Reply, TestPbx, USER, authorization};
use crate::recorded::{Recorded, questions_of};

impl TestPbx {
    /// Sends a recorded request as it was, but for the path and the credentials.
    pub async fn replay(&self, recorded: &Recorded) -> Reply {
        let target = match recorded.target.split_once('?') {
            Some((_, query)) => format!("{ROUTE}?{query}"),
            None => ROUTE.to_owned(),
        };
        let mut head = format!("{} {target} HTTP/1.1\r\n", recorded.method);
        for line in recorded.head.split("\r\n").skip(1).filter(|line| !line.starts_with("Authorization:")) {
            head.push_str(line);
            head.push_str("\r\n");
        }
        head.push_str(&format!("Authorization: {}\r\n\r\n", authorization(USER, PASS)));
        self.ask_raw(&[head.as_bytes(), &recorded.body].concat()).await
    }

    /// Asks everything that a FreeSWITCH was recorded to ask in `folder`, one question after the other.
    pub async fn replay_all(&self, folder: &str) -> Vec<(Recorded, Reply)> {
        let mut answered = Vec::new();
        for question in questions_of(folder) {
            let reply = self.replay(&question).await;
            answered.push((question, reply));
        }
        answered
    }
}
