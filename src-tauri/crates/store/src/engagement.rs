//! [`Engagement`]: the folder that an analyst opens.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arrow::record_batch::RecordBatch;

use crate::database::{Database, Limits};
use crate::definition::{Definition, FILE};
use crate::{Result, StoreError, Watch, catalog, schema};

/// An open engagement. Shared between threads; reading and loading go on side by side.
pub struct Engagement {
    pub(crate) folder: PathBuf,
    pub(crate) definition: RwLock<Arc<Definition>>,
    pub(crate) database: Database,
    catalog: Mutex<Option<Arc<query::Catalog>>>,
}

impl Engagement {
    /// Makes a new engagement in `folder`, which must not exist or be empty.
    ///
    /// # Errors
    /// [`StoreError::CannotCreate`] when something is there already, [`StoreError::Io`] when the disk refuses.
    pub fn create(folder: &Path, definition: &Definition, limits: Limits) -> Result<Self> {
        let refuse = |reason: &str| StoreError::CannotCreate { path: folder.to_owned(), reason: reason.to_owned() };
        if !(1..=12).contains(&definition.fiscal_year_start) {
            return Err(refuse("the fiscal year starts in a month from 1 to 12"));
        }
        std::fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
        let mut entries = std::fs::read_dir(folder).map_err(StoreError::io(folder))?;
        if entries.next().is_some() {
            return Err(refuse("the folder is not empty"));
        }
        let path = folder.join(FILE);
        let text = toml::to_string_pretty(definition).map_err(|error| refuse(&error.to_string()))?;
        for room in ["rules", "scenarios", "packs"] {
            let room = folder.join(room);
            std::fs::create_dir(&room).map_err(StoreError::io(&room))?;
        }
        let folder = folder.canonicalize().map_err(StoreError::io(folder))?;
        let database = Database::open(&folder.join("engagement.duckdb"), &folder, limits)?;
        database.write(&Watch::default(), |connection| Ok(connection.execute_batch(&schema::create())?))?;
        // Written last: a folder is an engagement only once it is whole.
        std::fs::write(&path, text).map_err(StoreError::io(path))?;
        let definition = RwLock::new(Arc::new(definition.clone()));
        Ok(Self { folder, definition, database, catalog: Mutex::default() })
    }

    /// Opens the engagement in `folder`.
    ///
    /// # Errors
    /// [`StoreError::NotAnEngagement`], [`StoreError::Definition`], [`StoreError::Locked`], [`StoreError::Newer`].
    pub fn open(folder: &Path, limits: Limits) -> Result<Self> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Err(StoreError::NotAnEngagement { path: folder.to_owned() });
        }
        let folder = folder.canonicalize().map_err(StoreError::io(folder))?;
        let text = std::fs::read_to_string(&path).map_err(StoreError::io(&path))?;
        let definition = RwLock::new(Arc::new(Definition::parse(&path, &text)?));
        let database = Database::open(&folder.join("engagement.duckdb"), &folder, limits)?;
        let engagement = Self { folder, definition, database, catalog: Mutex::default() };
        let found = engagement.meta("schema")?.parse().unwrap_or(0);
        if found > schema::VERSION {
            return Err(StoreError::Newer { path: engagement.folder, found, known: schema::VERSION });
        }
        if found < schema::VERSION {
            let tags = engagement.texts("SELECT key FROM tag_column")?.len();
            let statements = schema::bring_over(found, tags);
            engagement.database.write(&Watch::default(), |connection| Ok(connection.execute_batch(&statements)?))?;
        }
        engagement.clear_staging()?;
        Ok(engagement)
    }

    /// The folder, absolute.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `engagement.toml` says.
    #[must_use]
    pub fn definition(&self) -> Arc<Definition> {
        self.definition.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Rises with every load; equal generations give equal answers.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn generation(&self) -> Result<u64> {
        Ok(self.meta("generation")?.parse().unwrap_or(0))
    }

    /// What the query planner has to know: tables, columns, periods, loads. Made once a generation.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn catalog(&self) -> Result<Arc<query::Catalog>> {
        let mut kept = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalog) = kept.as_ref() {
            return Ok(catalog.clone());
        }
        let fresh = Arc::new(catalog::read(self)?);
        *kept = Some(fresh.clone());
        Ok(fresh)
    }

    /// Drops what is remembered about the tables, after they changed.
    pub(crate) fn forget_catalog(&self) {
        *self.catalog.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Runs a statement that this house wrote and gives its rows.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`], [`StoreError::Database`].
    pub fn run(&self, sql: &str, watch: &Watch) -> Result<Vec<RecordBatch>> {
        self.database.query(sql, watch)
    }

    /// Removes what a killed load left behind; nobody else can be loading while the database is ours. What cannot be removed (its
    /// reader may still be on its way out) is left to the next opening.
    fn clear_staging(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.folder).map_err(StoreError::io(&self.folder))? {
            let path = entry.map_err(StoreError::io(&self.folder))?.path();
            let staging = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".staging-"));
            if staging
                && path.is_dir()
                && let Err(error) = std::fs::remove_dir_all(&path)
            {
                tracing::warn!("{}: {error}", path.display());
            }
        }
        Ok(())
    }

    fn meta(&self, key: &str) -> Result<String> {
        let sql = format!("SELECT value FROM meta WHERE key = {}", crate::sql::literal(key));
        let rows = crate::rows::result_set(&self.run(&sql, &Watch::default())?)?;
        match rows.first().and_then(|row| row.first()) {
            Some(query::Value::Text(value)) => Ok(value.clone()),
            _ => Err(StoreError::NotFound { what: "meta entry", id: key.to_owned() }),
        }
    }
}
