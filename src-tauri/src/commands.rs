//! What the page may call. `build.rs` lists the same names, so that the access control list knows them.
#![expect(clippy::let_underscore_must_use, reason = "the macro that makes a command of a function writes such a `let`")]

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tauri::ipc::Response;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, FilePath};

use crate::launch::Opened;

/// An error as the page reads it: `{code, message, hint, details}`.
type Refusal = Value;

/// Answers a command whose reply is JSON.
#[tauri::command]
pub async fn rpc(engine: State<'_, Arc<api::Context>>, cmd: String, payload: Option<Value>) -> Result<Value, Refusal> {
    match dispatch(Arc::clone(&engine), cmd.clone(), payload).await? {
        api::Reply::Json(value) => Ok(value),
        api::Reply::Bytes(_) => Err(wrong_door(&cmd, "rpc_bytes")),
    }
}

/// Answers a command whose reply is an Arrow IPC stream; the page receives an `ArrayBuffer`.
#[tauri::command]
pub async fn rpc_bytes(
    engine: State<'_, Arc<api::Context>>,
    cmd: String,
    payload: Option<Value>,
) -> Result<Response, Refusal> {
    match dispatch(Arc::clone(&engine), cmd.clone(), payload).await? {
        api::Reply::Bytes(bytes) => Ok(Response::new(bytes)),
        api::Reply::Json(_) => Err(wrong_door(&cmd, "rpc")),
    }
}

/// Stops the request or job of that id; a second call, or one for an id that is not running, does nothing.
#[tauri::command]
pub async fn cancel(engine: State<'_, Arc<api::Context>>, id: String) -> Result<(), Refusal> {
    let engine = Arc::clone(&engine);
    off_the_window(move || api::cancel(&engine, &id)).await
}

/// What the program was started with: what is open already, files to load, and what went wrong.
#[tauri::command]
pub async fn launched_with(opened: State<'_, Opened>) -> Result<Opened, Refusal> {
    Ok(opened.inner().clone())
}

/// Asks for bills to load. The page gets handles to pass on to `load_start`; an empty list means that nothing was chosen.
#[tauri::command]
pub async fn pick_files(app: AppHandle) -> Result<Vec<String>, Refusal> {
    let picker = app
        .dialog()
        .file()
        .set_title("Choose billing files")
        .add_filter("Billing files", &["csv", "gz", "zip", "parquet", "json", "CSV", "GZ", "ZIP", "PARQUET", "JSON"]);
    let chosen = off_the_window(move || picker.add_filter("All files", &["*"]).blocking_pick_files()).await?;
    chosen.unwrap_or_default().into_iter().map(handle).collect()
}

/// Asks for a folder that exists: an engagement, or a delivery of many files. One handle, or none.
#[tauri::command]
pub async fn pick_folder(app: AppHandle) -> Result<Vec<String>, Refusal> {
    let picker = app.dialog().file().set_title("Choose a folder").set_can_create_directories(false);
    off_the_window(move || picker.blocking_pick_folder()).await?.into_iter().map(handle).collect()
}

/// Asks where something new shall lie: an engagement, or the files of a pack. One handle, or none.
#[tauri::command]
pub async fn pick_save_folder(app: AppHandle) -> Result<Vec<String>, Refusal> {
    let picker = app.dialog().file().set_title("Choose where to save").set_can_create_directories(true);
    off_the_window(move || picker.blocking_pick_folder()).await?.into_iter().map(handle).collect()
}

/// Asks where a file shall be written; the system asks before one that is there is replaced. One handle, or none.
#[tauri::command]
pub async fn pick_save_file(app: AppHandle, name: String) -> Result<Vec<String>, Refusal> {
    let picker = app.dialog().file().set_title("Save as").set_can_create_directories(true).set_file_name(name);
    off_the_window(move || picker.blocking_save_file()).await?.into_iter().map(handle).collect()
}

async fn dispatch(engine: Arc<api::Context>, cmd: String, payload: Option<Value>) -> Result<api::Reply, Refusal> {
    let payload = payload.unwrap_or_else(|| json!({}));
    off_the_window(move || api::dispatch(&engine, &cmd, payload)).await?.map_err(|error| json!(error))
}

/// Runs blocking work on a thread of its own, so that the window keeps painting. A panic there becomes an error.
async fn off_the_window<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    tauri::async_runtime::spawn_blocking(work).await.map_err(|error| {
        tracing::error!("the engine broke off: {error}");
        refusal(
            "internal",
            "The engine broke off while it worked on this",
            "Nothing was changed. Try again, and report it if it happens again",
        )
    })
}

fn handle(chosen: FilePath) -> Result<String, Refusal> {
    let path = chosen.into_path().unwrap_or_else(|_| PathBuf::new());
    match path.to_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(refusal(
            "path",
            "The chosen path is not readable as text",
            "Rename the folder or the file, then choose it again",
        )),
    }
}

fn wrong_door(cmd: &str, door: &str) -> Refusal {
    refusal(
        "internal",
        &format!("`{cmd}` is answered through `{door}`"),
        "This is a mistake in the page; please report it",
    )
}

fn refusal(code: &str, message: &str, hint: &str) -> Refusal {
    json!({ "code": code, "message": message, "hint": hint, "details": null })
}
