//! The analyst's own mappings: one file each in the engagement's `mappings/`, text that a person can read, mend and pass on.

use std::path::PathBuf;

use intake::OwnFormat;

use crate::{Engagement, Result, StoreError};

/// A mapping as it lies in the engagement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnMapping {
    /// Its short name, and that of its file.
    pub name: String,
    /// Its name for a person.
    pub title: String,
    /// The mapping file.
    pub text: String,
    /// Why it cannot be used, if it was spoilt by hand.
    pub problem: Option<String>,
}

/// The folder of the mappings within the engagement.
const FOLDER: &str = "mappings";

impl Engagement {
    /// The analyst's own mappings, in order of name.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the folder cannot be read.
    pub fn mappings(&self) -> Result<Vec<OwnMapping>> {
        let folder = self.folder().join(FOLDER);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut mappings = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(StoreError::io(&folder))? {
            let path = entry.map_err(StoreError::io(&folder))?.path();
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.extension().is_none_or(|extension| extension != "toml") || name.starts_with('.') {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(StoreError::io(&path))?;
            let read = OwnFormat::read(&text);
            let title = read.as_ref().map_or_else(|_| name.clone(), |own| own.title().to_owned());
            mappings.push(OwnMapping { name, title, text, problem: read.err().map(|error| error.to_string()) });
        }
        mappings.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(mappings)
    }

    /// Keeps a mapping under the name that it gives itself, in the place of the one that had it; gives that name.
    ///
    /// # Errors
    /// [`StoreError::Mapping`] says what is wrong with it; [`StoreError::Io`].
    pub fn save_mapping(&self, text: &str) -> Result<String> {
        let own = OwnFormat::read(text)
            .map_err(|error| StoreError::Mapping { problem: error.to_string(), hint: error.hint() })?;
        let folder = self.folder().join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
        let target = self.mapping_file(own.name());
        // Written beside it first, so that the old one is there until the new one is whole.
        let fresh = folder.join(format!(".{}.toml", own.name()));
        std::fs::write(&fresh, text).map_err(StoreError::io(&fresh))?;
        std::fs::rename(&fresh, &target).map_err(StoreError::io(&target))?;
        Ok(own.name().to_owned())
    }

    /// Removes a mapping. What was loaded by it stays, with the mapping it was made by.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Io`].
    pub fn delete_mapping(&self, name: &str) -> Result<()> {
        if !self.mappings()?.iter().any(|mapping| mapping.name == name) {
            return Err(StoreError::NotFound { what: "mapping", id: name.to_owned() });
        }
        let path = self.mapping_file(name);
        std::fs::remove_file(&path).map_err(StoreError::io(&path))
    }

    fn mapping_file(&self, name: &str) -> PathBuf {
        self.folder().join(FOLDER).join(format!("{name}.toml"))
    }
}
