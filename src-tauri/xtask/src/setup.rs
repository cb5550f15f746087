//! Everything a build needs. Each part looks first and does nothing when it finds what it needs.

use std::path::Path;
use std::process::Command;

use crate::process::{Outcome, capture, find, line, run};
use crate::workspace::Workspace;
use crate::{duckdb, user_interface};

/// What the set-up is for; each purpose needs what the ones before it need.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum For {
    /// The command line alone.
    Headless,
    /// The window too.
    Window,
    /// The tests too, which drive a browser and the window without a display.
    Test,
}

/// A Debian package, when it is needed, and the program that makes it unnecessary.
struct SystemPackage {
    name: &'static str,
    from: For,
    instead: &'static [&'static str],
}

const SYSTEM_PACKAGES: &[SystemPackage] = &[
    SystemPackage { name: "build-essential", from: For::Headless, instead: &[] },
    SystemPackage { name: "pkg-config", from: For::Window, instead: &["pkg-config"] },
    SystemPackage { name: "libwebkit2gtk-4.1-dev", from: For::Window, instead: &[] },
    SystemPackage { name: "xvfb", from: For::Test, instead: &["Xvfb"] },
    SystemPackage { name: "webkit2gtk-driver", from: For::Test, instead: &["WebKitWebDriver"] },
    SystemPackage {
        name: "chromium",
        from: For::Test,
        instead: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    },
    SystemPackage { name: "poppler-utils", from: For::Test, instead: &["pdftotext"] },
];

/// The oldest Node that builds the page.
const NODE_MAJOR: u32 = 20;

/// System libraries, Node, the page's packages and the DuckDB library.
pub fn setup(workspace: &Workspace, purpose: For) -> Outcome {
    if cfg!(target_os = "linux") {
        system_packages(purpose)?;
    }
    node()?;
    duckdb::fetch(workspace)?;
    if purpose >= For::Window {
        user_interface::install(workspace)?;
    }
    Ok(())
}

fn system_packages(purpose: For) -> Outcome {
    if find("apt-get").is_none() || find("dpkg-query").is_none() {
        eprintln!("This is no Debian: WebKitGTK 4.1, its development files and its WebDriver are yours to install");
        return Ok(());
    }
    let wanted = SYSTEM_PACKAGES.iter().filter(|package| package.from <= purpose);
    let missing: Vec<&str> = wanted
        .filter(|package| !package.instead.iter().any(|program| find(program).is_some()) && !installed(package.name))
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut install = vec!["apt-get", "install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    let root = capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let sudo = !root && find("sudo").is_some() && capture(Command::new("sudo").args(["-n", "true"])).is_ok();
    if !root && !sudo {
        return Err(format!(
            "these system packages are missing; install them and start again:\n\n    sudo {}\n",
            install.join(" ")
        ));
    }
    run(&mut as_root(sudo, &["apt-get", "update", "--quiet"]))?;
    run(&mut as_root(sudo, &install))
}

fn as_root(sudo: bool, words: &[&str]) -> Command {
    let words: Vec<&str> = if sudo { ["sudo", "-n"].iter().chain(words).copied().collect() } else { words.to_vec() };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    if !sudo {
        command.env("DEBIAN_FRONTEND", "noninteractive");
    }
    command
}

fn installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Status}", package]);
    capture(&mut query).is_ok_and(|status| status == "installed")
}

fn node() -> Outcome {
    let mut ask = Command::new("node");
    ask.arg("--version");
    let version = capture(&mut ask).map_err(|error| format!("Node {NODE_MAJOR} or newer is needed ({error})"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR => Ok(()),
        _ => Err(format!("Node {NODE_MAJOR} or newer is needed, `{}` says {}", line(&ask), version.trim())),
    }
}

/// The browser that the page's tests drive.
pub fn browser() -> Outcome<std::path::PathBuf> {
    let names =
        SYSTEM_PACKAGES.iter().find(|package| package.name == "chromium").map_or(&[][..], |package| package.instead);
    names.iter().find_map(|name| find(name)).filter(|path| Path::new(path).exists()).ok_or_else(|| {
        format!("none of {} is on the search path; `cargo xtask setup` installs one on Debian", names.join(", "))
    })
}
