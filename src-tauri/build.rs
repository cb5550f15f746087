//! Puts the shell's own commands under the access control list and the built page inside the program.

use std::path::Path;

/// Every command the shell answers to. One that is missing here cannot be allowed in `capabilities/main.json`, and is refused.
const COMMANDS: &[&str] =
    &["rpc", "rpc_bytes", "cancel", "launched_with", "pick_files", "pick_folder", "pick_save_folder", "pick_save_file"];

/// What the window shows when the program was built before the page.
const NO_PAGE: &str = "<!doctype html><html lang=\"en\"><title>Quarterdeck</title>\
    <p>This program was built without its page. Build both with <code>cargo xtask run</code></p></html>\n";

fn main() {
    let page = Path::new("../ui/dist");
    println!("cargo:rerun-if-changed={}", page.display());
    println!("cargo:rerun-if-changed=capabilities");
    if !page.join("index.html").exists() {
        let written = std::fs::create_dir_all(page).and_then(|()| std::fs::write(page.join("index.html"), NO_PAGE));
        if let Err(error) = written {
            println!("cargo:warning=no page lies at {} and none could be written: {error}", page.display());
        }
    }
    let attributes = tauri_build::Attributes::new().app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
