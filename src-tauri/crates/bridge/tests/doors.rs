//! Who gets in and who does not, over real sockets and with the real engine.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use bridge::Host;

const TOKEN: &str = "the-token-of-this-run";

/// A bridge that serves a small page, for as long as the runtime lives.
struct Served {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

fn serve() -> Served {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("ui")).unwrap();
    std::fs::write(folder.path().join("ui/index.html"), "<!doctype html><title>page</title>").unwrap();
    std::fs::write(folder.path().join("secret"), "secret").unwrap();
    let engine = api::Context::new(api::Settings {
        app_data: folder.path().join("data"),
        reader: std::env::current_exe().unwrap(),
        sample_data: None,
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let address = listener.local_addr().unwrap();
    let host = Host { engine, ui: folder.path().join("ui"), token: TOKEN.into(), address };
    runtime.spawn(bridge::serve(listener, host));
    Served { address, _runtime: runtime, _folder: folder }
}

impl Served {
    /// Sends one request with exactly these headers; the reply is status and everything after it.
    fn request(&self, start: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let mut request = format!("{start} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let status = reply.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        (status, reply)
    }

    fn host(&self) -> String {
        self.address.to_string()
    }
}

#[test]
fn a_call_with_the_token_is_answered_by_the_engine() {
    let served = serve();
    let (host, origin) = (served.host(), format!("http://{}", served.host()));
    let headers = [("Host", host.as_str()), ("Origin", &origin), ("x-quarterdeck-token", TOKEN)];
    let (status, reply) = served.request("POST /rpc/app_info", &headers, "{}");
    assert_eq!(status, 200, "the page served here, with its token, is let in: {reply}");
    assert!(reply.contains("\"version\""), "the engine answers app_info: {reply}");
    let (status, reply) = served.request("POST /rpc/no_such_command", &headers, "{}");
    assert_eq!(status, 422, "an error of the engine is not an error of the host");
    assert!(reply.contains("\"code\"") && reply.contains("\"message\""), "it carries code and message: {reply}");
    let (status, reply) = served.request("POST /rpc/app_info", &headers, "{not json");
    assert_eq!(status, 422, "a body that is not JSON is refused: {reply}");
    let (status, _) = served.request("POST /cancel/nothing-runs-by-this-name", &headers, "");
    assert_eq!(status, 200, "to cancel what does not run is no error");
}

#[test]
fn a_call_without_token_or_from_elsewhere_is_refused() {
    let served = serve();
    let host = served.host();
    let cases: [(&str, &[(&str, &str)]); 5] = [
        ("no token", &[("Host", &host)]),
        ("a wrong token", &[("Host", &host), ("x-quarterdeck-token", "the-token-of-that-run")]),
        ("another page", &[("Host", &host), ("Origin", "http://example.org"), ("x-quarterdeck-token", TOKEN)]),
        ("another name for this address", &[("Host", "rebound.example.org"), ("x-quarterdeck-token", TOKEN)]),
        ("a page without origin of its own", &[("Host", &host), ("Origin", "null"), ("x-quarterdeck-token", TOKEN)]),
    ];
    for (name, headers) in cases {
        let (status, reply) = served.request("POST /rpc/app_info", headers, "{}");
        assert_eq!(status, 403, "{name} must be refused: {reply}");
        assert!(!reply.contains("\"version\""), "{name} must not reach the engine");
    }
}

#[test]
fn the_page_is_served_with_the_windows_policy_and_nothing_else_is() {
    let served = serve();
    let host = served.host();
    let (status, reply) = served.request("GET /", &[("Host", &host)], "");
    assert_eq!(status, 200, "the index answers /");
    assert!(
        reply.contains("content-security-policy: default-src 'none'"),
        "the window's policy comes with it: {reply}"
    );
    for path in ["/../secret", "/%2e%2e/secret", "/assets/../../secret", "/.env", "/missing.js"] {
        let (status, reply) = served.request(&format!("GET {path}"), &[("Host", &host)], "");
        assert_eq!(status, 404, "{path} must not be found: {reply}");
        assert!(!reply.ends_with("secret"), "{path} must not leave the page's folder");
    }
    let (status, _) = served.request("GET /", &[("Host", "rebound.example.org")], "");
    assert_eq!(status, 403, "the page itself is not served under another name");
}
