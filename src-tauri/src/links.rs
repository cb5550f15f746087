//! Links of the scheme `quarterdeck`: the system hands them to the program that is registered for them. On Linux and Windows that is done when it
//! is asked for, and a link comes as an argument of a further start. On macOS the bundle names the scheme, and a link comes as an event.

use std::path::PathBuf;

use tauri::AppHandle;
use tauri_plugin_deep_link::DeepLinkExt;

use crate::launch::Links;

const SCHEME: &str = "quarterdeck";

/// Has the system open links with this program, or no longer, for this user alone.
///
/// # Errors
/// Where the system keeps no such list, or does not let it be changed.
pub fn tell_system(app: &AppHandle, wanted: Links) -> Result<(), String> {
    let system = app.deep_link();
    let (told, said) = match wanted {
        Links::Register => (system.register(SCHEME), "open in this program now"),
        Links::Unregister => (system.unregister(SCHEME), "no longer open in this program"),
    };
    told.map_err(|error| format!("the system was not told of {SCHEME}:// links: {error}"))?;
    println!("{SCHEME}:// links {said}");
    Ok(())
}

/// Shows the views of links that come as events for as long as the program runs.
pub fn follow(app: &AppHandle) {
    let window = app.clone();
    app.deep_link().on_open_url(move |event| {
        let links = event.urls().iter().map(|link| link.as_str().into()).collect();
        crate::open_in_window(&window, links, PathBuf::new());
    });
}
