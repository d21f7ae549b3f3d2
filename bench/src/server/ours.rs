//! Our server, as `custompbx serve` puts it together, but for the web interface; and edits on demand.
//!
//! What it is told, a line each: `pick K` looks up the K-th user and answers `picked INDEX`; `change VALUE` changes a
//! param of that user and answers `changed MICROSECONDS`; `rest on` opens the web listener too and answers
//! `rest PORT TOKEN`, with the token of an admin.

use std::io::BufRead as _;
use std::path::Path;
use std::time::{Duration, Instant};

use custompbx_api::listen::bind;
use custompbx_api::xml_curl::Questions;
use custompbx_api::{App, Settings, routes};
use custompbx_model::{Edit, Node, NodeId};
use custompbx_pbx::account::{self, Scopes};
use custompbx_pbx::{By, Change, Pbx};
use custompbx_store::{InstanceId, Role};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::sync::{mpsc, watch};

use super::{LISTENING, say};
use crate::ask::{PASS, ROUTE};
use crate::database::{self, block_on};
use crate::{Result, site};

/// Those of `custompbx serve`.
const ANSWER_SECONDS: [f64; 9] = [0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.1, 1.0];
/// That of `custompbx serve`.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves until nobody can talk to it any more.
pub(crate) fn run(data_dir: &Path) -> Result<()> {
    block_on(async {
        let answers = Matcher::Full("custompbx_xml_curl_answer_seconds".to_owned());
        let metrics =
            PrometheusBuilder::new().set_buckets_for_metric(answers, &ANSWER_SECONDS)?.install_recorder()?;
        let upkeep = metrics.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                upkeep.run_upkeep();
            }
        });
        let listener = bind("xml_curl_server", "127.0.0.1", 0, None).await?;
        let pbx = Pbx::open(database::options(data_dir)).await?;
        let (_stop, stopped) = watch::channel(false);
        let follower = pbx.clone();
        let until = stopped.clone();
        tokio::spawn(async move { follower.keep_up(until).await });
        let port = listener.address()?.port();
        let questions = Questions::new(pbx.clone(), ROUTE);
        tokio::spawn(listener.answer(questions, stopped.clone()));
        say(format_args!("{LISTENING}{port}"));
        obey(&pbx, &metrics, &stopped).await
    })
}

/// Does what it is told until nobody tells it anything any more.
async fn obey(pbx: &Pbx, metrics: &PrometheusHandle, stopped: &watch::Receiver<bool>) -> Result<()> {
    let (sender, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::io::Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut users = Users { instance: pbx.instance("default").await?.id, ids: Vec::new() };
    let mut picked = None;
    while let Some(line) = lines.recv().await {
        match line.split_once(' ') {
            Some(("pick", place)) => {
                let (index, param) = users.pick(pbx, place.parse()?).await?;
                picked = Some(param);
                say(format_args!("picked {index}"));
            }
            Some(("change", value)) => {
                let Some(param) = picked.take() else { return Err("nothing is picked".into()) };
                let change = change(users.instance, &param, value);
                let start = Instant::now();
                pbx.change(change).await?;
                say(format_args!("changed {}", start.elapsed().as_micros()));
            }
            Some(("rest", _)) => say(format_args!("rest {}", rest(pbx, metrics, stopped).await?)),
            _ => return Err(format!("{line:?} is nothing to do").into()),
        }
    }
    Ok(())
}

/// Opens the web listener for a new admin; its port and the token.
async fn rest(pbx: &Pbx, metrics: &PrometheusHandle, stopped: &watch::Receiver<bool>) -> Result<String> {
    let listener = bind("webserver", "127.0.0.1", 0, None).await?;
    let port = listener.address()?.port();
    let app = App::new(pbx.clone(), metrics.clone(), Settings::default());
    tokio::spawn(listener.serve(routes::router(app), stopped.clone()));
    let (store, now) = (pbx.store()?, pbx.now());
    account::add(&store, "bench", PASS, Role::Admin, now).await?;
    let user = account::by_login(&store, "bench").await?.id;
    let by = By { actor: "bench".to_owned(), origin: "bench".to_owned() };
    let token = account::add_token(&store, user, &Scopes::ALL, &by, now).await?.token;
    Ok(format!("{port} {token}"))
}

struct Users {
    instance: InstanceId,
    ids: Vec<NodeId>,
}

impl Users {
    /// Any user, and its param that is changed.
    async fn pick(&mut self, pbx: &Pbx, place: usize) -> Result<(usize, Node)> {
        let store = pbx.store()?;
        if self.ids.is_empty() {
            self.ids = store.user_ids(self.instance).await?;
        }
        let id = *self.ids.get(place % self.ids.len().max(1)).ok_or("there are no users")?;
        let user = store.subtrees(&[id]).await?.pop().ok_or("a user is gone")?.node;
        let index = user.attribute("id").and_then(site::index).ok_or("a user has no id")?;
        let params = user.child("params").ok_or("a user has no params")?;
        let param = params.child_with("param", "name", site::EDITED).ok_or("a user has no such param")?;
        Ok((index, param.clone()))
    }
}

fn change(instance: InstanceId, param: &Node, value: &str) -> Change {
    let mut param = param.clone();
    param.set_attribute("value", value);
    Change {
        instance,
        actor: "bench".to_owned(),
        origin: "bench".to_owned(),
        summary: "param".to_owned(),
        edits: vec![Edit::Update { id: param.id, attributes: param.attributes, text: None }],
    }
}
