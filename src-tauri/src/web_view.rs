//! The system's web view, suited to the machine. Only WebKitGTK, which Linux has, needs that.
//!
//! It puts its layers together with the graphics card; where there is none, the processor plays the card for every frame, which takes longer than
//! painting the page outright: 149 ms against 74 from a click to its answer at ten million charges, measured on two cores.
//!
//! And it takes the machine's memory for the page's own: with 24 GB it lets a page grow to 740 MB before it looks for what is no longer used.

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{bound_memory, suit_painting};
#[cfg(target_os = "linux")]
pub use linux::{bound_memory, suit_painting};

#[cfg(target_os = "linux")]
mod linux {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use tauri::Manager;
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

    /// What the web view's script engine reads from the environment, once, when its process begins.
    ///
    /// - How many bytes of memory its pages may think there are.
    /// - Whether the two optimising ones of its three compilers work: they keep tens of megabytes for a page that mostly waits for answers, which
    ///   come as quickly without.
    const SCRIPT_SETTINGS: [(&str, &str); 2] = [("JSC_forceRAMSize", "268435456"), ("JSC_useDFGJIT", "0")];

    /// Begins this program anew, as the same process, where its web view was not yet told how to spare memory. Comes back where that is done,
    /// was done by the user, or fails, in which case the page only takes more.
    pub fn bound_memory() {
        let unset: Vec<_> = SCRIPT_SETTINGS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
        if unset.is_empty() {
            return;
        }
        let error = std::env::current_exe().map_or_else(
            |error| error,
            |program| {
                let arguments = std::env::args_os().skip(1);
                Command::new(program).args(arguments).envs(unset).exec()
            },
        );
        tracing::warn!("the page's memory could not be bounded: {error}");
    }

    /// Paints the page outright on a machine without a graphics card (a virtual desktop, a remote session).
    pub fn suit_painting(app: &tauri::AppHandle) {
        if has_graphics_card() {
            return;
        }
        let Some(window) = app.get_webview_window("main") else { return };
        let set = window.with_webview(|webview| {
            if let Some(settings) = webview.inner().settings() {
                settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
            }
        });
        if let Err(error) = set {
            tracing::warn!("painting could not be suited to the machine: {error}");
        }
    }

    /// Whether the kernel offers a card to draw with.
    fn has_graphics_card() -> bool {
        let cards = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
        cards.into_iter().any(|card| card.file_name().to_string_lossy().starts_with("renderD"))
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    /// The system's web view bounds its memory itself.
    pub fn bound_memory() {}

    /// The system's web view suits itself to the machine.
    pub fn suit_painting(_app: &tauri::AppHandle) {}
}
