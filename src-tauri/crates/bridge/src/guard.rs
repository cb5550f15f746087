//! Who may call.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::Host;

/// The header that carries the run's token.
pub const TOKEN_HEADER: &str = "x-quarterdeck-token";

/// A token that cannot be guessed: 256 bits in hexadecimal.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh_token() -> std::io::Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Lets a request through that comes over loopback and names this host: a page elsewhere whose name resolves to this address
/// names another.
pub async fn host(
    State(host): State<Host>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let named = text(request.headers(), header::HOST.as_str());
    if !peer.ip().is_loopback() {
        return forbidden("the caller is not on this machine");
    }
    if named != Some(&host.address.to_string()) {
        return forbidden("the request names another host");
    }
    next.run(request).await
}

/// Lets a call through that carries the token and, where its origin is told, comes from the page served here.
pub async fn caller(State(host): State<Host>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let origin = format!("http://{}", host.address);
    if headers.contains_key(header::ORIGIN) && text(headers, header::ORIGIN.as_str()) != Some(&origin) {
        return forbidden("the call comes from another page");
    }
    let given = text(headers, TOKEN_HEADER).unwrap_or_default();
    if !same(given.as_bytes(), host.token.as_bytes()) {
        return forbidden("the call does not carry this run's token");
    }
    next.run(request).await
}

/// Compares in a time that does not tell how much of the token was right.
fn same(given: &[u8], token: &[u8]) -> bool {
    given.len() == token.len() && given.iter().zip(token).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn forbidden(message: &str) -> Response {
    let error = json!({ "code": "forbidden", "message": message, "hint": null, "details": null });
    (StatusCode::FORBIDDEN, Json(error)).into_response()
}
