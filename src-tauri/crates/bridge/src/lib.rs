//! Loopback host that serves the window's page and the same commands to a browser, for tests only; never shipped.
//!
//! It stands on this machine's loopback address with a token made for the run. A call must carry the token, come from a
//! loopback peer, name this host, and, where a browser says from which page it comes, come from the page served here.

mod guard;
mod page;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use guard::{TOKEN_HEADER, fresh_token};

/// What the host serves, and to whom.
#[derive(Clone)]
pub struct Host {
    /// The engine that answers.
    pub engine: Arc<api::Context>,
    /// The folder of the built page.
    pub ui: PathBuf,
    /// What a call must carry in [`TOKEN_HEADER`].
    pub token: String,
    /// Where the host listens.
    pub address: SocketAddr,
}

/// Serves until the process ends.
///
/// # Errors
/// When the listener stops accepting.
pub async fn serve(listener: TcpListener, host: Host) -> std::io::Result<()> {
    axum::serve(listener, router(host).into_make_service_with_connect_info::<SocketAddr>()).await
}

fn router(host: Host) -> Router {
    let calls = Router::new()
        .route("/rpc/{cmd}", post(rpc))
        .route("/rpc_bytes/{cmd}", post(rpc_bytes))
        .route("/cancel/{id}", post(cancel))
        .layer(middleware::from_fn_with_state(host.clone(), guard::caller));
    Router::new()
        .merge(calls)
        .fallback(page::file)
        .layer(middleware::from_fn_with_state(host.clone(), guard::host))
        .with_state(host)
}

async fn rpc(State(host): State<Host>, Path(cmd): Path<String>, body: Bytes) -> Response {
    match dispatch(&host, cmd, &body).await {
        Ok(api::Reply::Json(value)) => Json(value).into_response(),
        Ok(api::Reply::Bytes(_)) => refuse("internal", "this command is answered through rpc_bytes"),
        Err(refusal) => refusal,
    }
}

async fn rpc_bytes(State(host): State<Host>, Path(cmd): Path<String>, body: Bytes) -> Response {
    match dispatch(&host, cmd, &body).await {
        Ok(api::Reply::Bytes(bytes)) => {
            ([(header::CONTENT_TYPE, "application/vnd.apache.arrow.stream")], bytes).into_response()
        }
        Ok(api::Reply::Json(_)) => refuse("internal", "this command is answered through rpc"),
        Err(refusal) => refusal,
    }
}

async fn cancel(State(host): State<Host>, Path(id): Path<String>) -> Response {
    match tokio::task::spawn_blocking(move || api::cancel(&host.engine, &id)).await {
        Ok(()) => Json(Value::Null).into_response(),
        Err(error) => refuse("internal", &format!("the engine broke off: {error}")),
    }
}

/// Runs a command off the threads that serve, as the engine blocks. An empty body is an empty object.
async fn dispatch(host: &Host, cmd: String, body: &[u8]) -> Result<api::Reply, Response> {
    let body = if body.is_empty() { b"{}" } else { body };
    let payload = serde_json::from_slice(body)
        .map_err(|error| refuse("request", &format!("the request for `{cmd}` is not JSON: {error}")))?;
    let engine = Arc::clone(&host.engine);
    tokio::task::spawn_blocking(move || api::dispatch(&engine, &cmd, payload))
        .await
        .map_err(|error| refuse("internal", &format!("the engine broke off: {error}")))?
        .map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, Json(json!(error))).into_response())
}

fn refuse(code: &str, message: &str) -> Response {
    let error = json!({ "code": code, "message": message, "hint": null, "details": null });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response()
}
