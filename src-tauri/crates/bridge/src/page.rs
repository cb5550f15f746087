//! The built page, under the window's own content security policy.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::Host;

/// The policy is read from the window's configuration, so that the page is tested under the one it ships with.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let configuration: serde_json::Value =
        serde_json::from_str(include_str!("../../../tauri.conf.json")).unwrap_or_default();
    configuration["app"]["security"]["csp"].as_str().unwrap_or("default-src 'none'").to_owned()
});

/// A file of the page; `/` is its index.
pub async fn file(State(host): State<Host>, method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let name = match uri.path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    if !is_plain(name) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let path = host.ui.join(name);
    match tokio::task::spawn_blocking(move || std::fs::read(path)).await {
        Ok(Ok(bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, content_type(name)),
                (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::REFERRER_POLICY, "no-referrer"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, bytes).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A path of the page's own making: no step upwards, nothing escaped, nothing hidden.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|step| {
        !step.is_empty()
            && !step.starts_with('.')
            && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("ttf") => "font/ttf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_below_the_page_are_read() {
        for plain in ["index.html", "assets/index-B3x_9.js", "fonts/inter.woff2"] {
            assert!(is_plain(plain), "{plain} is a file of the page");
        }
        for wrong in ["../secret", "assets/../../secret", "assets//x", ".env", "a%2e%2e/b", "c:\\x", ""] {
            assert!(!is_plain(wrong), "{wrong:?} must not be read");
        }
    }

    #[test]
    fn the_policy_is_the_windows_own() {
        assert!(POLICY.contains("script-src 'self'"), "the policy was not found in tauri.conf.json: {}", *POLICY);
        assert!(!POLICY.contains("unsafe-eval"), "nothing may be evaluated");
    }
}
