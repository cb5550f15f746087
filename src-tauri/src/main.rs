//! The desktop window: it starts the engine, shows the page and passes every question through. There is no logic here; what
//! the window can do, `qd` can do.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod launch;
mod links;
mod menu;
mod web_view;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tauri::{AppHandle, Emitter, Manager};

use launch::Launch;

fn main() -> ExitCode {
    // Untrusted files are read by this same program, started again as a child.
    api::run_reader_if_asked();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("QUARTERDECK_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    web_view::bound_memory();
    let outcome = Launch::from_arguments(std::env::args_os().skip(1)).and_then(run);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("quarterdeck: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the engine, opens what was asked for and shows the window until it is closed.
fn run(launch: Launch) -> Result<(), String> {
    let mut builder = tauri::Builder::default();
    if launch.data.is_none() && launch.links.is_none() {
        // First of all plugins, as it may end this process. A window over its own data folder is a program of its own.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            open_in_window(app, arguments.iter().skip(1).map(Into::into).collect(), folder.into());
        }));
    }
    let app = builder
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(
            tauri::plugin::Builder::<tauri::Wry>::new("prototype").js_init_script(include_str!("prototype.js")).build(),
        )
        .setup(|app| {
            web_view::suit_painting(app.handle());
            Ok(())
        })
        .menu(menu::build)
        .on_menu_event(menu::chosen)
        .invoke_handler(tauri::generate_handler![
            commands::rpc,
            commands::rpc_bytes,
            commands::cancel,
            commands::launched_with,
            commands::pick_files,
            commands::pick_folder,
            commands::pick_save_folder,
            commands::pick_save_file,
        ])
        .build(tauri::generate_context!())
        .map_err(|error| format!("the window could not be made: {error}"))?;
    if let Some(wanted) = launch.links {
        return links::tell_system(app.handle(), wanted);
    }
    links::follow(app.handle());
    let engine = start_engine(app.handle(), &launch)?;
    let opened = launch.open_in(&engine);
    app.manage(engine);
    app.manage(opened);
    app.run(|_, _| {});
    Ok(())
}

/// The engine behind the window, with its data in the user's own folder unless another was named.
fn start_engine(app: &AppHandle, launch: &Launch) -> Result<Arc<api::Context>, String> {
    let app_data = match &launch.data {
        Some(folder) => folder.clone(),
        None => api::app_data_folder().map_err(|error| error.to_string())?,
    };
    let reader =
        std::env::current_exe().map_err(|error| format!("the program could not find its own file: {error}"))?;
    let packaged_sample = app.path().resource_dir().map(|folder| folder.join("sample-data")).ok();
    let sample_data = launch.sample_data.clone().or(packaged_sample).filter(|folder| folder.is_dir());
    api::Context::new(api::Settings { app_data, reader, sample_data })
        .map_err(|error| format!("the engine could not start: {error}"))
}

/// The program was started again, or given a link: the window that is open comes to the front and opens what was asked for.
fn open_in_window(app: &AppHandle, arguments: Vec<OsString>, folder: PathBuf) {
    let Some(window) = app.get_webview_window("main") else { return };
    let shown = window.unminimize().and_then(|()| window.set_focus());
    let Some(engine) = app.try_state::<Arc<api::Context>>() else { return };
    let engine = Arc::clone(&engine);
    let app = app.clone();
    // Opening reads the disk; the window's thread must not wait for it.
    tauri::async_runtime::spawn_blocking(move || {
        let told = shown.map_err(|error| error.to_string()).and_then(|()| {
            let opened = Launch::from_arguments(arguments.into_iter())?.relative_to(&folder).open_in(&engine);
            app.emit("launched", &opened).map_err(|error| error.to_string())
        });
        if let Err(error) = told {
            tracing::warn!("a second start was not carried out: {error}");
        }
    });
}
