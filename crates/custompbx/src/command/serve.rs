//! `custompbx serve`: the server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use custompbx_api::listen::{Bound, bind};
use custompbx_api::xml_curl::Questions;
use custompbx_api::{App, Settings, routes};
use custompbx_pbx::Pbx;
use custompbx_pbx::account::FIRST_LOGIN;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::context::Context;
use crate::failure::Failure;

/// How often samples of histograms are folded away.
const UPKEEP: Duration = Duration::from_secs(5);
/// Upper bounds in seconds of the buckets for answers to FreeSWITCH.
const ANSWER_SECONDS: [f64; 9] = [0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.1, 1.0];

pub(crate) async fn run(context: Context) -> Result<ExitCode, Failure> {
    let config = &context.loaded.config;
    // Everything that can be wrong with the surroundings is found before anything is made.
    let _lock = context.lock()?;
    let (web, xml) = (&config.webserver, &config.xml_curl_server);
    let web_listener = bind("webserver", &web.host, web.port, tls(&web.cert_path, &web.key_path)).await?;
    let xml_listener =
        bind("xml_curl_server", &xml.host, xml.port, tls(&xml.cert_path, &xml.key_path)).await?;

    let metrics = metrics()?;
    // Without a saved snapshot, making one of a large directory takes some seconds.
    let mut signals = Signals::listen()?;
    let pbx = tokio::select! {
        pbx = Pbx::open(context.options()) => pbx?,
        signal = signals.asked_to_stop() => {
            tracing::info!(signal, "stopped before it was ready");
            return Ok(ExitCode::SUCCESS);
        }
    };

    let (stop, stopped) = watch::channel(false);
    let mut tasks = tokio::task::JoinSet::new();
    let follower = pbx.clone();
    let until = stopped.clone();
    tasks.spawn(async move {
        follower.keep_up(until).await;
        Ok(())
    });
    let driver = pbx.clone();
    let until = stopped.clone();
    tasks.spawn(async move {
        driver.drive_switches(until).await;
        Ok(())
    });
    announce(&context, &web_listener, &xml_listener);
    first_user(&pbx, stopped.clone()).await;

    let app = App::new(pbx.clone(), metrics.clone(), Settings::of(config));
    tasks.spawn(web_listener.serve(routes::router(app.clone()), stopped.clone()));
    let until = stopped.clone();
    tasks.spawn(async move {
        app.run(until).await;
        Ok(())
    });
    let questions = Questions::new(pbx.clone(), &xml.route);
    tasks.spawn(xml_listener.answer(questions, stopped.clone()));
    tokio::spawn(async move {
        loop {
            sleep(UPKEEP).await;
            metrics.run_upkeep();
        }
    });
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "ready");

    let ended = tokio::select! {
        signal = signals.asked_to_stop() => { tracing::info!(signal, "stopping"); None }
        ended = tasks.join_next() => ended,
    };
    // Whoever listens for it may be gone already.
    let _ = stop.send(true);
    let mut results = vec![ended];
    while let Some(ended) = tasks.join_next().await {
        results.push(Some(ended));
    }
    pbx.close().await;
    for result in results.into_iter().flatten() {
        result??;
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn tls<'a>(cert: &'a str, key: &'a str) -> Option<(&'a Path, &'a Path)> {
    (!cert.is_empty()).then(|| (Path::new(cert), Path::new(key)))
}

fn metrics() -> Result<PrometheusHandle, Failure> {
    let answers = Matcher::Full("custompbx_xml_curl_answer_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(answers, &ANSWER_SECONDS);
    let builder = builder.map_err(|error| Failure::new("cannot set up metrics", error))?;
    builder.install_recorder().map_err(|error| Failure::new("cannot set up metrics", error))
}

/// What asks a server to stop. From when this is made on, they do not end the process by themselves.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|error| Failure::new("cannot listen for signals", error));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn asked_to_stop(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Where things are, for people.
#[expect(clippy::print_stdout, reason = "this is what somebody who starts the server wants to see")]
fn announce(context: &Context, web: &Bound, xml: &Bound) {
    let mut config = context.loaded.config.clone();
    // A port of 0 is any; these are the ones that it became.
    config.webserver.port = web.address().map_or(0, |address| address.port());
    config.xml_curl_server.port = xml.address().map_or(0, |address| address.port());
    println!("CustomPBX {}", env!("CARGO_PKG_VERSION"));
    println!("  web interface   {}", config.web_url());
    println!("  for FreeSWITCH  {}   (`custompbx doctor` prints what to paste there)", config.xml_curl_url());
    println!("  configuration   {}", shown(&context.loaded.path));
    println!("  data            {}", shown(&context.data_dir));
}

fn shown(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path)).display().to_string()
}

/// Makes the first web user as soon as there is a database, and shows its password if it was made up.
async fn first_user(pbx: &Pbx, mut stop: watch::Receiver<bool>) {
    match make_first_user(pbx).await {
        Err(error) if error.is_unavailable() => {
            let pbx = pbx.clone();
            tokio::spawn(async move {
                while !*stop.borrow_and_update() {
                    sleep(Duration::from_secs(1)).await;
                    match make_first_user(&pbx).await {
                        Err(error) if error.is_unavailable() => {}
                        made => return tell(made),
                    }
                }
            });
        }
        made => tell(made),
    }
}

async fn make_first_user(pbx: &Pbx) -> custompbx_pbx::Result<Option<String>> {
    let given = std::env::var("CUSTOMPBX_ADMIN_PASSWORD").ok().filter(|password| !password.is_empty());
    pbx.make_first_user(given.as_deref()).await
}

#[expect(clippy::print_stdout, reason = "the made-up password is shown once, and must not be in a log")]
fn tell(made: custompbx_pbx::Result<Option<String>>) {
    match made {
        Ok(Some(password)) => {
            println!("  first user      {FIRST_LOGIN}");
            println!("  its password    {password}   (shown only this once)");
        }
        Ok(None) => {}
        Err(error) => {
            tracing::error!(
                error = error.chain(),
                "cannot make the first web user; use `custompbx user add`"
            );
        }
    }
}
