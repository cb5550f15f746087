//! The menu bar. An entry presses the key that does the same in the page, so that there is one list of actions: the page's.

use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItemBuilder, SubmenuBuilder};
use tauri::{AppHandle, Manager, Wry};

/// An entry, and the keys that it presses, one after the other.
struct Entry {
    id: &'static str,
    text: &'static str,
    keys: &'static [Key],
}

/// A key as the page's listeners see it.
struct Key {
    name: &'static str,
    control: bool,
}

const fn key(name: &'static str) -> Key {
    Key { name, control: false }
}

const SCREENS: &[Entry] = &[
    Entry { id: "sources", text: "Sources", keys: &[key("g"), key("s")] },
    Entry { id: "explore", text: "Explore", keys: &[key("g"), key("e")] },
    Entry { id: "units", text: "Unit costs", keys: &[key("g"), key("u")] },
    Entry { id: "change", text: "Change", keys: &[key("g"), key("c")] },
    Entry { id: "forecast", text: "Forecast", keys: &[key("g"), key("f")] },
    Entry { id: "commit", text: "Commit", keys: &[key("g"), key("m")] },
    Entry { id: "packs", text: "Packs", keys: &[key("g"), key("p")] },
    Entry { id: "sql", text: "SQL", keys: &[key("g"), key("q")] },
];
const PALETTE: Entry = Entry { id: "palette", text: "Command palette…", keys: &[Key { name: "k", control: true }] };
const KEYS: Entry = Entry { id: "keys", text: "Keys", keys: &[key("?")] };

/// File, Go and Help.
///
/// # Errors
/// When the window system refuses the menu.
pub fn build(app: &AppHandle) -> tauri::Result<Menu<Wry>> {
    let file = SubmenuBuilder::new(app, "File").quit().build()?;
    let mut go = SubmenuBuilder::new(app, "Go");
    for screen in SCREENS {
        go = go.item(&MenuItemBuilder::with_id(screen.id, screen.text).build(app)?);
    }
    let go = go.separator().text(PALETTE.id, PALETTE.text).build()?;
    let help = SubmenuBuilder::new(app, "Help").text(KEYS.id, KEYS.text).build()?;
    MenuBuilder::new(app).items(&[&file, &go, &help]).build()
}

/// Presses the entry's keys in the page.
pub fn chosen(app: &AppHandle, event: MenuEvent) {
    let mut entries = SCREENS.iter().chain([&PALETTE, &KEYS]);
    let Some(entry) = entries.find(|entry| event.id() == entry.id) else { return };
    let Some(window) = app.get_webview_window("main") else { return };
    if let Err(error) = window.eval(script(entry)) {
        tracing::warn!("the menu's {} did not reach the page: {error}", entry.text);
    }
}

/// Only the constants above are written into it.
fn script(entry: &Entry) -> String {
    let press = |key: &Key| {
        format!(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{}', ctrlKey: {}, bubbles: true }}));",
            key.name, key.control
        )
    };
    entry.keys.iter().map(press).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_presses_its_keys_in_order() {
        let pressed = script(&SCREENS[0]);
        let (first, second) = (pressed.find("key: 'g'").unwrap(), pressed.find("key: 's'").unwrap());
        assert!(first < second, "`g` goes before the screen's letter: {pressed}");
        assert!(script(&PALETTE).contains("ctrlKey: true"), "the palette opens with Control");
    }
}
