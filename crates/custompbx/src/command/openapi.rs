//! `custompbx openapi`: the description of the REST API, as the server gives it at `/api/v2/openapi.json`.

use std::io::Write as _;
use std::process::ExitCode;

use crate::failure::Failure;

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let text = custompbx_api::openapi::text();
    let failed = |error| Failure::new("cannot write the description", error);
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).map_err(failed)?;
    out.flush().map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}
