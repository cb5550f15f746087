//! [`PackWorld`]: everything that the typesetter may see.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::PdfError;

/// One template, one data file, a few fonts, a fixed date.
pub(crate) struct PackWorld {
    standard_library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    data_file: FileId,
    data: Bytes,
    today: Option<Datetime>,
}

/// The fonts that ship with the program.
pub(crate) fn fonts() -> Vec<Font> {
    static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
        let files: [&'static [u8]; 4] = [
            include_bytes!("../../../../assets/fonts/QuarterdeckSans-Regular.otf"),
            include_bytes!("../../../../assets/fonts/QuarterdeckSans-Medium.otf"),
            include_bytes!("../../../../assets/fonts/QuarterdeckSans-SemiBold.otf"),
            include_bytes!("../../../../assets/fonts/QuarterdeckMono-Regular.ttf"),
        ];
        files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect()
    });
    FONTS.clone()
}

impl PackWorld {
    pub(crate) fn new(fonts: Vec<Font>, data: Vec<u8>, today: Option<Datetime>) -> Result<Self, PdfError> {
        let template = Source::new(file("report.typ")?, include_str!("report.typ").to_owned());
        Ok(Self {
            standard_library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            template,
            data_file: file("report.json")?,
            data: Bytes::new(data),
            today,
        })
    }
}

fn file(name: &str) -> Result<FileId, PdfError> {
    let path = VirtualPath::new(name).map_err(|error| PdfError::Layout(error.to_string()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for PackWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.standard_library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_file { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}
