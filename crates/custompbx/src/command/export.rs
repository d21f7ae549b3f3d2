//! `custompbx export`: the tree as FreeSWITCH's files.

use std::process::ExitCode;

use custompbx_conf::{Bootstrap, WriteOptions};
use custompbx_pbx::export;

use crate::args::Export;
use crate::context::Context;
use crate::failure::Failure;
use custompbx_pbx::switches::doctor::TIMEOUT_S;

#[expect(clippy::print_stdout, reason = "the report of a command")]
pub(crate) async fn run(context: &Context, args: Export) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let Export { directory, instance, bootstrap, overwrite } = args;
    let report = if bootstrap {
        let config = &context.loaded.config;
        let bootstrap = Bootstrap {
            xml_curl_url: config.xml_curl_url(),
            user: config.xml_curl_server.user.clone(),
            pass: config.xml_curl_server.pass.reveal().to_owned(),
            timeout_s: TIMEOUT_S,
            switchname: Some(config.freeswitch.switchname.clone()).filter(|name| !name.is_empty()),
            overwrite,
        };
        export::bootstrap(&store, &instance, &directory, bootstrap).await?
    } else {
        export::write(&store, &instance, &directory, WriteOptions { overwrite }).await?
    };
    println!("{} files, {} bytes, in {}", report.files.len(), report.bytes, directory.display());
    if report.disabled > 0 {
        println!("{} disabled nodes were left out, because files cannot say that:", report.disabled);
        for name in &report.disabled_names {
            println!("  {name}");
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
