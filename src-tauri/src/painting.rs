//! How the window is painted. WebKitGTK puts its layers together with the graphics card; where there is none, the processor plays the card for
//! every frame, which takes longer than painting the page outright: 160 ms against 70 from a click to its answer, measured on two cores.

#[cfg(target_os = "linux")]
use tauri::Manager;

/// Paints the page outright on a machine without a graphics card (a virtual desktop, a remote session).
#[cfg(target_os = "linux")]
pub fn suit_machine(app: &tauri::AppHandle) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

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

/// Elsewhere the system's web view suits itself to the machine.
#[cfg(not(target_os = "linux"))]
pub fn suit_machine(_app: &tauri::AppHandle) {}

/// Whether the kernel offers a card to draw with.
#[cfg(target_os = "linux")]
fn has_graphics_card() -> bool {
    let cards = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    cards.into_iter().any(|card| card.file_name().to_string_lossy().starts_with("renderD"))
}
