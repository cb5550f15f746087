//! `quarterdeck-bridge --ui DIR [--port N] [--engagement DIR] [--data DIR] [--sample-data DIR]`
//!
//! Prints one line, `listening http://127.0.0.1:PORT/?token=TOKEN`, and serves until it is ended.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use tokio::net::TcpListener;

/// What the command line asks for.
#[derive(Default)]
struct Options {
    ui: Option<PathBuf>,
    port: u16,
    engagement: Option<PathBuf>,
    data: Option<PathBuf>,
    sample_data: Option<PathBuf>,
}

fn main() -> ExitCode {
    api::run_reader_if_asked();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("QUARTERDECK_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match options(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("quarterdeck-bridge: {message}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--ui" => options.ui = Some(PathBuf::from(value)),
            "--port" => options.port = value.parse().map_err(|_| format!("--port {value} is not a port"))?,
            "--engagement" => options.engagement = Some(PathBuf::from(value)),
            "--data" => options.data = Some(PathBuf::from(value)),
            "--sample-data" => options.sample_data = Some(PathBuf::from(value)),
            _ => return Err(format!("{name} is not known")),
        }
    }
    Ok(options)
}

fn run(options: Options) -> Result<(), String> {
    let ui = options.ui.ok_or("--ui must name the folder of the built page")?;
    // Without a folder of its own it uses one that goes when it ends; it never touches the user's.
    let passing = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let app_data = options.data.unwrap_or_else(|| passing.path().to_path_buf());
    let reader =
        std::env::current_exe().map_err(|error| format!("the program could not find its own file: {error}"))?;
    let engine = api::Context::new(api::Settings { app_data, reader, sample_data: options.sample_data })
        .map_err(|error| error.to_string())?;
    if let Some(folder) = options.engagement {
        api::dispatch(&engine, "engagement_open", json!({ "path": folder })).map_err(|error| error.to_string())?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no threads to serve with: {error}"))?;
    runtime.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))
            .await
            .map_err(|error| format!("port {} cannot be had: {error}", options.port))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let token = bridge::fresh_token().map_err(|error| error.to_string())?;
        println!("listening http://{address}/?token={token}");
        bridge::serve(listener, bridge::Host { engine, ui, token, address }).await.map_err(|error| error.to_string())
    })
}
