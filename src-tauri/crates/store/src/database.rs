//! [`Database`]: connections to one DuckDB file, each leased to one piece of work at a time.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use duckdb::{AccessMode, Config, Connection};

use crate::sql::literal;
use crate::{Result, StoreError, Watch};

/// Makes times UTC. The engine that the feature `bundled-duckdb` compiles lacks ICU: it knows no other zone, and no setting for it.
pub(crate) const TIME_ZONE: &str = if cfg!(feature = "bundled-duckdb") { "" } else { "SET TimeZone = 'UTC';" };

/// How much of the machine the engine may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory of the engine, in MiB; what does not fit spills to the engagement's folder.
    pub memory_mib: u32,
    /// Threads of the engine; 0 means one for each core.
    pub threads: u32,
}

impl Default for Limits {
    /// Small beside a machine's memory, and enough for stretches of half a million charges to be sorted at once, see `sorting`. While it
    /// takes in a bill of 20 GB the process holds almost as much again that the engine does not count, and is to stay below two gigabytes.
    fn default() -> Self {
        Self { memory_mib: 1050, threads: 0 }
    }
}

impl Limits {
    /// How many threads the engine has.
    pub(crate) fn threads_used(self) -> u32 {
        match self.threads {
            0 => std::thread::available_parallelism().ok().and_then(|cores| cores.get().try_into().ok()).unwrap_or(2),
            given => given,
        }
    }
}

/// One DuckDB file, opened and locked down: no extension is loaded, nothing outside `folder` is read or written, and no later
/// statement can change that.
///
/// When the engine gives up on the whole database, as it does when the disk is full in the middle of a write, the file is as it
/// was before the write; the engine is started anew on it at the next use.
pub(crate) struct Database {
    file: PathBuf,
    folder: PathBuf,
    limits: Limits,
    /// The one connection that writes.
    root: Mutex<Connection>,
    /// Readers are made from this one, which does no work itself: they need not wait for a load to end.
    origin: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    /// Whether the engine has given up.
    dead: AtomicBool,
    /// Held for reading by every use, for writing while the engine is started anew.
    uses: RwLock<()>,
}

impl Database {
    /// Opens or makes the file. `folder` is the only place on disk that its statements can reach.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has the file open; [`StoreError::Database`] when it is damaged.
    pub(crate) fn open(file: &Path, folder: &Path, limits: Limits) -> Result<Self> {
        let root = connect(file, folder, limits)?;
        Ok(Self {
            file: file.to_owned(),
            folder: folder.to_owned(),
            limits,
            origin: Mutex::new(root.try_clone()?),
            root: Mutex::new(root),
            idle: Mutex::new(Vec::new()),
            dead: AtomicBool::new(false),
            uses: RwLock::new(()),
        })
    }

    /// How much of the machine the engine may use.
    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Begins a use of the engine, which is started anew first if it has given up.
    fn enter(&self) -> Result<RwLockReadGuard<'_, ()>> {
        if self.dead.load(Ordering::SeqCst) {
            let _alone = self.uses.write().unwrap_or_else(PoisonError::into_inner);
            if self.dead.load(Ordering::SeqCst) {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
                let mut root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
                let mut origin = self.origin.lock().unwrap_or_else(PoisonError::into_inner);
                // The old engine must let go of the file before the new one can have it.
                *root = Connection::open_in_memory()?;
                *origin = root.try_clone()?;
                *root = connect(&self.file, &self.folder, self.limits)?;
                *origin = root.try_clone()?;
                self.dead.store(false, Ordering::SeqCst);
            }
        }
        Ok(self.uses.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes when an error is the engine's last.
    fn heed<T>(&self, result: Result<T>) -> Result<T> {
        if result.as_ref().is_err_and(StoreError::is_fatal) {
            self.dead.store(true, Ordering::SeqCst);
        }
        result
    }

    /// Runs a query and gives its rows. The statement is stopped when `watch` is cancelled.
    pub(crate) fn query(&self, sql: &str, watch: &Watch) -> Result<Vec<RecordBatch>> {
        self.lease(watch, |connection| {
            let mut statement = connection.prepare(sql)?;
            Ok(statement.query_arrow([])?.collect())
        })
    }

    /// As [`Self::query`], with the columns, which are known where there is no row, too.
    pub(crate) fn query_with_schema(&self, sql: &str, watch: &Watch) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        self.lease(watch, |connection| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_arrow([])?;
            Ok((rows.get_schema(), rows.collect()))
        })
    }

    /// Lends a reading connection to `work`.
    pub(crate) fn lease<T>(&self, watch: &Watch, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let _use = self.enter()?;
        let pooled = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => self.origin.lock().unwrap_or_else(PoisonError::into_inner).try_clone()?,
        };
        let result = self.heed(watched(&connection, watch, work));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    /// Lends the one writing connection inside a transaction: committed when `work` succeeds, rolled back whole when it fails
    /// or is cancelled.
    pub(crate) fn write<T>(&self, watch: &Watch, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let _use = self.enter()?;
        let connection = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        self.heed(watched(&connection, watch, |connection| {
            connection.execute_batch("BEGIN TRANSACTION")?;
            match work(connection) {
                Ok(value) if !watch.is_cancelled() => {
                    connection.execute_batch("COMMIT")?;
                    Ok(value)
                }
                outcome => {
                    // A failed statement may have ended the transaction already; then there is nothing left to roll back.
                    let rolled_back = connection.execute_batch("ROLLBACK");
                    match outcome {
                        Ok(_) => rolled_back.map_err(StoreError::from).and(Err(StoreError::Cancelled)),
                        Err(error) => Err(error),
                    }
                }
            }
        }))
    }

    /// Runs statements outside a transaction, on the writing connection (`CHECKPOINT`, `ATTACH`).
    pub(crate) fn execute(&self, sql: &str) -> Result<()> {
        let _use = self.enter()?;
        let connection = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        self.heed(connection.execute_batch(sql).map_err(StoreError::from))
    }
}

/// Opens the file and locks the engine down.
fn connect(file: &Path, folder: &Path, limits: Limits) -> Result<Connection> {
    let config = Config::default()
        .access_mode(AccessMode::ReadWrite)?
        .enable_autoload_extension(false)?
        .max_memory(&format!("{}MiB", limits.memory_mib))?
        .threads(i64::from(limits.threads_used()))?
        // Tables written with the format of DuckDB 1.5 are smaller; 2.0 reads them too.
        .with("storage_compatibility_version", "v1.5.0")?;
    let connection = Connection::open_with_flags(file, config).map_err(|error| told_of_opening(error, folder))?;
    let spill = folder.join(".spill");
    connection.execute_batch(&format!(
        "SET temp_directory = {spill};
         SET allow_community_extensions = false;
         SET allowed_directories = [{folder}];
         SET enable_external_access = false;
         {TIME_ZONE}
         SET lock_configuration = true;",
        spill = literal(&spill.to_string_lossy()),
        folder = literal(&folder.to_string_lossy()),
    ))?;
    Ok(connection)
}

/// Runs `work` with the engine's interrupt tied to `watch`; an error after a cancel is the cancel.
fn watched<T>(connection: &Connection, watch: &Watch, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let interrupt = connection.interrupt_handle();
    watch.attach(interrupt.clone());
    let result = if watch.is_cancelled() { Err(StoreError::Cancelled) } else { work(connection) };
    watch.detach(&interrupt);
    match result {
        Err(_) if watch.is_cancelled() => Err(StoreError::Cancelled),
        other => other,
    }
}

/// DuckDB's words for a file that another process holds, and for one that may not be written to, in ours.
fn told_of_opening(error: duckdb::Error, folder: &Path) -> StoreError {
    let told = StoreError::from(error);
    let StoreError::Database { message } = &told else { return told };
    if message.contains("Permission denied") || message.contains("Read-only file system") {
        let source = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        return StoreError::Io { path: PathBuf::from(folder), source };
    }
    if !message.contains("Could not set lock") {
        return told;
    }
    let process =
        message.split_once("PID ").map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let holder = process.filter(|id| !id.is_empty()).map(|id| format!(" (process {id})")).unwrap_or_default();
    StoreError::Locked { path: PathBuf::from(folder), holder }
}
